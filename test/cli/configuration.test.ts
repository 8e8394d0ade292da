import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type GivenOptions, readConfiguration as readConfigurationUnder } from "../../src/cli/configuration.ts";
import { defaultAgentTrust } from "../../src/core/agent/trust-settings.ts";
import { layersOf } from "../core/policy/layers.ts";

/** On a computer without policies. */
const readConfiguration = (given: GivenOptions, environment: Readonly<Record<string, string | undefined>>) =>
  readConfigurationUnder(given, environment, layersOf({}).policy);

const environmentId = "abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6";
const nothingGiven = { profile: null, config: null, policyId: null, relyingPartyId: null };

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "deskpair-configuration-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "deskpair-configuration-"));
  return () => rm(home, { recursive: true, force: true });
});

const complete = () => ({
  HOME: home,
  DESKPAIR_REGION: "eu",
  DESKPAIR_ENVIRONMENT_ID: environmentId,
  DESKPAIR_CLIENT_ID: "client",
  DESKPAIR_CLIENT_SECRET_FILE: "secret.txt",
});

test("the environment alone is enough; the rest has defaults", async () => {
  const read = await readConfiguration(nothingGiven, complete());
  expect(read).toEqual({
    ok: true,
    value: {
      profile: null,
      production: false,
      tenant: {
        profile: `${environmentId} client`,
        endpoints: {
          apiBase: "https://api.pingone.eu/v1",
          authBase: "https://auth.pingone.eu",
          issuer: `https://auth.pingone.eu/${environmentId}/as`,
          environmentId,
        },
        clientId: "client",
        mode: "worker",
        clientAuthentication: "secret-basic",
        redirectPort: 7464,
        keyFile: null,
        agent: expect.any(Function),
      },
      secret: { value: "secret.txt", setting: "DESKPAIR_CLIENT_SECRET_FILE" },
      secretStore: "system",
      keyFileSetting: "DESKPAIR_CLIENT_KEY_FILE",
      policyId: null,
      relyingPartyId: null,
      decisions: expect.any(Map),
      dataFolder: join(home, ".local/share/deskpair"),
      fido2Tools: "off",
    },
  });
  expect(read.ok && read.value.tenant.agent()).toEqual({ port: 9410, trust: defaultAgentTrust });
});

/** What is wrong, or what is asked about; the agent's settings as values. */
async function readTenant(variables: Readonly<Record<string, string>>) {
  const read = await readConfiguration(nothingGiven, { ...complete(), ...variables });
  return read.ok ? { ...read.value.tenant, agent: read.value.tenant.agent() } : read.error;
}

describe("how somebody signs in", () => {
  test.each([
    [{ DESKPAIR_MODE: "technician" }, { mode: "technician" }],
    [{ DESKPAIR_MODE: "Self-Service" }, { mode: "self-service" }],
    [{ DESKPAIR_REDIRECT_PORT: "8123" }, { redirectPort: 8123 }],
    [{ DESKPAIR_CLIENT_AUTHENTICATION: "secret-jwt" }, { clientAuthentication: "secret-jwt", keyFile: null }],
    [
      { DESKPAIR_CLIENT_KEY_FILE: "k.pem", DESKPAIR_CLIENT_KEY_ID: "7" },
      { clientAuthentication: "private-key-jwt", keyFile: { path: "k.pem", keyId: "7" } },
    ],
    [
      { DESKPAIR_CLIENT_KEY_FILE: "k.pem", DESKPAIR_CLIENT_AUTHENTICATION: "secret-post" },
      { clientAuthentication: "secret-post" },
    ],
    [{ DESKPAIR_AUTH_DOMAIN: "login.example.com" }, { endpoints: { issuer: "https://login.example.com/as" } }],
    [{ DESKPAIR_AGENT_TRUST: "warn" }, { agent: { trust: { mode: "warn" } } }],
  ])("%j", async (variables, expected) => {
    expect(await readTenant(variables)).toMatchObject(expected);
  });

  test.each([
    [{ DESKPAIR_MODE: "admin" }, "DESKPAIR_MODE", "it must be technician, self-service or worker"],
    [{ DESKPAIR_REDIRECT_PORT: "0" }, "DESKPAIR_REDIRECT_PORT", "it must be a number from 1 to 65535"],
    [
      { DESKPAIR_CLIENT_AUTHENTICATION: "basic" },
      "DESKPAIR_CLIENT_AUTHENTICATION",
      "it must be secret-basic, secret-post, secret-jwt or private-key-jwt",
    ],
    [{ DESKPAIR_AUTH_DOMAIN: "http://login.example.com" }, "DESKPAIR_AUTH_DOMAIN", "it must begin with https://"],
    [{ DESKPAIR_SECRET_STORE: "cloud" }, "DESKPAIR_SECRET_STORE", "it must be system, file or memory"],
    [{ DESKPAIR_AGENT_TRUST: "always" }, "DESKPAIR_AGENT_TRUST", "it must be verify, warn or off"],
  ])("%j is refused", async (variables, setting, problem) => {
    const refused = { code: "configuration-invalid", setting, problem: expect.stringContaining(problem) };
    expect(await readTenant(variables)).toEqual(refused);
  });

  test("a secret may be in the key store, a key file may not", async () => {
    const { DESKPAIR_CLIENT_SECRET_FILE: _, ...without } = complete();
    expect(await readConfiguration(nothingGiven, without)).toMatchObject({ ok: true, value: { secret: null } });
    const keyed = { ...without, DESKPAIR_CLIENT_AUTHENTICATION: "private-key-jwt" };
    expect(await readConfiguration(nothingGiven, keyed)).toEqual({
      ok: false,
      error: { code: "configuration-missing", settings: ["DESKPAIR_CLIENT_KEY_FILE"] },
    });
  });

  test("a user may be left out only by users", async () => {
    const given = { ...nothingGiven, user: null };
    expect(await readConfiguration(given, complete())).toMatchObject({ ok: false, error: { code: "usage-invalid" } });
    const own = { ...complete(), DESKPAIR_MODE: "self-service" };
    expect(await readConfiguration(given, own)).toMatchObject({ ok: true });
  });
});

test("addresses override the region, each for itself", async () => {
  const environment = { ...complete(), DESKPAIR_AUTH_URL: "login.example.com" };
  expect(await readConfiguration(nothingGiven, environment)).toMatchObject({
    ok: true,
    value: {
      tenant: { endpoints: { apiBase: "https://api.pingone.eu/v1", authBase: "https://login.example.com" } },
    },
  });
  const both = { ...environment, DESKPAIR_REGION: undefined, DESKPAIR_API_URL: "http://localhost:9480" };
  expect(await readConfiguration(nothingGiven, both)).toMatchObject({
    value: { tenant: { endpoints: { apiBase: "http://localhost:9480/v1" } } },
  });
  const half = { ...both, DESKPAIR_API_URL: undefined };
  expect(await readConfiguration(nothingGiven, half)).toEqual({
    ok: false,
    error: { code: "configuration-missing", settings: ["DESKPAIR_REGION or DESKPAIR_API_URL"] },
  });
});

test("empty variables count as not set", async () => {
  const environment = {
    ...complete(),
    DESKPAIR_REGION: "",
    DESKPAIR_CLIENT_ID: "  ",
    DESKPAIR_CONFIG: "",
    DESKPAIR_PROFILE: "",
  };
  expect(await readConfiguration(nothingGiven, environment)).toEqual({
    ok: false,
    error: { code: "configuration-missing", settings: ["DESKPAIR_REGION", "DESKPAIR_CLIENT_ID"] },
  });
});

describe("precedence: option, environment, profile, default", () => {
  const profile = {
    region: "NA",
    environmentId,
    clientId: "p",
    clientSecretFile: "-",
    agentPort: 1,
    policyId: "p",
    rpId: "p.eu",
    fido2Tools: "/opt/p",
  };
  const environment = {
    DESKPAIR_AGENT_PORT: "2",
    DESKPAIR_POLICY_ID: "e",
    DESKPAIR_RP_ID: "e.eu",
    DESKPAIR_CLIENT_ID: "e",
    DESKPAIR_FIDO2_TOOLS: "system",
  };
  const options = { policyId: "o", relyingPartyId: "o.eu" };

  test.each([
    ["profile", {}, {}, { clientId: "p", agentPort: 1, policyId: "p", relyingPartyId: "p.eu", fido2Tools: "/opt/p" }],
    [
      "environment",
      {},
      environment,
      { clientId: "e", agentPort: 2, policyId: "e", relyingPartyId: "e.eu", fido2Tools: "system" },
    ],
    ["option", options, environment, { clientId: "e", agentPort: 2, policyId: "o", relyingPartyId: "o.eu" }],
    ["option without environment", options, {}, { clientId: "p", agentPort: 1, policyId: "o", relyingPartyId: "o.eu" }],
  ])("%s", async (_what, given, variables, expected) => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, ".config/deskpair"), { recursive: true });
    const file = join(folder, ".config/deskpair/config.json");
    await writeFile(file, JSON.stringify({ version: 1, profile: "main", profiles: { main: profile } }));
    const read = await readConfiguration({ ...nothingGiven, ...given }, { HOME: folder, ...variables });
    expect(read).toMatchObject({ ok: true, value: { profile: "main" } });
    const value = read.ok ? read.value : null;
    expect({ ...value, clientId: value?.tenant.clientId, agentPort: value?.tenant.agent().port }).toMatchObject(
      expected,
    );
  });
});

test("a secret file named in a profile lies beside the configuration file", async () => {
  const folder = await temporaryFolder();
  const config = join(folder, "config.json");
  const main = { region: "SG", environmentId, clientId: "c", clientSecretFile: "keys/secret" };
  await writeFile(config, `\uFEFF${JSON.stringify({ version: 1, profiles: { main } })}`);
  expect(await readConfiguration({ ...nothingGiven, config, profile: "main" }, { HOME: home })).toMatchObject({
    value: { secret: { value: join(folder, "keys/secret"), setting: "clientSecretFile of the profile main" } },
  });
});

describe("a configuration file that cannot be used says why", () => {
  const file = (profiles: unknown, more: object = {}) => JSON.stringify({ version: 1, profiles, ...more });
  test.each([
    ["not JSON", "{", "configuration file", "it is not JSON"],
    ["a list", "[]", "configuration file", "the whole is not an object"],
    [
      "of a later version",
      file({}, { version: 2 }),
      "configuration file",
      "its version is 2; this DeskPair reads version 1",
    ],
    ["without profiles", JSON.stringify({ version: 1 }), "configuration file", "profiles is missing or not an object"],
    ["a name spelt wrong", file({ a: { regoin: "EU" } }), "configuration file", "profiles.a.regoin is not a setting"],
    [
      "a secret in it",
      file({ a: { clientSecret: "x" } }),
      "configuration file",
      "profiles.a.clientSecret is not a setting",
    ],
    ["a wrong type", file({ a: { agentPort: "9410" } }), "configuration file", "profiles.a.agentPort is not a number"],
    ["an empty text", file({ a: { clientId: "" } }), "configuration file", "profiles.a.clientId is empty"],
    ["another key at the top", file({}, { defaults: {} }), "configuration file", "defaults is not a setting"],
    [
      "a region that is none",
      file({ a: { region: "DE" } }, { profile: "a" }),
      "region of the profile a",
      "it must be one of NA, CA, EU, AU, SG, AP",
    ],
    [
      "a port out of range",
      file({ a: { agentPort: 0 } }, { profile: "a" }),
      "agentPort of the profile a",
      "it must be a number from 1 to 65535",
    ],
    [
      "tools along PATH",
      file({ a: { fido2Tools: "fido2" } }, { profile: "a" }),
      "fido2Tools of the profile a",
      "it must be off, system, or an absolute folder",
    ],
  ])("%s", async (_what, content, setting, problem) => {
    const config = join(await temporaryFolder(), "config.json");
    await writeFile(config, content);
    const environment = /^(agentPort|fido2Tools)/.test(setting)
      ? complete()
      : { ...complete(), DESKPAIR_REGION: undefined };
    expect(await readConfiguration({ ...nothingGiven, config }, environment)).toEqual({
      ok: false,
      error: { code: "configuration-invalid", setting, problem: expect.stringContaining(problem) },
    });
  });

  test.each(["b", "constructor"])("no such profile: %s", async (profile) => {
    const config = join(await temporaryFolder(), "config.json");
    await writeFile(config, file({ a: {} }));
    expect(await readConfiguration({ ...nothingGiven, config, profile }, complete())).toEqual({
      ok: false,
      error: { code: "profile-unknown", profile },
    });
  });

  test("a folder", async () => {
    const config = await temporaryFolder();
    expect(await readConfiguration({ ...nothingGiven, config }, complete())).toMatchObject({
      ok: false,
      error: { setting: "configuration file", problem: expect.stringContaining("a folder is in its place") },
    });
  });
});
