import { createHash } from "node:crypto";

/** RFC 7636, of which S256_REQUIRED leaves one method. */

/** What a SHA-256 looks like in base64url. */
export const isChallenge = (text: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(text);

export const answersChallenge = (verifier: string | null, challenge: string): boolean =>
  verifier !== null &&
  /^[A-Za-z0-9._~-]{43,128}$/.test(verifier) &&
  createHash("sha256").update(verifier).digest("base64url") === challenge;
