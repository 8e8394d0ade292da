import { chmodSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { plainKey, withPin } from "../fakes/fido2-tools/installed.ts";
import { bareEnvironment, createPlace as createAnyPlace, type Place, startProgram } from "./command-line.ts";
import { policyFolder, whyNoPolicy } from "./machine-policy.ts";
import { createDesk, pair as pairKey, pin } from "./security-key.ts";

const missing = whyNoPolicy();
if (missing !== null) console.warn(`Not run: the command line under a machine policy. ${missing}`);

/** From inside a user namespace nobody sees whose process the agent outside is; that is no matter of this file. */
async function createPlace(): Promise<Place> {
  const place = await createAnyPlace();
  const trusting = { DESKPAIR_AGENT_TRUST: "off" };
  const environment = { ...place.environment, ...trusting };
  const run: Place["run"] = (args, more) =>
    place.run(args, { ...more, environment: { ...trusting, ...more?.environment } });
  return { ...place, environment, run };
}

const requests = (place: Place): readonly (string | null)[] =>
  place.simulator.world.log.map(({ operation }) => operation);
const devices = (place: Place) => [...place.simulator.world.devices.values()];
const pair = (place: Place): readonly string[] => [
  "pair",
  "desktop",
  "--user",
  place.simulator.users[0]?.username ?? "",
  "--output",
  "json",
];

describe.skipIf(missing !== null)("the command line under a machine policy", () => {
  describe("what it may do", () => {
    test("a relying party that is not allowed stops a pairing before the agent hears of it, and nothing is left", async () => {
      const place = await createPlace();
      const run = await place.run(pair(place), { policy: policyFolder({ RelyingPartiesAllowed: ["example.com"] }) });
      expect(run).toMatchObject({
        code: 11,
        json: { ok: false, error: { code: "relying-party-not-allowed" }, left: "nothing" },
      });
      expect(place.writes().some((write) => write.includes("register"))).toBe(false);
      expect(devices(place).filter(({ status }) => status === "ACTIVATION_REQUIRED")).toEqual([]);
    });

    test("one that is allowed is paired, under the name that the organisation gives", async () => {
      const place = await createPlace();
      const policy = policyFolder({
        RelyingPartiesAllowed: ["PINGONE.EU"],
        NicknameTemplate: "Desk of {user}",
      });
      const run = await place.run(pair(place), { policy });
      expect(run).toMatchObject({ code: 0, json: { ok: true, changed: true } });
      expect(devices(place).map(({ nickname }) => nickname)).toContain(`Desk of ${place.simulator.users[0]?.username}`);
      const named = await place.run([...pair(place), "--nickname", "Mine"], { policy });
      expect(named).toMatchObject({ code: 11, json: { error: { code: "blocked-by-policy" } } });
    });

    test.each([
      ["another relying party", { RelyingPartyId: "example.com" }, ["--rp-id", "example.org"], "RelyingPartyId"],
      [
        "another MFA policy",
        { MfaPolicyId: "5ab2d6a8-1f0c-4f4e-9d2b-6a6b8f6f1e11" },
        ["--policy", "9d6a2f3c-7b1e-4c55-8a37-0c8e2f5d4b22"],
        "MfaPolicyId",
      ],
      ["a way to sign in", { SignInModesAllowed: ["technician", "self-service"] }, [], "SignInModesAllowed"],
      ["every way to sign in", { SignInModesAllowed: "worker" }, [], "SignInModesAllowed"],
      ["another profile", { Profile: "Acme", Profiles: { Acme: {} } }, ["--profile", "Lab"], "Profile"],
      ["anything, when it is not understood", { Region: "Europe" }, [], "Region"],
    ])("%s is refused before anything is sent", async (_what, policies, options, setting) => {
      const place = await createPlace();
      const run = await place.run([...pair(place), ...options], { policy: policyFolder(policies) });
      expect(run).toMatchObject({
        code: 11,
        json: { ok: false, error: { code: "blocked-by-policy", message: expect.stringContaining(setting) } },
      });
      expect(requests(place)).toEqual([]);
    });

    test("an option that says what the policy says is no contradiction", async () => {
      const place = await createPlace();
      const policy = policyFolder({ RelyingPartyId: "pingone.eu" });
      const run = await place.run([...pair(place), "--rp-id", "pingone.eu"], { policy });
      expect(run).toMatchObject({ code: 0 });
    });

    test("a model of security key that is not allowed is refused before activation, and removed again", async () => {
      const { environment, devices: keys, key, place } = await createDesk();
      key.plug({ keys: [withPin(plainKey, pin)] });
      const enrol = (aaguid: string) =>
        place.run(pairKey("-O", "json"), {
          environment,
          stdin: `${pin}\n`,
          policy: policyFolder({ AuthenticatorsAllowed: [aaguid] }),
        });
      expect(await enrol("5eed5eed-0000-4000-8000-000000000000")).toMatchObject({
        code: 33,
        json: { error: { code: "authenticator-not-allowed" }, left: "nothing" },
      });
      expect(keys()).toEqual([]);
      key.plug({ keys: [withPin(plainKey, pin)] });
      expect(await enrol(plainKey.aaguid.toUpperCase())).toMatchObject({ code: 0 });
    });

    test("a relying party that is not allowed stops a key before anything is created", async () => {
      const { environment, key, place } = await createDesk();
      key.plug({ keys: [withPin(plainKey, pin)] });
      const policy = policyFolder({ RelyingPartiesAllowed: ["example.com"] });
      const run = await place.run(pairKey("-O", "json"), { environment, stdin: `${pin}\n`, policy });
      expect(run).toMatchObject({ code: 11, json: { error: { code: "relying-party-not-allowed" } } });
      expect(place.writes()).toEqual([]);
    });

    test("secrets in a plain file, and the simulator", async () => {
      const place = await createPlace();
      const policy = policyFolder({ PlainSecretStoreAllowed: false, SimulatorAllowed: false });
      const file = await place.run(pair(place), { policy, environment: { DESKPAIR_SECRET_STORE: "file" } });
      expect(file).toMatchObject({ code: 11, json: { error: { message: expect.stringContaining("PlainSecret") } } });
      for (const command of [["demo"], ["simulator", "--port", "0", "--agent-port", "0"]]) {
        const run = await place.run([...command, "--output", "json"], { policy });
        expect(run).toMatchObject({ code: 11, json: { error: { code: "blocked-by-policy" } } });
      }
    });
  });

  describe("where it leads", () => {
    test("a policy is enough to pair with: no file, no variable but the secret", async () => {
      const place = await createPlace();
      const { DESKPAIR_CLIENT_SECRET_FILE, DESKPAIR_DATA_DIR } = place.environment;
      const policy = policyFolder({
        ApiUrl: place.environment["DESKPAIR_API_URL"],
        AuthUrl: place.environment["DESKPAIR_AUTH_URL"],
        EnvironmentId: place.simulator.environmentId,
        ClientId: place.simulator.clientId,
        SignInMode: "worker",
        AgentPort: place.gateway.agentPort,
        AgentTrust: "off",
      });
      const others = Object.fromEntries(Object.keys(place.environment).map((name) => [name, undefined]));
      const environment = {
        ...others,
        ...bareEnvironment(place.folder),
        DESKPAIR_CLIENT_SECRET_FILE,
        DESKPAIR_DATA_DIR,
      };
      expect(await place.run(pair(place), { policy, environment })).toMatchObject({ code: 0, json: { changed: true } });
    });

    test("neither variables nor profiles lead elsewhere", async () => {
      const place = await createPlace();
      const policy = policyFolder({
        ApiUrl: place.environment["DESKPAIR_API_URL"],
        AuthUrl: place.environment["DESKPAIR_AUTH_URL"],
      });
      const environment = {
        DESKPAIR_API_URL: "http://127.0.0.1:1",
        DESKPAIR_AUTH_URL: "http://127.0.0.1:1",
        DESKPAIR_AUTH_DOMAIN: "elsewhere.example",
        DESKPAIR_REGION: "NA",
      };
      expect(await place.run(pair(place), { policy, environment })).toMatchObject({ code: 0 });
    });

    test("forced profiles are the only ones, and nobody changes them", async () => {
      const place = await createPlace();
      const config = join(place.folder, "config.json");
      const own = { version: 1, profile: "Mine", profiles: { Mine: { region: "NA" } } };
      writeFileSync(config, JSON.stringify(own));
      const { clientId, environmentId } = place.simulator;
      const policy = policyFolder({ Profiles: { Acme: { region: "EU", environmentId, clientId } } });
      const run = (...args: string[]) => place.run([...args, "--config", config, "--output", "json"], { policy });
      expect(await run("profiles", "list")).toMatchObject({
        code: 0,
        json: { managed: true, profiles: [{ name: "Acme", current: true, host: "api.pingone.eu" }] },
      });
      for (const args of [
        ["set", "Acme", "region=NA"],
        ["set", "New"],
        ["remove", "Mine"],
      ]) {
        expect(await run("profiles", ...args)).toMatchObject({
          code: 11,
          json: { error: { code: "blocked-by-policy" } },
        });
      }
      expect(await run("profiles", "show", "--profile", "Mine")).toMatchObject({ code: 10 });
      expect(await run("devices", "list", "--user", "anna", "--profile", "Mine")).toMatchObject({
        code: 10,
        json: { error: { code: "profile-unknown" } },
      });
      expect(JSON.parse(readFileSync(config, "utf8"))).toEqual(own);
    });

    test("of several forced profiles one has to be named, and can be chosen", async () => {
      const place = await createPlace();
      const config = join(place.folder, "config.json");
      writeFileSync(config, JSON.stringify({ version: 1, profile: "Gone", profiles: {} }));
      const { clientId, environmentId } = place.simulator;
      const one = { region: "EU", environmentId, clientId };
      const policy = policyFolder({ Profiles: { Acme: one, Base: { ...one, clientId: undefined } } });
      const run = (...args: string[]) => place.run([...args, "--config", config, "--output", "json"], { policy });
      expect(await run("devices", "list", "--user", "ada")).toMatchObject({
        code: 10,
        json: { error: { code: "configuration-missing", nextStep: expect.stringContaining("profiles use") } },
      });
      expect(await run("profiles", "use", "Gone")).toMatchObject({
        code: 10,
        json: { error: { code: "profile-unknown" } },
      });
      expect(await run("profiles", "use", "Base")).toMatchObject({ code: 0 });
      expect(await run("profiles", "list")).toMatchObject({
        json: { profiles: [{}, { name: "Base", current: true }] },
      });
      // Nobody but the administrator can add what is missing there.
      expect(await run("devices", "list", "--user", "ada")).toMatchObject({
        json: { error: { message: "Not set: ClientId (policy).", nextStep: expect.stringContaining("administrator") } },
      });
    });

    test("a broken file of a person is not asked where the policy says which profiles there are", async () => {
      const place = await createPlace();
      const config = join(place.folder, "config.json");
      writeFileSync(config, "{broken");
      const { clientId, environmentId } = place.simulator;
      const policy = policyFolder({
        Profiles: {
          Acme: {
            apiUrl: place.environment["DESKPAIR_API_URL"],
            authUrl: place.environment["DESKPAIR_AUTH_URL"],
            environmentId,
            clientId,
          },
        },
        AgentPort: place.gateway.agentPort,
        AgentTrust: "off",
      });
      const run = await place.run([...pair(place), "--config", config], { policy });
      expect(run).toMatchObject({ code: 0, json: { changed: true } });
    });

    test("the mark of production asks before a removal, also without any profile", async () => {
      const place = await createPlace();
      await place.run(pair(place));
      const device = devices(place).find(({ type }) => type === "PINGID_DESKTOP_GEN2");
      const policy = policyFolder({ Production: true });
      const remove = ["devices", "remove", "--user", "ada@example.com", "--device", device?.id ?? "", "-O", "json"];
      expect(await place.run(remove, { policy })).toMatchObject({
        code: 2,
        json: { error: { code: "confirmation-required" } },
      });
      expect(await place.run([...remove, "--yes"], { policy })).toMatchObject({ code: 0 });
    });

    test("what is kept can be taken away, also from where it is not allowed any more", async () => {
      const place = await createPlace();
      const file = { DESKPAIR_SECRET_STORE: "file" };
      const kept = await place.run(["auth", "login", "-O", "json"], { environment: file });
      expect(kept).toMatchObject({ code: 0, json: { kept: "file" } });
      const secrets = join(place.folder, "data", "secrets.json");
      expect(readFileSync(secrets, "utf8")).toContain(place.simulator.clientId);
      const policy = policyFolder({ PlainSecretStoreAllowed: false });
      const out = await place.run(["auth", "logout", "-O", "json"], { environment: file, policy });
      expect(out).toMatchObject({ code: 0, json: { changed: true } });
      expect(readFileSync(secrets, "utf8")).not.toContain(place.simulator.clientId);
      const named = await place.run(["auth", "logout", "--profile", "gone", "-O", "json"], {
        environment: file,
        policy,
      });
      expect(named).toMatchObject({ code: 0, json: { changed: false, profile: "gone", mode: null } });
    });

    test("a policy that is not understood stops changes of profiles, and the profile in use stays", async () => {
      const place = await createPlace();
      const config = join(place.folder, "config.json");
      writeFileSync(config, JSON.stringify({ version: 1, profiles: { Mine: { region: "EU" } } }));
      const run = (policies: object, ...args: string[]) =>
        place.run([...args, "--config", config, "--output", "json"], { policy: policyFolder(policies) });
      expect(await run({ Region: "XX" }, "profiles", "set", "Mine", "color=red")).toMatchObject({ code: 11 });
      expect(await run({ Profile: "Mine" }, "profiles", "remove", "Mine")).toMatchObject({ code: 11 });
      expect(await run({ Region: "CA", Production: true }, "profiles", "show", "Mine")).toMatchObject({
        json: { profile: { production: true, settings: { region: "EU" } } },
      });
    });

    test("a setting that a policy fixes is not written into a profile", async () => {
      const place = await createPlace();
      const config = join(place.folder, "config.json");
      const policy = policyFolder({ AgentTrust: "verify" });
      const run = (...args: string[]) => place.run([...args, "--config", config, "--output", "json"], { policy });
      expect(await run("profiles", "set", "Lab", "region=EU")).toMatchObject({ code: 0 });
      for (const change of ["agentTrust=off", "agentPublishers=Anybody"]) {
        expect(await run("profiles", "set", "Lab", change)).toMatchObject({ code: 11 });
      }
      expect(readFileSync(config, "utf8")).not.toContain("agent");
    });
  });

  test("a failure says where the organisation helps, to people and to scripts", async () => {
    const place = await createPlace();
    const policy = policyFolder({
      SignInModesAllowed: [],
      HelpText: "Call the service desk: 555 0100.",
      HelpUrl: "https://help.example.com/deskpair",
    });
    const told = await place.run(pair(place).slice(0, 4), { policy });
    expect(told.stderr).toContain("\n  Call the service desk: 555 0100.\n  https://help.example.com/deskpair\n");
    const { json } = await place.run(pair(place), { policy });
    expect(json).toMatchObject({
      help: { text: "Call the service desk: 555 0100.", url: "https://help.example.com/deskpair" },
    });
  });

  describe("what is in force", () => {
    test("config explain tells it, with what was ignored", async () => {
      const place = await createPlace();
      const policy = policyFolder({ AgentPort: 9500, RelyingPartiesAllowed: ["example.com"] });
      const run = await place.run(["config", "explain", "--output", "json"], { policy });
      expect(run).toMatchObject({
        code: 0,
        json: {
          ok: true,
          policies: [
            { scope: "machine", state: "read" },
            { scope: "user", state: "absent" },
          ],
          settings: expect.arrayContaining([
            expect.objectContaining({
              name: "AgentPort",
              value: 9500,
              source: "machine-policy",
              locked: true,
              place: "/etc/deskpair/policies.json",
              ignored: [expect.objectContaining({ source: "environment", place: "DESKPAIR_AGENT_PORT" })],
            }),
            expect.objectContaining({ name: "EnvironmentId", source: "environment", locked: false }),
            expect.objectContaining({ name: "IdleMinutes", source: "default" }),
          ]),
        },
      });
    });

    test("without any policy it tells that, too, and a broken configuration file beside it", async () => {
      const place = await createPlace();
      const config = join(place.folder, "config.json");
      writeFileSync(config, "not JSON");
      const run = await place.run(["config", "explain", "--config", config]);
      expect(run.code).toBe(10);
      expect(run.stdout).toContain("Machine policy: none (/etc/deskpair)");
      expect(run.stderr).toContain("it is not JSON");
    });
  });

  describe("a policy that cannot be trusted", () => {
    const pathOf = (policy: string): string => join(policy, "deskpair", "policies.json");
    test.each<[string, (path: string) => void, string]>([
      ["not JSON", (path) => writeFileSync(path, "{"), "it is not JSON"],
      ["writable for others", (path) => chmodSync(path, 0o666), "others than its owner may write to it"],
      [
        "a link",
        (path) => {
          rmSync(path);
          symlinkSync("/dev/null", path);
        },
        "it is a link",
      ],
      ["50 MB", (path) => truncateSync(path, 50_000_000), "it is larger than 1 MB"],
    ])("%s: nothing is sent, and config explain says why", async (_what, spoil, problem) => {
      const place = await createPlace();
      const policy = policyFolder({ AgentPort: 9500 });
      spoil(pathOf(policy));
      const run = await place.run(pair(place), { policy });
      expect(run).toMatchObject({ code: 11, json: { error: { code: "blocked-by-policy" } } });
      expect(requests(place)).toEqual([]);
      const explained = await place.run(["config", "explain"], { policy });
      expect(explained.code).toBe(10);
      expect(explained.stdout).toContain(problem);
    });

    test("names that are not known are told, and do no harm", async () => {
      const place = await createPlace();
      const policy = policyFolder({ AgentPrt: 9500, TeleportMode: "quantum" });
      expect(await place.run(pair(place), { policy })).toMatchObject({ code: 0 });
      const explained = await place.run(["config", "explain"], { policy });
      expect(explained.code).toBe(10);
      expect(explained.stdout).toMatch(/AgentPrt .*misspelt, or of a later version/);
      expect(explained.stdout).not.toContain("quantum");
    });
  });

  test("help and version ask for no policy", async () => {
    const policy = policyFolder("{");
    const { ended } = startProgram(["--version"], bareEnvironment("/nowhere"), "/", "", false, policy);
    expect(await ended).toMatchObject({ code: 0 });
  });
});
