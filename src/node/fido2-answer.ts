import { createHash, X509Certificate } from "node:crypto";
import { type CBORType, decodePartialCBOR, encodeCBOR } from "@levischuck/tiny-cbor";
import type { Credential } from "../core/fido2/credential.ts";
import type { CeremonyRequest } from "../core/ports.ts";
import type { CredentialPlan } from "./fido2-plan.ts";

/** fido2-cred(1), INPUT FORMAT and OUTPUT FORMAT: how a request becomes its lines, and its lines a credential. */

export type CredentialQuestion = { readonly clientDataJSON: string; readonly lines: readonly string[] };

/**
 * The client data is ours to write, because the tool takes a hash of it only. Members and order are those of WebAuthn,
 * “Serialization” of `CollectedClientData`.
 *
 * @returns `null`: the relying party id cannot be a line of its own, so it is no host name
 */
export function writeQuestion({ options, origin }: CeremonyRequest): CredentialQuestion | null {
  if (!/^[\x21-\x7e]+$/.test(options.rp.id)) return null;
  const clientDataJSON = JSON.stringify({
    type: "webauthn.create",
    challenge: options.challenge,
    origin,
    crossOrigin: false,
  });
  return {
    clientDataJSON,
    lines: [
      createHash("sha256").update(clientDataJSON).digest("base64"),
      options.rp.id,
      // A line break in a name would move everything behind it by one line. There is no place for the display name.
      options.user.name.replaceAll(/\p{Cc}+/gu, " "),
      Buffer.from(options.user.id, "base64url").toString("base64"),
    ],
  };
}

/** @returns `null`: not the answer to this question, or in a form that the tool does not print completely */
export function readAnswer(
  output: string,
  question: CredentialQuestion,
  { options }: CeremonyRequest,
  plan: CredentialPlan,
  transport: string,
): Credential | null {
  const [hash, relyingPartyId, format, data, id, signature, certificate] = output.split("\n");
  if (hash !== question.lines[0] || relyingPartyId !== question.lines[1]) return null;
  const authenticatorData = readByteString(data);
  const credentialId = decode(id);
  if (authenticatorData === null || credentialId === null) return null;

  const leaf = decode(certificate);
  // Without a certificate the line is missing, or empty; what cannot be read is not the same as none.
  if (leaf === null && certificate !== undefined && certificate !== "") return null;
  const statement = readStatement(format, decode(signature), leaf, plan.algorithm);
  if (statement === null) return null;
  // As browsers do: a relying party that asked for no attestation gets none. It also matters for a key whose certificate
  // has an issuer in between: the tool prints the first certificate only, and nobody could build the chain.
  const [attestationFormat, attestation] = options.attestation === "none" ? ["none", noStatement()] : statement;
  // Keys in the order of CTAP2's canonical form, here and in the statement.
  const attestationObject = encodeCBOR(
    new Map<string | number, CBORType>([
      ["fmt", attestationFormat],
      ["attStmt", attestation],
      ["authData", authenticatorData],
    ]),
  );
  const text = credentialId.toString("base64url");
  return {
    id: text,
    rawId: text,
    type: "public-key",
    authenticatorAttachment: "cross-platform",
    clientExtensionResults: options.extensions?.credProps === true ? { credProps: { rk: plan.isResident } } : {},
    response: {
      clientDataJSON: Buffer.from(question.clientDataJSON).toString("base64url"),
      attestationObject: Buffer.from(attestationObject).toString("base64url"),
      transports: [transport],
    },
  };
}

type Statement = Map<string | number, CBORType>;
const noStatement = (): Statement => new Map();

/** The statement's `alg` is not printed: it is that of the certificate's key, or of the new one if that signed itself. */
function readStatement(
  format: string | undefined,
  signature: Buffer | null,
  certificate: Buffer | null,
  algorithm: number,
): readonly [string, Statement] | null {
  if (format === "none") return [format, noStatement()];
  if (signature === null) return null;
  const members: [string, CBORType][] = [["sig", new Uint8Array(signature)]];
  if (certificate !== null) members.push(["x5c", [new Uint8Array(certificate)]]);
  if (format === "fido-u2f" && certificate !== null) return [format, new Map(members)];
  // A TPM's statement has members that are not printed; no key that is plugged in makes one.
  if (format !== "packed") return null;
  const signer = certificate === null ? algorithm : certificateAlgorithm(certificate);
  return signer === null ? null : [format, new Map([["alg", signer], ...members])];
}

const algorithmOfCurve: Readonly<Record<string, number>> = { prime256v1: -7, secp384r1: -35, secp521r1: -36 };

function certificateAlgorithm(certificate: Buffer): number | null {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = new X509Certificate(certificate).publicKey;
    if (asymmetricKeyType === "ec") return algorithmOfCurve[asymmetricKeyDetails?.namedCurve ?? ""] ?? null;
    return asymmetricKeyType === "rsa" ? -257 : asymmetricKeyType === "ed25519" ? -8 : null;
  } catch {
    return null;
  }
}

/** The authenticator data line: base64 of a CBOR byte string. */
function readByteString(line: string | undefined): Uint8Array | null {
  const encoded = decode(line);
  if (encoded === null) return null;
  try {
    const [value, length] = decodePartialCBOR(new Uint8Array(encoded), 0);
    return value instanceof Uint8Array && length === encoded.length ? value : null;
  } catch {
    return null;
  }
}

function decode(line: string | undefined): Buffer | null {
  return line !== undefined && /^[A-Za-z0-9+/]+={0,2}$/.test(line) ? Buffer.from(line, "base64") : null;
}
