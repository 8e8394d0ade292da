import type { AppError, Left } from "../../contract/errors.ts";
import type { Device, Warning } from "../../contract/views.ts";
import type { CreatedDevice } from "../pingone/devices.ts";
import { traceIn } from "../pingone/errors.ts";
import { type Challenge, challengeFor, type PairingKind, type Proof } from "./kinds.ts";

/**
 * One pairing as a pure machine: a state and an event give the next state and at most one effect to run. It promises
 * that a pairing ends with an ACTIVE device, or with nothing left, or by saying what is left.
 *
 *   creating ──▶ proving ──▶ activating ──▶ naming ──▶ paired
 *      │            │         │      ▲         │
 *      ▼            │         ▼      │         │ cancelled
 *   locating ───────┼──▶ removing ◀─ confirming
 *                   │      │
 *                   └──────┴──▶ failed { left }
 *
 * States hold no secret: the challenge and the proof travel inside events and effects only. So every state may be
 * written to the journal as it is. What differs between the two pairings is in `kinds.ts`.
 */

export type PairingRequest = {
  readonly pairingId: string;
  readonly userId: string;
  readonly policyId: string | null;
  /** `null`: the MFA policy decides. */
  readonly relyingPartyId: string | null;
  readonly nickname: string;
  /** The user's devices before the pairing, so that our own can be told from them when a create's answer is lost. */
  readonly knownDeviceIds: readonly string[];
  /** Which of the two pairings, with what only that one needs. */
  readonly kind: PairingKind;
};

export type PairingState =
  | { readonly name: "creating"; readonly cancelled: boolean }
  | { readonly name: "locating"; readonly error: AppError }
  | { readonly name: "proving"; readonly deviceId: string; readonly cancelled: boolean }
  | { readonly name: "activating"; readonly deviceId: string; readonly cancelled: boolean }
  | { readonly name: "confirming"; readonly deviceId: string; readonly error: AppError; readonly cancelled: boolean }
  | { readonly name: "naming"; readonly device: Device; readonly cancelled: boolean }
  | { readonly name: "removing"; readonly deviceId: string; readonly error: AppError }
  | { readonly name: "paired"; readonly device: Device; readonly warnings: readonly Warning[] }
  | { readonly name: "failed"; readonly error: AppError; readonly left: Left; readonly deviceId: string | null };

/** `not-done`: PingOne has not acted. `unknown`: only reading can tell. */
type Certainty = "not-done" | "unknown";

export type PairingEvent =
  | { readonly type: "created"; readonly created: CreatedDevice }
  | { readonly type: "create-failed"; readonly error: AppError; readonly certainty: Certainty }
  /** `null`: the user has no pending device that could be ours. */
  | { readonly type: "located"; readonly deviceId: string | null }
  /** The list could not be read, or more than one device could be ours: then none is touched. */
  | { readonly type: "locate-failed" }
  | { readonly type: "proved"; readonly proof: Proof }
  | { readonly type: "prove-failed"; readonly error: AppError }
  | { readonly type: "activated"; readonly device: Device }
  | { readonly type: "activate-failed"; readonly error: AppError; readonly certainty: Certainty }
  | { readonly type: "confirmed"; readonly found: Device | "gone" }
  | { readonly type: "confirm-failed" }
  | { readonly type: "named" }
  | { readonly type: "name-failed" }
  | { readonly type: "removed" }
  | { readonly type: "remove-failed"; readonly certainty: Certainty }
  | { readonly type: "cancel" };

export type Effect =
  | { readonly run: "create" }
  | { readonly run: "locate" }
  | { readonly run: "prove"; readonly deviceId: string; readonly challenge: Challenge }
  | { readonly run: "activate"; readonly deviceId: string; readonly proof: Proof }
  | { readonly run: "confirm"; readonly deviceId: string }
  | { readonly run: "name"; readonly deviceId: string; readonly nickname: string }
  | { readonly run: "remove"; readonly deviceId: string }
  /** Ends the running `prove` early. Its `prove-failed` still arrives. */
  | { readonly run: "abort-proof" };

export type Transition = { readonly state: PairingState; readonly effect: Effect | null };

export const cancelled: AppError = { code: "cancelled" };

export const begin = (): Transition => ({ state: { name: "creating", cancelled: false }, effect: { run: "create" } });

export const isOver = (state: PairingState): state is Extract<PairingState, { name: "paired" | "failed" }> =>
  state.name === "paired" || state.name === "failed";

/** Removes the device, because of `error`. */
const rollBack = (deviceId: string, error: AppError): Transition => ({
  state: { name: "removing", deviceId, error },
  effect: { run: "remove", deviceId },
});

const fails = (error: AppError, left: Left, deviceId: string | null = null): Transition => ({
  state: { name: "failed", error, left, deviceId },
  effect: null,
});

/**
 * The next state and what to do. An event that does not belong to the state (a late answer, a second cancel) changes
 * nothing.
 *
 * Cancelling never aborts a request to PingOne, whose outcome would then be unknown; it waits for the answer and undoes
 * what was done. It does abort the agent or the key ceremony, which wait for a person.
 */
export function transition(request: PairingRequest, state: PairingState, event: PairingEvent): Transition {
  const stay: Transition = { state, effect: null };
  if (event.type === "cancel") return cancel(state);
  switch (state.name) {
    case "creating":
      if (event.type === "created") return afterCreate(request, event.created, state.cancelled);
      if (event.type === "create-failed") {
        if (event.certainty === "not-done") return fails(state.cancelled ? cancelled : event.error, "nothing");
        return {
          state: { name: "locating", error: state.cancelled ? cancelled : event.error },
          effect: { run: "locate" },
        };
      }
      return stay;
    case "locating":
      if (event.type === "located") {
        return event.deviceId === null ? fails(state.error, "nothing") : rollBack(event.deviceId, state.error);
      }
      return event.type === "locate-failed" ? fails(state.error, "unknown") : stay;
    case "proving": {
      const { deviceId } = state;
      if (event.type === "prove-failed") return rollBack(deviceId, state.cancelled ? cancelled : event.error);
      if (event.type !== "proved") return stay;
      if (state.cancelled) return rollBack(deviceId, cancelled);
      return {
        state: { name: "activating", deviceId, cancelled: false },
        effect: { run: "activate", deviceId, proof: event.proof },
      };
    }
    case "activating": {
      const { deviceId } = state;
      if (event.type === "activated") return afterActivation(request, deviceId, event.device, state.cancelled);
      if (event.type !== "activate-failed") return stay;
      if (event.certainty === "not-done") return rollBack(deviceId, state.cancelled ? cancelled : event.error);
      return {
        state: { name: "confirming", deviceId, error: event.error, cancelled: state.cancelled },
        effect: { run: "confirm", deviceId },
      };
    }
    case "confirming": {
      const error = state.cancelled ? cancelled : state.error;
      if (event.type === "confirm-failed") return fails(error, "unknown", state.deviceId);
      if (event.type !== "confirmed") return stay;
      const { deviceId } = state;
      if (event.found === "gone") {
        // Removed all the same: a server that does not show a device may have it, and it may even be ACTIVE.
        const gone: AppError = { code: "device-gone", deviceId, ...traceIn(state.error) };
        return rollBack(deviceId, state.cancelled ? cancelled : gone);
      }
      if (event.found.status !== "ACTIVE") return rollBack(deviceId, error);
      return afterActivation(request, deviceId, event.found, state.cancelled);
    }
    case "naming": {
      if (event.type !== "named" && event.type !== "name-failed") return stay;
      if (state.cancelled) return rollBack(state.device.id, cancelled);
      return event.type === "named"
        ? paired({ ...state.device, nickname: request.nickname }, [])
        : paired(state.device, [{ code: "nickname-not-set", detail: request.nickname }]);
    }
    case "removing":
      if (event.type === "removed") return fails(state.error, "nothing");
      if (event.type !== "remove-failed") return stay;
      return fails(state.error, event.certainty === "not-done" ? "device" : "unknown", state.deviceId);
    case "paired":
    case "failed":
      return stay;
    default:
      return state satisfies never;
  }
}

function cancel(state: PairingState): Transition {
  switch (state.name) {
    case "proving":
      return { state: { ...state, cancelled: true }, effect: state.cancelled ? null : { run: "abort-proof" } };
    case "creating":
    case "activating":
    case "confirming":
    case "naming":
      return { state: { ...state, cancelled: true }, effect: null };
    // Nothing to cancel: it is being undone already, or it is over.
    case "locating":
    case "removing":
    case "paired":
    case "failed":
      return { state, effect: null };
    default:
      return state satisfies never;
  }
}

function afterCreate(request: PairingRequest, created: CreatedDevice, wasCancelled: boolean): Transition {
  const deviceId = created.device.id;
  if (wasCancelled) return rollBack(deviceId, cancelled);
  const challenge = challengeFor(request.kind, request.relyingPartyId, created);
  if (!challenge.ok) return rollBack(deviceId, challenge.error);
  return {
    state: { name: "proving", deviceId, cancelled: false },
    effect: { run: "prove", deviceId, challenge: challenge.value },
  };
}

/** @param deviceId the device that we made; `device` is the server's word, which may be about another one */
function afterActivation(request: PairingRequest, deviceId: string, device: Device, wasCancelled: boolean): Transition {
  if (wasCancelled) return rollBack(deviceId, cancelled);
  if (device.id !== deviceId) {
    const problem = "it is about another device";
    return rollBack(deviceId, { code: "reply-invalid", action: "activate the device", problem });
  }
  // A 2xx that leaves the device inactive is no activation.
  if (device.status !== "ACTIVE") {
    const problem = `the device is ${device.status} after its activation`;
    return rollBack(deviceId, { code: "reply-invalid", action: "activate the device", problem });
  }
  if (request.nickname === "" || request.nickname === device.nickname) return paired(device, []);
  return {
    state: { name: "naming", device, cancelled: false },
    effect: { run: "name", deviceId, nickname: request.nickname },
  };
}

const paired = (device: Device, warnings: readonly Warning[]): Transition => ({
  state: { name: "paired", device, warnings },
  effect: null,
});
