import type { AppError } from "../../contract/errors.ts";
import type { Device } from "../../contract/views.ts";
import type { AgentPlace } from "../agent/client.ts";
import type { Answer, PingOne } from "../pingone/client.ts";
import { activateDevice, createDevice, listDevices, nameDevice, readDevice, removeDevice } from "../pingone/devices.ts";
import type { Ports } from "../ports.ts";
import type { Effect, PairingEvent, PairingRequest } from "./machine.ts";
import { newDevice, prove, toActivation } from "./proof.ts";

/** Runs one effect of the machine and says what happened, as an event. */

export type Work = Exclude<Effect, { run: "abort-proof" }>;
export type Done = { readonly event: PairingEvent; readonly failed: boolean; readonly correlationId: string | null };

/** PingOne, twice: a cancel ends the patience of what goes forward, and never that of what undoes. */
export type Clients = { readonly forward: PingOne; readonly undo: PingOne };

export type Workplace = {
  readonly ports: Ports;
  readonly clients: Clients;
  readonly agent: AgentPlace;
  readonly request: PairingRequest;
  /** A pending device that PingOne made later than this is not ours; `null`: we have only just asked for ours. */
  readonly madeBefore: number | null;
  /** Ends a proof that waits for a person. */
  readonly proofSignal: AbortSignal;
};

/** What has just been written may not be readable yet ("Best practices", eventual consistency): read up to three times. */
const patientReads = 3;
const pauseMs = 1_500;

export async function perform(workplace: Workplace, work: Work): Promise<Done> {
  const { ports, clients, agent, request, madeBefore, proofSignal } = workplace;
  const { forward, undo } = clients;
  const { userId } = request;
  switch (work.run) {
    case "create": {
      const answer = await createDevice(forward, userId, newDevice(request));
      return answered(
        answer,
        (created) => ({ type: "created", created }),
        (error, certainty) => ({ type: "create-failed", error, certainty }),
      );
    }
    case "locate":
      return locate(ports, undo, request, madeBefore);
    case "prove": {
      const proof = await prove(ports, agent, request.kind, work.challenge, proofSignal);
      return {
        event: proof.ok ? { type: "proved", proof: proof.value } : { type: "prove-failed", error: proof.error },
        failed: !proof.ok,
        correlationId: null,
      };
    }
    case "activate": {
      const answer = await activateDevice(forward, userId, work.deviceId, toActivation(work.proof));
      return answered(
        answer,
        (device) => ({ type: "activated", device }),
        (error, certainty, status) => ({
          type: "activate-failed",
          error,
          // "Not found" right after the create may only mean "not visible yet": read before believing it.
          certainty: status === 404 ? "unknown" : certainty,
        }),
      );
    }
    case "confirm":
      return confirm(ports, undo, userId, work.deviceId);
    case "name": {
      const answer = await nameDevice(forward, userId, work.deviceId, work.nickname);
      return answered(
        answer,
        () => ({ type: "named" }),
        () => ({ type: "name-failed" }),
      );
    }
    case "remove":
      return remove(undo, userId, work.deviceId);
    default:
      return work satisfies never;
  }
}

/** Looks for our own pending device when the answer to its creation was lost. */
async function locate(
  ports: Ports,
  pingOne: PingOne,
  request: PairingRequest,
  madeBefore: number | null,
): Promise<Done> {
  for (let read = 1; ; read += 1) {
    const answer = await listDevices(pingOne, request.userId);
    const { correlationId } = answer;
    if (!answer.ok) return { event: { type: "locate-failed" }, failed: true, correlationId };
    const event = ownDevice(answer.value, request, madeBefore);
    const nobody = event.type === "located" && event.deviceId === null;
    if (!nobody || read === patientReads) return { event, failed: false, correlationId };
    await ports.clock.wait(pauseMs);
  }
}

/** The one that was not there before. Where several could be ours, none is touched: the others belong to somebody. */
function ownDevice(devices: readonly Device[], request: PairingRequest, madeBefore: number | null): PairingEvent {
  const { relyingPartyId: wanted } = request;
  const candidates = devices.filter((d) => {
    const isNew = d.status === "ACTIVATION_REQUIRED" && !request.knownDeviceIds.includes(d.id);
    const isOther = wanted !== null && d.relyingPartyId !== null && d.relyingPartyId !== wanted;
    // A device that does not tell its time may be ours.
    const isLate = madeBefore !== null && Date.parse(d.createdAt ?? "") > madeBefore;
    return d.type === newDevice(request).type && isNew && !isOther && !isLate;
  });
  if (candidates.length > 1) return { type: "locate-failed" };
  return { type: "located", deviceId: candidates[0]?.id ?? null };
}

/**
 * Removes the device; where the answer leaves it open whether it is gone, reads it. "Not found" leaves it open too: right
 * after the creation it may only mean "not visible yet". A device that can be read after that is removed once more.
 */
async function remove(pingOne: PingOne, userId: string, deviceId: string): Promise<Done> {
  for (let attempt = 1; ; attempt += 1) {
    const removal = await removeDevice(pingOne, userId, deviceId);
    const { correlationId } = removal;
    const removed: Done = { event: { type: "removed" }, failed: false, correlationId };
    const failed = (certainty: "not-done" | "unknown"): Done => ({
      event: { type: "remove-failed", certainty },
      failed: true,
      correlationId,
    });
    if (removal.ok && removal.value) return removed;
    if (!removal.ok && removal.certainty === "not-done") return failed("not-done");
    const read = await readDevice(pingOne, userId, deviceId);
    if (!read.ok) return read.status === 404 ? removed : failed("unknown");
    if (!removal.ok || attempt === 2) return failed("not-done");
  }
}

async function confirm(ports: Ports, pingOne: PingOne, userId: string, deviceId: string): Promise<Done> {
  for (let read = 1; ; read += 1) {
    const answer = await readDevice(pingOne, userId, deviceId);
    const { correlationId } = answer;
    if (answer.ok) return { event: { type: "confirmed", found: answer.value }, failed: false, correlationId };
    if (answer.status !== 404) return { event: { type: "confirm-failed" }, failed: true, correlationId };
    if (read === patientReads) return { event: { type: "confirmed", found: "gone" }, failed: false, correlationId };
    await ports.clock.wait(pauseMs);
  }
}

function answered<T>(
  answer: Answer<T>,
  onSuccess: (value: T) => PairingEvent,
  onFailure: (error: AppError, certainty: "not-done" | "unknown", status: number | null) => PairingEvent,
): Done {
  const event = answer.ok ? onSuccess(answer.value) : onFailure(answer.error, answer.certainty, answer.status);
  return { event, failed: !answer.ok, correlationId: answer.correlationId };
}
