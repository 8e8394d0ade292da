import { encodeQR } from "qr";
import type { AppError } from "../../src/contract/errors.ts";
import type { Management } from "../../src/contract/policy-views.ts";
import { defaultSettings } from "../../src/contract/settings.ts";
import type {
  Device,
  Operator,
  Phase,
  Policies,
  ProfileView,
  Rehearsal,
  Right,
  SignInStep,
  Snapshot,
  Step,
  StepName,
  User,
} from "../../src/contract/views.ts";

/**
 * Snapshots as main sends them, one for every screen and every state of a screen that looks different. The browser
 * tests, the pictures and the check that they still fit the contract all take them from here.
 */

/** The moment at which all of it happens. Tests set the page's clock to it. */
export const moment = Date.parse("2026-11-20T10:00:00.000Z");

export const ada: User = {
  id: "d4543f69-e508-4cc6-bd16-b61baa4b3caf",
  username: "ada.lovelace",
  email: "ada@example.com",
  name: "Ada Lovelace",
  enabled: true,
  mfaEnabled: true,
};
export const grace: User = {
  id: "0f1e2d3c-4b5a-4968-8776-655443322110",
  username: "reception.morning",
  email: "reception@example.com",
  name: "Grace Hopper",
  enabled: true,
  mfaEnabled: false,
};
export const alan: User = {
  id: "6e5d4c3b-2a19-4807-96f5-e4d3c2b1a098",
  username: "reception.evening",
  email: "reception@example.com",
  name: "Alan Turing",
  enabled: false,
  mfaEnabled: null,
};

export const adasKey: Device = {
  id: "8a1f5c1e-4c55-4b0e-9a34-1d6f0d0c7a11",
  type: "FIDO2",
  status: "ACTIVE",
  nickname: "Blue key",
  relyingPartyId: "pingone.eu",
  system: null,
  application: null,
  createdAt: "2026-03-14T09:26:53.589Z",
  locked: false,
  blocked: false,
};
export const adasLaptop: Device = {
  id: "0ac16146-5e05-4328-8ac1-61465e05d328",
  type: "PINGID_DESKTOP_GEN2",
  status: "ACTIVE",
  nickname: "LT-0417",
  relyingPartyId: "pingone.eu",
  system: "MAC 15.7.3",
  application: "PingID Desktop 1.0.0",
  createdAt: "2026-11-06T11:51:34.153Z",
  locked: false,
  blocked: false,
};
export const adasPhone: Device = {
  id: "55d0a6d2-97d9-4f3c-8f0f-3e0c1b5a9e21",
  type: "MOBILE",
  status: "ACTIVE",
  nickname: null,
  relyingPartyId: null,
  system: "IOS 26.1",
  application: "PingID 4.2",
  createdAt: "2024-05-02T07:00:00.000Z",
  locked: true,
  blocked: true,
};

export const policies: Policies = {
  state: "readable",
  policies: [
    {
      id: "11111111-2222-4333-8444-555555555555",
      name: "Standard MFA",
      isDefault: true,
      desktopPairing: "allowed",
      fido2Pairing: "allowed",
      fidoPolicyId: null,
    },
    {
      id: "22222222-3333-4444-8555-666666666666",
      name: "Administrators",
      isDefault: false,
      desktopPairing: "unknown",
      fido2Pairing: "allowed",
      fidoPolicyId: "44444444-5555-4666-8777-888888888888",
    },
    {
      id: "33333333-4444-4555-8666-777777777777",
      name: "Phones only",
      isDefault: false,
      desktopPairing: "disabled",
      fido2Pairing: "disabled",
      fidoPolicyId: null,
    },
  ],
};

const rehearsal: Rehearsal = {
  active: null,
  faults: [
    { name: "agent-refuses", description: "The user cancels at the agent, or the fingerprint is not recognised." },
    { name: "pairing-disabled", description: "The MFA policy does not allow new devices of this type." },
    { name: "create-throttled", description: "Creating the device is throttled, with the advice to wait one second." },
  ],
  users: [
    { username: "ada@example.com", note: "Everything is in order: the pairing succeeds." },
    { username: "grace@example.com", note: "MFA is switched off for this user." },
    { username: "alan@example.com", note: "This user is disabled." },
    { username: "hedy@example.com", note: "Has already been paired with this workstation." },
  ],
};

export const exampleProfile: ProfileView = {
  name: "Example Corp",
  mode: "technician",
  environmentId: "abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6",
  host: "api.pingone.eu",
  color: "teal",
  production: false,
  kept: false,
  managed: false,
};
/** Nobody manages this computer. */
export const notManaged: Management = {
  managed: false,
  locked: [],
  profiles: "own",
  profileFixed: false,
  signInModes: null,
  nickname: null,
  refused: null,
  waiting: [],
  firstRunSkipped: false,
  help: { text: null, link: null },
};
export const operator: Operator = {
  profile: exampleProfile.name,
  mode: "technician",
  actor: "Katherine Johnson",
  clientId: "c0ffee00-1234-4abc-8def-0123456789ab",
  environmentId: exampleProfile.environmentId,
  environmentName: "Example Corp",
  apiHost: exampleProfile.host,
  color: exampleProfile.color,
  production: false,
  kept: false,
  idleAt: null,
};
const madeUpTenants = [
  ["Example Corp", "teal", false],
  ["Example Corp (live)", "red", true],
  ["Northwind Traders", "blue", true],
  ["Contoso Hospitals, Emergency Department and Outpatient Clinics", "green", true],
  ["Fabrikam", null, false],
  ["Tailspin Toys", "purple", false],
  ["Wide World Importers", "orange", true],
  ["Adventure Works", "yellow", false],
  ["Litware", "gray", false],
] as const;
/** Twenty tenants, as many as one technician may have. */
export const manyProfiles: ProfileView[] = Array.from({ length: 20 }, (_, index) => {
  const [name, color, production] = madeUpTenants[index] ?? [`Branch ${index + 1}`, null, false];
  return {
    ...exampleProfile,
    name,
    color,
    production,
    environmentId: `abfba8f6-49eb-49f5-a5d9-80ad5c98f${String(index).padStart(3, "0")}`,
    host: index % 3 === 2 ? "api.pingone.com" : "api.pingone.eu",
    mode: index % 4 === 3 ? "worker" : "technician",
  };
});

let revision = 0;

/** A snapshot newer than all before it. */
function snapshotOf(phase: Phase, differences: Partial<Snapshot> = {}): Snapshot {
  revision += 1;
  return {
    revision,
    version: "0.1.0",
    hostName: "LT-0931",
    simulator: null,
    profiles: { current: exampleProfile.name, list: [exampleProfile], problem: null },
    secretStore: "system",
    management: notManaged,
    operator: phase.name === "signed-out" || phase.name === "signing-in" ? null : operator,
    busy: null,
    doctor: null,
    settings: {
      ...defaultSettings,
      region: "EU",
      environmentId: "abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6",
      clientId: "c0ffee00-1234-4abc-8def-0123456789ab",
    },
    recovery: null,
    phase,
    ...differences,
  };
}

/** The same again with differences, and newer. */
export function after(snapshot: Snapshot, differences: Partial<Snapshot>): Snapshot {
  revision += 1;
  return { ...snapshot, ...differences, revision };
}

type SignedOut = Extract<Phase, { name: "signed-out" }>;
/** Nobody is signed in; one profile is there, and it is complete. */
export const signedOut = (differences: Partial<Snapshot> = {}, reason: SignedOut["reason"] = null): Snapshot =>
  snapshotOf({ name: "signed-out", reason }, differences);

/** The same with one profile that differs, and the settings that go with it. */
export const signedOutOf = (
  profile: Partial<ProfileView>,
  settings: Partial<Snapshot["settings"]> = {},
  differences: Partial<Snapshot> = {},
): Snapshot => {
  const made = { ...exampleProfile, ...profile };
  const first = signedOut();
  return after(first, {
    profiles: { current: made.name, list: [made], problem: null },
    settings: { ...first.settings, mode: made.mode, ...settings },
    ...differences,
  });
};

/** The very first start. */
export const firstRun = (): Snapshot =>
  signedOut({ settings: defaultSettings, profiles: { current: null, list: [], problem: null } });

/** A technician with twenty tenants. */
export const withManyProfiles = (snapshot: Snapshot): Snapshot =>
  after(snapshot, { profiles: { current: exampleProfile.name, list: manyProfiles, problem: null } });

export const signingIn = (step: SignInStep, differences: Partial<Snapshot> = {}): Snapshot =>
  snapshotOf({ name: "signing-in", step }, { busy: "session.signIn", ...differences });
export const inTheBrowser: SignInStep = {
  way: "browser",
  address:
    "https://auth.pingone.eu/abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6/as/authorize?response_type=code&client_id=c0ffee00-1234-4abc-8def-0123456789ab&redirect_uri=http%3A%2F%2F127.0.0.1%3A7464%2Fcallback&scope=openid&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&state=af0ifjsldkj&nonce=n-0S6_WzA2Mj",
  deadlineAt: moment + 300_000,
};
export const withACode: Extract<SignInStep, { way: "device-code" }> = {
  way: "device-code",
  userCode: "WDJB-MJHT",
  address: "https://auth.pingone.eu/abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6/device/go",
  // The package draws one row of quiet at least; the page draws its own.
  qr: encodeQR("https://auth.pingone.eu/abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6/device/go?user_code=WDJB-MJHT", "raw", {
    border: 1,
  })
    .slice(1, -1)
    .map((row) =>
      row
        .slice(1, -1)
        .map((dark) => (dark ? "1" : "0"))
        .join(""),
    ),
  deadlineAt: moment + 600_000,
};

const everyRight = [
  "read-environment",
  "read-users",
  "read-policies",
  "read-devices",
  "create-devices",
  "activate-devices",
  "remove-devices",
  "enable-mfa",
] as const;
const onlyWritten: ReadonlySet<Right["right"]> = new Set([
  "create-devices",
  "activate-devices",
  "remove-devices",
  "enable-mfa",
]);
/** What a first look finds: reading is tried, and writing is not. */
export const rights = (missing: Partial<Record<Right["right"], Right["needs"]>> = {}): Right[] =>
  everyRight.map((right) => {
    const needs = missing[right];
    if (needs !== undefined) return { right, state: "missing", needs };
    return { right, state: onlyWritten.has(right) ? "not-tested" : "granted", needs: null };
  });
export const ready = (given: Right[] = rights(), differences: Partial<Snapshot> = {}): Snapshot =>
  snapshotOf({ name: "ready", rights: given }, differences);

/** With somebody else signed in, or otherwise. */
export const operatedBy = (snapshot: Snapshot, differences: Partial<Operator>): Snapshot =>
  after(snapshot, { operator: { ...operator, ...differences } });
/** Ada, who signed in for her own devices. */
export const asAda = (snapshot: Snapshot): Snapshot =>
  operatedBy(snapshot, { mode: "self-service", actor: "Ada Lovelace" });
/** Where what is done is real. */
export const inProduction = (snapshot: Snapshot): Snapshot =>
  operatedBy(snapshot, {
    profile: "Example Corp (live)",
    environmentName: "Example Corp",
    color: "red",
    production: true,
  });

export const findingUser = (
  search: { readonly query: string; readonly matches: User[] | null } = { query: "", matches: null },
  differences: Partial<Snapshot> = {},
): Snapshot => snapshotOf({ name: "finding-user", ...search }, differences);

/** Windows, where the system asks for everything by itself. */
const windowsRoutes: OpenRoutes = {
  usual: {
    key: { route: "window", notes: ["windows-will-ask", "choose-the-key"] },
    platform: { route: "window", notes: ["windows-will-ask", "use-windows-hello"] },
  },
  byPolicy: [],
};
/** macOS under a policy that wants the key's PIN, which cannot be asked for there. */
export const browserRoutes: OpenRoutes = {
  usual: {
    key: { route: "browser", reason: "key-pin-cannot-be-asked" },
    platform: { route: "browser", reason: "touch-id-not-available" },
  },
  byPolicy: [],
};
/** In a simulation nobody has to touch anything. */
export const simulatedRoutes: OpenRoutes = {
  usual: { key: { route: "simulated" }, platform: { route: "simulated" } },
  byPolicy: [],
};
type OpenRoutes = Extract<Phase, { name: "user" }>["routes"];

export const userOpen = (
  open: Partial<{
    user: User;
    devices: Device[];
    ownDeviceId: string | null;
    policies: Policies;
    routes: OpenRoutes;
  }> = {},
  differences: Partial<Snapshot> = {},
): Snapshot =>
  snapshotOf(
    { name: "user", user: ada, devices: [adasKey], ownDeviceId: null, policies, routes: windowsRoutes, ...open },
    differences,
  );

export const step = (name: StepName, differences: Partial<Step> = {}): Step => ({
  name,
  outcome: "done",
  startedAt: moment - 4_000,
  ms: 412,
  deadlineAt: null,
  correlationId: "5f2b1c7e-1d3a-4c59-9f0e-7b6a5d4c3b2a",
  ...differences,
});

export const prepared: Step[] = [
  step("check-prerequisites", { startedAt: moment - 4_900, ms: 688, correlationId: null }),
  step("create-device", { startedAt: moment - 4_212 }),
];
export const waitingForApproval: Step[] = [
  ...prepared,
  step("register-with-agent", {
    outcome: "running",
    startedAt: moment - 3_800,
    ms: null,
    deadlineAt: moment + 102_000,
    correlationId: null,
  }),
];
export const waitingForKey: Step[] = [
  ...prepared,
  step("run-ceremony", {
    outcome: "running",
    startedAt: moment - 3_000,
    ms: null,
    deadlineAt: moment + 57_000,
    correlationId: null,
  }),
];
const allSteps: Step[] = [
  ...prepared,
  step("register-with-agent", { ms: 9_120, correlationId: null }),
  step("activate-device", { ms: 530 }),
  step("name-device", { ms: 240 }),
];

export const pairing = (
  progress: Partial<Omit<Extract<Phase, { name: "pairing" }>, "name">> = {},
  differences: Partial<Snapshot> = {},
): Snapshot =>
  snapshotOf(
    {
      name: "pairing",
      kind: "desktop",
      user: ada,
      pairingId: "p-1",
      steps: waitingForApproval,
      cancelling: false,
      ...progress,
    },
    differences,
  );

export const paired = (
  result: Partial<Extract<Phase, { name: "paired" }>> = {},
  differences: Partial<Snapshot> = {},
): Snapshot =>
  snapshotOf(
    {
      name: "paired",
      kind: "desktop",
      changed: true,
      authenticator: null,
      user: ada,
      pairingId: "p-1",
      device: {
        ...adasLaptop,
        id: "7c0de1f2-3a4b-4c5d-8e6f-708192a3b4c5",
        nickname: "LT-0931",
        createdAt: "2026-11-20T09:59:49.000Z",
      },
      steps: allSteps,
      warnings: [],
      ...result,
    },
    differences,
  );

export const keyPaired = (
  result: Partial<Extract<Phase, { name: "paired" }>> = {},
  differences: Partial<Snapshot> = {},
): Snapshot =>
  paired(
    {
      kind: "fido2",
      device: { ...adasKey, createdAt: "2026-11-20T09:59:49.000Z" },
      authenticator: {
        aaguid: "cb69481e-8ff7-4039-93ec-0a2729a154a8",
        name: "YubiKey 5 Series",
        attachment: "cross-platform",
        transports: ["usb", "nfc"],
        userVerified: true,
        backupEligible: false,
        backedUp: false,
      },
      steps: [...prepared, step("run-ceremony", { ms: 9_120, correlationId: null }), step("activate-device")],
      ...result,
    },
    differences,
  );

export const watchingBrowser = (): Snapshot =>
  snapshotOf({
    name: "watching-browser",
    user: ada,
    startedAt: moment - 20_000,
    deadlineAt: moment + 580_000,
    pageUrl: "https://apps.pingone.eu/abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6/myaccount/",
  });

export const agentTimedOut: AppError = { code: "agent-timed-out", seconds: 120 };
export const refusedByPolicy: AppError = {
  code: "pairing-not-allowed",
  correlationId: "5f2b1c7e-1d3a-4c59-9f0e-7b6a5d4c3b2a",
  serverErrorId: "c3a7f9e0-52d1-4e8b-b6aa-0d9c8e7f6a5b",
  serverMessage: "The request could not be completed. Pairing is disabled for PINGID_DESKTOP_GEN2 in this policy.",
};

export const failed = (
  error: AppError = refusedByPolicy,
  result: Partial<Omit<Extract<Phase, { name: "failed" }>, "name">> = {},
  differences: Partial<Snapshot> = {},
): Snapshot =>
  snapshotOf(
    {
      name: "failed",
      kind: "desktop",
      routes: windowsRoutes,
      user: ada,
      devices: [adasKey],
      ownDeviceId: null,
      policies,
      pairingId: "p-1",
      error,
      left: "nothing",
      deviceId: null,
      steps: [prepared[0] ?? step("check-prerequisites"), step("create-device", { outcome: "failed", ms: 388 })],
      ...result,
    },
    differences,
  );

export const keyTimedOut: AppError = { code: "key-timed-out", seconds: 60 };
export const keyFailed = (
  error: AppError = keyTimedOut,
  result: Partial<Omit<Extract<Phase, { name: "failed" }>, "name">> = {},
): Snapshot =>
  failed(error, {
    kind: "fido2",
    steps: [
      ...prepared,
      step("run-ceremony", { outcome: "failed", ms: 60_000, correlationId: null }),
      step("remove-device"),
    ],
    ...result,
  });

const simulated = (active: string | null = null): Partial<Snapshot> => ({
  simulator: { ...rehearsal, active },
  operator: {
    ...operator,
    profile: "Demo",
    mode: "worker",
    actor: "de500000-0000-4000-8000-000000000001",
    color: null,
    clientId: "de500000-0000-4000-8000-000000000001",
    environmentId: "de500000-0000-4000-8000-000000000000",
    environmentName: "Pretend environment",
    apiHost: "127.0.0.1:41873",
  },
});
export const inSimulation = (snapshot: Snapshot, active: string | null = null): Snapshot =>
  after(snapshot, simulated(active));

export const longName = `${"Wolfeschlegelsteinhausenbergerdorff".repeat(6)} <img src=x onerror=alert(1)>`;
/** A name that is very long, without a place to break, with markup in it. */
export const hostileUser: User = {
  ...ada,
  name: longName,
  username: longName.toLowerCase(),
  email: `${"x".repeat(180)}@example.com`,
};
/** A name that is written from right to left, with a mark that would turn the rest of the line. */
export const rightToLeftUser: User = { ...ada, name: "\u202Eמשה כהן", username: "moshe", email: "moshe@example.com" };
