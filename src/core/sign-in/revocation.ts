import { type Outcome, ok } from "../../contract/errors.ts";
import type { Ports } from "../ports.ts";
import { forgetKept, type Kept, readAnyKept, writeKept } from "./kept.ts";

/** Whoever changes the kept sign-in of a person does it alone, in whichever process. */
export const turnName = "sign-in";

type Needs = Pick<Ports, "http" | "clock" | "secrets" | "inTurn" | "log">;

/**
 * Ends what is kept for a profile: removes it, and revokes it where it came from. That is said by what is kept itself,
 * because the profile may have been changed since: the token must not travel to the new address, nor stay good.
 *
 * `false`: nothing was kept. A failure other than of the key store says that PingOne could not be told, and that the
 * token ends by itself; it is removed all the same.
 */
export function revokeKept(ports: Omit<Needs, "log">, profile: string): Promise<Outcome<boolean>> {
  // In turn: a refresh that is under way in another process would else leave a newer token, which nobody revokes.
  return ports.inTurn(turnName, async () => {
    const kept = await readAnyKept(ports.secrets, profile);
    // First here: what cannot be revoked (no network) must at least not be used again from this computer.
    const forgotten = await forgetKept(ports.secrets, profile);
    if (!kept.ok) return kept;
    const revoked = await revoke(ports, kept.value);
    if (!forgotten.ok) return forgotten;
    return revoked.ok ? ok(kept.value !== null) : revoked;
  });
}

/**
 * Keeps a sign-in and revokes the one whose place it takes. Fails when it cannot be kept; what has been replaced and
 * cannot be revoked is written down and ends by itself.
 */
export async function keepInstead(ports: Needs, profile: string, kept: Kept): Promise<Outcome<null>> {
  const written = await ports.inTurn(turnName, async () => {
    const replaced = await readAnyKept(ports.secrets, profile);
    const done = await writeKept(ports.secrets, profile, kept);
    return done.ok ? ok(replaced.ok ? replaced.value : null) : done;
  });
  if (!written.ok) return written;
  const replaced = written.value;
  if (refreshTokenIn(replaced) !== refreshTokenIn(kept)) {
    const revoked = await revoke(ports, replaced);
    if (!revoked.ok) ports.log("warn", "sign-out.incomplete", { code: revoked.error.code });
  }
  return ok(null);
}

const refreshTokenIn = (kept: Kept | null): string | null =>
  kept?.secret.kind === "refresh-token" ? kept.secret.refreshToken : null;

/** The secret of a worker application is not ours to take back. */
async function revoke(ports: Pick<Ports, "http" | "clock">, kept: Kept | null): Promise<Outcome<null>> {
  const token = refreshTokenIn(kept);
  if (kept === null || token === null) return ok(null);
  // Loaded here: a worker needs none of it.
  const { revokeAt } = await import("./user-tokens.ts");
  return revokeAt(ports, kept, token);
}
