import { describe, expect, test } from "vitest";
import { defaultSettings } from "../../src/contract/settings.ts";
import type { Device, Policies, User } from "../../src/contract/views.ts";
import type { PairingResult } from "../../src/core/pairing/run.ts";
import { type AppEvent, type AppState, initialState, openUserOf, reduce } from "../../src/core/state.ts";

const user: User = { id: "u1", username: "ada", email: null, name: null, enabled: true, mfaEnabled: true };
const policies: Policies = { state: "not-readable" };
const simulated = { route: "simulated" } as const;
const opened = {
  user,
  devices: [],
  ownDeviceId: null,
  policies,
  routes: { usual: { key: simulated, platform: simulated }, byPolicy: [] },
};
const device: Device = {
  id: "d1",
  type: "PINGID_DESKTOP_GEN2",
  status: "ACTIVE",
  nickname: null,
  relyingPartyId: null,
  system: null,
  application: null,
  createdAt: null,
  locked: false,
  blocked: false,
};
const step = {
  name: "create-device",
  outcome: "running",
  startedAt: 1,
  ms: null,
  deadlineAt: null,
  correlationId: null,
} as const;
const succeeded: PairingResult = {
  ok: true,
  changed: true,
  pairingId: "p1",
  user,
  device,
  authenticator: null,
  steps: [step],
  warnings: [],
};
const after = (...events: readonly AppEvent[]): AppState =>
  events.reduce(reduce, initialState(defaultSettings, "memory"));
const signedIn: AppEvent = {
  type: "signed-in",
  operator: {
    profile: "Test",
    mode: "worker",
    actor: "c1",
    clientId: "c1",
    environmentId: "e1",
    environmentName: null,
    apiHost: "api.pingone.eu",
    color: null,
    production: false,
    kept: false,
    idleAt: null,
  },
  rights: [],
};
const began: AppEvent = { type: "pairing-began", user, kind: "desktop" };
const progressed = (cancelling = false): AppEvent => ({
  type: "pairing-progressed",
  progress: { pairingId: "p1", steps: [step], cancelling },
});

describe("a pairing on the screen", () => {
  test("shows the latest steps", () => {
    expect(after(signedIn, began, progressed()).phase).toMatchObject({
      name: "pairing",
      kind: "desktop",
      user,
      pairingId: "p1",
      steps: [step],
      cancelling: false,
    });
  });

  test("stays cancelling, whatever a late report says", () => {
    const state = after(signedIn, began, { type: "pairing-cancelled" }, progressed(false));
    expect(state.phase).toMatchObject({ name: "pairing", cancelling: true });
  });

  test("does not come back once it is over", () => {
    const over = after(signedIn, began, { type: "pairing-ended", result: succeeded, opened, kind: "desktop" });
    expect(over.phase.name).toBe("paired");
    expect(reduce(over, progressed())).toEqual(over);
    expect(reduce(over, { type: "pairing-cancelled" })).toEqual(over);
  });

  test("that failed shows the user as before", () => {
    const result: PairingResult = {
      ok: false,
      pairingId: "p1",
      user,
      error: { code: "cancelled" },
      left: "nothing",
      deviceId: null,
      steps: [],
      warnings: [],
    };
    const { phase } = after(signedIn, began, { type: "pairing-ended", result, opened, kind: "desktop" });
    expect(phase).toMatchObject({ name: "failed", ...opened, left: "nothing" });
    expect(openUserOf(phase)).toMatchObject(opened);
  });
});

test("only screens with a user, its devices and policies have an open user", () => {
  expect(openUserOf({ name: "signed-out", reason: null })).toBeNull();
  expect(openUserOf({ name: "finding-user", query: "", matches: null })).toBeNull();
  expect(openUserOf(after(signedIn, began).phase)).toBeNull();
  expect(openUserOf(after(signedIn, { type: "user-opened", opened }).phase)).toMatchObject(opened);
});

const profiles = { current: "Test", list: [], problem: null };

test("signing in shows what it is good for, signing out ends everything but profiles and settings", () => {
  const dark: AppEvent = { type: "profiles-changed", profiles, settings: { ...defaultSettings, theme: "dark" } };
  const state = after(dark, signedIn, { type: "user-opened", opened }, signedIn);
  expect(state.phase).toEqual({ name: "ready", rights: [] });
  expect(reduce(state, { type: "signed-out", reason: "idle" })).toEqual({
    operator: null,
    doctor: null,
    busy: null,
    settings: { ...defaultSettings, theme: "dark" },
    profiles,
    secretStore: "memory",
    recovery: null,
    phase: { name: "signed-out", reason: "idle" },
  });
});

test("a touch moves the end of a session, and starts none", () => {
  expect(after(signedIn, { type: "touched", idleAt: 5 }).operator?.idleAt).toBe(5);
  expect(after({ type: "touched", idleAt: 5 }).operator).toBeNull();
});

test("a state is never changed in place", () => {
  const before = after(signedIn, began, progressed());
  const copy = structuredClone(before);
  for (const event of [
    progressed(true),
    { type: "busy", request: "x" },
    { type: "signed-out", reason: null },
  ] as const) {
    expect(reduce(before, event)).not.toBe(before);
  }
  expect(before).toEqual(copy);
});
