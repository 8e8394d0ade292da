import { describe, expect, test } from "vitest";
import {
  defaultProfileSettings,
  type ProfileSettings,
  profileColors,
  regions,
} from "../../../src/contract/settings.ts";
import { agentTrustModes, defaultAgentTrust } from "../../../src/core/agent/trust-settings.ts";
import {
  agentTrustOf,
  type ConfigurationFile,
  emptyConfiguration,
  type FileProfile,
  formatConfiguration,
  parseConfiguration,
  toFileProfile,
  toProfileSettings,
} from "../../../src/core/profiles/file.ts";

/** Every key that there is, each with a value that is not the usual one. The type says when one is missing. */
const onlyTheCommandLine = {
  clientSecretFile: "secret.txt",
  clientKeyFile: "key.pem",
  clientKeyId: "k1",
  fido2Tools: "system",
  agentTrust: "warn",
  agentPublishers: ["Example Inc."],
} satisfies FileProfile;
const everything: Required<FileProfile> = {
  mode: "self-service",
  region: "EU",
  apiUrl: "https://api.example.com",
  authUrl: "https://auth.example.com",
  authDomain: "login.example.com",
  environmentId: "abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6",
  clientId: "c1",
  clientAuthentication: "private-key-jwt",
  redirectPort: 8_000,
  agentPort: 9_411,
  policyId: "p1",
  rpId: "example.com",
  enrolmentPageUrl: "https://keys.example.com/",
  color: "teal",
  production: true,
  ...onlyTheCommandLine,
};

const parsed = (content: string): ConfigurationFile => {
  const read = parseConfiguration(content);
  if (!("file" in read)) throw new Error(read.problem);
  return read.file;
};
const settingsOf = (profile: FileProfile): ProfileSettings => {
  const settings = toProfileSettings(profile);
  if (!settings.ok) throw new Error(JSON.stringify(settings.error));
  return settings.value;
};
const withProfile = (profile: object): string => JSON.stringify({ version: 1, profiles: { a: profile } });

describe("there and back", () => {
  test("every key of a profile", () => {
    const file: ConfigurationFile = { version: 1, profile: "a", profiles: { a: everything, b: {} } };
    expect(parsed(formatConfiguration(file))).toEqual(file);
    expect(toFileProfile(settingsOf(everything), everything)).toEqual(everything);
  });

  test.each(Object.keys(everything))("%s alone", (key) => {
    const alone: FileProfile = { [key]: everything[key as keyof FileProfile] };
    expect(parsed(withProfile(alone)).profiles["a"]).toEqual(alone);
    const again = toFileProfile(settingsOf(alone), alone);
    expect(again).toEqual({ mode: "worker", region: "NA", ...alone });
    expect(settingsOf(again)).toEqual(settingsOf(alone));
  });

  test("what only the command line knows outlives every change in the window, while the connection is the same", () => {
    const same = settingsOf(everything);
    expect(toFileProfile({ ...same, agentPort: 1, production: false, color: null }, everything)).toMatchObject(
      onlyTheCommandLine,
    );
    const elsewhere = toFileProfile({ ...same, apiUrl: "https://other.example.com" }, everything);
    expect(elsewhere).toMatchObject({ fido2Tools: "system", agentTrust: "warn", agentPublishers: ["Example Inc."] });
    for (const key of ["clientSecretFile", "clientKeyFile", "clientKeyId"]) expect(elsewhere).not.toHaveProperty(key);
  });

  test("what is as usual is not written, except where secrets go", () => {
    expect(toFileProfile(defaultProfileSettings, {})).toEqual({ mode: "technician", region: "NA" });
    // Also when it was written before.
    expect(toFileProfile(defaultProfileSettings, { production: true, rpId: "example.com", agentPort: 1 })).toEqual({
      mode: "technician",
      region: "NA",
    });
  });

  test("an empty profile is a worker's, as in the first version of the file", () => {
    expect(settingsOf({})).toEqual({ ...defaultProfileSettings, mode: "worker" });
  });

  test("profiles keep their order, and names may be what objects have already", () => {
    const names = ["Zürich", "alpha", "constructor", "toString", "a.b", "Beta 2"];
    const file = { version: 1 as const, profiles: Object.fromEntries(names.map((name) => [name, { region: "EU" }])) };
    expect(Object.keys(parsed(formatConfiguration(file)).profiles)).toEqual(names);
  });

  test("the empty file", () => {
    expect(parsed(formatConfiguration(emptyConfiguration))).toEqual(emptyConfiguration);
  });
});

describe("written by hand", () => {
  test.each(regions)("region %s in lower case, with spaces", (region) => {
    expect(settingsOf({ region: ` ${region.toLowerCase()} ` }).region).toBe(region);
  });

  test("a byte order mark in front, Windows line ends", () => {
    expect(parsed(`\uFEFF${withProfile({ region: "EU" }).replaceAll(",", ",\r\n")}`).profiles).toEqual({
      a: { region: "EU" },
    });
  });

  test.each([
    ["", "it is not JSON"],
    ["{", "it is not JSON"],
    ["{\u0000}", "it is not JSON"],
    ["null", "the whole is not an object"],
    ["[]", "the whole is not an object"],
    ["{}", "version is not understood"],
    ['{"version":1}', "profiles is missing or not an object"],
    ['{"version":1,"profiles":[]}', "profiles is missing or not an object"],
    ['{"version":1,"profiles":{},"profile":5}', "profile is missing or not a text"],
    ['{"version":1,"profiles":{},"profil":"a"}', "profil is not a setting"],
    ['{"version":1,"profiles":{},"__proto__":{}}', "__proto__ is not a setting"],
    ['{"version":1,"profiles":{"__proto__":{"region":"EU"}}}', "profiles.__proto__ is not a name for a profile"],
    ['{"version":1,"profiles":{"a":{"__proto__":{"region":"EU"}}}}', "profiles.a.__proto__ is not a setting"],
    [withProfile({ regoin: "EU" }), "profiles.a.regoin is not a setting"],
    [withProfile({ clientSecret: "planted" }), "profiles.a.clientSecret is not a setting"],
    [withProfile({ region: "" }), "profiles.a.region is empty"],
    [withProfile({ region: 5 }), "profiles.a.region is not a text"],
    [withProfile({ agentPort: "9410" }), "profiles.a.agentPort is not a number"],
    [withProfile({ production: "yes" }), "profiles.a.production is not true or false"],
    [withProfile({ agentPublishers: "Example Inc." }), "profiles.a.agentPublishers is not a list"],
    [withProfile({ agentPublishers: [5] }), "profiles.a.agentPublishers.0 is not a text"],
    [JSON.stringify({ version: 0, profiles: {} }), "its version is 0; this DeskPair reads version 1"],
    [JSON.stringify({ version: "2", profiles: {} }), 'its version is "2"; this DeskPair reads version 1'],
    [withProfile({ region: "x".repeat(1_001) }), "profiles.a.region is not understood"],
    [`${withProfile({})}${" ".repeat(1_000_000)}`, "it is too large"],
  ])("%s: says what is wrong", (content, problem) => {
    const read = parseConfiguration(content);
    expect(read).toEqual({ problem });
    expect(JSON.stringify(read)).not.toContain("planted");
  });

  test.each([2, 1.5, 99])("version %d is newer, and nothing is wrong with it", (version) => {
    expect(parseConfiguration(JSON.stringify({ version, tenants: [] }))).toEqual({
      problem: `its version is ${version}; this DeskPair reads version 1`,
      newer: true,
    });
  });
});

describe("values that are none", () => {
  test.each([
    [{ mode: "Worker" }, "mode", "it must be technician, self-service or worker"],
    [{ region: "US" }, "region", "it must be one of NA, CA, EU, AU, SG, AP"],
    [
      { clientAuthentication: "basic" },
      "clientAuthentication",
      "it must be secret-basic, secret-post, secret-jwt or private-key-jwt",
    ],
    [{ redirectPort: 0 }, "redirectPort", "it must be a number from 1 to 65535"],
    [{ redirectPort: 7464.5 }, "redirectPort", "it must be a number from 1 to 65535"],
    [{ agentPort: 65_536 }, "agentPort", "it must be a number from 1 to 65535"],
    [{ color: "pink" }, "color", "it is not one of the colours"],
    [{ rpId: "x".repeat(254) }, "rpId", "it is not a value of this setting"],
    [{ environmentId: "x".repeat(65) }, "environmentId", "it is not a value of this setting"],
  ])("%o", (profile, setting, problem) => {
    expect(toProfileSettings(profile)).toEqual({
      ok: false,
      error: { code: "configuration-invalid", setting, problem },
    });
  });

  test.each(profileColors)("the colour %s is one", (color) => {
    expect(settingsOf({ color }).color).toBe(color);
  });
});

describe("who may be the agent", () => {
  test.each(agentTrustModes)("%s", (mode) => {
    expect(agentTrustOf({ agentTrust: mode })).toEqual({
      ok: true,
      value: { mode, publishers: defaultAgentTrust.publishers },
    });
  });

  test("nothing said: verified, and Ping Identity's", () => {
    expect(agentTrustOf({})).toEqual({ ok: true, value: defaultAgentTrust });
    expect(defaultAgentTrust.mode).toBe("verify");
  });

  test("publishers stand in the place of Ping Identity, also when there are none", () => {
    for (const agentPublishers of [["Example Inc."], []]) {
      expect(agentTrustOf({ agentPublishers })).toEqual({
        ok: true,
        value: { mode: "verify", publishers: agentPublishers },
      });
    }
  });

  test.each(["Off", "false", " off", "none", "toString"])("%s is refused, and never means less", (agentTrust) => {
    expect(agentTrustOf({ agentTrust })).toEqual({
      ok: false,
      error: { code: "configuration-invalid", setting: "agentTrust", problem: "it must be verify, warn or off" },
    });
  });
});
