import { describe, expect, test } from "vitest";
import { parseTools } from "../../../src/cli/setting-values.ts";
import { allowsPlainSecretStore, allowsSimulator, nicknameBy } from "../../../src/core/policy/allowed.ts";
import {
  areProfilesLocked,
  configurationUnder,
  decideBy,
  isManaged,
  lockedIn,
  managedProfile,
  profileUnder,
  refusalBy,
  unmanaged,
} from "../../../src/core/policy/applied.ts";
import { policyNames, policyOf } from "../../../src/core/policy/policies.ts";
import { agentTrustOf, toProfileSettings } from "../../../src/core/profiles/file.ts";
import { absent, layersOf, unreadable, written } from "./layers.ts";

const environmentId = "5ab2d6a8-1f0c-4f4e-9d2b-6a6b8f6f1e11";
const own = { version: 1 as const, profile: "Lab", profiles: { Lab: { region: "EU" }, Home: { region: "NA" } } };

const machine = (values: object) => layersOf({ machine: written("machine", values) }).policy;
const decided = (values: object) => decideBy(machine(values));

describe("a profile under a policy", () => {
  test("what the policy fixes replaces what the file says, and the rest stays", () => {
    const under = profileUnder(machine({ MfaPolicyId: environmentId, AgentPort: 9500 }), "Lab", {
      region: "EU",
      policyId: "another",
      agentPort: 9410,
      color: "teal",
    });
    expect(under).toMatchObject({
      ok: true,
      value: { profile: { region: "EU", policyId: environmentId, agentPort: 9500, color: "teal" } },
    });
  });

  test("a host of the file does not outlive the region of a policy", () => {
    const under = profileUnder(machine({ Region: "EU" }), "Lab", { apiUrl: "https://elsewhere.example" });
    expect(under).toMatchObject({ ok: true, value: { profile: { region: "EU" } } });
    expect(under.ok && "apiUrl" in under.value.profile).toBe(false);
  });

  test("the secret of a profile does not follow it to another place", () => {
    const own = {
      region: "eu",
      environmentId,
      clientId: "lab",
      clientSecretFile: "lab.secret",
      clientKeyFile: "k.pem",
    };
    const underPolicy = (policies: object, values: object) => {
      const under = profileUnder(machine(policies), "Lab", values);
      return under.ok ? under.value.profile : null;
    };
    for (const elsewhere of [{ Region: "CA" }, { ClientId: "9d6a2f3c" }, { AuthDomain: "login.example.com" }]) {
      const values = { ...own, ...("AuthDomain" in elsewhere ? { authDomain: "auth.example.org" } : {}) };
      expect(underPolicy(elsewhere, values)).not.toHaveProperty("clientSecretFile");
      expect(underPolicy(elsewhere, values)).not.toHaveProperty("clientKeyFile");
    }
    // The same place, written otherwise; and a profile that names no place of its own.
    expect(underPolicy({ Region: "EU" }, own)).toMatchObject({ clientSecretFile: "lab.secret" });
    expect(underPolicy({ Region: "EU" }, { clientSecretFile: "fleet.secret" })).toMatchObject({
      clientSecretFile: "fleet.secret",
    });
  });

  test("of forced profiles the values are those of the policy, and locked", () => {
    const policy = machine({ Profiles: { Work: { region: "EU", environmentId } } });
    const under = profileUnder(policy, "Work", { region: "EU", environmentId });
    expect(under).toMatchObject({ ok: true, value: { profile: { region: "EU", environmentId } } });
    expect(under.ok && [...lockedIn(under.value.decisions).keys()]).toContain("apiUrl");
  });

  test("what a policy locks without setting it is left out, so that whoever reads the profile chooses the default", () => {
    const policy = machine({
      Profiles: { Work: { environmentId, clientKeyFile: "worker.pem" } },
      AgentTrust: "verify",
    });
    const values = { environmentId, clientKeyFile: "worker.pem", agentPublishers: ["Mallory"] };
    const under = profileUnder(policy, "Work", values);
    // With a key file the command line's default is private-key-jwt; and nobody's own publishers remain.
    expect(under.ok && under.value.profile).toEqual({
      environmentId,
      clientKeyFile: "worker.pem",
      agentTrust: "verify",
    });
  });

  test("the readers' defaults are those of the policy", () => {
    const settings = toProfileSettings({});
    const trust = agentTrustOf({});
    if (!settings.ok || !trust.ok) throw new Error("An empty profile is refused.");
    const tools = parseTools(null);
    const read: Record<string, unknown> = {
      ...settings.value,
      agentTrust: trust.value.mode,
      agentPublishers: trust.value.publishers,
      fido2Tools: tools.ok ? tools.value : null,
    };
    const compared = policyNames.flatMap((name) => {
      const { profile, usual } = policyOf(name);
      return profile === null || usual === null ? [] : [[profile, usual] as const];
    });
    expect(Object.fromEntries(compared.map(([profile]) => [profile, read[profile]]))).toEqual(
      Object.fromEntries(compared),
    );
    expect(compared.length).toBeGreaterThan(6);
  });

  test("a value that is not understood stops, and names the setting", () => {
    expect(profileUnder(machine({ EnvironmentId: "EU" }), "Lab", {})).toEqual({
      ok: false,
      error: { code: "blocked-by-policy", setting: "EnvironmentId" },
    });
    expect(refusalBy(decideBy(layersOf({ machine: unreadable("machine") }).policy))).not.toBe(null);
    expect(refusalBy(decided({ AgentPort: 9500 }))).toBe(null);
  });

  test("a person's own mistake is theirs to hear about, and not the policy's", () => {
    expect(profileUnder(machine({ AgentPort: 9500 }), "Lab", { region: "nowhere" })).toMatchObject({
      ok: true,
      value: { profile: { region: "nowhere" } },
    });
  });
});

describe("the configuration under a policy", () => {
  test("without one it is the file", () => {
    expect(configurationUnder(unmanaged, own)).toEqual(own);
    expect(configurationUnder(decided({}), own)).toEqual(own);
    expect(areProfilesLocked(decided({}))).toBe(false);
  });

  test("forced profiles take the place of all others, and of the choice among them", () => {
    const forced = decided({ Profiles: { Work: { region: "EU" } } });
    expect(configurationUnder(forced, own)).toEqual({
      version: 1,
      profile: "Work",
      profiles: { Work: { region: "EU" } },
    });
    expect(areProfilesLocked(forced)).toBe(true);
    const two = decided({ Profiles: { Lab: { region: "CA" }, Work: { region: "EU" } } });
    expect(configurationUnder(two, own).profile).toBe("Lab");
    expect(configurationUnder(two, { version: 1, profiles: {} }).profile).toBe(undefined);
  });

  test("the profile in use may be the policy's", () => {
    expect(configurationUnder(decided({ Profile: "Home" }), own).profile).toBe("Home");
  });

  test("where the policy names the environment, there is a profile before anybody has made one", () => {
    const whole = { Region: "EU", EnvironmentId: environmentId, ClientId: "9d6a2f3c" };
    const none = { version: 1 as const, profiles: {} };
    expect(configurationUnder(decided(whole), none)).toEqual({
      version: 1,
      profile: managedProfile,
      profiles: { [managedProfile]: {} },
    });
    expect(configurationUnder(decided({ ...whole, Profile: "Acme" }), none).profiles).toEqual({ Acme: {} });
    expect(configurationUnder(decided(whole), own).profiles).toEqual(own.profiles);
    expect(configurationUnder(decided({ Region: "EU" }), none)).toEqual(none);
  });

  test("an environment without a place is no profile: it would lead to whichever region is the default", () => {
    const ids = { EnvironmentId: environmentId, ClientId: "9d6a2f3c" };
    const none = { version: 1 as const, profiles: {} };
    const [ApiUrl, AuthUrl] = ["https://api.example.com", "https://auth.example.com"];
    expect(configurationUnder(decided(ids), none)).toEqual(none);
    expect(configurationUnder(decided({ ...ids, ApiUrl }), none)).toEqual(none);
    expect(configurationUnder(decided({ ...ids, AuthUrl }), none)).toEqual(none);
    expect(configurationUnder(decided({ ...ids, ApiUrl, AuthUrl }), none).profile).toBe(managedProfile);
  });
});

describe("what a policy allows", () => {
  test("nothing is forbidden without one, and what is not understood forbids", () => {
    for (const decisions of [unmanaged, decided({})]) {
      expect(allowsPlainSecretStore(decisions)).toBe(true);
      expect(allowsSimulator(decisions)).toBe(true);
    }
    expect(allowsPlainSecretStore(decided({ PlainSecretStoreAllowed: false }))).toBe(false);
    expect(allowsSimulator(decided({ SimulatorAllowed: "perhaps" }))).toBe(false);
    expect(allowsSimulator(decideBy(layersOf({ machine: unreadable("machine") }).policy))).toBe(false);
  });

  test("a name for workstations, or none", () => {
    const named = decided({ NicknameTemplate: "{computer} of {user} ({computer})" });
    expect(nicknameBy(named, "DESK-7", "{computer}")).toBe("DESK-7 of {computer} (DESK-7)");
    expect(nicknameBy(decided({}), "DESK-7", "anna")).toBe(null);
  });

  test("whether there is a policy", () => {
    expect(isManaged(layersOf({}).policy)).toBe(false);
    expect(isManaged(layersOf({ user: written("user", {}) }).policy)).toBe(true);
    expect(isManaged({ machine: unreadable("machine"), user: absent("user") })).toBe(true);
  });
});
