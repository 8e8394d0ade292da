import type { EventName, RequestName } from "../../src/contract/channels.ts";
import type { EventPayload, Input, Output } from "../../src/contract/ipc.ts";
import { defaultSettings } from "../../src/contract/settings.ts";
import type { Snapshot } from "../../src/contract/views.ts";

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
  operator: { clientId: "c1", environmentId: "e1", environmentName: "Test", apiHost: "api.pingone.eu" },
  busy: null,
  settings: defaultSettings,
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

const signIn = {
  region: "EU",
  apiUrl: null,
  authUrl: null,
  environmentId: "e1",
  clientId: "c1",
  clientSecret: "planted-secret",
} as const;
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
  "session.signIn": {
    input: signIn,
    output: null,
    bad: [
      null,
      { ...signIn, region: "MARS" },
      { ...signIn, clientSecret: "" },
      { ...signIn, clientSecret: "x".repeat(1_001) },
      { ...signIn, environmentId: ["e1"] },
      { region: "EU" },
    ],
  },
  "session.signOut": { input: null, output: null, bad: nothingElse },
  "user.find": { input: { query: "ada" }, output: null, bad: [null, { query: "" }, { query: "x".repeat(201) }, {}] },
  "user.open": { input: { userId: "u1" }, output: null, bad: [null, { userId: "" }, { userId: 1 }, "u1"] },
  "user.close": { input: null, output: null, bad: nothingElse },
  "user.refresh": { input: null, output: null, bad: nothingElse },
  "user.enableMfa": { input: null, output: null, bad: nothingElse },
  "device.remove": {
    input: { deviceId: "d1" },
    output: null,
    bad: [null, { deviceId: null }, { deviceId: "x".repeat(65) }],
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
  "settings.change": {
    input: { theme: "dark", agentPort: 9411 },
    output: null,
    bad: [null, { theme: "pink" }, { agentPort: 0 }, { agentPort: 9410.5 }, { apiUrl: "https://example.com" }],
  },
  "simulator.rehearse": { input: { fault: null }, output: null, bad: [null, {}, { fault: 3 }] },
  "link.open": {
    input: { name: "help.pairing" },
    output: null,
    bad: [null, { name: "https://example.com" }, { name: "__proto__" }, "help.pairing"],
  },
};

export const eventSamples: { readonly [N in EventName]: EventPayload<N> } = { "app.changed": snapshotSample };
