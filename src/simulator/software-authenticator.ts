import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { type CBORType, encodeCBOR } from "@levischuck/tiny-cbor";

/**
 * A pretend authenticator for the demo: it makes a real, verifiable FIDO2 credential in software, without asking
 * anybody. It exists in the simulator only; a real environment never sees it.
 */

/** As much of the standard's options as it needs. */
export type AuthenticatorOptions = {
  readonly rp: { readonly id: string };
  readonly challenge: string;
  readonly authenticatorSelection: { readonly authenticatorAttachment?: "platform" | "cross-platform" };
};

export type SoftwareCredential = {
  readonly id: string;
  readonly rawId: string;
  readonly type: "public-key";
  readonly authenticatorAttachment: "platform" | "cross-platform";
  readonly clientExtensionResults: Record<string, unknown>;
  readonly response: {
    readonly clientDataJSON: string;
    readonly attestationObject: string;
    readonly transports: string[];
  };
};

/** Invented: "DeskPair simulated" in no vendor's list. */
export const simulatedAaguid = "d35ca1e5-1111-4222-8333-444455556666";

const flags = { userPresent: 0x01, userVerified: 0x04, attested: 0x40 };

/** WebAuthn, "Generating an Attestation Object": packed self-attestation over a fresh ES256 key. */
export function makeCredential(options: AuthenticatorOptions, origin: string): SoftwareCredential {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = publicKey.export({ format: "jwk" });
  // COSE_Key of an ES256 key (RFC 9053): kty EC2, alg -7, crv P-256, x, y.
  const coseKey = new Map<number, CBORType>([
    [1, 2],
    [3, -7],
    [-1, 1],
    [-2, bytes(jwk.x)],
    [-3, bytes(jwk.y)],
  ]);
  const credentialId = randomBytes(32);
  const idLength = Buffer.alloc(2);
  idLength.writeUInt16BE(credentialId.length);
  const authenticatorData = Buffer.concat([
    sha256(options.rp.id),
    Buffer.from([flags.userPresent | flags.userVerified | flags.attested]),
    Buffer.alloc(4),
    Buffer.from(simulatedAaguid.replaceAll("-", ""), "hex"),
    idLength,
    credentialId,
    encodeCBOR(coseKey as Map<string | number, CBORType>),
  ]);
  const clientDataJSON = Buffer.from(
    JSON.stringify({ type: "webauthn.create", challenge: options.challenge, origin, crossOrigin: false }),
  );
  const signature = sign("sha256", Buffer.concat([authenticatorData, sha256(clientDataJSON)]), privateKey);
  const attestationObject = encodeCBOR(
    new Map<string | number, CBORType>([
      ["fmt", "packed"],
      [
        "attStmt",
        new Map<string | number, CBORType>([
          ["alg", -7],
          ["sig", new Uint8Array(signature)],
        ]),
      ],
      ["authData", new Uint8Array(authenticatorData)],
    ]),
  );
  const attachment = options.authenticatorSelection.authenticatorAttachment ?? "cross-platform";
  const id = credentialId.toString("base64url");
  return {
    id,
    rawId: id,
    type: "public-key",
    authenticatorAttachment: attachment,
    clientExtensionResults: {},
    response: {
      clientDataJSON: clientDataJSON.toString("base64url"),
      attestationObject: Buffer.from(attestationObject).toString("base64url"),
      transports: attachment === "platform" ? ["internal"] : ["usb"],
    },
  };
}

const sha256 = (data: string | Buffer): Buffer => createHash("sha256").update(data).digest();
const bytes = (text: string | undefined): Uint8Array => new Uint8Array(Buffer.from(text ?? "", "base64url"));
