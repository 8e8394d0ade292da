import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { type CBORType, encodeCBOR } from "@levischuck/tiny-cbor";
import { attestationCertificate } from "./attestation-certificate.ts";

/** A security key in software: real keys, real signatures, and the answers that CTAP 2.0 and 2.1 prescribe. */
export type PretendKey = {
  readonly path: string;
  /** Without a version it speaks U2F only. */
  readonly versions: readonly string[];
  readonly options: Readonly<Record<string, boolean>>;
  readonly algorithms: readonly string[];
  readonly aaguid: string;
  readonly pin: string | null;
  readonly pinTries: number;
  /** Three in a row, and the key wants to be taken out. */
  readonly wrongInARow: number;
  readonly mustChangePin: boolean;
  readonly isFull: boolean;
  readonly attestation: "self" | "certificate" | "none";
  /** `never`: until the key gives up by itself. `pulled`: it is taken out instead. */
  readonly touch: "at-once" | "when-told" | "never" | "pulled";
};

export type CredentialWish = {
  readonly clientDataHash: Buffer;
  readonly relyingPartyId: string;
  readonly type: string;
  readonly isResident: boolean;
  readonly asksForVerification: boolean;
};

/** What a key says before anybody touches it: whether the person is verified if they do, or fido_strerr(3)'s name. */
export type Consent = { readonly verified: boolean } | { readonly refused: string; readonly tried?: true };

/** fido_dev_make_cred(3) up to the touch, without a PIN (`null`) or with one. */
export function askKey(key: PretendKey, wish: CredentialWish, pin: string | null): Consent {
  const has = (option: string): boolean => key.options[option] === true;
  if (key.versions.length === 0) {
    const isTooMuch = wish.isResident || wish.asksForVerification || pin !== null || wish.type !== "es256";
    return isTooMuch ? { refused: "FIDO_ERR_UNSUPPORTED_OPTION" } : { verified: false };
  }
  if (key.algorithms.length > 0 && !key.algorithms.includes(wish.type)) {
    return { refused: "FIDO_ERR_UNSUPPORTED_ALGORITHM" };
  }
  if (wish.isResident && !has("rk")) return { refused: "FIDO_ERR_UNSUPPORTED_OPTION" };
  if (wish.isResident && key.isFull) return { refused: "FIDO_ERR_KEY_STORE_FULL" };
  if (pin !== null) return checkPin(key, pin);
  if (wish.asksForVerification) {
    if (has("uv")) return { verified: true };
    return { refused: has("pinUvAuthToken") ? "FIDO_ERR_PIN_REQUIRED" : "FIDO_ERR_UNSUPPORTED_OPTION" };
  }
  const isFree = has("makeCredUvNotRqd") && !has("alwaysUv") && !wish.isResident;
  return has("clientPin") && !isFree ? { refused: "FIDO_ERR_PIN_REQUIRED" } : { verified: false };
}

function checkPin(key: PretendKey, pin: string): Consent {
  if (key.pinTries === 0) return { refused: "FIDO_ERR_PIN_BLOCKED" };
  if (key.wrongInARow >= 3) return { refused: "FIDO_ERR_PIN_AUTH_BLOCKED" };
  if (pin === key.pin) return { verified: true };
  if (key.pinTries === 1) return { refused: "FIDO_ERR_PIN_BLOCKED", tried: true };
  return { refused: key.wrongInARow === 2 ? "FIDO_ERR_PIN_AUTH_BLOCKED" : "FIDO_ERR_PIN_INVALID", tried: true };
}

export type MadeCredential = {
  readonly format: "packed" | "fido-u2f" | "none";
  readonly authenticatorData: Buffer;
  readonly id: Buffer;
  readonly signature: Buffer | null;
  readonly certificate: Buffer | null;
};

const flag = { userPresent: 0x01, userVerified: 0x04, attested: 0x40 };

export function makeCredential(key: PretendKey, wish: CredentialWish, verified: boolean): MadeCredential {
  const isU2f = key.versions.length === 0;
  const { coseKey, privateKey, digest } = generateCredentialKey(wish.type);
  const id = randomBytes(isU2f ? 64 : 48);
  const aaguid = isU2f ? Buffer.alloc(16) : Buffer.from(key.aaguid.replaceAll("-", ""), "hex");
  const idLength = Buffer.alloc(2);
  idLength.writeUInt16BE(id.length);
  const relyingPartyHash = createHash("sha256").update(wish.relyingPartyId).digest();
  const authenticatorData = Buffer.concat([
    relyingPartyHash,
    Buffer.from([flag.userPresent | flag.attested | (verified ? flag.userVerified : 0)]),
    Buffer.alloc(4),
    aaguid,
    idLength,
    id,
    encodeCBOR(coseKey),
  ]);
  const made = { authenticatorData, id };
  if (isU2f) {
    // FIDO U2F Raw Message Formats, “Registration Response Message: Success”.
    const { certificate, privateKey: batchKey } = attestationCertificate(aaguid);
    const point = Buffer.concat([Buffer.from([4]), coordinate(coseKey, -2), coordinate(coseKey, -3)]);
    const signed = Buffer.concat([Buffer.from([0]), relyingPartyHash, wish.clientDataHash, id, point]);
    return { ...made, format: "fido-u2f", signature: sign("sha256", signed, batchKey), certificate };
  }
  const signed = Buffer.concat([authenticatorData, wish.clientDataHash]);
  switch (key.attestation) {
    case "none":
      return { ...made, format: "none", signature: null, certificate: null };
    case "self":
      return { ...made, format: "packed", signature: sign(digest, signed, privateKey), certificate: null };
    case "certificate": {
      const { certificate, privateKey: batchKey } = attestationCertificate(aaguid);
      return { ...made, format: "packed", signature: sign("sha256", signed, batchKey), certificate };
    }
    default:
      return key.attestation satisfies never;
  }
}

type CredentialKey = {
  readonly coseKey: Map<string | number, CBORType>;
  readonly privateKey: KeyObject;
  readonly digest: string | null;
};

/** COSE_Key (RFC 9053, RFC 8230): 1 kind, 3 algorithm, then what belongs to the kind. */
function generateCredentialKey(type: string): CredentialKey {
  switch (type) {
    case "es256":
      return ellipticKey("P-256", -7, 1, "sha256");
    case "es384":
      return ellipticKey("P-384", -35, 2, "sha384");
    case "rs256": {
      const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
      const { n, e } = publicKey.export({ format: "jwk" });
      const members: [number, CBORType][] = [
        [1, 3],
        [3, -257],
        [-1, bytes(n)],
        [-2, bytes(e)],
      ];
      return { coseKey: new Map(members), privateKey, digest: "sha256" };
    }
    case "eddsa": {
      const { publicKey, privateKey } = generateKeyPairSync("ed25519");
      const members: [number, CBORType][] = [
        [1, 1],
        [3, -8],
        [-1, 6],
        [-2, bytes(publicKey.export({ format: "jwk" }).x)],
      ];
      return { coseKey: new Map(members), privateKey, digest: null };
    }
    default:
      throw new Error(`No such type of credential: ${type}`);
  }
}

function ellipticKey(namedCurve: string, algorithm: number, curve: number, digest: string): CredentialKey {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve });
  const { x, y } = publicKey.export({ format: "jwk" });
  const members: [number, CBORType][] = [
    [1, 2],
    [3, algorithm],
    [-1, curve],
    [-2, bytes(x)],
    [-3, bytes(y)],
  ];
  return { coseKey: new Map(members), privateKey, digest };
}

const bytes = (text: string | undefined): Uint8Array => new Uint8Array(Buffer.from(text ?? "", "base64url"));

function coordinate(coseKey: ReadonlyMap<string | number, CBORType>, label: number): Buffer {
  const value = coseKey.get(label);
  if (!(value instanceof Uint8Array)) throw new Error("A U2F key is an elliptic one.");
  return Buffer.from(value);
}
