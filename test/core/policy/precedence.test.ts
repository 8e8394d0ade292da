import { describe, expect, test } from "vitest";
import { allowsAuthenticator, allowsRelyingParty, allowsSignInMode } from "../../../src/core/policy/allowed.ts";
import { type PolicyName, policyNames, policyOf } from "../../../src/core/policy/policies.ts";
import {
  type Decision,
  decide,
  type Layers,
  nowKnown,
  refusedOf,
  valueOf,
} from "../../../src/core/policy/precedence.ts";
import { layersOf, unreadable, written } from "./layers.ts";

const decided = (name: PolicyName, layers: Layers): Decision => {
  const decision = decide(layers).get(name);
  if (decision === undefined) throw new Error(`${name} was not decided`);
  return decision;
};

const rp = (name: string) => ({ RelyingPartyId: `${name}.example.com` });
const all = {
  machine: written("machine", rp("machine")),
  user: written("user", rp("user")),
  flags: { "--rp-id": "flag.example.com" },
  environment: { DESKPAIR_RP_ID: "environment.example.com" },
  profile: { name: "P", values: { rpId: "profile.example.com" } },
};

describe("one precedence", () => {
  const { machine, user, flags, environment, profile } = all;
  test.each([
    ["machine policy", all, "machine", "machine-policy", "/machine", true],
    ["user policy", { user, flags, environment, profile }, "user", "user-policy", "/user", true],
    ["flag", { flags, environment, profile }, "flag", "flag", "--rp-id", false],
    ["environment", { environment, profile }, "environment", "environment", "DESKPAIR_RP_ID", false],
    ["profile", { profile }, "profile", "profile", "rpId of the profile P", false],
    ["machine policy over profile", { machine, profile }, "machine", "machine-policy", "/machine", true],
    ["machine policy over environment", { machine, environment }, "machine", "machine-policy", "/machine", true],
    ["user policy over flag", { user, flags }, "user", "user-policy", "/user", true],
    ["flag over profile", { flags, profile }, "flag", "flag", "--rp-id", false],
  ] as const)("%s", (_, layers, value, source, place, locked) => {
    const decision = decided("RelyingPartyId", layersOf(layers));
    expect(decision).toMatchObject({ state: "in-force", value: `${value}.example.com`, source, place, locked });
    expect(decision.ignored).toHaveLength(Object.keys(layers).length - 1);
  });

  test("nothing set: the default, which nobody has locked", () => {
    const nothing = layersOf({});
    expect(decided("RelyingPartyId", nothing)).toMatchObject({ value: null, source: "default", locked: false });
    expect(decided("AgentTrust", nothing)).toMatchObject({ value: "verify", source: "default", place: null });
    expect(refusedOf(decide(nothing))).toBeNull();
  });

  test("what the window saves stands below policy", () => {
    const window = { idleMinutes: 60 };
    expect(decided("IdleMinutes", layersOf({ window }))).toMatchObject({ value: 60, source: "window", locked: false });
    const machine = written("machine", { IdleMinutes: 5 });
    expect(decided("IdleMinutes", layersOf({ machine, window }))).toMatchObject({
      value: 5,
      locked: true,
      ignored: [{ source: "window", value: "60", reason: "machine policy decides" }],
    });
  });

  test("every value that lost is named, with the reason", () => {
    expect(decided("RelyingPartyId", layersOf(all)).ignored).toEqual(
      ["user-policy", "flag", "environment", "profile"].map((source) =>
        expect.objectContaining({ source, reason: "machine policy decides" }),
      ),
    );
  });

  test("a later file replaces an earlier one, and says so", () => {
    const entries = ["/10.json", "/20.json"].map((place, index) => ({
      name: "AgentPort",
      value: 9_000 + index,
      place,
    }));
    const reading = { state: "read", place: "/etc", form: "typed", entries } as const;
    const decision = decided("AgentPort", layersOf({ machine: { latest: reading, known: reading } }));
    expect(decision).toMatchObject({ value: 9_001, place: "/20.json" });
    expect(decision.ignored).toEqual([
      { source: "machine-policy", place: "/10.json", value: "9000", reason: "/20.json comes later and decides" },
    ]);
  });
});

describe("a value that is not understood is never replaced by something laxer", () => {
  test.each([
    ["AgentTrust", "of", "verify"],
    ["AgentTrust", "verify2", "verify"],
    ["AgentPublishers", "Ping Identity Corporation", []],
    ["RelyingPartiesAllowed", ["ok.example.com", "https://not-a-domain"], []],
    ["RelyingPartiesAllowed", { a: 1 }, []],
    ["RelyingPartiesAllowed", ["localhost"], []],
    ["RelyingPartiesAllowed", Array.from({ length: 1_001 }, () => "login.example.com"), []],
    ["EnrolmentPageUrl", `https://login.example.com/${"a".repeat(500)}`, null],
    ["AuthenticatorsAllowed", ["YubiKey"], []],
    ["SignInModesAllowed", ["technician", "everybody"], []],
    ["Fido2Tools", "relative/folder", "off"],
    ["PlainSecretStoreAllowed", "false", false],
    ["SimulatorAllowed", 0, false],
    ["SignOutOnLock", "yes", true],
    ["IdleMinutes", 0, 1],
    ["IdleMinutes", "5", 1],
    ["Production", null, true],
    ["ProxyBypass", ["a b"], []],
    ["HelpUrl", "javascript:alert(1)", null],
    ["EnrolmentPageUrl", "http://login.example.com", null],
  ] as const)("%s: %j means %j", (name, value, meaning) => {
    const lower = {
      flags: {},
      environment: { DESKPAIR_AGENT_TRUST: "off", DESKPAIR_FIDO2_TOOLS: "system" },
      profile: { name: "P", values: { agentTrust: "off", agentPublishers: ["Mallory"], production: false } },
      window: { idleMinutes: 480, signOutOnLock: false },
    };
    const decision = decided(name, layersOf({ machine: written("machine", { [name]: value }), ...lower }));
    expect(decision).toMatchObject({ state: "in-force", value: meaning, source: "machine-policy", locked: true });
    expect(decision.problem).toMatch(/^It (must be|is empty)/);
  });

  test.each([
    ["Region", "EUROPE"],
    ["EnvironmentId", "production"],
    ["ApiUrl", "http://127.example.com"],
    ["AuthUrl", "https://user:secret@auth.example.com"],
    ["ClientId", "../x"],
    ["MfaPolicyId", 7],
    ["RelyingPartyId", "https://login.example.com"],
    ["RelyingPartyId", "localhost"],
    ["RelyingPartyId", "192.0.2.1"],
    ["ApiUrl", `https://${"a.".repeat(150)}example.com`],
    ["Profiles", { P: { regoin: "EU" } }],
    ["Profiles", "{"],
    ["ProxyMode", "none"],
    ["ProxyServer", "user:secret@proxy.example.com:8080"],
    ["ProxyPacUrl", "file:///etc/proxy.pac"],
  ] as const)("%s: with %j nothing goes on", (name, value) => {
    const decisions = decide(
      layersOf({
        machine: written("machine", { [name]: value }),
        flags: { "--rp-id": "flag.example.com" },
        environment: { DESKPAIR_REGION: "NA", DESKPAIR_CLIENT_ID: "abc" },
      }),
    );
    expect(decisions.get(name)).toMatchObject({ state: "refused", value: null, locked: true });
    expect(refusedOf(decisions)?.name).toBe(name);
    expect(JSON.stringify(decisions.get(name))).not.toContain("secret");
  });

  test("where nobody is less safe, the next source counts, and the bad value is named", () => {
    const machine = written("machine", { AgentPort: 99_999, LogLevel: "loud" });
    const layers = layersOf({ machine, environment: { DESKPAIR_AGENT_PORT: "9500" } });
    expect(decided("AgentPort", layers)).toMatchObject({
      value: 9_500,
      source: "environment",
      locked: false,
      ignored: [{ source: "machine-policy", value: null, reason: "It must be a whole number from 1 to 65535." }],
    });
    expect(decided("LogLevel", layers)).toMatchObject({ value: "info", source: "default" });
  });

  test("a person's own mistake is refused, not mended", () => {
    const layers = layersOf({ environment: { DESKPAIR_AGENT_TRUST: "nope" } });
    expect(decided("AgentTrust", layers)).toMatchObject({ state: "refused", source: "environment", locked: false });
  });

  test("the same name twice, in different letters, counts as not understood", () => {
    const machine = written("machine", { AgentTrust: "verify", agentTrust: "off" });
    expect(decided("AgentTrust", layersOf({ machine }))).toMatchObject({
      value: "verify",
      problem: expect.stringMatching(/twice/),
    });
  });

  test("every security setting falls to a value or refuses; only others fall through", () => {
    const wrong = policyNames.filter((name) => {
      const { security, whenBad, kind } = policyOf(name);
      if (whenBad === "next") return security !== null;
      if (whenBad === "refuse") return security === null;
      return whenBad.use !== null && !kind.schema.safeParse(whenBad.use).success;
    });
    expect(wrong).toEqual([]);
  });
});

describe("values of an odd form are not understood, and nothing throws", () => {
  const nested = (levels: number): unknown => JSON.parse("[".repeat(levels) + "]".repeat(levels));
  const deep = nested(20_000);
  const inObject = JSON.parse('{"a":'.repeat(20_000) + "1" + "}".repeat(20_000)) as unknown;

  test.each(policyNames)("%s", (name) => {
    for (const value of [deep, inObject, [deep], { P: deep }, { P: inObject }, [null], [{}], Symbol("odd"), 1n]) {
      const { problem, ignored } = decided(name, layersOf({ machine: written("machine", { [name]: value }) }));
      expect(problem ?? ignored[0]?.reason).toMatch(/^It must be/);
    }
  });

  test("profiles as JSON in a text, in the registry", () => {
    const value = `{"P":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
    const layers = layersOf({ machine: written("machine", { Profiles: value }, "registry") });
    expect(decided("Profiles", layers)).toMatchObject({ state: "refused", problem: expect.stringMatching(/^It must/) });
  });
});

describe("what is understood is what the program uses", () => {
  test.each([
    ["RelyingPartyId", "Login.Example.COM", "login.example.com"],
    ["RelyingPartiesAllowed", ["Login.Example.COM"], ["login.example.com"]],
    ["MfaPolicyId", "2F9F8F8E-6B1A-4A3B-8F53-3F1F1C1D7A33", "2f9f8f8e-6b1a-4a3b-8f53-3f1f1c1d7a33"],
    ["EnvironmentId", "5AB2D6A8-1F0C-4F4E-9D2B-6A6B8F6F1E11", "5ab2d6a8-1f0c-4f4e-9d2b-6a6b8f6f1e11"],
    ["AuthenticatorsAllowed", ["2FC0579F-8113-47EA-B116-BB5A8DB9202A"], ["2fc0579f-8113-47ea-b116-bb5a8db9202a"]],
  ] as const)("%s: %j is %j", (name, value, meaning) => {
    const decisions = decide(layersOf({ machine: written("machine", { [name]: value }) }));
    expect(decisions.get(name)).toMatchObject({ state: "in-force", value: meaning, problem: null });
    expect(valueOf(decisions, name)).toEqual(meaning);
  });

  test("a list that is too long says how long it may be", () => {
    const value = Array.from({ length: 1_001 }, () => "login.example.com");
    const decision = decided(
      "RelyingPartiesAllowed",
      layersOf({ machine: written("machine", { RelyingPartiesAllowed: value }) }),
    );
    expect(decision.problem).toContain("at most 1000 entries");
  });
});

describe("absent, unreadable", () => {
  const strict = written("machine", { AgentTrust: "warn", LogLevel: "debug" });

  test("unreadable keeps what was known", () => {
    const decision = decided("AgentTrust", layersOf({ machine: unreadable("machine", strict) }));
    expect(decision).toMatchObject({ value: "warn", source: "machine-policy", locked: true, problem: null });
  });

  test("absent clears, also what was known before it became unreadable", () => {
    const before = unreadable("machine", strict);
    const cleared = layersOf({ machine: nowKnown(before, { state: "absent", place: "/machine" }) });
    expect(decided("AgentTrust", cleared)).toMatchObject({ value: "verify", source: "default", locked: false });
  });

  test("unreadable from the start: security is as strict as it can be, the rest as usual", () => {
    const layers = layersOf({
      machine: unreadable("machine"),
      user: written("user", { AgentTrust: "off", RelyingPartiesAllowed: ["user.example.com"] }),
      environment: { DESKPAIR_AGENT_TRUST: "off", DESKPAIR_AGENT_PORT: "9500" },
      profile: { name: "P", values: { agentTrust: "off" } },
    });
    expect(decided("AgentTrust", layers)).toMatchObject({ value: "verify", locked: true });
    expect(decided("AgentTrust", layers).problem).toBe("The policy cannot be read: it is not JSON.");
    expect(decided("RelyingPartiesAllowed", layers)).toMatchObject({ value: [] });
    expect(decided("AgentPort", layers)).toMatchObject({ value: 9_500, source: "environment" });
    expect(refusedOf(decide(layers))?.name).toBe("Region");
  });
});

describe("halves of a decision do not come from different hands", () => {
  const environment = { DESKPAIR_API_URL: "https://elsewhere.example.com", DESKPAIR_AGENT_TRUST: "off" };

  test("a region of a policy is not undone by an address", () => {
    const decision = decided("ApiUrl", layersOf({ machine: written("machine", { Region: "EU" }), environment }));
    expect(decision).toMatchObject({ value: null, source: "default", locked: true });
    expect(decision.ignored[0]?.reason).toBe("a policy sets Region, and the two belong together");
  });

  test("publishers of a policy are not undone by switching the check off, nor the check by publishers", () => {
    const publishers = layersOf({ machine: written("machine", { AgentPublishers: ["Example Ltd"] }), environment });
    expect(decided("AgentTrust", publishers)).toMatchObject({ value: "verify", locked: true });
    const profile = { name: "P", values: { agentPublishers: ["Mallory"] } };
    const trust = layersOf({ user: written("user", { AgentTrust: "verify" }), profile });
    expect(decided("AgentPublishers", trust).value).toContain("Ping Identity Corporation");
  });

  test("the machine's half also goes before the user's policy", () => {
    const user = written("user", { ApiUrl: "https://api.example.com" });
    const layers = layersOf({ machine: written("machine", { Region: "EU" }), user });
    expect(decided("ApiUrl", layers)).toMatchObject({ value: null, locked: true });
    expect(decided("ApiUrl", layersOf({ user }))).toMatchObject({ value: "https://api.example.com" });
  });

  test("forced profiles cannot be left by the environment", () => {
    const id = "5ab2d6a8-1f0c-4f4e-9d2b-6a6b8f6f1e11";
    const layers = layersOf({
      machine: written("machine", { Profiles: { P: { region: "EU", environmentId: id } } }),
      environment: { DESKPAIR_ENVIRONMENT_ID: "00000000-0000-4000-8000-000000000000", DESKPAIR_REGION: "NA" },
      profile: { name: "P", values: { region: "EU", environmentId: id } },
    });
    expect(decided("EnvironmentId", layers)).toMatchObject({ value: id, source: "profile", locked: true });
    expect(decided("Region", layers)).toMatchObject({ value: "EU", locked: true });
  });
});

describe("allow-lists", () => {
  const allowed = (values: object) => decide(layersOf({ machine: written("machine", values) }));
  const aaguid = "2fc0579f-8113-47ea-b116-bb5a8db9202a";

  test("no list: everything; an empty or a bad one: nothing", () => {
    expect(allowsRelyingParty(allowed({}), "login.example.com")).toBe(true);
    expect(allowsRelyingParty(allowed({ RelyingPartiesAllowed: [] }), "login.example.com")).toBe(false);
    expect(allowsRelyingParty(allowed({ RelyingPartiesAllowed: "*" }), "login.example.com")).toBe(false);
    expect(allowsSignInMode(allowed({ SignInModesAllowed: [7] }), "worker")).toBe(false);
  });

  test("what is listed, in any letters, and nothing below it", () => {
    const decisions = allowed({
      RelyingPartiesAllowed: ["Example.com"],
      AuthenticatorsAllowed: [aaguid.toUpperCase()],
      SignInModesAllowed: ["worker"],
    });
    expect(allowsRelyingParty(decisions, "example.com")).toBe(true);
    expect(allowsRelyingParty(decisions, "login.example.com")).toBe(false);
    expect(allowsAuthenticator(decisions, aaguid)).toBe(true);
    expect(allowsAuthenticator(decisions, "ee041bce-25e5-4cdb-8f86-897fd6418464")).toBe(false);
    expect(allowsSignInMode(decisions, "worker")).toBe(true);
    expect(allowsSignInMode(decisions, "technician")).toBe(false);
  });
});

describe("forms", () => {
  test.each([
    ["registry", "SimulatorAllowed", 0, false],
    ["registry", "AgentPort", 9_500, 9_500],
    ["registry", "Region", "eu", "EU"],
    ["registry", "AgentPublishers", ["A", "B"], ["A", "B"]],
    ["registry", "Profiles", '{"P":{"region":"EU"}}', { P: { region: "EU" } }],
    ["typed", "SimulatorAllowed", false, false],
  ] as const)("%s: %s %j", (form, name, value, meaning) => {
    expect(valueOf(decide(layersOf({ machine: written("machine", { [name]: value }, form) })), name)).toEqual(meaning);
  });

  test("every example is a value of its policy, and every default, too", () => {
    const wrong = policyNames.filter((name) => {
      const { kind, example, usual } = policyOf(name);
      return !kind.schema.safeParse(example).success || (usual !== null && !kind.schema.safeParse(usual).success);
    });
    expect(wrong).toEqual([]);
  });
});
