import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { creationOptionsSchema } from "../../../src/contract/enrolment.ts";
import { readCreationOptions } from "../../../src/core/fido2/options.ts";

const sample = JSON.parse(
  readFileSync(new URL("../../samples/create-fido2.response.json", import.meta.url), "utf8"),
).publicKeyCredentialCreationOptions;

const challenge = Uint8Array.from({ length: 32 }, (_, index) => index * 8);
const userId = Uint8Array.of(211, 58, 163, 2);
const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");

/** The smallest thing that is understood, in the vendor's form. */
const smallest = {
  rp: { id: "pingone.eu" },
  user: { id: [...userId], name: "ada" },
  challenge: [...challenge],
  pubKeyCredParams: [{ alg: -7 }],
};

test("the vendor's example is read as it is meant", () => {
  expect(readCreationOptions(sample)).toEqual({
    ok: true,
    value: {
      rp: { id: "pingone.com", name: "PingOne" },
      user: {
        id: "0zqjAvB1JIo3fqps65UUWU3gQR19v_OwbxXkYz07aio",
        name: "antonik_adham",
        displayName: "antonik_adham",
      },
      challenge: "dUOj2e0FHho8yL2QL6H4Q2cH8JC1TDrV_kLKCkmuprM",
      pubKeyCredParams: [
        { type: "public-key", alg: -7 },
        { type: "public-key", alg: -37 },
        { type: "public-key", alg: -257 },
      ],
      timeout: 120_000,
      excludeCredentials: [],
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
      attestation: "direct",
    },
  });
});

test("what is left out gets the standard's own meaning", () => {
  expect(readCreationOptions(smallest)).toEqual({
    ok: true,
    value: {
      rp: { id: "pingone.eu", name: "pingone.eu" },
      user: { id: base64url(userId), name: "ada", displayName: "ada" },
      challenge: base64url(challenge),
      pubKeyCredParams: [{ type: "public-key", alg: -7 }],
      excludeCredentials: [],
      authenticatorSelection: { residentKey: "discouraged", requireResidentKey: false, userVerification: "preferred" },
      attestation: "none",
    },
  });
});

describe("every form that has been seen means the same", () => {
  /** The same bytes as each of the senders writes them. */
  const forms: readonly ((bytes: Uint8Array) => unknown)[] = [
    (bytes) => [...new Int8Array(bytes)],
    (bytes) => [...bytes],
    (bytes) => base64url(bytes),
    (bytes) => Buffer.from(bytes).toString("base64"),
    (bytes) => Buffer.from(bytes).toString("base64").replace(/=+$/, ""),
    (bytes) => base64url(bytes) + "=".repeat((3 - (bytes.length % 3)) % 3),
  ];
  const form = fc.constantFrom(...forms);
  const algorithmForm = fc.constantFrom(
    (alg: number): unknown => alg,
    (alg: number): unknown => String(alg),
  );
  const transports = ["usb", "nfc", "ble", "smart-card", "hybrid", "internal"] as const;

  const excluded = fc.record({
    id: fc.uint8Array({ minLength: 1, maxLength: 64 }),
    transports: fc.option(fc.subarray([...transports]), { nil: undefined }),
  });
  const meant = fc.record({
    rpName: fc.string({ minLength: 1, maxLength: 100 }),
    user: fc.record({
      id: fc.uint8Array({ minLength: 1, maxLength: 64 }),
      name: fc.string({ maxLength: 100 }),
      displayName: fc.string({ maxLength: 100 }),
    }),
    challenge: fc.uint8Array({ minLength: 16, maxLength: 64 }),
    algorithms: fc.array(fc.integer({ min: -65_535, max: 40 }), { minLength: 1, maxLength: 6 }),
    timeout: fc.option(fc.integer({ min: 0, max: 600_000 }), { nil: undefined }),
    excluded: fc.array(excluded, { maxLength: 3 }),
    attachment: fc.option(fc.constantFrom("platform" as const, "cross-platform" as const), { nil: undefined }),
    residentKey: fc.constantFrom("discouraged" as const, "preferred" as const, "required" as const),
    userVerification: fc.constantFrom("discouraged" as const, "preferred" as const, "required" as const),
    attestation: fc.constantFrom("none" as const, "indirect" as const, "direct" as const, "enterprise" as const),
    hints: fc.option(
      fc.uniqueArray(fc.constantFrom("security-key" as const, "client-device" as const, "hybrid" as const)),
      {
        nil: undefined,
      },
    ),
    credProps: fc.option(fc.boolean(), { nil: undefined }),
  });
  /** Members that PingOne may add one day; none of them may reach an authenticator. */
  const extra = fc.dictionary(
    fc.string({ minLength: 1 }).map((name) => `x-${name}`),
    fc.jsonValue({ maxDepth: 1 }),
    { maxKeys: 3 },
  );
  const defined = <T>(name: string, value: T | undefined) => (value === undefined ? {} : { [name]: value });

  test("signed, unsigned, base64url or base64, padded or not; a string or an object; with more in it", () => {
    fc.assert(
      fc.property(meant, form, form, form, algorithmForm, extra, fc.boolean(), (given, a, b, c, alg, more, asText) => {
        const wire = {
          ...more,
          rp: { ...more, id: "pingone.eu", name: given.rpName },
          user: { ...more, ...given.user, id: a(given.user.id) },
          challenge: b(given.challenge),
          pubKeyCredParams: given.algorithms.map((each) => ({ ...more, type: "public-key", alg: alg(each) })),
          ...defined("timeout", given.timeout),
          excludeCredentials: given.excluded.map(({ id, transports: names }) => ({
            ...more,
            type: "public-key",
            id: c(id),
            ...defined("transports", names === undefined ? undefined : [...names, "carrier-pigeon"]),
          })),
          authenticatorSelection: {
            ...more,
            ...defined("authenticatorAttachment", given.attachment),
            residentKey: given.residentKey,
            userVerification: given.userVerification,
          },
          attestation: given.attestation,
          ...defined("hints", given.hints === undefined ? undefined : [...given.hints, "mind-reading"]),
          extensions: { ...more, appid: "https://evil.example", ...defined("credProps", given.credProps) },
        };
        const read = readCreationOptions(asText ? JSON.stringify(wire) : wire);
        expect(read).toEqual({
          ok: true,
          value: {
            rp: { id: "pingone.eu", name: given.rpName },
            user: { ...given.user, id: base64url(given.user.id) },
            challenge: base64url(given.challenge),
            pubKeyCredParams: given.algorithms.map((each) => ({ type: "public-key", alg: each })),
            ...defined("timeout", given.timeout),
            excludeCredentials: given.excluded.map(({ id, transports: names }) => ({
              type: "public-key",
              id: base64url(id),
              ...defined("transports", names),
            })),
            authenticatorSelection: {
              ...defined("authenticatorAttachment", given.attachment),
              residentKey: given.residentKey,
              requireResidentKey: given.residentKey === "required",
              userVerification: given.userVerification,
            },
            attestation: given.attestation,
            ...(given.hints === undefined || given.hints.length === 0 ? {} : { hints: given.hints }),
            ...(given.credProps === undefined ? {} : { extensions: { credProps: given.credProps } }),
          },
        });
        // What is read is what may go on: the window's contract takes it, and it is strict.
        if (read.ok) expect(creationOptionsSchema.parse(read.value)).toEqual(read.value);
      }),
    );
  });

  test("text that writes the same bytes in an unusual way becomes the usual one", () => {
    // The last characters carry bits that stand for nothing; an authenticator would repeat them as zeros.
    const unusual = `${"A".repeat(42)}B`;
    expect(readCreationOptions({ ...smallest, challenge: unusual })).toMatchObject({
      ok: true,
      value: { challenge: "A".repeat(43) },
    });
  });

  test("an old way to ask for a discoverable credential", () => {
    const selection = { requireResidentKey: true, userVerification: "sometimes", authenticatorAttachment: "implanted" };
    expect(readCreationOptions({ ...smallest, authenticatorSelection: selection })).toMatchObject({
      ok: true,
      value: {
        authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "preferred" },
      },
    });
  });

  test.each([
    ["authenticatorSelection", null],
    ["authenticatorSelection", "any"],
    ["excludeCredentials", null],
    ["attestation", "basic"],
    ["timeout", "soon"],
    ["timeout", -1],
    ["hints", "security-key"],
    ["extensions", []],
    ["extensions", { credProps: "yes" }],
  ])("%s: %j is taken as not there", (name, value) => {
    expect(readCreationOptions({ ...smallest, [name]: value })).toEqual(readCreationOptions(smallest));
  });

  test("kinds of credential that nobody knows are left out, not renamed", () => {
    const wire = {
      ...smallest,
      pubKeyCredParams: [
        { type: "password", alg: -8 },
        { type: "public-key", alg: "-257" },
      ],
      excludeCredentials: [{ type: "password", id: [1] }, { type: "public-key", id: [2] }, { id: [3] }],
    };
    expect(readCreationOptions(wire)).toMatchObject({
      ok: true,
      value: {
        pubKeyCredParams: [{ type: "public-key", alg: -257 }],
        excludeCredentials: [
          { type: "public-key", id: "Ag" },
          { type: "public-key", id: "Aw" },
        ],
      },
    });
  });
});

describe("what cannot be used is an error of the reply, with the place where it is", () => {
  const rejected: readonly (readonly [what: string, wire: unknown, problem: RegExp])[] = [
    ["nothing", undefined, /cannot be read/],
    ["null", null, /cannot be read/],
    ["a number", 7, /cannot be read/],
    ["a list", [], /cannot be read/],
    ["text that is no JSON", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln", /not JSON/],
    ["JSON that is no object", '"text"', /cannot be read/],
    ["JSON inside JSON", JSON.stringify(JSON.stringify(smallest)), /cannot be read/],
    ["no relying party", { ...smallest, rp: {} }, /rp\.id/],
    ["no user", { ...smallest, user: undefined }, /\(user\)/],
    ["no user id", { ...smallest, user: { name: "ada" } }, /user\.id/],
    ["no username", { ...smallest, user: { id: [1] } }, /user\.name/],
    ["an empty user id", { ...smallest, user: { id: [], name: "ada" } }, /user id/],
    ["a user id that no authenticator holds", { ...smallest, user: { id: Array(65).fill(1), name: "a" } }, /user id/],
    ["no challenge", { ...smallest, challenge: undefined }, /\(challenge\)/],
    ["an empty challenge", { ...smallest, challenge: [] }, /too short/],
    ["an empty text as challenge", { ...smallest, challenge: "" }, /\(challenge\)/],
    ["a short challenge", { ...smallest, challenge: Array(15).fill(1) }, /too short/],
    ["a short challenge as text", { ...smallest, challenge: base64url(new Uint8Array(15)) }, /too short/],
    ["a byte that is too large", { ...smallest, challenge: [...challenge, 256] }, /\(challenge\.32\)/],
    ["a byte that is too small", { ...smallest, challenge: [...challenge, -129] }, /\(challenge\.32\)/],
    ["half a byte", { ...smallest, challenge: [...challenge, 0.5] }, /\(challenge\)/],
    ["bytes as text in a list", { ...smallest, challenge: [...challenge].map(String) }, /\(challenge\)/],
    ["text that is not base64", { ...smallest, challenge: "the challenge of today!!" }, /\(challenge\)/],
    ["text that stands for no bytes", { ...smallest, challenge: "A".repeat(45) }, /\(challenge\)/],
    ["text with a line break", { ...smallest, challenge: `${base64url(challenge)}\n` }, /\(challenge\)/],
    ["no algorithms", { ...smallest, pubKeyCredParams: [] }, /pubKeyCredParams/],
    ["no known kind of key", { ...smallest, pubKeyCredParams: [{ type: "password", alg: -7 }] }, /no kind of key/],
    ["an algorithm by name", { ...smallest, pubKeyCredParams: [{ alg: "ES256" }] }, /alg/],
    ["an empty algorithm", { ...smallest, pubKeyCredParams: [{ alg: "" }] }, /alg/],
    ["an algorithm between two", { ...smallest, pubKeyCredParams: [{ alg: -7.5 }] }, /alg/],
    ["a credential without id", { ...smallest, excludeCredentials: [{ type: "public-key" }] }, /excludeCredentials/],
    ["a name as long as a book", { ...smallest, user: { id: [1], name: "a".repeat(501) } }, /user\.name/],
  ];
  test.each(rejected)("%s", (_what, wire, problem) => {
    expect(readCreationOptions(wire)).toEqual({
      ok: false,
      error: { code: "reply-invalid", action: "create the device", problem: expect.stringMatching(problem) },
    });
  });

  test("nothing that a server can send makes it throw, and what it lets through is always within the contract", () => {
    const close = fc.record(
      {
        rp: fc.oneof(fc.constant({ id: "pingone.eu" }), fc.jsonValue()),
        user: fc.oneof(fc.constant(smallest.user), fc.record({ id: fc.jsonValue(), name: fc.string() })),
        challenge: fc.oneof(
          fc.array(fc.integer({ min: -200, max: 300 })),
          fc.base64String(),
          fc.string(),
          fc.jsonValue(),
        ),
        pubKeyCredParams: fc.oneof(
          fc.constant(smallest.pubKeyCredParams),
          fc.array(fc.record({ alg: fc.jsonValue() })),
        ),
        excludeCredentials: fc.oneof(
          fc.jsonValue(),
          fc.array(fc.record({ id: fc.base64String(), transports: fc.jsonValue() })),
        ),
        authenticatorSelection: fc.jsonValue(),
        timeout: fc.jsonValue(),
        hints: fc.jsonValue(),
        extensions: fc.jsonValue(),
        attestation: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          close,
          fc.jsonValue(),
          fc.string(),
          close.map((each) => JSON.stringify(each)),
        ),
        (wire) => {
          const read = readCreationOptions(wire);
          if (read.ok) expect(creationOptionsSchema.safeParse(read.value).success).toBe(true);
          else expect(read.error.code).toBe("reply-invalid");
        },
      ),
      { numRuns: 500 },
    );
  });
});
