import { describe, expect, test } from "vitest";
import type { AppError, ErrorCode, Left } from "../../../src/contract/errors.ts";
import {
  begin,
  type Effect,
  isOver,
  type PairingRequest,
  type PairingState,
  transition,
} from "../../../src/core/pairing/machine.ts";
import {
  active,
  attestation,
  device,
  type EventName,
  events,
  options,
  request,
  type StateName,
  states,
} from "./samples.ts";

/** What is expected of a transition; an error by its code. */
type Expected = {
  readonly to: PairingState["name"];
  readonly run: Effect["run"] | null;
  readonly error?: ErrorCode;
  readonly left?: Left;
  readonly deviceId?: string | null;
  readonly cancelled?: boolean;
};

const removes = (error: ErrorCode, deviceId = "d1"): Expected => ({ to: "removing", run: "remove", error, deviceId });
const fails = (error: ErrorCode, left: Left, deviceId: string | null = null): Expected => ({
  to: "failed",
  run: null,
  error,
  left,
  deviceId,
});
const goes = (to: PairingState["name"], run: Effect["run"] | null, more: Partial<Expected> = {}): Expected => ({
  to,
  run,
  ...more,
});

/** Every pair of state and event that does something. All other pairs must change nothing. */
const table: Record<StateName, Partial<Record<EventName, Expected>>> = {
  creating: {
    created: goes("proving", "prove", { deviceId: "d1", cancelled: false }),
    "created without options": removes("reply-invalid"),
    "created with unsigned options": removes("reply-invalid"),
    "created without relying party": removes("reply-invalid"),
    "create refused": fails("rate-limited", "nothing"),
    "create lost": goes("locating", "locate", { error: "server-unavailable" }),
    cancel: goes("creating", null, { cancelled: true }),
  },
  "creating, cancelled": {
    created: removes("cancelled"),
    "created without options": removes("cancelled"),
    "created with unsigned options": removes("cancelled"),
    "created without relying party": removes("cancelled"),
    "create refused": fails("cancelled", "nothing"),
    "create lost": goes("locating", "locate", { error: "cancelled" }),
  },
  locating: {
    located: removes("server-unavailable"),
    "located none": fails("server-unavailable", "nothing"),
    "locate failed": fails("server-unavailable", "unknown"),
  },
  proving: {
    proved: goes("activating", "activate", { deviceId: "d1", cancelled: false }),
    "prove failed": removes("agent-missing"),
    cancel: goes("proving", "abort-proof", { cancelled: true }),
  },
  "proving, cancelled": {
    proved: removes("cancelled"),
    "prove failed": removes("cancelled"),
  },
  activating: {
    activated: goes("naming", "name", { cancelled: false }),
    "activated, named already": goes("paired", null),
    "activated, but pending": removes("reply-invalid"),
    // The server's word on another device must never make us touch that one.
    "activated, but another": removes("reply-invalid", "d1"),
    "activate refused": removes("rate-limited"),
    "activate lost": goes("confirming", "confirm", { error: "server-unavailable", cancelled: false }),
    cancel: goes("activating", null, { cancelled: true }),
  },
  "activating, cancelled": {
    activated: removes("cancelled"),
    "activated, named already": removes("cancelled"),
    "activated, but pending": removes("cancelled"),
    "activated, but another": removes("cancelled", "d1"),
    "activate refused": removes("cancelled"),
    "activate lost": goes("confirming", "confirm", { error: "server-unavailable", cancelled: true }),
  },
  confirming: {
    "confirmed active": goes("naming", "name", { cancelled: false }),
    "confirmed pending": removes("server-unavailable"),
    "confirmed another": removes("reply-invalid", "d1"),
    // Not shown is not the same as not there.
    "confirmed gone": removes("device-gone"),
    "confirm failed": fails("server-unavailable", "unknown", "d1"),
    cancel: goes("confirming", null, { cancelled: true }),
  },
  "confirming, cancelled": {
    "confirmed active": removes("cancelled"),
    "confirmed pending": removes("cancelled"),
    "confirmed another": removes("cancelled", "d1"),
    "confirmed gone": removes("cancelled"),
    "confirm failed": fails("cancelled", "unknown", "d1"),
  },
  naming: {
    named: goes("paired", null),
    "name failed": goes("paired", null),
    cancel: goes("naming", null, { cancelled: true }),
  },
  "naming, cancelled": {
    named: removes("cancelled"),
    "name failed": removes("cancelled"),
  },
  removing: {
    removed: fails("agent-missing", "nothing"),
    "remove refused": fails("agent-missing", "device", "d1"),
    "remove lost": fails("agent-missing", "unknown", "d1"),
  },
  paired: {},
  failed: {},
};

const all = Object.keys(states).flatMap((state) =>
  Object.keys(events).map((event) => [state, event] as const),
) as readonly (readonly [StateName, EventName])[];

test.each(all)("%s: %s", (stateName, eventName) => {
  const state: PairingState = states[stateName];
  const next = transition(request, state, events[eventName]);
  const expected = table[stateName][eventName];
  if (expected === undefined) {
    expect(next).toEqual({ state, effect: null });
    return;
  }
  expect(next.state.name).toBe(expected.to);
  expect(next.effect?.run ?? null).toBe(expected.run);
  if (expected.error !== undefined) expect(next.state).toMatchObject({ error: { code: expected.error } });
  if (expected.left !== undefined) expect(next.state).toMatchObject({ left: expected.left });
  if (expected.cancelled !== undefined) expect(next.state).toMatchObject({ cancelled: expected.cancelled });
  if (expected.deviceId !== undefined) {
    expect("deviceId" in next.state ? next.state.deviceId : undefined).toBe(expected.deviceId);
    if (next.effect !== null && "deviceId" in next.effect) expect(next.effect.deviceId).toBe(expected.deviceId);
  }
});

test("begins by creating", () => {
  expect(begin()).toEqual({ state: { name: "creating", cancelled: false }, effect: { run: "create" } });
});

test.each(Object.keys(states) as StateName[])("%s: a second cancel changes nothing more", (stateName) => {
  const once = transition(request, states[stateName], { type: "cancel" });
  expect(transition(request, once.state, { type: "cancel" })).toEqual({ state: once.state, effect: null });
});

test("is over in its two ends only", () => {
  const over = (Object.keys(states) as StateName[]).filter((name) => isOver(states[name]));
  expect(over).toEqual(["paired", "failed"]);
});

describe("what the effects carry", () => {
  const start = begin().state;
  test("the agent gets the signed options and the origin of the relying party", () => {
    expect(transition(request, start, events.created).effect).toEqual({
      run: "prove",
      deviceId: "d1",
      challenge: { kind: "desktop", relyingPartyId: "pingone.eu", options, origin: "https://app.pingone.eu" },
    });
  });

  test("PingOne gets the attestation, and the device its name", () => {
    expect(transition(request, states.proving, events.proved).effect).toEqual({
      run: "activate",
      deviceId: "d1",
      proof: { kind: "desktop", attestation },
    });
    expect(transition(request, states.activating, events.activated).effect).toEqual({
      run: "name",
      deviceId: "d1",
      nickname: "DESK-7",
    });
  });

  test("no name wanted: none is set", () => {
    const unnamed: PairingRequest = { ...request, nickname: "" };
    expect(transition(unnamed, states.activating, events.activated)).toMatchObject({
      state: { name: "paired", device: active },
      effect: null,
    });
  });
});

describe("the relying party", () => {
  const wanting = (relyingPartyId: string): PairingRequest => ({ ...request, relyingPartyId });
  const createdFor = (relyingPartyId: string) =>
    ({ type: "created", created: { device: device(), relyingPartyId, options } }) as const;

  test("that was asked for is taken", () => {
    expect(transition(wanting("example.com"), begin().state, createdFor("example.com")).effect).toMatchObject({
      run: "prove",
      challenge: { origin: "https://example.com" },
    });
  });

  test("that was not is refused, and the device removed", () => {
    expect(transition(wanting("example.com"), begin().state, createdFor("pingone.eu"))).toMatchObject({
      state: {
        name: "removing",
        error: { code: "relying-party-mismatch", expected: "example.com", received: "pingone.eu" },
      },
      effect: { run: "remove", deviceId: "d1" },
    });
  });
});

describe("the end", () => {
  test("a device that got its name shows it", () => {
    expect(transition(request, states.naming, events.named).state).toEqual({
      name: "paired",
      device: { ...active, nickname: "DESK-7" },
      warnings: [],
    });
  });

  test("a device that did not is paired all the same", () => {
    expect(transition(request, states.naming, events["name failed"]).state).toEqual({
      name: "paired",
      device: active,
      warnings: [{ code: "nickname-not-set", detail: "DESK-7" }],
    });
  });

  test("a device that is gone says so, with what support needs of the activation", () => {
    const error: AppError = {
      code: "device-gone",
      deviceId: "d1",
      correlationId: "cor-1",
      serverErrorId: "err-1",
    };
    expect(transition(request, states.confirming, events["confirmed gone"]).state).toEqual({
      name: "removing",
      error,
      deviceId: "d1",
    });
  });
});
