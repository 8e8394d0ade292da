import type { AppError } from "../../../src/contract/errors.ts";
import type { Device } from "../../../src/contract/views.ts";
import type { PairingEvent, PairingRequest, PairingState } from "../../../src/core/pairing/machine.ts";
import { desktopDeviceType } from "../../../src/core/pingone/devices.ts";
import { jwt } from "../agent/jwt.ts";

/** What the tests of the machine and of its table have in common: one pairing, in every state and with every event. */

export const request: PairingRequest = {
  pairingId: "p1",
  userId: "u1",
  policyId: null,
  relyingPartyId: null,
  nickname: "DESK-7",
  knownDeviceIds: ["old"],
  kind: { name: "desktop" },
};

export const device = (more: Partial<Device> = {}): Device => ({
  id: "d1",
  type: desktopDeviceType,
  status: "ACTIVATION_REQUIRED",
  nickname: null,
  relyingPartyId: "pingone.eu",
  system: null,
  application: null,
  createdAt: null,
  locked: false,
  blocked: false,
  ...more,
});
export const active = device({ status: "ACTIVE" });

/** Planted, and searched for in every state. */
export const options = jwt({ secret: "the-signed-options" });
export const attestation = jwt({ secret: "the-attestation" });
export const secrets: readonly string[] = [options, attestation];

const why = (code: "rate-limited" | "agent-missing"): AppError =>
  code === "rate-limited" ? { code } : { code, port: 9410 };
export const serverError: AppError = {
  code: "server-unavailable",
  status: 503,
  correlationId: "cor-1",
  serverErrorId: "err-1",
};
export const agentError = why("agent-missing");

/** One event of every kind, and the variants that make a difference. */
export const events = {
  created: {
    type: "created",
    created: { device: device(), relyingPartyId: "pingone.eu", options },
  },
  "created without options": {
    type: "created",
    created: { device: device(), relyingPartyId: "pingone.eu", options: null },
  },
  "created with unsigned options": {
    type: "created",
    created: { device: device(), relyingPartyId: "pingone.eu", options: jwt({}, { alg: "none" }) },
  },
  "created without relying party": {
    type: "created",
    created: { device: device(), relyingPartyId: null, options },
  },
  "create refused": { type: "create-failed", error: why("rate-limited"), certainty: "not-done" },
  "create lost": { type: "create-failed", error: serverError, certainty: "unknown" },
  located: { type: "located", deviceId: "d1" },
  "located none": { type: "located", deviceId: null },
  "locate failed": { type: "locate-failed" },
  proved: { type: "proved", proof: { kind: "desktop", attestation } },
  "prove failed": { type: "prove-failed", error: agentError },
  activated: { type: "activated", device: active },
  "activated, named already": { type: "activated", device: { ...active, nickname: "DESK-7" } },
  "activated, but pending": { type: "activated", device: device() },
  "activated, but another": { type: "activated", device: { ...active, id: "d2" } },
  "activate refused": { type: "activate-failed", error: why("rate-limited"), certainty: "not-done" },
  "activate lost": { type: "activate-failed", error: serverError, certainty: "unknown" },
  "confirmed active": { type: "confirmed", found: active },
  "confirmed pending": { type: "confirmed", found: device() },
  "confirmed another": { type: "confirmed", found: { ...active, id: "d2" } },
  "confirmed gone": { type: "confirmed", found: "gone" },
  "confirm failed": { type: "confirm-failed" },
  named: { type: "named" },
  "name failed": { type: "name-failed" },
  removed: { type: "removed" },
  "remove refused": { type: "remove-failed", certainty: "not-done" },
  "remove lost": { type: "remove-failed", certainty: "unknown" },
  cancel: { type: "cancel" },
} as const satisfies Record<string, PairingEvent>;
export type EventName = keyof typeof events;

/** Every state, with and without a cancel on the way. */
export const states = {
  creating: { name: "creating", cancelled: false },
  "creating, cancelled": { name: "creating", cancelled: true },
  locating: { name: "locating", error: serverError },
  proving: { name: "proving", deviceId: "d1", cancelled: false },
  "proving, cancelled": { name: "proving", deviceId: "d1", cancelled: true },
  activating: { name: "activating", deviceId: "d1", cancelled: false },
  "activating, cancelled": { name: "activating", deviceId: "d1", cancelled: true },
  confirming: { name: "confirming", deviceId: "d1", error: serverError, cancelled: false },
  "confirming, cancelled": { name: "confirming", deviceId: "d1", error: serverError, cancelled: true },
  naming: { name: "naming", device: active, cancelled: false },
  "naming, cancelled": { name: "naming", device: active, cancelled: true },
  removing: { name: "removing", deviceId: "d1", error: agentError },
  paired: { name: "paired", device: active, warnings: [] },
  failed: { name: "failed", error: agentError, left: "nothing", deviceId: null },
} as const satisfies Record<string, PairingState>;
export type StateName = keyof typeof states;
