import { readFile } from "node:fs/promises";
import * as z from "zod/mini";
import { type AppError, fail, type Outcome, ok } from "../contract/errors.ts";
import { codeOf, storageFailure } from "../node/files.ts";

const text = z.string().check(z.minLength(1), z.maxLength(1_000));

/** Strict: a name that is spelt wrong must not silently mean "not set". */
const profileSchema = z.strictObject({
  region: z.optional(text),
  apiUrl: z.optional(text),
  authUrl: z.optional(text),
  environmentId: z.optional(text),
  clientId: z.optional(text),
  clientSecretFile: z.optional(text),
  agentPort: z.optional(z.number()),
  policyId: z.optional(text),
  rpId: z.optional(text),
  /** `off`, `system`, or an absolute folder. */
  fido2Tools: z.optional(text),
});
export type Profile = z.infer<typeof profileSchema>;

const fileSchema = z.strictObject({
  version: z.literal(1),
  /** The profile that is used when none is named. */
  profile: z.optional(text),
  profiles: z.record(text, profileSchema),
});

export type ConfigFile = z.infer<typeof fileSchema>;

const maxBytes = 1_000_000;

/**
 * Reads a configuration file.
 *
 * @param required whether somebody named this file. A default file that is not there is no mistake: `null`.
 */
export async function readConfigFile(path: string, required: boolean): Promise<Outcome<ConfigFile | null>> {
  const invalid = (problem: string) =>
    fail({ code: "configuration-invalid", setting: "configuration file", problem: `${problem} (${path})` });
  let content: string;
  try {
    content = await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT" && !required) return ok(null);
    return invalid(problemOf(storageFailure("read", error)));
  }
  if (content.length > maxBytes) return invalid("it is too large");
  let json: unknown;
  try {
    // Windows editors put a byte order mark in front.
    json = JSON.parse(content.replace(/^\uFEFF/, ""));
  } catch {
    return invalid("it is not JSON");
  }
  if (typeof json === "object" && json !== null && "version" in json && json.version !== 1) {
    return invalid(`its version is ${JSON.stringify(json.version)}; this DeskPair reads version 1`);
  }
  const parsed = fileSchema.safeParse(json);
  return parsed.success ? ok(parsed.data) : invalid(describeIssue(parsed.error.issues[0]));
}

function problemOf(error: AppError): string {
  return error.code === "storage-failed" ? error.problem : "it cannot be read";
}

function describeIssue(issue: z.core.$ZodIssue | undefined): string {
  if (issue === undefined) return "it has another form than expected";
  const place = issue.path.map(String);
  switch (issue.code) {
    case "unrecognized_keys":
      return `${[...place, issue.keys[0]].join(".")} is not a setting`;
    case "invalid_type": {
      // All members of a profile may be missing, so only what stands at the top can be that.
      const problem = place.length === 1 ? "is missing or not" : "is not";
      return `${place.join(".") || "the whole"} ${problem} ${article(issue.expected)}`;
    }
    case "too_small":
      return `${place.join(".")} is empty`;
    default:
      return `${place.join(".") || "the whole"} is not understood`;
  }
}

/** What the schema wants, for people. */
const article = (expected: string): string => {
  switch (expected) {
    case "string":
      return "a text";
    case "number":
      return "a number";
    default:
      return "an object";
  }
};
