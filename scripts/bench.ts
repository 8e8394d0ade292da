import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { request } from "undici";
import { defaultAgentTrust } from "../src/core/agent/trust-settings.ts";
import { resolveEndpoints } from "../src/core/pingone/endpoints.ts";
import { createTokens } from "../src/core/pingone/tokens.ts";
import { unmanaged } from "../src/core/policy/applied.ts";
import type { Ports } from "../src/core/ports.ts";
import { openSession } from "../src/core/session.ts";
import { createCallbackListener } from "../src/node/callback.ts";
import { createFiles } from "../src/node/files.ts";
import { clock, random } from "../src/node/host.ts";
import { createHttp } from "../src/node/http-undici.ts";
import { readKeyFile } from "../src/node/key-file.ts";
import { createLoopbackHttp, probe } from "../src/node/loopback.ts";
import { memorySecrets } from "../src/node/memory-secrets.ts";
import { createSurveyPort, ownerOf } from "../src/node/port-owner.ts";
import { type Simulator, startSimulator } from "../src/simulator/index.ts";
import { ensureBuilt } from "./build.ts";
import { ensureExecutable } from "./executable.ts";
import { root } from "./processes.ts";

/**
 * `npm run bench`: speed as ratios in one run on one machine, against what a person would use instead. Medians of
 * interleaved runs, so that a drifting machine drifts for both. Nothing here passes or fails.
 */
const runs = 15;
const folder = mkdtempSync(join(tmpdir(), "deskpair-bench-"));
const simulator = await startSimulator({ port: 0, agentPort: 0 });
const user = simulator.users[0] ?? { id: "", username: "" };
const print = (line: string) => process.stdout.write(`${line}\n`);

try {
  await ensureBuilt();
  await wholeProcess();
  await warmProcess();
  pageSize();
} finally {
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
}

/** The command line against the same requests by bash, curl and jq, and against a Node that does nothing. */
async function wholeProcess(): Promise<void> {
  const secretFile = join(folder, "secret");
  writeFileSync(secretFile, simulator.clientSecret, { mode: 0o600 });
  const cli = join(root, "out/cli/deskpair.js");
  const pair = ["pair", "desktop", "--user", user.username, "--policy", simulator.policyId, "--output", "json"];
  const executable = await ensureExecutable();
  const contenders: Record<string, () => Promise<number>> = {
    "deskpair pair desktop": () => timed(process.execPath, [cli, ...pair], cliEnvironment(secretFile)),
    "bash, curl and jq": () => timed("bash", [join(root, "test/bench/pair.sh")], curlEnvironment(simulator)),
    "deskpair --version": () => timed(process.execPath, [cli, "--version"], {}),
    "node -e 0": () => timed(process.execPath, ["-e", "0"], {}),
    ...(executable === null
      ? {}
      : {
          "executable pair desktop": () => timed(executable, pair, cliEnvironment(secretFile)),
          "executable --version": () => timed(executable, ["--version"], {}),
        }),
  };
  if (spawnSync("jq", ["--version"]).status !== 0 || spawnSync("curl", ["--version"]).status !== 0) {
    print("bash, curl and jq: not measured, curl or jq is missing");
    delete contenders["bash, curl and jq"];
  }
  const measured = new Map<string, number[]>(Object.keys(contenders).map((name) => [name, []]));
  for (let run = 0; run <= runs; run += 1) {
    for (const [name, measure] of Object.entries(contenders)) {
      const ms = await measure();
      forgetDevices();
      // The first round warms the caches of the machine and of the command line.
      if (run > 0) measured.get(name)?.push(ms);
    }
  }
  print(`whole process, medians of ${runs} interleaved runs`);
  for (const [name, times] of measured) print(`  ${name.padEnd(24)} ${median(times).toFixed(0).padStart(5)} ms`);
  const ratio = (a: string, b: string) => (median(measured.get(a) ?? []) / median(measured.get(b) ?? [])).toFixed(2);
  if (measured.has("bash, curl and jq")) {
    print(
      `  pairing / bash, curl and jq   ${ratio("deskpair pair desktop", "bash, curl and jq")}   (goal: at most 2, aim 1.5)`,
    );
  }
  print(`  --version / node -e 0         ${ratio("deskpair --version", "node -e 0")}`);
  if (executable === null) return;
  const megabytes = (file: string) => (statSync(file).size / 1024 / 1024).toFixed(1);
  print(`  executable pairing / deskpair ${ratio("executable pair desktop", "deskpair pair desktop")}`);
  print(`  executable start / node -e 0  ${ratio("executable --version", "node -e 0")}`);
  print(`executable: ${megabytes(executable)} MB, of which Node is ${megabytes(process.execPath)} MB`);
}

/** CPU time of one pairing in a process that is warm, against the same requests with bare undici. */
async function warmProcess(): Promise<void> {
  const ports: Ports = {
    http: createHttp(),
    agentHttp: createLoopbackHttp(),
    probeAgent: probe,
    agentOwners: createSurveyPort(),
    listenForCallback: createCallbackListener({ ownerOf }),
    configuration: createFiles(join(folder, "configuration")),
    secrets: memorySecrets(),
    inTurn: (_name, work) => work(),
    readKeyFile,
    ceremony: () => Promise.reject(new Error("no ceremony in this measurement")),
    authenticators: { platform: "linux", tools: "not-usable", simulated: false },
    openPage: () => Promise.resolve(false),
    clock,
    random,
    files: createFiles(join(folder, "data")),
    log: () => {},
    policy: () => unmanaged,
    hostName: "bench",
  };
  const { environmentId, clientId, clientSecret, agentPort, policyId } = simulator;
  const { apiUrl, authUrl } = simulator;
  const endpoints = resolveEndpoints({ region: null, apiUrl, authUrl, authDomain: null, environmentId });
  if (!endpoints.ok) throw new Error(endpoints.error.code);
  const session = openSession(ports, {
    endpoints: endpoints.value,
    tokens: createTokens(ports, endpoints.value, { kind: "secret-basic", clientId, clientSecret }),
    actor: { mode: "worker" },
    agent: () => ({ port: agentPort, trust: defaultAgentTrust }),
  });
  const found = await session.resolveUser(user.username);
  if (!found.ok) throw new Error(found.error.code);
  const choice = { kind: "desktop", policyId, relyingPartyId: null, nickname: "bench", force: true } as const;
  const ours = () => session.pair(found.value, choice, () => {}, new AbortController().signal);
  const token = await bareToken();
  const bare = () => barePairing(token);
  const times: { ours: number[]; bare: number[] } = { ours: [], bare: [] };
  for (let run = -20; run < 60; run += 1) {
    const a = await cpu(ours);
    forgetDevices();
    const b = await cpu(bare);
    forgetDevices();
    if (run >= 0) {
      times.ours.push(a);
      times.bare.push(b);
    }
  }
  const ratio = median(times.ours) / median(times.bare);
  print("one pairing in a warm process, CPU time with the simulator in the same process, medians of 60");
  print(
    `  DeskPair ${median(times.ours).toFixed(2)} ms, bare undici ${median(times.bare).toFixed(2)} ms, ratio ${ratio.toFixed(2)}   (goal: at most 1.3)`,
  );
}

function pageSize(): void {
  const assets = join(root, "out/renderer/assets");
  const scripts = readdirSync(assets).filter((name) => name.endsWith(".js"));
  const bytes = scripts.reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name))).length, 0);
  print(`page: ${(bytes / 1024).toFixed(1)} KB of JavaScript, compressed   (goal: at most 150 KB)`);
}

function timed(command: string, args: readonly string[], env: Record<string, string>): Promise<number> {
  const started = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, ...env } });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0) resolve(performance.now() - started);
      else reject(new Error(`${command} ${args.join(" ")} ended with ${code}`));
    });
  });
}

async function cpu(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const used = process.cpuUsage(before);
  return (used.user + used.system) / 1000;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** A user may have five devices; each measurement starts with none. */
function forgetDevices(): void {
  for (const device of simulator.world.devicesOf(user.id)) simulator.world.devices.delete(device.id);
}

function cliEnvironment(secretFile: string): Record<string, string> {
  return {
    DESKPAIR_API_URL: simulator.apiUrl,
    DESKPAIR_AUTH_URL: simulator.authUrl,
    DESKPAIR_ENVIRONMENT_ID: simulator.environmentId,
    DESKPAIR_CLIENT_ID: simulator.clientId,
    DESKPAIR_CLIENT_SECRET_FILE: secretFile,
    DESKPAIR_AGENT_PORT: String(simulator.agentPort),
    DESKPAIR_DATA_DIR: join(folder, "data"),
  };
}

/** SECURITY: a secret in the environment, as such scripts have it; it is the simulator's, and not one. */
function curlEnvironment(given: Simulator): Record<string, string> {
  return {
    API_URL: given.apiUrl,
    AUTH_URL: given.authUrl,
    AGENT_URL: given.agentUrl,
    ENVIRONMENT_ID: given.environmentId,
    CLIENT_ID: given.clientId,
    CLIENT_SECRET: given.clientSecret,
    POLICY_ID: given.policyId,
    USERNAME: user.username,
  };
}

async function bareToken(): Promise<string> {
  const reply = await request(`${simulator.authUrl}/${simulator.environmentId}/as/token`, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`${simulator.clientId}:${simulator.clientSecret}`).toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    body: "grant_type=client_credentials",
  });
  return memberOf(await reply.body.json(), "access_token");
}

/** The requests of a pairing that `ours` sends, and nothing else. */
async function barePairing(token: string): Promise<void> {
  const environment = `${simulator.apiUrl}/environments/${simulator.environmentId}`;
  const devices = `${environment}/users/${user.id}/devices`;
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const reads = [devices, `${environment}/deviceAuthenticationPolicies`, `${environment}/capabilities`];
  await Promise.all(reads.map(async (url) => (await request(url, { headers })).body.json()));
  const body = JSON.stringify({
    type: "PINGID_DESKTOP_GEN2",
    status: "ACTIVATION_REQUIRED",
    policy: { id: simulator.policyId },
  });
  const created = await (await request(devices, { method: "POST", headers, body })).body.json();
  const registered = await request(`${simulator.agentUrl}/register`, {
    method: "POST",
    headers: { "content-type": "application/jwt", origin: "https://app.pingone.eu" },
    body: memberOf(created, "pingIdDesktopCredentialCreationOptions"),
  });
  const attestation = await registered.body.text();
  const device = `${devices}/${memberOf(created, "id")}`;
  const activate = { ...headers, "content-type": "application/vnd.pingidentity.device.activate+json" };
  await (
    await request(device, { method: "POST", headers: activate, body: JSON.stringify({ attestation }) })
  ).body.json();
  const name = JSON.stringify({ nickname: "bench" });
  await (await request(`${device}/nickname`, { method: "PUT", headers, body: name })).body.dump();
}

function memberOf(value: unknown, name: string): string {
  const member =
    typeof value === "object" && value !== null && name in value
      ? Object.entries(value).find(([key]) => key === name)?.[1]
      : "";
  return typeof member === "string" ? member : "";
}
