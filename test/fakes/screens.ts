import type { Snapshot } from "../../src/contract/views.ts";
import {
  adasKey,
  adasLaptop,
  adasPhone,
  agentTimedOut,
  alan,
  browserRoutes,
  failed,
  findingUser,
  grace,
  hostileUser,
  inSimulation,
  keyFailed,
  keyPaired,
  longName,
  moment,
  paired,
  pairing,
  prepared,
  rightToLeftUser,
  signedOut,
  simulatedRoutes,
  step,
  userOpen,
  waitingForKey,
  watchingBrowser,
} from "./snapshots.ts";

/** Every screen and every look of it, by the name of its picture. */
export const everyScreen: Readonly<Record<string, () => Snapshot>> = {
  "sign-in": () => signedOut(),
  "sign-in-remembered": () => signedOut({ settings: findingUser().settings }),
  "sign-in-busy": () => signedOut({ busy: "session.signIn", settings: findingUser().settings }),
  "find-user": () => findingUser(),
  "find-user-simulation": () => inSimulation(findingUser()),
  "find-user-several": () => findingUser({ query: "reception@example.com", matches: [grace, alan] }),
  "find-user-nobody": () => findingUser({ query: "adda", matches: [] }),
  user: () => userOpen(),
  "user-simulation": () =>
    inSimulation(userOpen({ devices: [adasLaptop, adasKey, adasPhone], routes: simulatedRoutes }), "pairing-disabled"),
  "user-no-devices": () => userOpen({ devices: [], policies: { state: "not-readable" } }),
  "user-mfa-off": () => userOpen({ user: { ...grace, mfaEnabled: false } }),
  "user-mfa-unknown": () => userOpen({ user: { ...grace, mfaEnabled: null, email: null, name: null } }),
  "user-disabled": () => userOpen({ user: { ...alan, mfaEnabled: true }, devices: [adasPhone] }),
  "user-no-way-for-keys": () => userOpen({ routes: browserRoutes }),
  "user-enrolment-page": () => {
    const made = userOpen({ routes: browserRoutes });
    return { ...made, settings: { ...made.settings, enrolmentPageUrl: "https://keys.example.com/enrol" } };
  },
  "user-hostile": () =>
    userOpen({
      user: hostileUser,
      routes: browserRoutes,
      devices: [{ ...adasLaptop, nickname: longName.slice(0, 100) }, adasKey],
    }),
  "user-right-to-left": () => userOpen({ user: rightToLeftUser, devices: [{ ...adasKey, nickname: "מפתח כחול" }] }),
  "pairing-starting": () =>
    pairing({
      steps: [prepared[0] ?? step("check-prerequisites"), step("create-device", { outcome: "running", ms: null })],
    }),
  pairing: () => pairing(),
  "pairing-simulation": () => inSimulation(pairing()),
  "pairing-cancelling": () =>
    pairing({
      cancelling: true,
      steps: [
        ...prepared,
        step("register-with-agent", { outcome: "failed", ms: 3_800 }),
        step("remove-device", { outcome: "running", startedAt: moment - 400, ms: null }),
      ],
    }),
  "pairing-key": () => pairing({ kind: "fido2", steps: waitingForKey }),
  "watching-browser": () => watchingBrowser(),
  paired: () => paired(),
  "paired-key": () => keyPaired(),
  "paired-warnings": () =>
    paired({
      warnings: [
        { code: "mfa-disabled", detail: null },
        { code: "nickname-not-set", detail: "PingOne could not answer (HTTP 503)." },
      ],
    }),
  failed: () => failed(),
  "failed-agent": () =>
    failed(agentTimedOut, {
      left: "device",
      deviceId: adasLaptop.id,
      steps: [
        ...prepared,
        step("register-with-agent", { outcome: "failed", ms: 120_000, correlationId: null }),
        step("remove-device", { outcome: "failed", ms: 2_100 }),
      ],
    }),
  "failed-key": () => keyFailed(),
  "failed-cancelled": () =>
    failed(
      { code: "cancelled" },
      { steps: [...prepared, step("register-with-agent", { outcome: "failed", ms: 3_800 }), step("remove-device")] },
    ),
};
