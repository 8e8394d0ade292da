import type { Outcome } from "../../contract/errors.ts";
import type { Ports } from "../ports.ts";
import type { PairingRequest, PairingState } from "./machine.ts";

/**
 * The record of every pairing, one JSON object per line, on the disk before a step is tried and after it is done. From
 * the last line of a pairing the next start can tell whether a device may be left. Nothing secret is in it: a state
 * holds no secret (see `machine.ts`).
 */

export const journalFile = "pairings.jsonl";

export type JournalRecord = {
  readonly version: 1;
  readonly at: string;
  readonly pairingId: string;
  readonly apiBase: string;
  readonly environmentId: string;
  readonly userId: string;
  readonly kind: PairingRequest["kind"]["name"];
  /** `before`: the effect of this state is about to run. `after`: the state was reached and needs no effect. */
  readonly moment: "before" | "after";
  readonly state: PairingState;
  /** Only in the first record: what is needed to recognise a device whose creation was never confirmed. */
  readonly knownDeviceIds?: readonly string[];
};

export type Journal = {
  readonly write: (moment: JournalRecord["moment"], state: PairingState) => Promise<Outcome<null>>;
};

export function openJournal(
  ports: Pick<Ports, "files" | "clock">,
  place: { readonly apiBase: string; readonly environmentId: string },
  request: PairingRequest,
): Journal {
  let first = true;
  return {
    write: (moment, state) => {
      const record: JournalRecord = {
        version: 1,
        at: new Date(ports.clock.now()).toISOString(),
        pairingId: request.pairingId,
        apiBase: place.apiBase,
        environmentId: place.environmentId,
        userId: request.userId,
        kind: request.kind.name,
        moment,
        state,
        ...(first ? { knownDeviceIds: request.knownDeviceIds } : {}),
      };
      first = false;
      return ports.files.append(journalFile, `${JSON.stringify(record)}\n`);
    },
  };
}
