import * as z from "zod/mini";
import { isRelyingPartyId } from "../agent/origin.ts";
import { isLoopbackHost } from "../pingone/endpoints.ts";
import { type FileProfile, parseConfiguration, toProfileSettings } from "../profiles/file.ts";

/**
 * What a policy's value can be. Each kind is a schema for the program, the words for a person who got it wrong, and as
 * much more as a generated template has to know.
 */
export type PolicyKind = {
  readonly type: "choice" | "number" | "switch" | "text" | "list" | "profiles";
  readonly schema: z.ZodMiniType;
  /** Completes "it must be …". */
  readonly must: string;
  /** Of a choice: every value, in the order in which templates show them. */
  readonly choices: readonly string[];
  /** Of a number. */
  readonly least: number;
  readonly most: number;
};

const none = { choices: [] as readonly string[], least: 0, most: 0 };

export const choice = <const T extends readonly [string, ...string[]]>(choices: T) => ({
  ...none,
  type: "choice" as const,
  schema: z.enum(choices),
  must: `one of ${choices.join(", ")}`,
  choices,
});

export const number = (least: number, most: number) => ({
  ...none,
  type: "number" as const,
  schema: z.number().check(z.int(), z.minimum(least), z.maximum(most)),
  must: `a whole number from ${least} to ${most}`,
  least,
  most,
});

export const onOff = () => ({ ...none, type: "switch" as const, schema: z.boolean(), must: "true or false" });

/** What one text must be, alone or in a list. */
export type TextForm = {
  readonly must: string;
  readonly is: (text: string) => boolean;
  /** Any letters may be written, and the program works with lower-case ones. */
  readonly lowerCase?: true;
};

const textSchema = ({ is, lowerCase }: TextForm) =>
  z
    .string()
    .check(z.minLength(1), z.maxLength(mostCharacters), ...(lowerCase === true ? [z.toLowerCase()] : []), z.refine(is));

/** What Intune's console takes in one field. */
const mostCharacters = 1_023;

export const text = (form: TextForm) => ({
  ...none,
  type: "text" as const,
  schema: textSchema(form),
  must: form.must,
});

export const list = (form: TextForm) => ({
  ...none,
  type: "list" as const,
  schema: z.array(textSchema(form)).check(z.maxLength(mostEntries)),
  must: `a list of at most ${mostEntries} entries, and each entry ${form.must}`,
});

const mostEntries = 1_000;

/** Checked as the configuration file is, value by value: a policy that names a place wrongly must not become another. */
export const profiles = () => ({
  ...none,
  type: "profiles" as const,
  schema: z.pipe(
    z.unknown(),
    z.transform((value: unknown, context): Readonly<Record<string, FileProfile>> => {
      const parsed = parseConfiguration(JSON.stringify({ version: 1, profiles: value }));
      const isUsable =
        "file" in parsed && Object.values(parsed.file.profiles).every((profile) => toProfileSettings(profile).ok);
      if (isUsable) return parsed.file.profiles;
      context.issues.push({ code: "custom", input: value, message: "not profiles" });
      return {};
    }),
  ),
  must: "an object of profiles by name, each as in config.json",
});

const parsedUrl = (value: string): URL | null => URL.parse(value);
const isPlainUrl = (value: string, protocols: readonly string[]): boolean => {
  const url = parsedUrl(value);
  return url !== null && protocols.includes(url.protocol) && url.username === "" && url.password === "";
};

/** As much as a profile holds. */
const longestHost = 300;
const longestPage = 500;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const isAbsolute = (value: string): boolean => /^(\/|[A-Za-z]:[\\/]|\\\\[^\\])/.test(value) && !value.includes("\0");

/** The forms of text that policies use. */
export const forms = {
  any: { must: "a text of at most 1023 characters", is: () => true },
  uuid: { must: "a UUID", is: (value) => uuid.test(value), lowerCase: true },
  clientId: { must: "the id of an application", is: (value) => /^[A-Za-z0-9_-]{1,64}$/.test(value) },
  host: {
    must: `a host of at most ${longestHost} characters, with https:// in front of it or nothing; http:// is for this computer only`,
    is: (value) => {
      if (value.length > longestHost) return false;
      const url = parsedUrl(/^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `https://${value}`);
      if (url === null || url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
        return false;
      }
      return url.protocol === "https:" || (url.protocol === "http:" && isLoopbackHost(url.hostname));
    },
  },
  domain: {
    must: "a domain with a dot in it, without scheme and path",
    is: isRelyingPartyId,
    lowerCase: true,
  },
  page: {
    must: `an https address of at most ${longestPage} characters`,
    is: (value) => value.length <= longestPage && isPlainUrl(value, ["https:"]),
  },
  helpPage: {
    must: "an https or a mailto address",
    is: (value) => isPlainUrl(value, ["https:"]) || /^mailto:[^@\s]+@[^@\s]+$/i.test(value),
  },
  pac: { must: "an http or https address", is: (value) => isPlainUrl(value, ["http:", "https:"]) },
  proxy: {
    must: "host:port, with http:// or https:// in front of it or nothing, and without a user name",
    is: (value) => {
      const url = parsedUrl(/^https?:\/\//i.test(value) ? value : `http://${value}`);
      return (
        url !== null && /:\d+\/?$/.test(value) && url.username === "" && url.password === "" && url.pathname === "/"
      );
    },
  },
  bypass: {
    must: "a domain, a domain after a dot or an asterisk, or an address with or without /bits",
    is: (value) => /^(\*?\.)?[A-Za-z0-9.:[\]-]+(\/\d{1,3})?$/.test(value),
  },
  folder: { must: "an absolute folder", is: isAbsolute },
  tools: {
    must: "off, system, or an absolute folder",
    is: (value) => value === "off" || value === "system" || isAbsolute(value),
  },
  nickname: {
    must: "at most 100 characters, in which {computer} and {user} are the only words in braces",
    is: (value) => value.length <= 100 && !/[{}]/.test(value.replace(/\{(computer|user)\}/g, "")),
  },
} as const satisfies Record<string, TextForm>;
