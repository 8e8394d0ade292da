import type { Snapshot } from "../../src/contract/views.ts";
import { examined } from "./doctor.ts";
import { managedScreens } from "./management.ts";
import { finished, interrupted, left, waitingElsewhere, waitingHere } from "./recovery.ts";
import {
  adasKey,
  adasLaptop,
  adasPhone,
  after,
  agentTimedOut,
  alan,
  asAda,
  browserRoutes,
  failed,
  findingUser,
  firstRun,
  grace,
  hostileUser,
  inProduction,
  inSimulation,
  inTheBrowser,
  keyFailed,
  keyPaired,
  longName,
  manyProfiles,
  moment,
  operatedBy,
  paired,
  pairing,
  prepared,
  ready,
  rights,
  rightToLeftUser,
  signedOut,
  signedOutOf,
  signingIn,
  simulatedRoutes,
  step,
  userOpen,
  waitingForKey,
  watchingBrowser,
  withACode,
  withManyProfiles,
} from "./snapshots.ts";

/** Every screen and every look of it, by the name of its picture. */
export const everyScreen: Readonly<Record<string, () => Snapshot>> = {
  "first-run": () => firstRun(),
  blocked: managedScreens.blocked,
  "user-managed": managedScreens["user-managed"],
  "profile-unfinished": () => signedOutOf({}, { clientId: "" }),
  "profiles-none-chosen": () => after(signedOut(), { profiles: { current: null, list: manyProfiles, problem: null } }),
  "sign-in": () => signedOut(),
  "sign-in-many": () => withManyProfiles(signedOut({}, "idle")),
  "sign-in-kept": () => signedOutOf({ kept: true, production: true, color: "red" }),
  "sign-in-worker": () => signedOutOf({ mode: "worker" }),
  "sign-in-worker-kept": () => signedOutOf({ mode: "worker", kept: true }, {}, { secretStore: "file" }),
  "sign-in-worker-key": () => signedOutOf({ mode: "worker" }, { clientAuthentication: "private-key-jwt" }),
  "sign-in-nothing-kept": () => signedOut({ secretStore: "memory" }),
  "sign-in-unfinished": () => interrupted(signedOut(), { settled: [], waiting: [waitingHere, waitingElsewhere] }),
  "sign-in-busy": () => signedOut({ busy: "session.signIn" }),
  "signing-in-browser": () => signingIn(inTheBrowser),
  "signing-in-code": () => signingIn(withACode),
  "signing-in-none": () => signingIn({ way: "none" }),
  ready: () => ready(),
  "ready-recovering": () => ready(rights(), { busy: "pairings.recover" }),
  "ready-recovered": () => interrupted(ready()),
  "find-user-recovered": () => interrupted(findingUser(), { waiting: [waitingElsewhere], newer: 2 }),
  "find-user-cleaning-up": () => interrupted(findingUser({ query: "", matches: null }, { busy: "pairings.recover" })),
  "find-user-not-recovered": () =>
    interrupted(findingUser(), {
      settled: [],
      problem: { code: "not-now", doing: "another DeskPair on this computer is pairing" },
    }),
  "user-recovered-self-service": () =>
    interrupted(asAda(userOpen()), {
      settled: [left, { ...finished, userId: left.userId, username: left.username }],
      waiting: [{ ...waitingHere, ofOthers: true }],
    }),
  "ready-partly": () => ready(rights({ "read-policies": { kind: "role", name: "Environment Admin" } })),
  "ready-blocked": () =>
    inProduction(
      ready(
        rights({
          "read-users": { kind: "role", name: "Identity Data Admin" },
          "read-devices": { kind: "role", name: "Identity Data Admin" },
          "read-policies": null,
        }),
      ),
    ),
  "ready-self-service": () => asAda(ready(rights({ "create-devices": { kind: "scope", name: "p1:create:device" } }))),
  "user-production": () => withManyProfiles(inProduction(userOpen())),
  "user-self-service": () => asAda(userOpen()),
  "user-idle": () => operatedBy(userOpen(), { idleAt: moment + 110_000 }),
  "paired-self-service": () => asAda(paired()),
  "failed-self-service": () => asAda(failed()),
  "find-user": () => findingUser(),
  "find-user-examined": () => findingUser(undefined, { doctor: examined() }),
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
  "paired-already": () => paired({ changed: false, steps: [] }),
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
