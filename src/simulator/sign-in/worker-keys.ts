import { exportJWK, exportPKCS8, generateKeyPair, type JSONWebKeySet, type JWK } from "jose";

/** The key pairs of the worker application that signs its own assertions, PRIVATE_KEY_JWT. */

export type WorkerKey = {
  readonly algorithm: "RS256" | "ES256";
  readonly keyId: string;
  /** PKCS #8, as a file on a server would hold it. */
  readonly privateKeyPem: string;
  readonly privateJwk: JWK;
  readonly publicJwk: JWK;
};

const createKey = async (algorithm: WorkerKey["algorithm"], keyId: string): Promise<WorkerKey> => {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const naming = { kid: keyId, alg: algorithm, use: "sig" };
  return {
    algorithm,
    keyId,
    privateKeyPem: await exportPKCS8(privateKey),
    privateJwk: { ...(await exportJWK(privateKey)), ...naming },
    publicJwk: { ...(await exportJWK(publicKey)), ...naming },
  };
};

export type WorkerKeys = readonly [rsa: WorkerKey, elliptic: WorkerKey];

let made: Promise<WorkerKeys> | null = null;

/**
 * Made once in each process, because an RSA key takes longer than all the rest of a start. What is signed with them is
 * good at one simulator all the same: an assertion names its audience, and every simulator has a port of its own.
 */
export const workerKeys = (): Promise<WorkerKeys> => {
  made ??= Promise.all([createKey("RS256", "pairing-service-rsa"), createKey("ES256", "pairing-service-ec")]);
  return made;
};

export const publicKeySet = (keys: WorkerKeys): JSONWebKeySet => ({ keys: keys.map(({ publicJwk }) => publicJwk) });
