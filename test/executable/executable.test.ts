import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { executableFile } from "../../scripts/executable.ts";
import { host } from "../../scripts/executable-targets.ts";
import { createPlace, type Place, type StartOptions, startProgram } from "../cli/command-line.ts";
import { hasSecretService, inSession, missing } from "../cli/secret-service.ts";

/** The file as it is given away, started for real. What the commands say is tested in `test/cli`. */

const pairing = ["pair", "desktop", "--user", "ada@example.com", "-O", "json"];

if (host === null) {
  test(`npm carries no Node for ${process.platform}-${process.arch}: there is no executable to start`, () => {
    expect(host).toBeNull();
  });
} else {
  const file = executableFile(host);
  const run = (place: Place, args: readonly string[], more: StartOptions = {}) =>
    place.run(args, { command: [file], ...more });

  test("the version and help", async () => {
    const place = await createPlace();
    const bare = await ownOutput(file, ["--version"]);
    expect(bare).toEqual({ code: 0, printed: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect(await run(place, ["--version"])).toMatchObject({ stdout: bare.printed, stderr: "", code: 0 });
    const help = await run(place, ["pair", "desktop", "--help"]);
    expect(help).toMatchObject({ stdout: expect.stringMatching(/^Usage: deskpair pair desktop /), code: 0 });
  });

  test("a pairing ends with 0 and an active device, and the second one changes nothing", async () => {
    const place = await createPlace();
    const first = await run(place, pairing);
    expect(first).toMatchObject({ code: 0, stderr: "", json: { ok: true, changed: true } });
    const devices = place.simulator.world.devicesOf("5eed0000-0000-4000-8000-000000000001");
    expect(devices).toMatchObject([{ type: "PINGID_DESKTOP_GEN2", status: "ACTIVE" }]);
    expect(await run(place, pairing)).toMatchObject({ code: 0, json: { ok: true, changed: false } });
    // Nothing of the program is written: no cache of compiled code, no library that was not asked for.
    expect((await readdir(place.folder)).toSorted()).toEqual(["data", "deskpair.log", "secret"]);
  });

  test("2 for a wrong flag, 10 without a configuration, 30 without an agent, 33 without leave for keys", async () => {
    const place = await createPlace();
    expect(await run(place, [...pairing, "--nonsense"])).toMatchObject({ code: 2 });
    const without = Object.keys(place.environment).filter((name) => name.startsWith("DESKPAIR_"));
    const environment = Object.fromEntries(without.map((name) => [name, undefined]));
    expect(await run(place, pairing, { environment })).toMatchObject({ code: 10 });
    const noAgent = { environment: { DESKPAIR_AGENT_PORT: String(await freePort()) } };
    expect(await run(place, pairing, noAgent)).toMatchObject({ code: 30, json: { ok: false } });
    const key = ["pair", "fido2", "--user", "ada@example.com", "-O", "json"];
    expect(await run(place, key)).toMatchObject({ code: 33, json: { error: { code: "ceremony-unavailable" } } });
  });

  test("one executable is PingOne and the agent, another one pairs with them", async () => {
    const place = await createPlace();
    const simulator = ["simulator", "--port", "0", "--agent-port", "0", "-O", "json"];
    const running = startProgram(simulator, place.environment, place.folder, "", false, null, [file]);
    await running.printed("\n");
    const told = running.soFar();
    const at = (name: string) => new RegExp(`"${name}":"([^"]*)"`).exec(told)?.[1] ?? "";
    const environment = {
      DESKPAIR_API_URL: at("apiUrl"),
      DESKPAIR_AUTH_URL: at("authUrl"),
      DESKPAIR_ENVIRONMENT_ID: at("environmentId"),
      DESKPAIR_CLIENT_ID: at("clientId"),
      DESKPAIR_CLIENT_SECRET_FILE: "-",
      DESKPAIR_AGENT_PORT: new URL(at("agentUrl")).port,
    };
    const stdin = at("clientSecret");
    expect(await run(place, pairing, { environment, stdin })).toMatchObject({ code: 0, json: { changed: true } });
    running.child.kill("SIGTERM");
    expect((await running.ended).code).toBe(0);
  });

  test.each([
    ["demo", "-O", "json"],
    ["demo", "--fido2", "-O", "json"],
    ["doctor", "--user", "ada@example.com", "-O", "json"],
    ["devices", "list", "--user", "ada@example.com", "-O", "json"],
    ["pairings", "list", "-O", "json"],
    ["pairings", "recover", "-O", "json"],
    ["profiles", "set", "here", "region=EU", "-O", "json"],
    ["config", "explain", "-O", "json"],
    ["auth", "status", "--offline", "-O", "json"],
  ])("every part of the program is in the file: %s %s %s", async (...args) => {
    const place = await createPlace();
    const one = await run(place, args);
    expect(one.code, one.stdout + one.stderr).toBe(0);
    expect(one.json).toMatchObject({ ok: true });
  });

  test("neither Node's environment nor the place decides what runs", async () => {
    const place = await createPlace();
    const elsewhere = join(place.folder, "elsewhere");
    await mkdir(elsewhere);
    const link = join(place.folder, "linked");
    await symlink(file, link);
    await chmod(elsewhere, 0o555);
    const environment = {
      PATH: undefined,
      NODE_OPTIONS: `--require=${join(place.folder, "not-there.cjs")}`,
      NODE_COMPILE_CACHE: join(elsewhere, "compiled"),
      NODE_PATH: elsewhere,
    };
    const command = process.platform === "win32" ? [link] : ["/usr/bin/env", "-C", elsewhere, link];
    const one = await place.run(["devices", "list", "--user", "ada@example.com", "-O", "json"], {
      command,
      environment,
    });
    expect(one).toMatchObject({ code: 0, stderr: "", json: { ok: true, devices: [] } });
    // Node makes the folder before it reads anything of ours, and then finds nothing to put there.
    const files = await readdir(elsewhere, { recursive: true, withFileTypes: true });
    expect(files.filter((each) => each.isFile())).toEqual([]);
  });

  test(`the key store of the system${hasSecretService ? "" : `: not tested, this machine has no ${missing.join(" and no ")}`}`, async () => {
    const place = await createPlace();
    const { clientSecret } = place.simulator;
    const { DESKPAIR_CLIENT_SECRET_FILE: _, ...environment } = place.environment;
    if (!hasSecretService) {
      const login = await run(place, ["auth", "login", "-O", "json"], {
        stdin: clientSecret,
        environment: { DESKPAIR_CLIENT_SECRET_FILE: undefined },
      });
      expect(login.json).toMatchObject({ error: { code: "secret-store-failed" } });
      return;
    }
    const runtime = join(place.folder, "run");
    await mkdir(runtime, { mode: 0o700 });
    const script = `
      cat | '${file}' auth login -O json
      '${file}' auth status -O json
      '${file}' auth logout -O json`;
    const lines = await inSession(script, { ...environment, XDG_RUNTIME_DIR: runtime }, clientSecret);
    expect(lines).toMatchObject([
      { ok: true, changed: true, kept: "system" },
      { ok: true, kept: "system", proven: true },
      { ok: true, changed: true },
    ]);
    expect(await readdir(join(place.folder, ".cache/deskpair"))).toEqual([
      expect.stringMatching(/^keyring-[0-9a-f]{16}\.node$/),
    ]);
  });
}

/** Without the flags that a place adds. */
async function ownOutput(file: string, args: readonly string[]): Promise<{ code: unknown; printed: string }> {
  const child = spawn(file, args, { env: {}, stdio: ["ignore", "pipe", "inherit"] });
  const [printed, [code]] = await Promise.all([child.stdout.setEncoding("utf8").toArray(), once(child, "close")]);
  return { code, printed: printed.join("") };
}

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
