/**
 * What the desktop agent answers. The shape is not documented (bare JWT as text, or JSON around it), so it is read
 * tolerantly; the JWTs themselves stay opaque and are checked for shape only.
 */

const jwtShape = /^[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const largestJwt = 65_536;
/** Where a JWT is most likely to be, before any other member is tried. */
const preferredMembers = ["attestation", "assertion", "jwt", "token", "response"];
const unnamed = preferredMembers.length;
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

/**
 * The JWT in a successful reply, or `null` when there is none: then it was not the agent who answered.
 *
 * @param sent the JWT of the request. Whoever only repeats it is not the agent either.
 */
export function findJwt(body: string, sent: string): string | null {
  const text = body.trim();
  const found = looksSigned(text) ? [{ jwt: text, rank: 0 }] : candidates(readJson(text), deepest, unnamed);
  return found.filter(({ jwt }) => jwt !== sent).toSorted((a, b) => a.rank - b.rank)[0]?.jwt ?? null;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Every JWT in a value, in order, each with the best rank of the names that lead to it: 0 is the likeliest. */
function candidates(value: unknown, depth: number, rank: number): readonly { jwt: string; rank: number }[] {
  if (typeof value === "string") return looksSigned(value.trim()) ? [{ jwt: value.trim(), rank }] : [];
  if (typeof value !== "object" || value === null || depth === 0) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const own = preferredMembers.indexOf(name);
    return candidates(member, depth - 1, Math.min(rank, own < 0 ? unnamed : own));
  });
}
