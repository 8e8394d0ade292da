/**
 * What the desktop agent answers. The shape is not documented (bare JWT as text, or JSON around it), so it is read
 * tolerantly; the JWTs themselves stay opaque and are checked for shape only.
 */

const jwtShape = /^[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const largestJwt = 65_536;
/** Where a JWT is most likely to be, before any other member is tried. */
const preferredMembers = ["attestation", "assertion", "jwt", "token", "response"];
/** Deeper than this is not an envelope any more. */
const deepest = 4;

/** Three base64url parts whose header is JSON with an `alg` other than `none`. Says nothing about who signed it. */
export function looksSigned(text: string): boolean {
  if (text.length > largestJwt || !jwtShape.test(text)) return false;
  try {
    const header: unknown = JSON.parse(atob((text.split(".")[0] ?? "").replaceAll("-", "+").replaceAll("_", "/")));
    const algorithm = typeof header === "object" && header !== null && "alg" in header ? header.alg : undefined;
    return typeof algorithm === "string" && algorithm !== "" && algorithm.toLowerCase() !== "none";
  } catch {
    return false;
  }
}

/** The JWT in a successful reply, or `null` when there is none: then it was not the agent who answered. */
export function findJwt(body: string): string | null {
  const text = body.trim();
  if (looksSigned(text)) return text;
  try {
    return search(JSON.parse(text), deepest);
  } catch {
    return null;
  }
}

function search(value: unknown, depth: number): string | null {
  if (typeof value === "string") return looksSigned(value.trim()) ? value.trim() : null;
  if (typeof value !== "object" || value === null || depth === 0) return null;
  const entries = Object.entries(value);
  const preferred = preferredMembers.flatMap((name) => entries.filter(([key]) => key === name));
  for (const [, member] of [...preferred, ...entries]) {
    const found = search(member, depth - 1);
    if (found !== null) return found;
  }
  return null;
}
