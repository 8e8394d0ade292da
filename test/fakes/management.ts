import type { InForce, Management } from "../../src/contract/policy-views.ts";
import type { Snapshot } from "../../src/contract/views.ts";
import { createAppPolicy } from "../../src/core/app-policy.ts";
import type { PolicyReading } from "../../src/core/policy/ports.ts";
import { nowKnown } from "../../src/core/policy/precedence.ts";
import {
  after,
  exampleProfile,
  failed,
  findingUser,
  firstRun,
  inProduction,
  signedOut,
  signedOutOf,
  userOpen,
} from "./snapshots.ts";

/** What the page knows of a policy, made by hand; and what is in force, made by the core. */

const helpText = "Call the service desk: 555 0100. Say that it is about DeskPair.";
export const help: Management["help"] = { text: helpText, link: "help.example.com" };

/** The same snapshot on a computer with a policy. */
export const managedBy = (snapshot: Snapshot, differences: Partial<Management> = {}): Snapshot =>
  after(snapshot, { management: { ...snapshot.management, managed: true, help, ...differences } });

/** Everything that an administrator usually fixes. */
export const usualLocks = [
  "mode",
  "region",
  "apiUrl",
  "authUrl",
  "authDomain",
  "environmentId",
  "clientId",
  "relyingPartyId",
  "idleMinutes",
  "signOutOnLock",
] as const satisfies Management["locked"];

/** Every profile is the organisation's. */
export const withForcedProfiles = (snapshot: Snapshot): Snapshot =>
  managedBy(
    after(snapshot, {
      profiles: { current: exampleProfile.name, list: [{ ...exampleProfile, managed: true }], problem: null },
    }),
    {
      profiles: "forced",
      locked: [
        ...usualLocks,
        "clientAuthentication",
        "redirectPort",
        "agentPort",
        "policyId",
        "enrolmentPageUrl",
        "production",
      ],
    },
  );

const withSettings = (snapshot: Snapshot, settings: Partial<Snapshot["settings"]>): Snapshot =>
  after(snapshot, { settings: { ...snapshot.settings, ...settings } });

const brokenPolicy = {
  setting: "EnvironmentId",
  place: "/etc/deskpair/policies.d/20-tenant.json",
  problem: "It must be a UUID.",
};

/** Looks that a policy brings about, for pictures and tests of their own. */
export const managedScreens = {
  blocked: () => managedBy(signedOut(), { refused: brokenPolicy }),
  "sign-in-managed": () => managedBy(signedOut(), { locked: [...usualLocks] }),
  "sign-in-forced": () => withForcedProfiles(signedOut()),
  "sign-in-mode-refused": () => managedBy(signedOutOf({ mode: "worker" }), { signInModes: ["technician"] }),
  "first-run-managed": () => managedBy(firstRun(), { locked: ["region", "apiUrl", "authUrl", "authDomain", "mode"] }),
  "find-user-managed": () => managedBy(findingUser(), { locked: [...usualLocks], waiting: ["Region"] }),
  "user-managed": () =>
    managedBy(withSettings(inProduction(userOpen()), { policyId: "22222222-3333-4444-8555-666666666666" }), {
      locked: ["policyId"],
      nickname: "LT-0931 (ada.lovelace)",
    }),
  "user-policy-broken": () => managedBy(userOpen(), { refused: brokenPolicy }),
  "failed-managed": () => managedBy(failed()),
} satisfies Readonly<Record<string, () => Snapshot>>;

const folder = "/etc/deskpair";
const file = `${folder}/policies.json`;

/** As main makes it, of a policy of this machine and of what a person has set below it. */
export function inForce(policy: object | null = policyOfAll, waiting: Readonly<Record<string, string>> = {}): InForce {
  const entries = Object.entries(policy ?? {}).map(([name, value]: [string, unknown]) => ({
    name,
    value,
    place: file,
  }));
  const machine: PolicyReading =
    policy === null ? { state: "absent", place: folder } : { state: "read", place: folder, form: "typed", entries };
  const user: PolicyReading = { state: "absent", place: "none on Linux" };
  const known = { stamp: "", policy: { machine: nowKnown(null, machine), user: nowKnown(null, user) } };
  const source = { stamp: async () => "", read: async () => ({ machine, user }) };
  const profile = { name: "Example Corp", values: { region: "NA", agentPort: 9500, policyId: "no uuid" } };
  const made = createAppPolicy({ source, known }, () => ({ profile, window: { idleMinutes: 30 } })).inForce();
  const settings = made.settings.map((setting) => ({ ...setting, waiting: waiting[setting.name] ?? null }));
  return { ...made, settings };
}

const policyOfAll = {
  Region: "EU",
  EnvironmentId: "5ab2d6a8-1f0c-4f4e-9d2b-6a6b8f6f1e11",
  ClientId: "9d6a2f3c-7b1e-4c55-8a37-0c8e2f5d4b22",
  SignInModesAllowed: ["technician", "self-service"],
  RelyingPartiesAllowed: ["login.example.com", "example.com"],
  AgentTrust: "verify",
  IdleMinutes: 5,
  SignOutOnLock: "yes",
  HelpText: helpText,
  HelpUrl: "https://help.example.com/deskpair",
  RetentionDays: 30,
};
