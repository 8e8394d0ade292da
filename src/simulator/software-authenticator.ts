import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { type CBORType, encodeCBOR } from "@levischuck/tiny-cbor";
import { simulatedKey, simulatedPlatform } from "./fido2/models.ts";

/**
 * A pretend authenticator for the demo: it makes a real, verifiable FIDO2 credential in software, without asking
 * anybody. It exists in the simulator only; a real environment never sees it.
 */

type Attachment = "platform" | "cross-platform";

/** As much of the standard's options as it needs. */
export type AuthenticatorOptions = {
  readonly rp: { readonly id: string };
  readonly challenge: string;
  readonly authenticatorSelection: { readonly authenticatorAttachment?: Attachment };
};

export type SoftwareCredential = {
  readonly id: string;
  readonly rawId: string;
  readonly type: "public-key";
  readonly authenticatorAttachment: Attachment;
  readonly clientExtensionResults: Record<string, unknown>;
  readonly response: {
    readonly clientDataJSON: string;
    readonly attestationObject: string;
    readonly transports: string[];
  };
};

/** What it can be made to do otherwise; that is how a wrong credential, or another authenticator, is made. */
export type Behaviour = {
  readonly aaguid: string;
  /** COSE: ES256, RS256, or Ed25519, which PingOne does not offer. */
  readonly algorithm: -7 | -257 | -8;
  /** `packed`: signed with the credential's own key (self attestation). */
  readonly attestation: "packed" | "none";
  readonly userPresent: boolean;
  readonly userVerified: boolean;
  readonly backupEligible: boolean;
  readonly backedUp: boolean;
  readonly credentialId: Uint8Array;
  /** Whose hash goes into the credential. */
  readonly relyingPartyId: string;
  /** Laid over the client data. */
  readonly clientData: Readonly<Record<string, unknown>>;
};

type Behaving = Behaviour & { readonly attachment: Attachment };

/** WebAuthn, "Generating an Attestation Object": over a fresh key, which is forgotten again. */
export const makeCredential = (
  options: AuthenticatorOptions,
  origin: string,
  changes: Partial<Behaviour> = {},
): SoftwareCredential => {
  const attachment = options.authenticatorSelection.authenticatorAttachment ?? "cross-platform";
  const behaviour: Behaving = {
    aaguid: attachment === "platform" ? simulatedPlatform : simulatedKey,
    algorithm: -7,
    attestation: "packed",
    userPresent: true,
    userVerified: true,
    backupEligible: false,
    backedUp: false,
    credentialId: randomBytes(32),
    relyingPartyId: options.rp.id,
    clientData: {},
    ...changes,
    attachment,
  };
  const clientData = { type: "webauthn.create", challenge: options.challenge, origin, crossOrigin: false };
  const clientDataJSON = Buffer.from(JSON.stringify({ ...clientData, ...behaviour.clientData }));
  const key = keys[behaviour.algorithm]();
  const data = authenticatorData(behaviour, key.cose);
  const signature = () => sign(key.hash, Buffer.concat([data, sha256(clientDataJSON)]), key.privateKey);
  const statement =
    behaviour.attestation === "none"
      ? []
      : ([
          ["alg", behaviour.algorithm],
          ["sig", plain(signature())],
        ] as const);
  const attestationObject = encodeCBOR(
    cborMap([
      ["fmt", behaviour.attestation],
      ["attStmt", cborMap(statement)],
      ["authData", plain(data)],
    ]),
  );
  const id = Buffer.from(behaviour.credentialId).toString("base64url");
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
};

/** WebAuthn, "Authenticator Data": hash, flags, 4 bytes counter, then the attested credential data. */
const authenticatorData = (behaviour: Behaving, coseKey: CborMap): Buffer => {
  const idLength = Buffer.alloc(2);
  idLength.writeUInt16BE(behaviour.credentialId.length);
  const flags =
    (behaviour.userPresent ? 0x01 : 0) |
    (behaviour.userVerified ? 0x04 : 0) |
    (behaviour.backupEligible ? 0x08 : 0) |
    (behaviour.backedUp ? 0x10 : 0) |
    0x40;
  return Buffer.concat([
    sha256(behaviour.relyingPartyId),
    Buffer.from([flags]),
    Buffer.alloc(4),
    Buffer.from(behaviour.aaguid.replaceAll("-", ""), "hex"),
    idLength,
    behaviour.credentialId,
    encodeCBOR(coseKey),
  ]);
};

type Key = { readonly privateKey: KeyObject; readonly hash: "sha256" | null; readonly cose: CborMap };

/** COSE keys of RFC 9053 and RFC 8230: 1 is the kind of key, 3 the algorithm, the rest belongs to the kind. */
const keys: Readonly<Record<Behaviour["algorithm"], () => Key>> = {
  [-7]: () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x, y } = publicKey.export({ format: "jwk" });
    return {
      privateKey,
      hash: "sha256",
      cose: cborMap([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, decoded(x)],
        [-3, decoded(y)],
      ]),
    };
  },
  [-257]: () => {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const { n, e } = publicKey.export({ format: "jwk" });
    return {
      privateKey,
      hash: "sha256",
      cose: cborMap([
        [1, 3],
        [3, -257],
        [-1, decoded(n)],
        [-2, decoded(e)],
      ]),
    };
  },
  [-8]: () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const { x } = publicKey.export({ format: "jwk" });
    return {
      privateKey,
      hash: null,
      cose: cborMap([
        [1, 1],
        [3, -8],
        [-1, 6],
        [-2, decoded(x)],
      ]),
    };
  },
};

type CborMap = Map<string | number, CBORType>;

const cborMap = (entries: readonly (readonly [string | number, CBORType])[]): CborMap => new Map(entries);

const sha256 = (data: string | Buffer): Buffer => createHash("sha256").update(data).digest();

/** The encoder takes no `Buffer`. */
const plain = (bytes: Buffer): Uint8Array => new Uint8Array(bytes);

const decoded = (text: string | undefined): Uint8Array => plain(Buffer.from(text ?? "", "base64url"));
