import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { eventNames, requestNames } from "../../src/contract/channels.ts";
import { appErrorSchema } from "../../src/contract/errors.ts";
import { events, requests } from "../../src/contract/ipc.ts";
import { settingsSchema } from "../../src/contract/settings.ts";

type Node = { readonly [key: string]: unknown };
const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;

type Found = {
  readonly keys: readonly string[];
  readonly loose: readonly string[];
  readonly unbounded: readonly string[];
};

/** Every key, every object that lets unknown keys through, and every text without a length, with where it is. */
function walk(schema: z.ZodMiniType): Found {
  const keys: string[] = [];
  const loose: string[] = [];
  const unbounded: string[] = [];
  const visit = (node: unknown, place: string): void => {
    if (!isNode(node)) return;
    if (node["type"] === "object" && node["additionalProperties"] !== false) loose.push(place);
    if (node["type"] === "string" && !("maxLength" in node || "enum" in node || "const" in node)) unbounded.push(place);
    const { properties } = node;
    if (isNode(properties)) {
      for (const [key, child] of Object.entries(properties)) {
        keys.push(key);
        visit(child, `${place}.${key}`);
      }
    }
    for (const key of ["items", "anyOf", "oneOf", "allOf", "prefixItems", "$defs", "additionalProperties"]) {
      const child = node[key];
      for (const each of Array.isArray(child) ? child : isNode(child) ? Object.values(child).concat(child) : []) {
        visit(each, place);
      }
    }
  };
  visit(z.toJSONSchema(schema, { io: "input", reused: "inline" }), "");
  return { keys, loose, unbounded };
}

const secretive =
  /secret|token|password|passphrase|header|path|cookie|authori[sz]ation|jwt|assertion|credential|private/i;
/** Names that sound like one and hold none: where secrets are kept in general, and a number. */
const harmless = new Set(["secretStore", "clientAuthentication", "redirectPort"]);
const leading = /path|file|folder|directory|href|link|redirect/i;

const leaving: readonly (readonly [string, z.ZodMiniType])[] = [
  ...requestNames.map((name) => [name, requests[name].output] as const),
  ...eventNames.map((name) => [name, events[name]] as const),
  ["a failure", appErrorSchema],
];

describe.each(leaving)("what leaves main: %s", (_name, schema) => {
  test("25: no key speaks of a secret, a header or a path", () => {
    expect(walk(schema).keys.filter((key) => secretive.test(key) && !harmless.has(key))).toEqual([]);
  });
  test("24: every object is strict", () => {
    expect(walk(schema).loose).toEqual([]);
  });
});

describe.each(requestNames)("what enters main: %s", (name) => {
  const found = walk(requests[name].input);
  test("25: no key speaks of a path or a link, and a secret enters at the sign-in alone", () => {
    expect(found.keys.filter((key) => leading.test(key) && !harmless.has(key))).toEqual([]);
    const secrets = found.keys.filter((key) => secretive.test(key) && !harmless.has(key));
    expect(secrets).toEqual(name === "session.signIn" ? ["clientSecret"] : []);
  });
  test("24, 28: every object is strict and every text has a length", () => {
    expect(found.loose).toEqual([]);
    expect(found.unbounded).toEqual([]);
  });
});

test("25: what is remembered holds no secret", () => {
  expect(walk(settingsSchema).keys.filter((key) => secretive.test(key))).toEqual([]);
});

test("the walk sees what it is there to see", () => {
  const planted = z.object({
    list: z.array(z.union([z.null(), z.strictObject({ inner: z.optional(z.object({ accessToken: z.string() })) })])),
  });
  const found = walk(planted);
  expect(found.keys).toEqual(expect.arrayContaining(["list", "inner", "accessToken"]));
  expect(found.loose.length).toBeGreaterThanOrEqual(2);
  expect(found.unbounded).toEqual(expect.arrayContaining([".list.inner.accessToken"]));
});
