import type { AppError } from "../../contract/errors.ts";
import type { Device, Step, User } from "../../contract/views.ts";
import type { AgentSettings } from "../agent/client.ts";
import { type Access, createPingOne } from "../pingone/client.ts";
import { traceIn } from "../pingone/errors.ts";
import type { Ports } from "../ports.ts";
import { type Journal, openJournal } from "./journal.ts";
import { cancelled } from "./machine.ts";
import { type PairingChoice, preflight } from "./preflight.ts";
import { findOwnPairing, isHere, openPairings, type PairingRecord, type Place } from "./record.ts";
import { type ClientsFor, type Recovered, recoverRecords } from "./recovery.ts";
import { type PairingProgress, type PairingResult, runPairing } from "./run.ts";

/** One pairing from the first check to its end, with the journal in hand. */

export type Desk = {
  readonly ports: Ports;
  readonly access: Access;
  readonly agent: () => AgentSettings;
};

export async function pairOne(
  desk: Desk,
  user: User,
  choice: PairingChoice,
  observe: (progress: PairingProgress) => void,
  signal: AbortSignal,
): Promise<PairingResult> {
  const { ports, access } = desk;
  const pairingId = ports.random.uuid();
  const started = ports.clock.monotonic();
  const check: Step = {
    name: "check-prerequisites",
    outcome: "running",
    startedAt: ports.clock.now(),
    ms: null,
    deadlineAt: null,
    correlationId: null,
  };
  const checked = (outcome: Step["outcome"], correlationId: string | null = null): readonly Step[] => {
    return [{ ...check, outcome, ms: Math.round(ports.clock.monotonic() - started), correlationId }];
  };
  const refused = (error: AppError): PairingResult => {
    const steps = checked("failed", traceIn(error).correlationId ?? null);
    const why = signal.aborted ? cancelled : error;
    return { ok: false, pairingId, user, error: why, left: "nothing", deviceId: null, steps, warnings: [] };
  };
  observe({ pairingId, steps: [check], cancelling: signal.aborted });

  // From here on nobody else pairs with this data folder: what is checked now still holds when it is acted on.
  const opened = await openJournal(ports);
  if (!opened.ok) return refused(opened.error);
  const journal = opened.value;
  try {
    journal.claim(pairingId);
    const unsettled = await settle(desk, journal, user, signal);
    // One transaction id per pairing, so that PingOne's support finds all its requests together.
    const clients = {
      forward: createPingOne(ports, access, pairingId, signal),
      undo: createPingOne(ports, access, pairingId),
    };
    const agent = desk.agent();
    const own = ownDevice(ports, journal.contents().pairings, access.endpoints, user.id, choice.kind);
    const ready = await preflight(ports, clients.forward, pairingId, user, choice, agent, own);
    if (!ready.ok) return refused(ready.error);
    if (ready.value.is === "paired") {
      const { device } = ready.value;
      const steps = checked("done");
      return { ok: true, changed: false, pairingId, user, device, authenticator: null, steps, warnings: [] };
    }
    if (unsettled.some(({ record }) => record.kind === choice.kind)) {
      return refused({ code: "not-now", doing: "an earlier pairing of this user cannot be brought to its end" });
    }
    const { request, warnings } = ready.value;
    const steps = checked("done");
    const result = await runPairing(ports, clients, agent, journal, user, request, steps, observe, signal);
    return { ...result, warnings: [...warnings, ...result.warnings] };
  } finally {
    await journal.close();
  }
}

/**
 * Brings what an earlier pairing of this user left open to its end.
 *
 * @returns those of which a device may be, or become, ACTIVE although nobody knows: a new pairing could make a second
 */
async function settle(
  { ports, access }: Desk,
  journal: Journal,
  user: User,
  signal: AbortSignal,
): Promise<readonly Recovered[]> {
  const open = openPairings(journal.contents().pairings).filter(
    (record) => isHere(record, access.endpoints) && record.userId === user.id,
  );
  const clients = clientsFor(ports, access, signal);
  const recovered = await recoverRecords(ports, journal, open, clients, () => undefined, signal);
  return recovered.filter(
    ({ state }) => state.name === "failed" && state.left === "unknown" && state.deviceId !== null,
  );
}

/** For a recovery: nothing is tried again once nobody waits for it. */
export const clientsFor =
  (ports: Ports, access: Access, giveUp: AbortSignal): ClientsFor =>
  (pairingId) => {
    const client = createPingOne(ports, access, pairingId, giveUp);
    return { forward: client, undo: client };
  };

/** The device of our own last pairing of this kind for this user; `null`: there is none. */
export function ownDevice(
  ports: Pick<Ports, "hostName">,
  records: readonly PairingRecord[],
  place: Place,
  userId: string,
  kind: PairingRecord["kind"],
): Device | null {
  const { hostName } = ports;
  const { apiBase, environmentId } = place;
  return findOwnPairing(records, { apiBase, environmentId, hostName }, userId, kind)?.state.device ?? null;
}
