import { describe, expect, test } from "vitest";
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

  test("of forced profiles the values are those of the policy, and locked", () => {
    const policy = machine({ Profiles: { Work: { region: "EU", environmentId } } });
    const under = profileUnder(policy, "Work", { region: "EU", environmentId });
    expect(under).toMatchObject({ ok: true, value: { profile: { region: "EU", environmentId } } });
    expect(under.ok && [...lockedIn(under.value.decisions).keys()]).toContain("apiUrl");
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
