import type { RecoveredPairing, Recovery } from "../../src/contract/recovery.ts";
import type { Snapshot } from "../../src/contract/views.ts";
import { ada, adasLaptop, after, alan, exampleProfile, grace, hostileUser, moment } from "./snapshots.ts";

/** What was interrupted, as main tells it; part of the snapshots in `snapshots.ts`. */

const minutesAgo = (minutes: number): string => new Date(moment - minutes * 60_000).toISOString();

export const left: RecoveredPairing = {
  pairingId: "p-3",
  kind: "desktop",
  userId: ada.id,
  username: ada.username,
  beganAt: minutesAgo(190),
  outcome: "left",
  left: "device",
  deviceId: adasLaptop.id,
  error: { code: "interrupted" },
};
export const leftUnknown: RecoveredPairing = {
  ...left,
  pairingId: "p-4",
  kind: "fido2",
  userId: alan.id,
  username: alan.username,
  left: "unknown",
  deviceId: null,
  error: { code: "server-unavailable", status: 503 },
};
export const finished: RecoveredPairing = {
  pairingId: "p-1",
  kind: "desktop",
  userId: grace.id,
  username: grace.username,
  beganAt: minutesAgo(26),
  outcome: "finished",
  deviceId: "7c0de1f2-3a4b-4c5d-8e6f-708192a3b4c5",
};
export const undone: RecoveredPairing = {
  pairingId: "p-2",
  kind: "fido2",
  userId: hostileUser.id,
  username: hostileUser.username,
  beganAt: null,
  outcome: "undone",
};

export const waitingHere: Recovery["waiting"][number] = {
  count: 1,
  profile: exampleProfile.name,
  environmentId: exampleProfile.environmentId,
  host: exampleProfile.host,
  ofOthers: false,
};
/** Where no profile leads. */
export const waitingElsewhere: Recovery["waiting"][number] = {
  ...waitingHere,
  count: 2,
  profile: null,
  environmentId: "0a1b2c3d-4e5f-4678-9abc-0123456789ab",
  host: "api.pingone.com",
};

/** The same screen after an interruption. */
export const interrupted = (snapshot: Snapshot, differences: Partial<Recovery> = {}): Snapshot =>
  after(snapshot, {
    recovery: { settled: [left, leftUnknown, finished, undone], waiting: [], newer: 0, problem: null, ...differences },
  });
