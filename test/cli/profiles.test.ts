import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { signInAt } from "./browser.ts";
import { bareEnvironment, type Run, startProgram } from "./command-line.ts";
import { createSignInPlace } from "./sign-in-place.ts";

let home: string;
let file: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "deskpair-profiles-"));
  file = join(home, ".config/deskpair/config.json");
  return () => rm(home, { recursive: true, force: true });
});

type Variables = Readonly<Record<string, string>>;
const profiles = (args: readonly string[], variables: Variables = {}): Promise<Run> => {
  const environment = { ...bareEnvironment(home), DESKPAIR_SECRET_STORE: "file", ...variables };
  return startProgram(["profiles", ...args, "-O", "json"], environment, home).ended;
};
const content = async (): Promise<unknown> => JSON.parse(await readFile(file, "utf8"));

const environmentId = "abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6";

test("from nothing to two tenants, one of them in use", async () => {
  const none = await profiles(["list"]);
  expect(none.json).toEqual({ ok: true, path: file, preferred: null, managed: false, profiles: [] });

  const made = await profiles(["set", "Company", "region=eu", `environmentId=${environmentId}`, "clientId=c"]);
  expect(made.json).toEqual({ ok: true, changed: true, path: file, profile: "Company" });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await profiles(["set", "Customer 2", "apiUrl=api.example.com", "mode=technician", "color=red", "production=true"]);
  expect(await content()).toEqual({
    version: 1,
    profile: "Company",
    profiles: {
      Company: { region: "EU", environmentId, clientId: "c" },
      "Customer 2": { apiUrl: "api.example.com", mode: "technician", color: "red", production: true },
    },
  });

  const company = {
    name: "Company",
    current: true,
    mode: "worker",
    environmentId,
    host: "api.pingone.eu",
    color: null,
    production: false,
    problem: null,
  };
  const customer = {
    ...company,
    name: "Customer 2",
    current: false,
    mode: "technician",
    environmentId: null,
    host: null,
    color: "red",
    production: true,
  };
  expect((await profiles(["list"])).json).toMatchObject({ preferred: "Company", profiles: [company, customer] });
  expect((await profiles(["use", "Customer 2"])).json).toMatchObject({ changed: true });
  expect((await profiles(["use", "Customer 2"])).json).toMatchObject({ changed: false });
  expect((await profiles(["show"])).json).toMatchObject({
    profile: { ...customer, current: true, settings: { color: "red", production: true } },
  });
  expect((await profiles(["show", "Company"])).json).toMatchObject({ profile: { ...company, current: false } });
  // The one that is named for this command is the one in use.
  expect((await profiles(["show"], { DESKPAIR_PROFILE: "Company" })).json).toMatchObject({ profile: company });
  expect((await profiles(["show", "-P", "Company"])).json).toMatchObject({ profile: company });
});

test("settings are changed, taken away, and left alone", async () => {
  await profiles(["set", "a", "region=EU", "agentPort=9411", "rpId=example.com", "fido2Tools=system"]);
  const changed = await profiles(["set", "a", "agentPort=9412", "rpId=", "agentPublishers=A, B"]);
  expect(changed.json).toMatchObject({ changed: true });
  const a = { region: "EU", agentPort: 9412, fido2Tools: "system", agentPublishers: ["A", "B"] };
  expect(await content()).toMatchObject({ profiles: { a } });
  const { mtimeMs } = await stat(file);
  const same = await profiles(["set", "a", "agentPort=9412", "color="]);
  expect(same.json).toMatchObject({ ok: true, changed: false });
  expect((await stat(file)).mtimeMs).toBe(mtimeMs);
});

test("in words", async () => {
  const run = (...args: readonly string[]) =>
    startProgram(["profiles", ...args], { ...bareEnvironment(home), DESKPAIR_SECRET_STORE: "file" }, home).ended;
  expect((await run("list")).stdout).toContain("There are no profiles in");
  expect((await run("set", "a", "region=EU", `environmentId=${environmentId}`)).stdout).toBe(
    "✓ The profile “a” is created.\n",
  );
  expect((await run("list")).stdout).toMatch(
    /^ +NAME +MODE +ENVIRONMENT +HOST +MARK\n\* +a +worker +\S+ +api\.pingone\.eu\n$/,
  );
  expect((await run("show")).stdout).toMatch(/^ +Profile +a \(in use\)\n +region +EU\n/);
  expect((await run("remove", "a")).stdout).toBe("✓ The profile “a” is removed.\n");
});

describe("what is refused leaves the file alone", () => {
  const secret = "planted-value-of-a-secret";
  test.each([
    [
      ["set", "a", "regoin=EU"],
      2,
      "usage-invalid",
      /^“regoin” is not a setting\. There are: mode, region, .*production\.$/,
    ],
    [["set", "a", `clientSecret=${secret}`], 2, "usage-invalid", /^A secret is never a setting and never an argument/],
    [["set", "a", secret], 2, "usage-invalid", /^Each change is a key/],
    [["set", "a", "agentPort=x"], 2, "usage-invalid", /^agentPort: it must be a number/],
    [["set", "a", "agentPort=65536"], 2, "usage-invalid", /^agentPort: it must be a number/],
    [["set", "a", "production=maybe"], 2, "usage-invalid", /^production: it must be true or false/],
    [["set", "a", "apiUrl=not an address"], 2, "usage-invalid", /^apiUrl: it is not an address/],
    [["set", "a", "apiUrl=http://example.com"], 2, "usage-invalid", /^apiUrl: it must begin with https/],
    [["set", "a", "rpId=not a domain"], 2, "usage-invalid", /^rpId: it must be a lower-case domain/],
    [["set", "a", "mode=admin"], 2, "usage-invalid", /^mode: it must be technician, self-service or worker/],
    [["set", "a", "fido2Tools=tools"], 2, "usage-invalid", /^fido2Tools: it must be off, system/],
    [["set", "a", "agentTrust=never"], 2, "usage-invalid", /^agentTrust: it must be verify, warn or off/],
    [["set", "a", "color=pink"], 2, "usage-invalid", /^color: /],
    [["set", "a", `environmentId=${environmentId}`, "apiUrl=http://x.example"], 2, "usage-invalid", /^apiUrl: .*https/],
    [["set", "__proto__", "region=EU"], 10, "configuration-invalid", /^profile name: /],
    [["set", " ", "region=EU"], 10, "configuration-invalid", /^profile name: /],
    [["show", "nobody"], 10, "profile-unknown", /nobody/],
    [["remove", "nobody"], 10, "profile-unknown", /nobody/],
    [["use", "nobody"], 10, "profile-unknown", /nobody/],
  ])("%j", async (args, exit, code, words) => {
    await profiles(["set", "kept", "region=EU"]);
    const before = await readFile(file, "utf8");
    const run = await profiles(args);
    expect(run.json).toMatchObject({ ok: false, error: { code, message: expect.stringMatching(words) } });
    expect(run.code).toBe(exit);
    expect(run.stdout + run.stderr).not.toContain(secret);
    expect(await readFile(file, "utf8")).toBe(before);
  });
});

test("a file under another name, which need not be there yet", async () => {
  file = join(home, "fleet.json");
  expect((await profiles(["list", "-C", file])).code).toBe(10);
  expect((await profiles(["set", "a", "region=EU", "-C", file])).json).toMatchObject({ ok: true, path: file });
  expect((await profiles(["list"], { DESKPAIR_CONFIG: file })).json).toMatchObject({ profiles: [{ name: "a" }] });
  expect(await readdir(home)).not.toContain("config.json");
  const odd = join(home, "my file.json");
  expect((await profiles(["set", "a", "-C", odd])).json).toMatchObject({ error: { code: "configuration-invalid" } });
});

test("a broken file is set aside when something is saved, and not before", async () => {
  await profiles(["set", "a", "region=EU"]);
  await writeFile(file, "{ half");
  for (const args of [["list"], ["show"], ["use", "a"], ["remove", "a"]]) {
    const run = await profiles(args);
    expect(run.json).toMatchObject({ ok: false, error: { code: "configuration-invalid" } });
    expect(run.code).toBe(10);
  }
  expect(await readFile(file, "utf8")).toBe("{ half");
  const run = await profiles(["set", "b", "region=EU"]);
  expect(run.stderr).toContain("was set aside; nothing in it is lost.");
  const names = await readdir(join(file, ".."));
  const aside = names.find((name) => name.startsWith("config.json.set-aside-")) ?? "";
  expect(await readFile(join(file, "..", aside), "utf8")).toBe("{ half");
  expect(await content()).toMatchObject({ profiles: { b: { region: "EU" } } });
});

test("one profile that cannot be used does not hide the others", async () => {
  await profiles(["set", "a", "region=EU"]);
  await writeFile(file, JSON.stringify({ version: 1, profiles: { a: { region: "EU" }, b: { region: "MARS" } } }));
  expect((await profiles(["list"])).json).toMatchObject({
    profiles: [
      { name: "a", problem: null },
      { name: "b", problem: "region: it must be one of NA, CA, EU, AU, SG, AP" },
    ],
  });
});

describe("what is kept for a profile", () => {
  /** A profile to which an administrator has signed in. */
  async function signedIn() {
    const place = await createSignInPlace();
    const { simulator, technician } = place;
    const environment = {
      PATH: technician["PATH"],
      DESKPAIR_API_URL: undefined,
      DESKPAIR_AUTH_URL: undefined,
      DESKPAIR_ENVIRONMENT_ID: undefined,
      DESKPAIR_CLIENT_ID: undefined,
      DESKPAIR_CLIENT_SECRET_FILE: undefined,
      DESKPAIR_SECRET_STORE: "file",
    };
    const run = (...args: readonly string[]) => place.run([...args, "-O", "json"], { environment });
    const settings = [
      "mode=technician",
      `apiUrl=${new URL(simulator.apiUrl).origin}`,
      `authUrl=${simulator.authUrl}`,
      `environmentId=${simulator.environmentId}`,
      `clientId=${simulator.technicianClientId}`,
      `redirectPort=${place.redirectPort}`,
    ];
    expect((await run("profiles", "set", "shop", ...settings)).code).toBe(0);
    const login = place.start(["auth", "login", "-O", "json"], { environment });
    await signInAt(await place.addressOf(login), "admin");
    expect((await login.ended).json).toMatchObject({ profile: "shop", kept: "file" });
    return { place, run };
  }

  test("is revoked by a logout though somebody has pointed the profile elsewhere since", async () => {
    const { place, run } = await signedIn();
    const { path: config } = (await run("profiles", "list")).json as { path: string };
    const text = await readFile(config, "utf8");
    await writeFile(config, text.replace(place.simulator.technicianClientId, "another"));
    expect((await run("auth", "logout")).json).toMatchObject({ ok: true, changed: true });
    expect(place.openGrants()).toBe(0);
  });

  test("goes with it, and is revoked", async () => {
    const { place, run } = await signedIn();
    expect((await run("profiles", "remove", "shop")).json).toMatchObject({ ok: true, changed: true });
    expect(place.openGrants()).toBe(0);
    const secrets = await readFile(join(place.folder, "data/secrets.json"), "utf8");
    expect(secrets).not.toContain("refresh");
  });

  test("is revoked and forgotten when the profile becomes another connection, and stays when it does not", async () => {
    const { place, run } = await signedIn();
    expect((await run("profiles", "set", "shop", "color=red", "agentPort=9411")).code).toBe(0);
    expect((await run("auth", "status")).json).toMatchObject({ ok: true, proven: true });
    expect((await run("profiles", "set", "shop", "clientId=another")).code).toBe(0);
    expect(place.openGrants()).toBe(0);
    const secrets = await readFile(join(place.folder, "data/secrets.json"), "utf8");
    expect(secrets).not.toContain("refresh");
    expect((await run("auth", "status")).code).toBe(20);
  });
});
