import type { EventName, RequestName } from "../../src/contract/channels.ts";
import type { EventPayload, Input, Output } from "../../src/contract/ipc.ts";
import { defaultProfileSettings, defaultSettings } from "../../src/contract/settings.ts";
import type { Snapshot } from "../../src/contract/views.ts";
import { examined } from "../fakes/doctor.ts";
import { inForce } from "../fakes/management.ts";

/** One good message of every channel, and messages that must be refused. */

const user = {
  id: "5a1b",
  username: "ada",
  email: "ada@example.com",
  name: "Ada Lovelace",
  enabled: true,
  mfaEnabled: null,
};
const device = {
  id: "d1",
  type: "PINGID_DESKTOP_GEN2",
  status: "ACTIVE",
  nickname: "DESK-7",
  relyingPartyId: "pingone.eu",
  system: "WINDOWS 11",
  application: null,
  createdAt: "2026-11-22T10:00:00.000Z",
  locked: false,
  blocked: false,
};

const snapshotSample: Snapshot = {
  revision: 7,
  version: "1.2.3",
  hostName: "DESK-7",
  simulator: {
    active: null,
    faults: [{ name: "agent-silent", description: "The agent does not answer." }],
    users: [{ username: "ada", note: "can be paired" }],
  },
  profiles: {
    current: "Test",
    list: [
      {
        name: "Test",
        mode: "technician",
        environmentId: "e1",
        host: "api.pingone.eu",
        color: "teal",
        production: false,
        kept: false,
        managed: true,
      },
    ],
    problem: { profile: "Old", problem: "region: it must be one of NA, EU" },
  },
  secretStore: "system",
  management: {
    managed: true,
    locked: ["region", "idleMinutes"],
    profiles: "own",
    profileFixed: false,
    signInModes: ["technician"],
    nickname: "DESK-7 (ada)",
    refused: { setting: "ApiUrl", place: "/etc/deskpair/policies.json", problem: "It must be a host." },
    waiting: ["Region"],
    firstRunSkipped: false,
    help: { text: "Call 555 0100.", link: "help.example.com" },
  },
  operator: {
    profile: "Test",
    mode: "technician",
    actor: "Grace Hopper",
    clientId: "c1",
    environmentId: "e1",
    environmentName: "Test",
    apiHost: "api.pingone.eu",
    color: "teal",
    production: false,
    kept: true,
    idleAt: 1,
  },
  busy: null,
  doctor: examined(),
  settings: defaultSettings,
  recovery: {
    settled: [
      {
        pairingId: "a0",
        kind: "fido2",
        userId: "5a1b",
        username: "ada",
        beganAt: null,
        outcome: "left",
        left: "unknown",
        deviceId: "d0",
        error: { code: "interrupted" },
      },
    ],
    waiting: [{ count: 1, profile: null, environmentId: "e2", host: "api.pingone.com", ofOthers: false }],
    newer: 1,
    problem: { code: "not-now", doing: "another DeskPair on this computer is pairing" },
  },
  phase: {
    name: "failed",
    kind: "desktop",
    routes: {
      usual: { key: { route: "window", notes: ["touch-only"] }, platform: { route: "simulated" } },
      byPolicy: [
        {
          policyId: "p1",
          routes: { key: { route: "tools" }, platform: { route: "browser", reason: "no-built-in-authenticator" } },
        },
      ],
    },
    user,
    devices: [device],
    ownDeviceId: "d1",
    policies: {
      state: "readable",
      policies: [
        {
          id: "p1",
          name: "Default",
          isDefault: true,
          desktopPairing: "allowed",
          fido2Pairing: "unknown",
          fidoPolicyId: null,
        },
      ],
    },
    pairingId: "a1",
    error: { code: "agent-missing", port: 9410 },
    left: "nothing",
    deviceId: null,
    steps: [{ name: "create-device", outcome: "done", startedAt: 1, ms: 12, deadlineAt: null, correlationId: "c" }],
  },
};

const signIn = { way: "secret", clientSecret: "planted-secret", keep: false } as const;
const profile = { name: "Test", formerName: null, settings: defaultProfileSettings } as const;
const pairing = { kind: "desktop", policyId: null, nickname: "DESK-7", despiteExisting: false } as const;

type Sample<N extends RequestName> = {
  readonly input: Input<N>;
  readonly output: Output<N>;
  /** Each of them close to a good one: what a confused or a hostile page might send. */
  readonly bad: readonly unknown[];
};

const nothingElse = [undefined, {}, [], "", 0, false];

export const requestSamples: { readonly [N in RequestName]: Sample<N> } = {
  "app.snapshot": { input: null, output: snapshotSample, bad: nothingElse },
  "profile.save": {
    input: profile,
    output: null,
    bad: [
      null,
      { ...profile, name: "" },
      { ...profile, name: "x".repeat(101) },
      { ...profile, settings: { ...profile.settings, region: "MARS" } },
      { ...profile, settings: { ...profile.settings, redirectPort: 0 } },
      { ...profile, settings: { ...profile.settings, clientSecret: "planted-secret" } },
      { ...profile, settings: { ...profile.settings, agentTrust: "off" } },
      { ...profile, settings: { mode: "worker" } },
    ],
  },
  "profile.choose": { input: { name: "Test" }, output: null, bad: [null, { name: "" }, { name: 1 }, "Test"] },
  "profile.remove": { input: { name: "Test" }, output: null, bad: [null, { name: "" }, { name: null }, "Test"] },
  "session.signIn": {
    input: signIn,
    output: null,
    bad: [
      null,
      { ...signIn, way: "telepathy" },
      { ...signIn, clientSecret: "" },
      { ...signIn, clientSecret: "x".repeat(1_001) },
      { way: "secret", clientSecret: "planted-secret" },
      { way: "browser" },
      { way: "browser", keep: true, address: "https://example.com" },
      { way: "kept", keep: true },
    ],
  },
  "session.cancelSignIn": { input: null, output: null, bad: nothingElse },
  "session.openSignInPage": { input: null, output: null, bad: [...nothingElse, "https://example.com"] },
  "session.begin": { input: null, output: null, bad: nothingElse },
  "session.touch": { input: null, output: null, bad: nothingElse },
  "session.signOut": { input: null, output: null, bad: nothingElse },
  "user.find": { input: { query: "ada" }, output: null, bad: [null, { query: "" }, { query: "x".repeat(201) }, {}] },
  "user.open": { input: { userId: "u1" }, output: null, bad: [null, { userId: "" }, { userId: 1 }, "u1"] },
  "user.close": { input: null, output: null, bad: nothingElse },
  "user.refresh": { input: null, output: null, bad: nothingElse },
  "user.enableMfa": { input: null, output: null, bad: nothingElse },
  "device.remove": {
    input: { deviceId: "d1", confirmed: true },
    output: null,
    bad: [null, { deviceId: "d1" }, { deviceId: null, confirmed: true }, { deviceId: "x".repeat(65), confirmed: true }],
  },
  "pairing.start": {
    input: pairing,
    output: null,
    bad: [
      null,
      { ...pairing, kind: "laptop" },
      { ...pairing, despiteExisting: "no" },
      { kind: "desktop" },
      { ...pairing, kind: "fido2" },
      { kind: "fido2", policyId: null, nickname: null, authenticator: "any" },
    ],
  },
  "pairing.startInBrowser": { input: null, output: null, bad: nothingElse },
  "pairing.cancel": { input: null, output: null, bad: nothingElse },
  "pairing.close": { input: null, output: null, bad: nothingElse },
  "pairings.recover": { input: null, output: null, bad: nothingElse },
  "pairings.dismiss": { input: null, output: null, bad: nothingElse },
  "settings.change": {
    input: { theme: "dark", agentPort: 9411, idleMinutes: 5 },
    output: null,
    bad: [
      null,
      { theme: "pink" },
      { agentPort: 0 },
      { agentPort: 9410.5 },
      { apiUrl: "https://example.com" },
      { idleMinutes: 0 },
      { mode: "worker" },
    ],
  },
  "doctor.run": { input: null, output: null, bad: nothingElse },
  "policy.explain": { input: null, output: inForce(), bad: nothingElse },
  "simulator.rehearse": { input: { fault: null }, output: null, bad: [null, {}, { fault: 3 }] },
  "link.open": {
    input: { name: "help.pairing" },
    output: null,
    bad: [null, { name: "https://example.com" }, { name: "__proto__" }, "help.pairing"],
  },
};

export const eventSamples: { readonly [N in EventName]: EventPayload<N> } = {
  "app.changed": snapshotSample,
  "app.show": { screen: "policy" },
};
