import * as z from "zod/mini";
import { fail, type Outcome, ok } from "../../contract/errors.ts";
import {
  defaultProfileSettings,
  type ProfileSettings,
  profileSettingsSchema,
  type Region,
  regions,
} from "../../contract/settings.ts";

import { type AgentTrust, agentTrustModes, defaultAgentTrust } from "../agent/trust-settings.ts";

/**
 * `config.json`: the tenants that DeskPair knows, for the window and the command line alike. Its keys are a promise,
 * because people and management systems write it by hand.
 */
export const configurationFile = "config.json";

const text = z.string().check(z.minLength(1), z.maxLength(1_000));

/** Strict: a name that is spelt wrong must not silently mean "not set". Values are checked where they are used. */
const profileSchema = z.strictObject({
  /** Absent: `worker`, which is what the first version of the file was for. */
  mode: z.optional(text),
  region: z.optional(text),
  apiUrl: z.optional(text),
  authUrl: z.optional(text),
  authDomain: z.optional(text),
  environmentId: z.optional(text),
  clientId: z.optional(text),
  clientAuthentication: z.optional(text),
  clientSecretFile: z.optional(text),
  clientKeyFile: z.optional(text),
  clientKeyId: z.optional(text),
  redirectPort: z.optional(z.number()),
  agentPort: z.optional(z.number()),
  /** Not to be changed in the window: it says to whom a pairing may be given. */
  agentTrust: z.optional(text),
  /** Organisations in Authenticode certificates (Windows) and Team IDs (macOS), instead of Ping Identity's. */
  agentPublishers: z.optional(z.array(text)),
  policyId: z.optional(text),
  rpId: z.optional(text),
  enrolmentPageUrl: z.optional(text),
  /** `off`, `system`, or an absolute folder. */
  fido2Tools: z.optional(text),
  color: z.optional(text),
  production: z.optional(z.boolean()),
});
/** One profile as it stands in the file. */
export type FileProfile = z.infer<typeof profileSchema>;

const fileSchema = z.strictObject({
  version: z.literal(1),
  /** The profile that is used when none is named. */
  profile: z.optional(text),
  profiles: z.record(text, profileSchema),
});
export type ConfigurationFile = z.infer<typeof fileSchema>;

export const emptyConfiguration: ConfigurationFile = { version: 1, profiles: {} };

const maxCharacters = 1_000_000;

/**
 * Fails with what is wrong, as the end of a sentence about the file. `newer`: a later DeskPair has written it, and there
 * is nothing wrong with it.
 */
export function parseConfiguration(
  content: string,
): { readonly file: ConfigurationFile } | { readonly problem: string; readonly newer?: true } {
  if (content.length > maxCharacters) return { problem: "it is too large" };
  let json: unknown;
  try {
    // Windows editors put a byte order mark in front.
    json = JSON.parse(content.replace(/^\uFEFF/, ""));
  } catch {
    return { problem: "it is not JSON" };
  }
  if (typeof json === "object" && json !== null && "version" in json && json.version !== 1) {
    const problem = `its version is ${JSON.stringify(json.version)}; this DeskPair reads version 1`;
    return typeof json.version === "number" && json.version > 1 ? { problem, newer: true } : { problem };
  }
  // The schema would pass over it, and the next save would lose it.
  if (hasProtoProfile(json)) return { problem: "profiles.__proto__ is not a name for a profile" };
  const parsed = fileSchema.safeParse(json);
  return parsed.success ? { file: parsed.data } : { problem: describeIssue(parsed.error.issues[0]) };
}

export const formatConfiguration = (file: ConfigurationFile): string => `${JSON.stringify(file, null, 2)}\n`;

const hasProtoProfile = (json: unknown): boolean =>
  typeof json === "object" &&
  json !== null &&
  "profiles" in json &&
  typeof json.profiles === "object" &&
  json.profiles !== null &&
  Object.hasOwn(json.profiles, "__proto__");

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
    case "boolean":
      return "true or false";
    case "array":
      return "a list";
    default:
      return "an object";
  }
};

/** Regions are written in either case. */
export const parseRegion = (value: string): Region | null =>
  regions.find((known) => known === value.trim().toUpperCase()) ?? null;

/** A profile of the file with every setting that it leaves out. Fails with the key that is wrong. */
export function toProfileSettings(profile: FileProfile): Outcome<ProfileSettings> {
  const { rpId, region, ...others } = profile;
  const settings = new Set(Object.keys(defaultProfileSettings));
  // The rest is for the command line alone.
  const given = Object.entries({ ...others, relyingPartyId: rpId }).filter(
    ([key, value]) => settings.has(key) && value !== undefined,
  );
  const parsed = profileSettingsSchema.safeParse({
    ...defaultProfileSettings,
    mode: "worker",
    ...(region === undefined ? {} : { region: parseRegion(region) ?? region }),
    ...Object.fromEntries(given),
  });
  if (parsed.success) return ok(parsed.data);
  const key = String(parsed.error.issues[0]?.path[0] ?? "");
  const setting = key === "relyingPartyId" ? "rpId" : key;
  return fail({
    code: "configuration-invalid",
    setting,
    problem: problems[key] ?? "it is not a value of this setting",
  });
}

/** Whether two profiles lead to the same place, as the same application, in the same way. */
export function isSameConnection(one: ProfileSettings, other: ProfileSettings): boolean {
  const keys = ["mode", "region", "apiUrl", "authUrl", "authDomain", "environmentId", "clientId"] as const;
  return keys.every((key) => one[key] === other[key]);
}

/** Who may be the agent, as a profile says. A value that is no mode is refused: it must not mean less than was meant. */
export function agentTrustOf({ agentTrust, agentPublishers }: FileProfile): Outcome<AgentTrust> {
  const mode = agentTrustModes.find((known) => known === (agentTrust ?? defaultAgentTrust.mode));
  if (mode === undefined) {
    return fail({ code: "configuration-invalid", setting: "agentTrust", problem: "it must be verify, warn or off" });
  }
  return ok({ mode, publishers: agentPublishers ?? defaultAgentTrust.publishers });
}

const problems: Readonly<Record<string, string | undefined>> = {
  mode: "it must be technician, self-service or worker",
  region: `it must be one of ${regions.join(", ")}`,
  clientAuthentication: "it must be secret-basic, secret-post, secret-jwt or private-key-jwt",
  redirectPort: "it must be a number from 1 to 65535",
  agentPort: "it must be a number from 1 to 65535",
  color: "it is not one of the colours",
};

/**
 * The settings as they stand in the file: what is as usual is left out, so that a file stays readable. What only the
 * command line knows is kept from the profile as it was.
 *
 * SECURITY: but not where a secret lies, once the connection is another one: whoever could change the hosts of a profile
 * could else have the command line bring the secret there.
 */
export function toFileProfile(settings: ProfileSettings, before: FileProfile): FileProfile {
  const { clientSecretFile, clientKeyFile, clientKeyId, fido2Tools, agentTrust, agentPublishers } = before;
  const former = toProfileSettings(before);
  const secrets =
    former.ok && isSameConnection(former.value, settings) ? { clientSecretFile, clientKeyFile, clientKeyId } : {};
  const kept = { ...secrets, fido2Tools, agentTrust, agentPublishers };
  const { mode, region, relyingPartyId, ...others } = settings;
  const usual = new Map<string, unknown>(Object.entries(defaultProfileSettings));
  const unusual = Object.entries(others).filter(
    ([key, value]) => value !== null && value !== "" && value !== usual.get(key),
  );
  return Object.fromEntries(
    Object.entries({
      mode,
      // Written out always: it decides where secrets go, and "the default" is not a place.
      region,
      ...Object.fromEntries(unusual),
      rpId: relyingPartyId ?? undefined,
      ...kept,
    }).filter(([, value]) => value !== undefined),
  );
}
