import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { signInAt } from "./browser.ts";
import { bareEnvironment, type Run, type Running, startProgram } from "./command-line.ts";

const run = promisify(execFile);

async function temporaryHome(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "deskpair-cli-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function start(...args: readonly string[]): Promise<Running> {
  const home = await temporaryHome();
  return startProgram(args, { ...bareEnvironment(home), TMPDIR: home }, home);
}
const finish = async (...args: readonly string[]): Promise<Run> => (await start(...args)).ended;

async function takenPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe("deskpair simulator", () => {
  test("prints one line when it is ready, serves, and ends well when it is told to", async () => {
    const running = await start("simulator", "--port", "0", "--agent-port", "0", "--output", "json");
    await running.printed("\n");
    running.child.kill("SIGTERM");
    const { json, lines, code, stderr } = await running.ended;
    expect(lines).toHaveLength(1);
    expect(json).toEqual({
      apiUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v1$/),
      authUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      agentUrl: expect.stringMatching(/^http:\/\/localhost:\d+$/),
      environmentId: expect.any(String),
      clientId: expect.any(String),
      clientSecret: expect.any(String),
      workerKeyClientId: expect.any(String),
      workerKeyPem: expect.stringMatching(/^-{5}BEGIN PRIVATE KEY-{5}\n/),
      technicianClientId: expect.any(String),
      selfServiceClientId: expect.any(String),
      administrators: expect.arrayContaining([{ username: "admin" }]),
      policyId: expect.any(String),
      users: expect.arrayContaining([
        { id: expect.any(String), username: "ada@example.com", email: "ada@example.com" },
      ]),
    });
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });

  test("what it prints for people works when it is pasted into a shell", async () => {
    const running = await start("simulator", "--port", "0", "--agent-port", "0");
    await running.printed("\n  deskpair pair desktop --user");
    running.child.stdout.pause();
    const home = await temporaryHome();
    // `deskpair` as an installation would put it on the path.
    const program = join(import.meta.dirname, "../../out/cli/deskpair.js");
    await writeFile(join(home, "deskpair"), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`, {
      mode: 0o755,
    });
    const PATH = [home, dirname(process.execPath), process.env["PATH"]].join(delimiter);
    const guide = running.soFar();
    const script = guide.slice(guide.indexOf("# 1."), guide.indexOf("With DeskPair"));
    const { stdout } = await run("bash", ["-euc", script], { env: { PATH } });
    const [desktop, key] = stdout.split(/(?<=^})\n/m);
    expect(JSON.parse(desktop ?? "")).toMatchObject({
      type: "PINGID_DESKTOP_GEN2",
      status: "ACTIVE",
      rp: { id: "pingone.eu" },
    });
    expect(key).toMatch(/^"[0-9a-f-]{36}"\n\{\s+"id": "pingone\.eu",/);
    const same = guide.slice(guide.indexOf("printf %s"));
    const paired = await run("bash", ["-euc", `${same.trim()} --output json`], { env: { PATH, HOME: home } });
    expect(JSON.parse(paired.stdout)).toMatchObject({
      ok: true,
      device: { status: "ACTIVE" },
      warnings: [{ code: "existing-desktop-devices" }],
    });
  });

  test("in the repository, it says how to run it there", async () => {
    const home = await temporaryHome();
    const environment = { ...bareEnvironment(home), npm_lifecycle_event: "deskpair" };
    const running = startProgram(["simulator", "--port=0", "--agent-port=0"], environment, home);
    await running.printed("npm run --silent deskpair -- pair desktop --user ada@example.com\n");
    await running.printed("npm run --silent deskpair -- pair desktop --sign-in browser --user");
  });

  test.each(["--port", "--agent-port"])("says which port is taken: %s", async (option) => {
    const taken = String(await takenPort());
    const others = { "--port": "0", "--agent-port": "0", [option]: taken };
    const { json, code } = await finish("simulator", ...Object.entries(others).flat(), "--output", "json");
    expect(json).toMatchObject({ ok: false, error: { code: "configuration-invalid" } });
    expect(json).toHaveProperty("error.message", `${option}: port ${taken} on 127.0.0.1 is already taken.`);
    expect(code).toBe(10);
  });

  test("lists the faults when it is given a wrong one", async () => {
    for (const form of ["text", "json"]) {
      const { stderr, json, code } = await finish("demo", "--fault", "nope", "-O", form);
      expect(stderr).toMatch(/^Faults:\n {2}token-refused +PingOne refuses/);
      if (form === "json") expect(json).toHaveProperty("error.message", "There is no fault named “nope”.");
      else expect(stderr).toContain("\n✗ There is no fault named “nope”.\n");
      expect(code).toBe(2);
    }
  });

  test("switches a fault on from the start", async () => {
    const running = await start("simulator", "--port=0", "--agent-port=0", "--fault=token-refused", "-O", "json");
    await running.printed("\n");
    const { authUrl, environmentId } = JSON.parse(running.soFar());
    const reply = await fetch(`${authUrl}/${environmentId}/as/token`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "grant_type=client_credentials",
    });
    expect(reply.status).toBe(401);
  });
});

describe("deskpair demo", () => {
  test("pairs without any configuration, and keeps nothing", async () => {
    const home = await temporaryHome();
    const environment = { ...bareEnvironment(home), TMPDIR: home };
    const { json, lines, stderr, code } = await startProgram(["demo", "--output", "json"], environment, home).ended;
    expect(lines).toHaveLength(1);
    expect(json).toMatchObject({ ok: true, changed: true, device: { status: "ACTIVE" } });
    expect(stderr).toBe("");
    expect(code).toBe(0);
    // The cache of compiled code is all.
    expect(await readdir(home)).toEqual([".cache"]);
  });

  test("tells in words what happens", async () => {
    const { stdout, stderr, code } = await finish("demo");
    expect(stderr).toMatch(/^This is a rehearsal:/);
    expect(stderr).toContain("The agent made a key pair on this workstation");
    expect(stdout).toContain("✓ This workstation is now an MFA device of ada@example.com.");
    expect(code).toBe(0);
  });

  test.each(["browser", "device-code"])("an administrator signs in first: %s", async (way) => {
    const home = await temporaryHome();
    // Nothing here opens a page, so that the address has to be copied.
    const environment = { ...bareEnvironment(home), TMPDIR: home, PATH: home };
    const running = startProgram(["demo", "--sign-in", way, "-O", "ndjson"], environment, home);
    await running.printed('"expiresAt"');
    await running.printed("}\n");
    const event = JSON.parse(running.soFar().split("\n")[0] ?? "");
    expect(event).toMatchObject({ event: "sign-in", way });
    await signInAt(event.completeAddress ?? event.address, "admin");
    const { json, stderr, code } = await running.ended;
    expect(json).toMatchObject({ ok: true, changed: true, device: { status: "ACTIVE" } });
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(await readdir(home)).toEqual([".cache"]);
  });

  test("says as whom to sign in", async () => {
    const running = await start("demo", "--sign-in", "device-code");
    await running.printed("Ctrl-C gives up.");
    expect(running.everything()).toContain("Sign in  as admin; the pretend page asks for no password");
    running.child.kill("SIGINT");
    expect((await running.ended).code).toBe(130);
  });

  test("rehearses a fault", async () => {
    const { json, code } = await finish("demo", "--output", "json", "--fault", "agent-user-cancelled");
    expect(json).toMatchObject({ ok: false, error: { code: "agent-refused" }, left: "nothing" });
    expect(code).toBe(32);
  });

  test("a security key, as one JSON object", async () => {
    const { json, lines, stderr, code } = await finish("demo", "--fido2", "--output", "json");
    expect(lines).toHaveLength(1);
    expect(json).toMatchObject({
      ok: true,
      changed: true,
      device: { type: "FIDO2", status: "ACTIVE", rpId: "pingone.eu" },
      authenticator: { attachment: "cross-platform", userVerified: true },
    });
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });

  test("a security key, in words that speak of no agent", async () => {
    const { stdout, stderr, code } = await finish("demo", "--fido2");
    expect(stderr).toContain("A pretend authenticator made a credential for the relying party");
    expect(stderr.slice(stderr.indexOf("Pairing"))).not.toMatch(/an agent listens|the workstation is a factor/);
    expect(stdout).toContain("✓ The security key is now an MFA device of ada@example.com.");
    expect(code).toBe(0);
  });

  test.each([
    ["fido2-other-rp", "relying-party-mismatch", 40],
    ["fido2-without-options", "reply-invalid", 50],
    ["fido2-pairing-disabled", "pairing-not-allowed", 40],
    ["activate-refused", "activation-refused", 40],
  ])("a security key with the fault %s: %s", async (fault, error, exit) => {
    const { json, code } = await finish("demo", "--fido2", "-O", "json", "--fault", fault);
    expect(json).toMatchObject({ ok: false, error: { code: error }, left: "nothing" });
    expect(code).toBe(exit);
  });

  test("settings of a real environment are not looked at", async () => {
    const home = await temporaryHome();
    const environment = { ...bareEnvironment(home), DESKPAIR_API_URL: "nonsense", DESKPAIR_PROFILE: "real" };
    expect((await startProgram(["demo", "-O", "json"], environment, home).ended).code).toBe(0);
  });
});
