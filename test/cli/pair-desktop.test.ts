import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createPlace, type Place } from "./command-line.ts";

const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const ms = expect.any(Number);
const pair = (...more: readonly string[]) => ["pair", "desktop", "--user", "ada@example.com", ...more];
const restrictedPolicy = (place: Place) => place.simulator.world.policies.find(({ isDefault }) => !isDefault)?.id ?? "";

const done = (name: string, correlationId: unknown = uuid) => ({ name, outcome: "done", ms, correlationId });
const successSteps = [
  done("check-prerequisites", null),
  done("create-device"),
  done("register-with-agent", null),
  done("activate-device"),
  done("name-device"),
];
const success = {
  ok: true,
  changed: true,
  pairingId: uuid,
  device: {
    id: uuid,
    type: "PINGID_DESKTOP_GEN2",
    status: "ACTIVE",
    nickname: hostname().split(".")[0],
    rpId: "pingone.eu",
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  },
  user: { id: "5eed0000-0000-4000-8000-000000000001", username: "ada@example.com" },
  steps: successSteps,
  warnings: [],
};

describe("a pairing that succeeds", () => {
  test("as one JSON object on stdout, and nothing on stderr", async () => {
    const place = await createPlace();
    const run = await place.run(pair("--output", "json"));
    expect(run.stderr).toBe("");
    expect(run.lines).toEqual([success]);
    expect(run.code).toBe(0);
    expect(place.simulator.world.devicesOf(success.user.id)).toMatchObject([{ status: "ACTIVE" }]);
    expect(place.gateway.secrets.size).toBe(3);
  });

  test("as one line per change and the result as the last one", async () => {
    const place = await createPlace();
    const run = await place.run(pair("-O", "ndjson"));
    const running = (name: string) => ({ name, outcome: "running", ms: null, correlationId: null });
    expect(run.lines).toEqual([
      ...successSteps.flatMap((step) => [
        { event: "step", step: running(step.name) },
        { event: "step", step },
      ]),
      success,
    ]);
    expect(run.stderr).toBe("");
    expect(run.code).toBe(0);
  });

  test("as words: the steps on stderr, the result on stdout, no colour", async () => {
    const place = await createPlace();
    const run = await place.run(pair("--nickname", "Desk 12"));
    const id = place.simulator.world.devicesOf(success.user.id)[0]?.id ?? "";
    expect(run.stderr.replaceAll(/ +\d+(\.\d)? m?s$/gm, "")).toBe(
      `Pairing this workstation for ada@example.com
  ✓ Check user, policy and computer
  ✓ Create the device in PingOne
  Now approve with fingerprint, face or PIN on this workstation.
  ✓ Approve on this workstation
  ✓ Activate the device
  ✓ Name the device
`,
    );
    expect(run.stdout).toMatch(/^\n✓ This workstation is now an MFA device of ada@example\.com\.\n\n/);
    expect(run.stdout).toContain(`  Device         ${id}\n`);
    expect(run.stdout).toContain("  Name           Desk 12\n");
    expect(run.code).toBe(0);
  });

  test("without ticks where the terminal does not say that it can show them", async () => {
    const place = await createPlace();
    const run = await place.run(pair(), { environment: { LANG: "C" } });
    expect(run.stderr).toContain("  ok Create the device in PingOne");
    expect(run.stdout).toMatch(/^\nok This workstation/);
  });

  test("global options are taken before the command, too", async () => {
    const place = await createPlace();
    const run = await place.run(["--output=json", "--no-color", "--non-interactive", ...pair()]);
    expect(run.json).toEqual(success);
  });

  test("a reader that goes away does not stop it", async () => {
    const place = await createPlace();
    const running = place.start(pair("--output", "ndjson"));
    running.child.stdout.destroy();
    expect((await running.ended).code).toBe(0);
    expect(place.simulator.world.devicesOf(success.user.id)).toMatchObject([{ status: "ACTIVE" }]);
  });

  test("the journal is kept, for the owner only", async () => {
    const place = await createPlace();
    await place.run(pair("--output", "json"));
    const data = join(place.folder, "data");
    expect((await stat(data)).mode & 0o777).toBe(0o700);
    const log = join(place.folder, "deskpair.log");
    expect((await stat(log)).mode & 0o777).toBe(0o600);
    expect(await readFile(log, "utf8")).toContain('"event":"pairing.ended"');
  });
});

describe("what an environment may be like", () => {
  test.each(["agent-bare", "agent-json", "extra-fields", "user-500-once"] as const)("%s", async (fault) => {
    const place = await createPlace();
    place.simulator.setFault(fault);
    const run = await place.run(pair("--output", "json"));
    expect(run.json).toMatchObject({ ok: true, device: { status: "ACTIVE" } });
    expect(run.code).toBe(0);
  });

  test("a role that may not read policies: PingOne decides, which is said", async () => {
    const place = await createPlace();
    place.simulator.setFault("policies-forbidden");
    const run = await place.run(pair("--output", "json"));
    expect(run.json).toMatchObject({
      ok: true,
      warnings: [{ code: "policy-not-chosen", message: expect.any(String) }],
    });
  });

  test("a relying party of the customer's own", async () => {
    const place = await createPlace({ relyingPartyId: "login.example.com" });
    const run = await place.run(pair("--output", "json"));
    expect(run.json).toMatchObject({ ok: true, device: { rpId: "login.example.com" } });
  });

  test("a relying party and a policy that the operator names", async () => {
    const place = await createPlace();
    const bodies: unknown[] = [];
    place.gateway.intercept = ({ method, path, body }) => {
      if (method === "POST" && path.endsWith("/devices")) bodies.push(JSON.parse(body));
      return null;
    };
    const { policyId } = place.simulator;
    await place.run(pair("--output", "json", "--rp-id", "workforce.example.org", "--policy", policyId));
    expect(bodies).toEqual([
      {
        type: "PINGID_DESKTOP_GEN2",
        status: "ACTIVATION_REQUIRED",
        policy: { id: policyId },
        rp: { id: "workforce.example.org", name: "workforce.example.org" },
      },
    ]);
  });

  test("addresses with and without /v1 and a slash", async () => {
    const place = await createPlace();
    const environment = {
      DESKPAIR_API_URL: `http://127.0.0.1:${place.gateway.port}/v1/`,
      DESKPAIR_AUTH_URL: `http://localhost:${place.gateway.port}/`,
    };
    expect((await place.run(pair("--output", "json"), { environment })).code).toBe(0);
  });

  test("a user whose MFA is off, and one who has a PingID Desktop device already: warnings", async () => {
    const place = await createPlace();
    const grace = await place.run(["pair", "desktop", "--user", "grace@example.com", "-O", "json"]);
    expect(grace.json).toMatchObject({ ok: true, warnings: [{ code: "mfa-disabled" }] });
    const hedy = await place.run(["pair", "desktop", "--user", "hedy@example.com", "-O", "json"]);
    expect(hedy.json).toMatchObject({ ok: true, warnings: [{ code: "existing-desktop-devices" }] });
  });

  test("the answer to the activation is lost, but the device is ACTIVE: paired", async () => {
    const place = await createPlace();
    place.simulator.setFault("activate-lost", 1);
    const run = await place.run(pair("--output", "json"));
    expect(run.json).toMatchObject({ ok: true, changed: true, device: { status: "ACTIVE" } });
    expect(run.json).toHaveProperty("steps[4].name", "confirm-activation");
    expect(place.writes().filter((write) => write.includes("activate"))).toHaveLength(1);
  });

  test("the name cannot be set: paired, with a warning", async () => {
    const place = await createPlace();
    place.gateway.intercept = ({ method }) => (method === "PUT" ? { status: 403 } : null);
    const run = await place.run(pair("--output", "json"));
    expect(run.json).toMatchObject({ ok: true, warnings: [{ code: "nickname-not-set" }] });
    expect(run.code).toBe(0);
  });
});

describe("where the settings come from", () => {
  test("the secret from stdin", async () => {
    const place = await createPlace();
    const environment = { DESKPAIR_CLIENT_SECRET_FILE: "-" };
    const run = await place.run(pair("--output", "json"), { environment, stdin: `${place.simulator.clientSecret}\n` });
    expect(run.json).toEqual(success);
  });

  test("a profile of a configuration file, with a secret beside it", async () => {
    const place = await createPlace();
    const { environment: given } = place;
    const config = join(place.folder, "deskpair.json");
    const staging = {
      apiUrl: given["DESKPAIR_API_URL"],
      authUrl: given["DESKPAIR_AUTH_URL"],
      environmentId: given["DESKPAIR_ENVIRONMENT_ID"],
      clientId: given["DESKPAIR_CLIENT_ID"],
      clientSecretFile: "secret",
      agentPort: place.gateway.agentPort,
    };
    await writeFile(config, JSON.stringify({ version: 1, profile: "other", profiles: { other: {}, staging } }));
    const environment = Object.fromEntries(
      Object.keys(given).flatMap((name) => (/^DESKPAIR_(?!DATA)/.test(name) ? [[name, undefined]] : [])),
    );
    const run = await place.run(["-P", "staging", "-C", config, ...pair("--output", "json")], { environment });
    expect(run.json).toEqual(success);
    const byEnvironment = { ...environment, DESKPAIR_CONFIG: config, DESKPAIR_PROFILE: "staging" };
    expect((await place.run(pair("--output", "json"), { environment: byEnvironment })).code).toBe(0);
    // The file's own choice lacks everything.
    const unnamed = await place.run(pair("--output", "json"), {
      environment: { ...environment, DESKPAIR_CONFIG: config },
    });
    expect(unnamed.json).toMatchObject({ error: { code: "configuration-missing" } });
    expect(unnamed.code).toBe(10);
  });

  test("the option beats the environment", async () => {
    const place = await createPlace();
    const environment = { DESKPAIR_POLICY_ID: restrictedPolicy(place) };
    expect((await place.run(pair("--output", "json"), { environment })).json).toMatchObject({
      error: { code: "pairing-not-allowed" },
    });
    const run = await place.run(pair("--output", "json", "--policy", place.simulator.policyId), { environment });
    expect(run.code).toBe(0);
  });

  test("a secret that others can read is used, with a warning on stderr", async () => {
    const place = await createPlace();
    const secret = join(place.folder, "secret");
    await chmod(secret, 0o644);
    const run = await place.run(pair("--output", "json"));
    expect(run.stderr).toBe(`Other users can read ${secret}. Run: chmod 600 ${secret}\n`);
    expect(run.json).toEqual(success);
  });
});

test("a dry run writes nothing and shows what it would send", async () => {
  const place = await createPlace();
  const { apiUrl, environmentId, policyId } = place.simulator;
  const run = await place.run(pair("--output", "json", "--dry-run"));
  const api = apiUrl.replace(/:\d+/, `:${place.gateway.port}`);
  const devices = `${api}/environments/${environmentId}/users/${success.user.id}/devices`;
  const activate = "application/vnd.pingidentity.device.activate+json";
  expect(run.json).toMatchObject({ ok: true, changed: false, dryRun: true, paired: false, user: success.user });
  expect(run.json).toHaveProperty("requests", [
    { method: "POST", url: devices, contentType: "application/json", body: expect.stringContaining(policyId) },
    {
      method: "POST",
      url: `http://localhost:${place.gateway.agentPort}/register`,
      contentType: "application/jwt",
      body: expect.any(String),
    },
    { method: "POST", url: expect.stringContaining(`${devices}/`), contentType: activate, body: expect.any(String) },
    {
      method: "PUT",
      url: expect.stringMatching(/\/nickname$/),
      contentType: "application/json",
      body: expect.stringContaining(success.device.nickname ?? ""),
    },
  ]);
  expect(run.code).toBe(0);
  expect(place.writes()).toEqual([]);
  expect((await place.run(pair("--dry-run"))).stdout).toContain(`POST ${devices}\n    Content-Type: application/json`);
  expect(place.writes()).toEqual([]);
});

test("a workstation that is paired already stays as it is, unless --force pairs it again", async () => {
  const place = await createPlace();
  const args = ["pair", "desktop", "--user", "ada@example.com", "-O", "json"];
  const first = await place.run(args);
  expect(first.json).toMatchObject({ ok: true, changed: true });
  const again = await place.run(args);
  const [device] = place.simulator.world.devicesOf("5eed0000-0000-4000-8000-000000000001");
  expect(again.json).toMatchObject({ ok: true, changed: false, device: { id: device?.id } });
  expect(again.code).toBe(0);
  const writes = place.writes().length;
  const asked = await place.run([...args, "--dry-run"]);
  expect(asked.json).toMatchObject({ ok: true, changed: false, dryRun: true, paired: true, requests: [] });
  // One line without spaces, for shells that have no parser.
  expect(asked.stdout).toContain('"paired":true,');
  expect(asked.code).toBe(0);
  expect(place.writes()).toHaveLength(writes);
  const told = await place.run(args.slice(0, 4));
  expect(told.stdout).toContain("✓ This workstation is already an MFA device of ada@example.com.");
  const forced = await place.run([...args, "--force"]);
  expect(forced.json).toMatchObject({ ok: true, changed: true, warnings: [{ code: "existing-desktop-devices" }] });
  expect(place.simulator.world.devicesOf("5eed0000-0000-4000-8000-000000000001")).toHaveLength(2);
});
