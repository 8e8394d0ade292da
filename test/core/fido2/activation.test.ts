import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Credential, credentialSchema } from "../../../src/contract/enrolment.ts";
import { activationBody } from "../../../src/core/fido2/activation.ts";
import { makeCredential } from "../../../src/simulator/software-authenticator.ts";

const origin = "https://app.pingone.eu";
const credentialOf = (parts: {
  readonly id: Uint8Array;
  readonly clientData: Uint8Array;
  readonly attestation: Uint8Array;
}): Credential => {
  const id = Buffer.from(parts.id).toString("base64url");
  return {
    id,
    rawId: id,
    type: "public-key",
    authenticatorAttachment: "cross-platform",
    clientExtensionResults: {},
    response: {
      clientDataJSON: Buffer.from(parts.clientData).toString("base64url"),
      attestationObject: Buffer.from(parts.attestation).toString("base64url"),
      transports: ["usb"],
    },
  };
};

describe("the body of the activation", () => {
  test("is written as in the vendor's example, byte by byte", () => {
    // Bytes whose three ways to be written differ: base64url has - and _, base64 has + and /, and padding.
    const credential = credentialOf({
      id: Uint8Array.of(0xfb, 0xff, 0xbf, 0x01),
      clientData: Buffer.from('{"type":"webauthn.create"}'),
      attestation: Uint8Array.of(0xff, 0xee, 0xfb, 0xef, 0xbe),
    });
    expect(credential.id).toBe("-_-_AQ");
    expect(activationBody(credential, origin)).toEqual({
      origin: "https://app.pingone.eu",
      attestation:
        '{"id":"-_-_AQ","type":"public-key","rawId":"+/+/AQ==",' +
        '"response":{"clientDataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIn0=","attestationObject":"/+77774="},' +
        '"clientExtensionResults":{}}',
    });
  });

  test("has two members, and says nothing that PingOne has not asked for", () => {
    const body = activationBody(credentialSchema.parse(makeCredential(vendorOptions, origin)), origin);
    expect(Object.keys(body)).toEqual(["origin", "attestation"]);
    const attestation = JSON.parse(body.attestation);
    expect(Object.keys(attestation)).toEqual(["id", "type", "rawId", "response", "clientExtensionResults"]);
    expect(Object.keys(attestation.response)).toEqual(["clientDataJSON", "attestationObject"]);
  });

  test("its origin is the one in the client data", () => {
    const body = activationBody(credentialSchema.parse(makeCredential(vendorOptions, origin)), origin);
    const clientData = Buffer.from(JSON.parse(body.attestation).response.clientDataJSON, "base64").toString("utf8");
    expect(JSON.parse(clientData).origin).toBe(body.origin);
  });

  test("tells what extensions gave", () => {
    const credential: Credential = {
      ...credentialOf({ id: Uint8Array.of(1), clientData: new Uint8Array(), attestation: new Uint8Array() }),
      clientExtensionResults: { credProps: { rk: true } },
    };
    expect(JSON.parse(activationBody(credential, origin).attestation).clientExtensionResults).toEqual({
      credProps: { rk: true },
    });
  });

  test("changes no byte, whatever the authenticator has made", () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 });
    const padded = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
    fc.assert(
      fc.property(bytes, bytes, bytes, (id, clientData, attestation) => {
        const sent = JSON.parse(activationBody(credentialOf({ id, clientData, attestation }), origin).attestation);
        expect(sent.id).toBe(Buffer.from(id).toString("base64url"));
        for (const [text, meant] of [
          [sent.rawId, id],
          [sent.response.clientDataJSON, clientData],
          [sent.response.attestationObject, attestation],
        ]) {
          expect(text).toMatch(padded);
          expect(Buffer.from(text, "base64")).toEqual(Buffer.from(meant));
        }
      }),
    );
  });

  test("holds the largest attestation that the contract takes", () => {
    const attestation = new Uint8Array(75_000).fill(0xa5);
    const credential = credentialOf({ id: Uint8Array.of(1), clientData: Uint8Array.of(2), attestation });
    expect(credentialSchema.safeParse(credential).success).toBe(true);
    const sent = JSON.parse(activationBody(credential, origin).attestation).response.attestationObject;
    expect(Buffer.from(sent, "base64")).toEqual(Buffer.from(attestation));
  });
});

const vendorOptions = {
  rp: { id: "pingone.eu" },
  challenge: "dUOj2e0FHho8yL2QL6H4Q2cH8JC1TDrV_kLKCkmuprM",
  authenticatorSelection: {},
};
