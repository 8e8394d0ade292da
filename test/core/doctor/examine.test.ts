import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type DoctorCheckName, type DoctorReport, doctorReportSchema } from "../../../src/contract/doctor.ts";
import { fail } from "../../../src/contract/errors.ts";
import { examine } from "../../../src/core/doctor/examine.ts";
import { readFolderFacts } from "../../../src/node/folder-facts.ts";
import { createKeyring, type Entries } from "../../../src/node/keyring.ts";
import { type Simulator, startSimulator } from "../../../src/simulator/index.ts";
import { type Room, room } from "./room.ts";

/** Against the simulator on real sockets. */

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator({ port: 0, agentPort: 0 });
});
afterEach(() => simulator.close());

const ada = "ada@example.com";

async function examineIn(at: Room, subject: Partial<Room["subject"]> = {}): Promise<DoctorReport> {
  const whole = { ...at.subject, ...subject };
  const report = await examine(at.ports, at.own, whole, () => undefined, new AbortController().signal);
  expect(doctorReportSchema.parse(report)).toEqual(report);
  return report;
}

/** The checks that did not pass, with their states. */
const notPassed = ({ checks }: DoctorReport): Readonly<Record<string, string>> =>
  Object.fromEntries(checks.filter(({ state }) => state !== "pass").map(({ name, state }) => [name, state]));

const found = ({ checks }: DoctorReport, name: DoctorCheckName) => {
  const check = checks.find((each) => each.name === name);
  if (check === undefined) throw new Error(`There is no check ${name}.`);
  return check;
};

/** No TLS on this computer, and a key store in memory: what the simulator alone cannot give. */
const usual = { tls: "not-tested", "key-store": "warn" };

test("everything is in order", async () => {
  const report = await examineIn(room(simulator), { user: ada });
  expect(notPassed(report)).toEqual(usual);
  expect(report.worst).toBe("warn");
  expect(found(report, "agent-identity").evidence).toContain(process.execPath);
  expect(found(report, "device-limit").evidence).toMatch(/0 of 5 devices/);
});

test("without a user: the rest is the same", async () => {
  const report = await examineIn(room(simulator));
  expect(notPassed(report)).toEqual({ ...usual, user: "not-tested", "device-limit": "not-tested" });
});

test("not signed in: the computer, the network and the agent are examined all the same", async () => {
  const report = await examineIn(room(simulator), { access: async () => fail({ code: "sign-in-required" }) });
  const untested = ["sign-in", "permissions", "capabilities", "mfa-policy", "pairing-allowed", "relying-party"];
  expect(notPassed(report)).toEqual({
    ...usual,
    ...Object.fromEntries([...untested, "user", "device-limit"].map((name) => [name, "not-tested"])),
  });
  expect(found(report, "permissions").evidence).toBe("Nobody is signed in.");
});

test("not configured: what is missing is said", async () => {
  const missing = fail({ code: "configuration-missing", settings: ["environment id"] });
  const report = await examineIn(room(simulator), { endpoints: missing });
  expect(found(report, "network")).toMatchObject({ state: "not-tested", evidence: "Not set: environment id." });
  expect(found(report, "agent-running").state).toBe("pass");
});

describe("each fault is named by its check", () => {
  test.each([
    ["token-refused", { "sign-in": "fail", permissions: "not-tested", user: "not-tested" }, "sign-in", /refused/],
    ["token-redirects", { "sign-in": "fail" }, "sign-in", /redirect/],
    ["roles-missing", { permissions: "fail", user: "fail" }, "permissions", /Identity Data Admin.*Missing: read-env/],
    ["policies-forbidden", { permissions: "warn", capabilities: "not-tested" }, "permissions", /read-policies/],
    ["user-500", { user: "not-tested", "device-limit": "not-tested" }, "user", /500/],
    ["clock-ahead", { clock: "fail" }, "clock", /behind PingOne/],
    ["clock-behind", { clock: "fail" }, "clock", /ahead of PingOne/],
    ["agent-html", { "agent-healthy": "warn" }, "agent-healthy", /web page/],
    ["agent-redirect", { "agent-healthy": "warn" }, "agent-healthy", /redirect/],
    ["agent-silent", { "agent-healthy": "fail" }, "agent-healthy", /does not answer/],
    ["agent-reset", { "agent-healthy": "fail" }, "agent-healthy", /./],
  ] as const)("%s", async (fault, states, name, words) => {
    simulator.setFault(fault, 1_000);
    const report = await examineIn(room(simulator), { user: ada });
    expect(notPassed(report)).toMatchObject(states);
    expect(found(report, name).evidence).toMatch(words);
  });

  test.each([
    ["grace@example.com", { user: "warn" }],
    ["alan@example.com", { user: "fail" }],
    ["katherine@example.com", { "device-limit": "fail" }],
    ["nobody@example.com", { user: "fail", "device-limit": "not-tested" }],
    ["reception@example.com", { user: "fail", "device-limit": "not-tested" }],
  ])("%s", async (user, states) => {
    expect(notPassed(await examineIn(room(simulator), { user }))).toEqual({ ...usual, ...states });
  });

  test("nothing listens on the agent's port", async () => {
    await simulator.stopAgent();
    const report = await examineIn(room(simulator));
    expect(notPassed(report)).toMatchObject({
      "agent-running": "fail",
      "agent-port": "not-tested",
      "agent-identity": "not-tested",
      "agent-healthy": "not-tested",
    });
  });

  test("another program has the agent's port: it is named, and not even asked", async () => {
    const visits: string[] = [];
    const stranger = createServer((socket) => socket.on("data", (data) => visits.push(data.toString())));
    await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void stranger.close());
    const address = stranger.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const at = room(simulator);
    // Not the simulator's process any more, as far as the rules know: the file of this very Node is judged.
    const rules = { ...at.ports.authenticators, platform: "win32", simulated: false } as const;
    const report = await examineIn(
      { ...at, ports: { ...at.ports, authenticators: rules } },
      { agentPort: address.port },
    );
    expect(found(report, "agent-identity").error).toMatchObject({ code: "agent-not-trusted", port: address.port });
    expect(found(report, "agent-healthy").state).toBe("not-tested");
    expect(visits).toEqual([]);
  });

  test("the agent listens elsewhere", async () => {
    await simulator.stopAgent();
    const at = room(simulator);
    const running = [{ path: "/opt/PingID/agent", ports: [9_999] }];
    const own = { ...at.own, agentInstallation: async () => ({ told: true, installed: [], running }) as const };
    const report = await examineIn({ ...at, own });
    expect(found(report, "agent-port")).toMatchObject({ state: "fail", fix: expect.stringContaining("9999") });
  });

  test.each([
    [45_000, "warn"],
    [-45_000, "warn"],
    [600_000, "fail"],
    [-600_000, "fail"],
  ])("the clock is off by %i ms", async (aheadMs, state) => {
    const report = await examineIn(room(simulator, { aheadMs }));
    expect(found(report, "clock").state).toBe(state);
  });

  test("PingOne cannot be reached: what is behind it is not tried", async () => {
    const at = room(simulator);
    await simulator.close();
    const report = await examineIn(at, { user: ada });
    expect(found(report, "network")).toMatchObject({ state: "fail", error: { code: "network-failed" } });
    expect(found(report, "sign-in")).toMatchObject({ state: "not-tested" });
    expect(found(report, "user")).toMatchObject({ state: "not-tested" });
    simulator = await startSimulator({ port: 0, agentPort: 0 });
  });

  test("the policy of the profile is not one of the environment", async () => {
    const report = await examineIn(room(simulator), { policyId: "6f1d0c52-0000-4000-8000-000000000000" });
    expect(found(report, "mfa-policy")).toMatchObject({ state: "fail", error: { code: "policy-unknown" } });
  });

  test("the journal holds an unfinished pairing, and rubbish", async () => {
    const at = room(simulator);
    at.files.contents.set("pairings.jsonl", "rubbish\n");
    expect(found(await examineIn(at), "journal").state).toBe("warn");
    at.files.broken.add("read");
    expect(found(await examineIn(at), "journal")).toMatchObject({ state: "fail", error: { code: "storage-failed" } });
  });
});

test("nothing is written: not to PingOne, not to the agent, not to a file, not to the key store", async () => {
  const place = room(simulator);
  const folder = await mkdtemp(join(tmpdir(), "deskpair-doctor-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const store = changesOf(new Map([["kept", "s3cret"]]));
  const at: Room = {
    ...place,
    ports: { ...place.ports, secrets: createKeyring({ load: store.load }) },
    // The folder above is there, the folder itself is not.
    own: { ...place.own, dataFolder: () => readFolderFacts(join(folder, "data")) },
  };
  at.files.broken.add("append").add("replace").add("setAside");
  at.files.contents.set("pairings.jsonl", "rubbish\n");
  const before = new Map(at.files.contents);
  const world = JSON.stringify([[...simulator.world.users], [...simulator.world.devices]]);
  for (const user of [null, ada, "nobody"]) {
    const report = await examineIn(at, { user });
    expect(notPassed(report)).not.toHaveProperty("key-store");
    expect(notPassed(report)).not.toHaveProperty("data-folder");
  }
  expect(store.changed).toEqual([]);
  expect(await readdir(folder)).toEqual([]);
  const { log } = simulator.world;
  expect(log.filter(({ wrote }) => wrote)).toEqual([]);
  expect(log.filter(({ method, operation }) => method !== "GET" && operation !== "issue-token")).toEqual([]);
  expect(log.filter(({ server }) => server === "agent").map(({ method, path }) => `${method} ${path}`)).toEqual([
    "GET /",
    "GET /",
    "GET /",
  ]);
  expect(simulator.world.agent).toMatchObject({ registerCount: 0, authenticateCount: 0 });
  expect(JSON.stringify([[...simulator.world.users], [...simulator.world.devices]])).toBe(world);
  expect(at.files.contents).toEqual(before);
  expect(at.files.aside).toEqual([]);
});

/** A key store of the system with these entries, and what was changed in it. */
function changesOf(entries: Map<string, string>): {
  readonly changed: string[];
  readonly load: () => Promise<Entries>;
} {
  const changed: string[] = [];
  const load = async (): Promise<Entries> => (name) => ({
    getPassword: async () => entries.get(name) ?? null,
    setPassword: async (text) => {
      changed.push(name);
      entries.set(name, text);
    },
    deleteCredential: async () => {
      changed.push(name);
      return entries.delete(name);
    },
  });
  return { changed, load };
}

test("what was seen holds no secret", async () => {
  const tokens: string[] = [];
  const at = room(simulator);
  const http: Room["ports"]["http"] = (request) => {
    tokens.push((request.headers["authorization"] ?? "").replace(/^\w+ /, ""));
    return at.ports.http(request);
  };
  for (const fault of [null, "token-refused", "roles-missing", "extra-fields"] as const) {
    simulator.setFault(fault, 1_000);
    const text = JSON.stringify(await examineIn({ ...at, ports: { ...at.ports, http } }, { user: ada }));
    for (const secret of [simulator.clientSecret, ...tokens.filter((token) => token !== "")]) {
      expect(text).not.toContain(secret);
    }
  }
  expect(tokens.some((token) => token.split(".").length === 3)).toBe(true);
});

test("a server that stumbles leaves untested what it was asked, without a second try", async () => {
  const at = room(simulator);
  let calls = 0;
  const http: Room["ports"]["http"] = async (request) => {
    if (!request.url.endsWith("/capabilities")) return at.ports.http(request);
    calls += 1;
    return { ok: true, response: { status: 503, headers: {}, body: "" } };
  };
  const report = await examineIn({ ...at, ports: { ...at.ports, http } });
  expect(found(report, "capabilities")).toMatchObject({ state: "not-tested", evidence: expect.stringMatching(/503/) });
  expect(calls).toBe(1);
});
