import { type CBORType, decodeCBOR, encodeCBOR } from "@levischuck/tiny-cbor";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Credential, credentialSchema } from "../../../src/contract/enrolment.ts";
import { checkCredential } from "../../../src/core/fido2/credential.ts";
import type { CreationOptions } from "../../../src/core/fido2/options.ts";
import { type Behaviour, makeCredential } from "../../../src/simulator/software-authenticator.ts";

const origin = "https://app.pingone.eu";
const options: CreationOptions = {
  rp: { id: "pingone.eu", name: "PingOne" },
  user: { id: "0zqjAvB1JIo", name: "ada", displayName: "Ada" },
  challenge: "dUOj2e0FHho8yL2QL6H4Q2cH8JC1TDrV_kLKCkmuprM",
  pubKeyCredParams: [
    { type: "public-key", alg: -7 },
    { type: "public-key", alg: -257 },
  ],
  excludeCredentials: [],
  authenticatorSelection: {
    authenticatorAttachment: "cross-platform",
    residentKey: "required",
    requireResidentKey: true,
    userVerification: "required",
  },
  attestation: "direct",
};

/** A real credential with a real signature, as the page would hand it to main. */
const made = (changes: Partial<Behaviour> = {}, from: CreationOptions = options): Credential =>
  credentialSchema.parse(makeCredential(from, origin, changes));

const problemOf = async (credential: Credential, from: CreationOptions = options, at = origin): Promise<string> => {
  const checked = await checkCredential(credential, from, at);
  if (checked.ok) return "none";
  return checked.error.code === "credential-invalid" ? checked.error.problem : checked.error.code;
};

const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
const decode = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64url"));

/** The same credential with other client data. */
function withClientData(text: string | Uint8Array): Credential {
  const credential = made();
  return { ...credential, response: { ...credential.response, clientDataJSON: encode(Buffer.from(text)) } };
}

/** The same credential with another attestation object, or with a part of it changed. */
function withAttestation(change: (object: Map<string | number, CBORType>) => CBORType): Credential {
  const credential = made();
  const object = decodeCBOR(decode(credential.response.attestationObject));
  if (!(object instanceof Map)) throw new Error("The authenticator made no map.");
  return {
    ...credential,
    response: { ...credential.response, attestationObject: encode(encodeCBOR(change(object))) },
  };
}
const withData = (change: (data: Uint8Array) => Uint8Array): Credential =>
  withAttestation((object) => {
    const data = object.get("authData");
    if (!(data instanceof Uint8Array)) throw new Error("There is no authenticator data.");
    return object.set("authData", change(new Uint8Array(data)));
  });

describe("a good credential", () => {
  test("is accepted, with what is known about its authenticator", async () => {
    expect(await checkCredential(made(), options, origin)).toEqual({
      ok: true,
      value: {
        aaguid: "d35ca1e5-1111-4222-8333-444455556666",
        attachment: "cross-platform",
        transports: ["usb"],
        userVerified: true,
        backupEligible: false,
        backedUp: false,
        attestationFormat: "packed",
      },
    });
  });

  const accepted: readonly (readonly [string, Partial<Behaviour>, Partial<Record<string, unknown>>])[] = [
    ["without attestation", { attestation: "none" }, { attestationFormat: "none" }],
    ["of the other algorithm", { algorithm: -257 }, {}],
    ["that may be copied", { backupEligible: true }, { backupEligible: true, backedUp: false }],
    ["that has been copied", { backupEligible: true, backedUp: true }, { backupEligible: true, backedUp: true }],
    ["with the shortest id", { credentialId: Uint8Array.of(1) }, {}],
    ["with the longest id", { credentialId: new Uint8Array(1_023).fill(7) }, {}],
    [
      "of an authenticator that keeps its model to itself",
      { aaguid: "00000000-0000-0000-0000-000000000000" },
      { aaguid: "00000000-0000-0000-0000-000000000000" },
    ],
    ["with client data that says more", { clientData: { other_keys_can_be_added_here: "x" } }, {}],
    ["with a challenge that is padded", { clientData: { challenge: `${options.challenge}=` } }, {}],
    ["with client data that leaves out what is false", { clientData: { crossOrigin: undefined } }, {}],
  ];
  test.each(accepted)("%s", async (_what, changes, known) => {
    expect(await checkCredential(made(changes), options, origin)).toMatchObject({ ok: true, value: known });
  });

  test.each(["preferred", "discouraged"] as const)("needs no verified person where that is %s", async (wanted) => {
    const from = {
      ...options,
      authenticatorSelection: { ...options.authenticatorSelection, userVerification: wanted },
    };
    expect(await checkCredential(made({ userVerified: false }), from, origin)).toMatchObject({
      ok: true,
      value: { userVerified: false },
    });
  });
});

describe("one thing is wrong", () => {
  const wrong: readonly (readonly [string, () => Credential, RegExp])[] = [
    ["a sign-in", () => made({ clientData: { type: "webauthn.get" } }), /not the answer to a registration/],
    ["another challenge", () => made({ clientData: { challenge: "AAAA" } }), /another challenge/],
    ["no challenge", () => made({ clientData: { challenge: "" } }), /another challenge/],
    ["another origin", () => made({ clientData: { origin: "https://evil.example" } }), /another origin/],
    [
      "an origin that only begins like it",
      () => made({ clientData: { origin: `${origin}.evil.example` } }),
      /another origin/,
    ],
    ["the relying party's own origin", () => made({ clientData: { origin: "https://pingone.eu" } }), /another origin/],
    ["an origin with a slash", () => made({ clientData: { origin: `${origin}/` } }), /another origin/],
    ["inside another page", () => made({ clientData: { crossOrigin: true } }), /inside another page/],
    ["another relying party", () => made({ relyingPartyId: "pingone.com" }), /another relying party/],
    ["nobody touched it", () => made({ userPresent: false }), /nobody touched/],
    ["nobody was verified", () => made({ userVerified: false }), /did not verify the person/],
    ["an algorithm that was not offered", () => made({ algorithm: -8 }), /not offered/],
    ["a backup that cannot be", () => made({ backedUp: true }), /backup that it cannot have/],
    ["another id", () => ({ ...made(), id: "AAAA", rawId: "AAAA" }), /id is not the one/],
    ["two ids", () => ({ ...made(), id: "AAAA" }), /id is not the one/],
    [
      "an id that is written another way",
      () => ({ ...made({ credentialId: Uint8Array.of(0) }), id: "AB" }),
      /id is not/,
    ],
    ["client data that is no JSON", () => withClientData("{"), /client data cannot be read/],
    ["client data that is no object", () => withClientData("[]"), /client data cannot be read/],
    ["client data without origin", () => withClientData('{"type":"webauthn.create","challenge":"x"}'), /client data/],
    ["no client data", () => withClientData(""), /client data cannot be read/],
    ["client data that is no UTF-8", () => withClientData(Uint8Array.of(0xff, 0xfe)), /client data cannot be read/],
    ["an attestation without format", () => withAttestation((o) => (o.delete("fmt"), o)), /attestation cannot be read/],
    ["a format that is a number", () => withAttestation((o) => o.set("fmt", 1)), /attestation cannot be read/],
    ["an attestation without data", () => withAttestation((o) => (o.delete("authData"), o)), /attestation cannot be/],
    ["data that is text", () => withAttestation((o) => o.set("authData", "x")), /attestation cannot be read/],
    ["an attestation that is no map", () => withAttestation(() => [1, 2]), /attestation cannot be read/],
    ["data without a credential", () => withData((data) => data.with(32, 0x05)), /attestation cannot be read/],
    ["data that is cut off", () => withData((data) => data.subarray(0, 54)), /attestation cannot be read/],
    ["an id that is cut off", () => withData((data) => data.subarray(0, 60)), /attestation cannot be read/],
    ["an id of no length", () => withData((data) => data.with(53, 0).with(54, 0)), /attestation cannot be read/],
    ["an id that is longer than the data", () => withData((data) => data.with(53, 0xff)), /attestation cannot be read/],
    ["a key that is cut off", () => withData((data) => data.subarray(0, 55 + 32 + 4)), /attestation cannot be read/],
    ["no key", () => withData((data) => data.subarray(0, 55 + 32)), /attestation cannot be read/],
  ];
  test.each(wrong)("%s", async (_what, make, problem) => {
    expect(await problemOf(make())).toMatch(problem);
  });

  test("other options than the ones that it answers", async () => {
    expect(await problemOf(made(), { ...options, challenge: "AAAA" })).toMatch(/another challenge/);
    expect(await problemOf(made(), { ...options, rp: { id: "pingone.com", name: "x" } })).toMatch(
      /another relying party/,
    );
    expect(await problemOf(made(), { ...options, pubKeyCredParams: [{ type: "public-key", alg: -257 }] })).toMatch(
      /not offered/,
    );
    expect(await problemOf(made(), options, "https://login.pingone.eu")).toMatch(/another origin/);
  });

  test("something behind the attestation", async () => {
    const credential = made();
    const longer = new Uint8Array([...decode(credential.response.attestationObject), 0]);
    const response = { ...credential.response, attestationObject: encode(longer) };
    expect(await problemOf({ ...credential, response })).toMatch(/attestation cannot be read/);
  });
});

describe("bytes from anywhere", () => {
  const text = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map(encode),
    fc.string({ maxLength: 300 }),
    fc.jsonValue().map((value) => encode(Buffer.from(JSON.stringify(value)))),
  );

  test("never make it throw, and are never accepted", async () => {
    const good = made();
    await fc.assert(
      fc.asyncProperty(text, text, text, fc.nat(3), async (clientDataJSON, attestationObject, id, which) => {
        const response = {
          ...good.response,
          ...(which === 1 ? {} : { clientDataJSON }),
          ...(which === 2 ? {} : { attestationObject }),
        };
        const credential = { ...good, ...(which === 3 ? { id, rawId: id } : {}), response };
        expect(await problemOf(credential)).not.toBe("none");
      }),
      { numRuns: 300 },
    );
  });

  test("with one changed, in what is checked here, are never accepted", async () => {
    const good = made();
    const object = decodeCBOR(decode(good.response.attestationObject));
    const data = object instanceof Map ? object.get("authData") : undefined;
    if (!(object instanceof Map) || !(data instanceof Uint8Array)) throw new Error("There is no authenticator data.");
    // Hash of the relying party; length and bytes of the id. Flags, counter, AAGUID and key say something else then,
    // and that is PingOne's to verify by the signature.
    const checked = [...Array(32).keys(), ...Array.from({ length: 34 }, (_, index) => 53 + index)];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...checked), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const changed = new Uint8Array(data).with(at, (data[at] ?? 0) ^ by);
        const attestationObject = encode(encodeCBOR(new Map(object).set("authData", changed)));
        const credential = { ...good, response: { ...good.response, attestationObject } };
        expect(await problemOf(credential)).not.toBe("none");
      }),
      { numRuns: 200 },
    );
  });
});
