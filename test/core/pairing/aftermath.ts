import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { journalFile, listPairings } from "../../../src/core/pairing/journal.ts";
import { openPairings } from "../../../src/core/pairing/record.ts";
import type { RecoveryReport } from "../../../src/core/pairing/recovery.ts";
import type { Ports } from "../../../src/core/ports.ts";
import { type Device, type Simulator, startSimulator } from "../../../src/simulator/index.ts";
import type { Pairing } from "./other-process.ts";
import { choices, sessionAt } from "./real-desk.ts";

/** What must be true after a pairing has ended in the middle, wherever that was, and DeskPair has been started again. */

export type Site = {
  readonly simulator: Simulator;
  readonly pairing: (kind: Pairing["kind"]) => Pairing;
  /** The user's devices that were not there when the site was cleared. */
  readonly made: () => readonly Device[];
  /** Everybody's devices as they were; a pending one of another technician for the same user is among them. */
  readonly clear: () => void;
};

const types: Readonly<Record<Pairing["kind"], string>> = { desktop: "PINGID_DESKTOP_GEN2", fido2: "FIDO2" };

export async function openSite(): Promise<Site> {
  const simulator = await startSimulator({ port: 0, agentPort: 0 });
  const { world } = simulator;
  const ada = [...world.users.values()].find(({ username }) => username === "ada@example.com");
  const [sample] = world.devices.values();
  if (ada === undefined || sample === undefined) throw new Error("The simulator's seed has changed.");
  const user = { id: ada.id, username: ada.username, email: ada.email, name: null, enabled: true, mfaEnabled: true };
  for (const type of Object.values(types)) {
    const id = crypto.randomUUID();
    const pending = { status: "ACTIVATION_REQUIRED", activatedAt: null, nickname: null, pending: null } as const;
    const now = Date.now();
    world.devices.set(id, { ...sample, ...pending, id, type, userId: ada.id, createdAt: now, updatedAt: now });
  }
  const before = new Map(world.devices);
  return {
    simulator,
    pairing: (kind) => ({ kind, user, simulator }),
    made: () => world.devicesOf(user.id).filter(({ id }) => !before.has(id)),
    clear: () => {
      world.devices.clear();
      for (const [id, device] of before) world.devices.set(id, device);
      simulator.setFault(null);
    },
  };
}

/**
 * Starts DeskPair again: it recovers, finds nothing more to recover, and pairs once more.
 *
 * @returns how the first recovery ended what it found
 */
export async function startsAgain(site: Site, kind: Pairing["kind"], ports: Ports): Promise<RecoveryReport> {
  const { signal } = new AbortController();
  const pairing = site.pairing(kind);
  const session = sessionAt(ports, pairing);
  const recovered = await session.recoverPairings(() => undefined, signal);
  if (!recovered.ok) throw new Error(JSON.stringify(recovered.error));
  expect(recovered.value.recovered.filter(({ outcome }) => outcome === "left")).toEqual([]);
  settled(site);
  const listed = await listPairings(ports);
  expect(listed.ok && openPairings(listed.value.pairings)).toEqual([]);
  expect(await session.recoverPairings(() => undefined, signal)).toMatchObject({ value: { recovered: [] } });

  if (kind === "desktop") {
    const isThere = site.made().length;
    const again = await session.pair(pairing.user, choices.desktop, () => undefined, signal);
    expect(again).toMatchObject({ ok: true });
    if (again.ok) expect(again.changed).toBe(isThere === 0);
    expect(site.made()).toMatchObject([{ status: "ACTIVE" }]);
  }
  return recovered.value;
}

/** ACTIVE once, or gone; never two, never pending. */
export function settled(site: Site): void {
  const made = site.made();
  expect(made.length).toBeLessThanOrEqual(1);
  for (const device of made) expect(device.status).toBe("ACTIVE");
  // Those of others, and only those.
  expect(site.simulator.world.pendingDevices()).toHaveLength(2);
}

/** The journal as a person finds it: whole lines of JSON but for torn ones, and nothing that is worth stealing. */
export async function holdsNoSecret(folder: string, simulator: Simulator): Promise<void> {
  const text = await readFile(join(folder, journalFile), "utf8").catch(() => "");
  expect(text).not.toContain(simulator.clientSecret);
  expect(text).not.toMatch(/eyJ[A-Za-z0-9_-]{5,}\.|"(attestation|challenge|options|access_token)"/i);
}
