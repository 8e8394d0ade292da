import { createHash } from "node:crypto";
import { type Checked, invalidValue } from "../pingone/refusals.ts";
import { originBelongsTo } from "../relying-party.ts";
import { type Answer, readClientData } from "./answer.ts";
import { offeredAlgorithms } from "./options.ts";

/**
 * How the pretend PingOne verifies a FIDO2 attestation: WebAuthn, "Registering a New Credential". The signature and the
 * attestation statement are judged by @simplewebauthn/server, which knows nothing of this project. It is loaded by the
 * first attestation, because it is larger than all the rest and a desktop pairing never needs it.
 *
 * Assumed: every code, target and message. The vendor documents none.
 */

export type Expected = {
  /** As the activation names it. */
  readonly origin: string;
  /** base64url. */
  readonly challenge: string;
  readonly relyingPartyId: string;
};

export type Registration = {
  /** base64url. */
  readonly credentialId: string;
  /** The COSE key in base64url. */
  readonly publicKey: string;
  /** All zeros when the authenticator keeps its model to itself. */
  readonly aaguid: string;
  readonly userVerified: boolean;
  readonly backupEligible: boolean;
  readonly backedUp: boolean;
  /** Whether a statement comes with the key; without one nothing vouches for the AAGUID. */
  readonly hasStatement: boolean;
};

const wrong = (message: string, target = "attestation") =>
  ({ ok: false, detail: invalidValue(target, message) }) as const;

/** Checks in an order of our choice; the first problem is the one that is reported. */
export const verifyRegistration = async (answer: Answer, expected: Expected): Promise<Checked<Registration>> => {
  if (answer.type !== "public-key") return wrong("The attestation is not that of a public key.");
  const clientData = readClientData(answer);
  if (clientData === null) return wrong("The client data cannot be read.");
  if (clientData.type !== "webauthn.create") return wrong("The client data are not those of a registration.");
  if (clientData.challenge !== expected.challenge) return wrong("The attestation answers another challenge.");
  if (clientData.origin !== expected.origin) {
    return wrong("The origin is not the one in the client data.", "origin");
  }
  if (!expected.origin.startsWith("https://")) return wrong("The origin is not an https address.", "origin");
  if (!originBelongsTo(expected.origin, expected.relyingPartyId)) {
    return wrong("The origin is not within the relying party.", "origin");
  }
  if (clientData.crossOrigin === true) return wrong("The credential was made inside a page of another origin.");
  return verifyAttestationObject(answer, expected);
};

const verifyAttestationObject = async (answer: Answer, expected: Expected): Promise<Checked<Registration>> => {
  const data = await readAttestationObject(answer.response.attestationObject);
  if (data === null) return wrong("The attestation object cannot be read.");
  const relyingPartyHash = createHash("sha256").update(expected.relyingPartyId).digest();
  if (!relyingPartyHash.equals(data.relyingPartyHash)) return wrong("The attestation is for another relying party.");
  if (!data.flags.up) return wrong("Nobody was present at the authenticator.");
  if (!answer.id.equals(data.credentialId) || !answer.rawId.equals(data.credentialId)) {
    return wrong("The id is not that of the credential.");
  }
  if (!offeredAlgorithms.includes(data.algorithm)) return wrong("The key is of an algorithm that was not offered.");
  if (data.flags.bs && !data.flags.be) return wrong("The credential claims a backup that it cannot have.");
  const problem = await problemOfStatement(answer, expected);
  if (problem !== null) return wrong(problem);
  return {
    ok: true,
    value: {
      credentialId: data.credentialId.toString("base64url"),
      publicKey: data.publicKey.toString("base64url"),
      aaguid: data.aaguid,
      userVerified: data.flags.uv,
      backupEligible: data.flags.be,
      backedUp: data.flags.bs,
      hasStatement: data.format !== "none",
    },
  };
};

/**
 * A library behind @simplewebauthn/server wants `Reflect.metadata` to be there when it is loaded, and bundlers put its
 * import of it too late. So it comes first.
 */
const loadVerifier = async () => {
  await import("reflect-metadata");
  return import("@simplewebauthn/server");
};
const loadReaders = async () => {
  await import("reflect-metadata");
  return import("@simplewebauthn/server/helpers");
};

/** `null`: not an attestation object with the data of a credential. */
const readAttestationObject = async (object: Buffer) => {
  const { convertAAGUIDToString, cose, decodeAttestationObject, decodeCredentialPublicKey, parseAuthenticatorData } =
    await loadReaders();
  try {
    const decoded = decodeAttestationObject(new Uint8Array(object));
    const { rpIdHash, flags, aaguid, credentialID, credentialPublicKey } = parseAuthenticatorData(
      decoded.get("authData"),
    );
    if (aaguid === undefined || credentialID === undefined || credentialPublicKey === undefined) return null;
    const algorithm = decodeCredentialPublicKey(credentialPublicKey).get(cose.COSEKEYS.alg);
    if (typeof algorithm !== "number") return null;
    return {
      format: decoded.get("fmt"),
      relyingPartyHash: rpIdHash,
      flags,
      aaguid: convertAAGUIDToString(aaguid),
      credentialId: Buffer.from(credentialID),
      publicKey: Buffer.from(credentialPublicKey),
      algorithm,
    };
  } catch {
    return null;
  }
};

/** What the independent verifier finds wrong; `null`: nothing. User verification is for the FIDO policy to judge. */
const problemOfStatement = async (answer: Answer, expected: Expected): Promise<string | null> => {
  const { verifyRegistrationResponse } = await loadVerifier();
  const id = answer.id.toString("base64url");
  try {
    const { verified } = await verifyRegistrationResponse({
      response: {
        id,
        rawId: id,
        type: "public-key",
        clientExtensionResults: {},
        response: {
          clientDataJSON: answer.response.clientDataJSON.toString("base64url"),
          attestationObject: answer.response.attestationObject.toString("base64url"),
        },
      },
      expectedChallenge: expected.challenge,
      expectedOrigin: expected.origin,
      expectedRPID: expected.relyingPartyId,
      requireUserVerification: false,
      supportedAlgorithmIDs: [...offeredAlgorithms],
    });
    return verified ? null : "The signature of the attestation does not match its key.";
  } catch (error) {
    return `The attestation statement is not valid: ${error instanceof Error ? error.message : String(error)}`;
  }
};
