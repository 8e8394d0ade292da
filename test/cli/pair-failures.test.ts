import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import type { FaultName } from "../../src/simulator/index.ts";
import { createPlace, type Place, type StartOptions } from "./command-line.ts";
import type { Instead, Passing } from "./gateway.ts";

const pair = (user = "ada@example.com", ...more: readonly string[]) => [
  "pair",
  "desktop",
  "--user",
  user,
  "--output",
  "json",
  ...more,
];

/** What every failure has, whatever went wrong. */
const failure = (code: string, left = "nothing") => ({
  ok: false,
  error: {
    code,
    message: expect.stringMatching(/\.$/),
    nextStep: expect.stringMatching(/\.$/),
    correlationId: expect.toSatisfy(isTextOrNull),
    serverErrorId: expect.toSatisfy(isTextOrNull),
  },
  left,
  steps: expect.any(Array),
  warnings: expect.any(Array),
});
const isTextOrNull = (value: unknown): boolean => value === null || (typeof value === "string" && value !== "");

const creates = (place: Place): number => place.writes().filter((write) => write.endsWith("create-device")).length;

type Case = {
  readonly what: string;
  readonly code: string;
  readonly exit: number;
  readonly user?: string;
  readonly args?: readonly string[];
  readonly fault?: FaultName;
  readonly intercept?: (passing: Passing) => Instead | null;
  readonly creates?: number;
};

const isCreate = ({ method, path }: Passing): boolean => method === "POST" && path.endsWith("/devices");
const cases: readonly Case[] = [
  { what: "the user does not exist", user: "nobody@example.com", code: "user-not-found", exit: 40 },
  {
    what: "the user is an id that does not exist",
    user: "00000000-0000-4000-8000-000000000000",
    code: "user-not-found",
    exit: 40,
  },
  { what: "an email that two users share", user: "reception@example.com", code: "user-ambiguous", exit: 40 },
  { what: "the user is disabled", user: "alan@example.com", code: "user-disabled", exit: 40 },
  { what: "the user is empty", user: " ", code: "usage-invalid", exit: 2 },
  {
    what: "the user is at the limit",
    user: "katherine@example.com",
    code: "device-limit-reached",
    exit: 40,
  },
  { what: "the licence is used up", fault: "licence-exceeded", code: "licence-exceeded", exit: 40, creates: 1 },
  { what: "the policy forbids pairing", fault: "pairing-disabled", code: "pairing-not-allowed", exit: 40, creates: 1 },
  {
    what: "the policy is unknown",
    args: ["--policy", "11111111-1111-4111-8111-111111111111"],
    code: "policy-unknown",
    exit: 40,
  },
  { what: "the relying party is no domain", args: ["--rp-id", "https://x"], code: "configuration-invalid", exit: 10 },
  { what: "the client or its secret is refused", fault: "token-refused", code: "sign-in-refused", exit: 20 },
  {
    what: "every token is refused",
    intercept: ({ path }) => (path.startsWith("/v1/") ? { status: 401 } : null),
    code: "sign-in-refused",
    exit: 20,
  },
  { what: "the application has no role", fault: "roles-missing", code: "not-allowed", exit: 21 },
  {
    what: "PingOne is throttling",
    intercept: (passing) => (isCreate(passing) ? { status: 429, headers: { "retry-after": "120" } } : null),
    code: "rate-limited",
    exit: 41,
  },
  { what: "a gateway answers 502 with HTML", fault: "create-502", code: "server-unavailable", exit: 75, creates: 1 },
  { what: "PingOne answers 500 with HTML", fault: "create-500-html", code: "server-unavailable", exit: 75, creates: 1 },
  { what: "the create reply is half JSON", fault: "create-truncated", code: "reply-invalid", exit: 50, creates: 1 },
  { what: "the create reply has no JWT", fault: "create-without-jwt", code: "reply-invalid", exit: 50, creates: 1 },
  { what: "the create reply is not JSON", fault: "create-not-json", code: "reply-invalid", exit: 50, creates: 1 },
  { what: "the create reply breaks off", fault: "create-cut", code: "network-failed", exit: 42, creates: 1 },
  { what: "the create reply is lost", fault: "create-lost", code: "network-failed", exit: 42, creates: 1 },
  { what: "the create request is lost", fault: "create-lost-before", code: "network-failed", exit: 42, creates: 1 },
  {
    what: "PingOne redirects",
    intercept: (passing) => (isCreate(passing) ? { status: 302, headers: { location: "http://127.0.0.1:9/" } } : null),
    code: "reply-invalid",
    exit: 50,
  },
  { what: "a web page on the agent's port", fault: "agent-html", code: "agent-not-recognized", exit: 31, creates: 1 },
  {
    what: "a redirect on the agent's port",
    fault: "agent-redirect",
    code: "agent-not-recognized",
    exit: 31,
    creates: 1,
  },
  { what: "a 404 on the agent's port", fault: "agent-404", code: "agent-not-recognized", exit: 31, creates: 1 },
  { what: "garbage on the agent's port", fault: "agent-garbage", code: "agent-not-recognized", exit: 31, creates: 1 },
  { what: "the person refuses", fault: "agent-user-cancelled", code: "agent-refused", exit: 32, creates: 1 },
  { what: "no biometrics are set up", fault: "agent-no-biometrics", code: "agent-refused", exit: 32, creates: 1 },
  { what: "the agent is busy", fault: "agent-busy", code: "agent-refused", exit: 32, creates: 1 },
  { what: "the agent fails", fault: "agent-500", code: "agent-refused", exit: 32, creates: 1 },
  { what: "the person is too slow", fault: "agent-user-too-slow", code: "agent-timed-out", exit: 32, creates: 1 },
  { what: "the agent hangs up", fault: "agent-reset", code: "agent-connection-lost", exit: 32, creates: 1 },
  {
    what: "the attestation is wrong",
    fault: "agent-wrong-attestation",
    code: "activation-refused",
    exit: 40,
    creates: 1,
  },
  { what: "the activation is refused", fault: "activate-refused", code: "activation-refused", exit: 40, creates: 1 },
];

test.each(cases)("$what: $code, exit $exit, nothing left", async (given) => {
  const place = await createPlace();
  const before = place.simulator.world.devices.size;
  if (given.fault !== undefined) place.simulator.setFault(given.fault);
  if (given.intercept !== undefined) place.gateway.intercept = given.intercept;
  const run = await place.run(pair(given.user, ...(given.args ?? [])));
  expect(run.json).toMatchObject(failure(given.code));
  expect(run.code).toBe(given.exit);
  expect(run.lines).toHaveLength(1);
  expect(run.stderr).toBe("");
  expect(creates(place)).toBe(given.creates ?? 0);
  expect(place.simulator.world.devices.size).toBe(before);
  expect(place.simulator.world.agent.redirectsFollowed).toBe(0);
});

test("a failure in words: what, what to do, what support needs, what is left", async () => {
  const place = await createPlace();
  place.simulator.setFault("activate-refused");
  const run = await place.run(["pair", "desktop", "--user", "ada@example.com"]);
  expect(run.stdout).toBe("");
  expect(run.stderr).toContain("\n✗ PingOne did not accept the proof of the workstation or the key.\n  Pair again.");
  expect(run.stderr).toContain("  PingOne: The attestation was refused.\n");
  expect(run.stderr).toMatch(/ {2}Correlation id: [0-9a-f-]{36}\n {2}PingOne's error id: [0-9a-f-]{36}\n/);
  expect(run.stderr).toMatch(/ {2}Nothing was left in PingOne\.\n$/);
  expect(run.code).toBe(40);
});

test("a failure in ndjson: the last line is the object", async () => {
  const place = await createPlace();
  place.simulator.setFault("agent-404");
  const run = await place.run(["pair", "desktop", "--user", "ada@example.com", "-O", "ndjson"]);
  expect(run.lines.at(-2)).toMatchObject({ event: "step", step: { name: "remove-device", outcome: "done" } });
  expect(run.json).toMatchObject({ ...failure("agent-not-recognized"), pairingId: expect.any(String) });
  expect(run.code).toBe(31);
});

test("the agent is not there: nothing is created", async () => {
  const place = await createPlace();
  await place.simulator.stopAgent();
  const environment = { DESKPAIR_AGENT_PORT: String(place.simulator.agentPort) };
  const run = await place.run(pair(), { environment });
  expect(run.json).toMatchObject(failure("agent-missing"));
  expect(run.code).toBe(30);
  expect(place.writes()).toEqual([]);
});

test("the device cannot be removed after a failure: it is named, and the exit number says so", async () => {
  const place = await createPlace();
  place.simulator.setFault("agent-user-cancelled");
  place.gateway.intercept = ({ method }) => (method === "DELETE" ? { status: 403 } : null);
  const run = await place.run(pair());
  const [device] = place.simulator.world.pendingDevices();
  expect(run.json).toMatchObject({ ...failure("agent-refused", "device"), device: { id: device?.id } });
  expect(run.code).toBe(51);
});

describe("the network", () => {
  test("nothing listens at PingOne's address", async () => {
    const place = await createPlace();
    place.gateway.close();
    const run = await place.run(pair());
    expect(run.json).toMatchObject(failure("network-failed"));
    expect(run.code).toBe(42);
  });

  test("PingOne's name cannot be found", async () => {
    const place = await createPlace();
    const environment = { DESKPAIR_AUTH_URL: "https://auth.pingone.invalid" };
    const run = await place.run(pair(), { environment });
    expect(run.json).toMatchObject(failure("network-failed"));
    expect(run.code).toBe(42);
  });

  test("the certificate is not trusted, and the secret is not sent", async () => {
    const place = await createPlace();
    const port = await serveSelfSigned(place.folder);
    const run = await place.run(pair(), { environment: { DESKPAIR_AUTH_URL: `https://localhost:${port}` } });
    expect(run.json).toMatchObject(failure("tls-failed"));
    expect(run.json).toHaveProperty("error.message", expect.stringContaining("it is signed by itself"));
    expect(run.code).toBe(42);
  });

  test("the other end is no server at all", async () => {
    const place = await createPlace();
    const server = createServer((socket) => socket.on("error", () => undefined).end("220 mail.example.com ESMTP\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const run = await place.run(pair(), { environment: { DESKPAIR_AUTH_URL: `http://127.0.0.1:${port}` } });
    expect(run.json).toMatchObject(failure("network-failed"));
    expect(run.code).toBe(42);
  });
});

describe("settings that cannot be used send nothing", () => {
  type Wrong = readonly [what: string, environment: NonNullable<StartOptions["environment"]>, words: RegExp];
  const wrong: readonly Wrong[] = [
    ["plain http to another host", { DESKPAIR_API_URL: "http://api.pingone.com" }, /^DESKPAIR_API_URL: .*https/],
    ["plain http for the sign-in", { DESKPAIR_AUTH_URL: "http://192.0.2.1" }, /^DESKPAIR_AUTH_URL: .*https/],
    ["an environment id that is none", { DESKPAIR_ENVIRONMENT_ID: "prod" }, /^DESKPAIR_ENVIRONMENT_ID: .*UUID/],
    ["a region that is none", { DESKPAIR_REGION: "MARS" }, /^DESKPAIR_REGION: .*NA, CA, EU, AU, SG, AP/],
    ["a port that is none", { DESKPAIR_AGENT_PORT: "94100" }, /^DESKPAIR_AGENT_PORT: .*65535/],
    [
      "a configuration file that is not there",
      { DESKPAIR_CONFIG: "nowhere.json" },
      /^configuration file: it does not exist/,
    ],
    [
      "a secret file that is not there",
      { DESKPAIR_CLIENT_SECRET_FILE: "nowhere" },
      /^DESKPAIR_CLIENT_SECRET_FILE: .*does not exist/,
    ],
    ["a secret file that is a folder", { DESKPAIR_CLIENT_SECRET_FILE: "." }, /names a folder/],
    ["an empty secret on stdin", { DESKPAIR_CLIENT_SECRET_FILE: "-" }, /it is empty/],
  ];
  test.each(wrong)("%s", async (_what, environment, words) => {
    const place = await createPlace();
    const run = await place.run(pair(), { environment });
    expect(run.json).toEqual({ ...failure("configuration-invalid"), steps: [], warnings: [] });
    expect(run.json).toHaveProperty("error.message", expect.stringMatching(words));
    expect(run.code).toBe(10);
    expect(place.simulator.world.log).toEqual([]);
  });

  test("a profile that is not there", async () => {
    const place = await createPlace();
    const run = await place.run(pair(), { environment: { DESKPAIR_PROFILE: "x" } });
    expect(run.json).toEqual({ ...failure("profile-unknown"), steps: [], warnings: [] });
    expect(run.code).toBe(10);
    expect(place.simulator.world.log).toEqual([]);
  });

  test("nothing is set at all: everything that is missing is named at once", async () => {
    const place = await createPlace();
    const environment = Object.fromEntries(
      Object.keys(place.environment).flatMap((name) => (name.startsWith("DESKPAIR_") ? [[name, undefined]] : [])),
    );
    const run = await place.run(pair(), { environment });
    expect(run.json).toHaveProperty(
      "error.message",
      "Not set: DESKPAIR_REGION, DESKPAIR_ENVIRONMENT_ID, DESKPAIR_CLIENT_ID, DESKPAIR_CLIENT_SECRET_FILE.",
    );
    expect(run.code).toBe(10);
  });

  test("the data folder cannot be written: the pairing is not begun", async () => {
    const place = await createPlace();
    await writeFile(join(place.folder, "taken"), "");
    const environment = { DESKPAIR_DATA_DIR: join(place.folder, "taken") };
    const run = await place.run(pair(), { environment });
    expect(run.json).toMatchObject(failure("storage-failed"));
    expect(run.code).toBe(10);
    expect(place.writes()).toEqual([]);
  });

  test("the log cannot be written", async () => {
    const place = await createPlace();
    await mkdir(join(place.folder, "deskpair.log"));
    const run = await place.run(pair());
    expect(run.json).toMatchObject(failure("configuration-invalid"));
    expect(run.code).toBe(10);
    expect(place.simulator.world.log).toEqual([]);
  });
});

test("a bug: a number for support, details in the log only, and nothing claimed about what is left", async () => {
  const place = await createPlace();
  const sabotage = 'URL.parse = () => { throw new Error("planted Bearer abcdefghijkl in a message"); };';
  const environment = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(sabotage)}` };
  const run = await place.run(pair(), { environment });
  expect(run.json).toMatchObject(failure("internal", "unknown"));
  expect(run.code).toBe(70);
  expect(run.stdout + run.stderr).not.toContain("planted");
  expect(run.log).toContain("planted Bearer [redacted] in a message");
  const incident = /"incidentId":"([0-9a-f-]{36})"/.exec(run.log)?.[1] ?? "none";
  expect(run.json).toHaveProperty("error.message");
  expect(run.stdout).toContain(incident);
});

async function serveSelfSigned(folder: string): Promise<number> {
  const { createServer: createTlsServer } = await import("node:tls");
  const { readFile } = await import("node:fs/promises");
  const [certFile, keyFile] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", keyFile];
  await promisify(execFile)("openssl", [
    "req",
    "-x509",
    ...key,
    "-out",
    certFile,
    "-days",
    "2",
    "-subj",
    "/CN=localhost",
  ]);
  const server = createTlsServer({ cert: await readFile(certFile), key: await readFile(keyFile) });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
