import { type AppError, type Outcome, ok } from "../../contract/errors.ts";
import type { Step } from "../../contract/views.ts";
import { defaultAgentTrust } from "../agent/trust-settings.ts";
import type { Ports } from "../ports.ts";
import { type Journal, openJournal } from "./journal.ts";
import { cancelled, type PairingRequest, type PairingState, type Transition } from "./machine.ts";
import type { Clients } from "./perform.ts";
import { type NewerRecord, openPairings, type PairingRecord, standingOf } from "./record.ts";
import { type Ended, runToEnd } from "./run.ts";

/**
 * Finishes or undoes the pairings that were interrupted: by a crash, a power cut, or a network that was gone when
 * something was to be removed. It asks PingOne what is there and never repeats a creation or an activation.
 */

const interrupted: AppError = { code: "interrupted" };

/**
 * Where the machine goes on from a state that the journal ends with; `null`: nothing is to be done.
 *
 * Before the activation there is no way on, because challenge and proof are kept nowhere: what was created is removed.
 * From the activation on, the device tells how far it came.
 */
export function resume({ state }: Pick<PairingRecord, "state">): Transition | null {
  switch (state.name) {
    case "creating":
      return locating(state.cancelled ? cancelled : interrupted);
    case "locating":
      return locating(state.error);
    case "proving":
      return removing(state.deviceId, state.cancelled ? cancelled : interrupted);
    case "activating":
      return confirming(state.deviceId, interrupted, state.cancelled);
    case "confirming":
      return confirming(state.deviceId, state.error, state.cancelled);
    case "naming":
      // Read first: since then somebody may have removed the device.
      return confirming(state.device.id, interrupted, state.cancelled);
    case "removing":
      return removing(state.deviceId, state.error);
    case "failed": {
      const { error, left, deviceId } = state;
      if (left === "nothing") return null;
      if (deviceId === null) return locating(error);
      // Known to be there, and to be removed. Not known: it may be ACTIVE, and then it is what the operator wanted.
      return left === "device" ? removing(deviceId, error) : confirming(deviceId, error, error.code === "cancelled");
    }
    case "paired":
      return null;
    default:
      return state satisfies never;
  }
}

const locating = (error: AppError): Transition => ({ state: { name: "locating", error }, effect: { run: "locate" } });
const removing = (deviceId: string, error: AppError): Transition => ({
  state: { name: "removing", deviceId, error },
  effect: { run: "remove", deviceId },
});
const confirming = (deviceId: string, error: AppError, isCancelled: boolean): Transition => ({
  state: { name: "confirming", deviceId, error, cancelled: isCancelled },
  effect: { run: "confirm", deviceId },
});

export type RecoveryProgress = { readonly record: PairingRecord; readonly steps: readonly Step[] };

export type Recovered = {
  /** As it was found. */
  readonly record: PairingRecord;
  /** `left`: it is still open; the state says what may be left, and the next recovery tries again. */
  readonly outcome: "paired" | "undone" | "left";
  readonly state: Ended["state"];
  readonly steps: readonly Step[];
};

export type RecoveryReport = {
  readonly recovered: readonly Recovered[];
  /** Open, but of another environment, or of another user than the one who may serve only themselves: sign in there. */
  readonly elsewhere: readonly PairingRecord[];
  /** Written by a later version of DeskPair, which alone can recover them. */
  readonly newer: readonly NewerRecord[];
};

/** One pairing's own requests, under its own transaction id. */
export type ClientsFor = (pairingId: string) => Clients;

/**
 * Brings every open pairing to its end that is ours to touch. A pairing that runs in this process is not touched.
 *
 * @param isOurs made in the environment, and for a user, that we are signed in for
 * @param signal stops after the pairing that is being looked at; what is not done stays open
 * @returns `not-now` while another process has the journal, `storage-failed` when it cannot be read
 */
export async function recoverPairings(
  ports: Ports,
  isOurs: (record: PairingRecord) => boolean,
  clientsFor: ClientsFor,
  observe: (progress: RecoveryProgress) => void,
  signal: AbortSignal,
): Promise<Outcome<RecoveryReport>> {
  const opened = await openJournal(ports);
  if (!opened.ok) return opened;
  const journal = opened.value;
  try {
    const { pairings, newer } = journal.contents();
    const open = openPairings(pairings);
    const recovered = await recoverRecords(ports, journal, open.filter(isOurs), clientsFor, observe, signal);
    return ok({ recovered, elsewhere: open.filter((record) => !isOurs(record)), newer });
  } finally {
    await journal.close();
  }
}

/** The same for some records of an open journal. */
export async function recoverRecords(
  ports: Ports,
  journal: Journal,
  records: readonly PairingRecord[],
  clientsFor: ClientsFor,
  observe: (progress: RecoveryProgress) => void,
  signal: AbortSignal,
): Promise<readonly Recovered[]> {
  const recovered: Recovered[] = [];
  for (const { pairingId } of records) {
    if (signal.aborted) break;
    if (!journal.claim(pairingId)) continue;
    // As it is now: another recovery of this process may just have ended it.
    const record = journal.contents().pairings.find((known) => known.pairingId === pairingId);
    const first = record === undefined ? null : resume(record);
    if (record === undefined || first === null) continue;
    const ended = await runToEnd({
      workplace: {
        ports,
        clients: clientsFor(pairingId),
        // Never used: nothing that comes after a recovery asks the agent.
        agent: { port: 0, trust: defaultAgentTrust },
        request: requestOf(record),
        madeBefore: Date.parse(record.beganAt) + longestCreationMs,
      },
      first,
      write: (moment, state) => journal.write({ ...record, state }, moment),
      earlier: [],
      observe: ({ steps }) => observe({ record, steps }),
      // Stopping a recovery is not cancelling the pairing.
      signal: new AbortController().signal,
    });
    recovered.push({ record, outcome: outcomeOf(record, ended.state), state: ended.state, steps: ended.steps });
  }
  return recovered;
}

/**
 * After this long, on the server's clock, a creation has arrived or never will: half a minute for the request, as long to
 * wait where PingOne throttles, and two clocks that differ by what a pairing allows. As short as can be, because a pending
 * device that somebody else made for the same user within this time looks like ours.
 */
const longestCreationMs = 3 * 60_000;

function outcomeOf(record: PairingRecord, state: PairingState): Recovered["outcome"] {
  const standing = standingOf({ ...record, state });
  return standing === "open" ? "left" : standing === "failed" ? "undone" : "paired";
}

/** As far as finishing and undoing needs it. */
const requestOf = (record: PairingRecord): PairingRequest => ({
  pairingId: record.pairingId,
  userId: record.userId,
  policyId: null,
  relyingPartyId: record.relyingPartyId,
  nickname: record.nickname,
  knownDeviceIds: record.knownDeviceIds,
  kind: record.kind === "desktop" ? { name: "desktop" } : { name: "fido2", wanted: "key", policy: null },
});
