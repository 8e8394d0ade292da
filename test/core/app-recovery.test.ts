import { describe, expect, test } from "vitest";
import type { PairingStart } from "../../src/contract/ipc.ts";
import { journalFile } from "../../src/core/pairing/journal.ts";
import type { HttpResult } from "../../src/core/ports.ts";
import { memoryFiles } from "../fakes/files.ts";
import { answer, failure, gate, refusal } from "../fakes/http.ts";
import { environmentId, type Operation, type Pretend, userId, type WireDevice } from "./pretend-pingone.ts";
import {
  done,
  holdAgent,
  openUser,
  openWindow,
  paired,
  profileName,
  start,
  type Window,
  withSecret,
} from "./window.ts";

/** The app ended in the middle of a pairing, and is started again. */

/** The files and the devices as they are at one moment: all that is left when the process is killed then. */
type Remains = { readonly files: Map<string, string>; readonly configuration: Map<string, string> } & Pick<
  Pretend,
  "devices"
>;
const remainsOf = (window: Window): Remains => ({
  files: new Map(window.files.contents),
  configuration: new Map(window.configuration.contents),
  devices: new Map(window.server.devices),
});

/** What is left of a pairing that is killed when PingOne, or the agent, has done this, and its answer is on the way. */
async function killedAt(operation: Operation, input: PairingStart = start): Promise<Remains> {
  const window = await openUser();
  const killed = gate<Remains>();
  const never = gate<HttpResult>();
  window.server.bend(operation, (healthy) => {
    healthy();
    killed.open(remainsOf(window));
    return never.passed;
  });
  expect(await window.app.commands["pairing.start"](input)).toEqual(done);
  return killed.passed;
}

/** The next start, on what is left. */
async function startAgain({ files, configuration, devices }: Remains): Promise<Window> {
  const window = openWindow({
    files: memoryFiles(Object.fromEntries(files)),
    configuration: memoryFiles(Object.fromEntries(configuration)),
  });
  for (const [id, device] of devices) window.server.devices.set(id, device);
  await window.app.start();
  return window;
}

const recoveryOf = ({ app }: Window) => app.snapshot().recovery;
const signIn = async ({ app }: Window): Promise<void> =>
  expect(await app.commands["session.signIn"](withSecret)).toEqual(done);

/** Resolves when the clean-up that runs, or begins next, is over. */
function cleanedUp({ app }: Window): Promise<void> {
  return new Promise((resolve) => {
    let seen = app.snapshot().busy === "pairings.recover";
    const end = app.subscribe(({ busy }) => {
      if (busy === "pairings.recover") seen = true;
      else if (seen && busy === null) {
        end();
        resolve();
      }
    });
  });
}

async function signedInAndCleanedUp(window: Window): Promise<void> {
  const over = cleanedUp(window);
  await signIn(window);
  await over;
}

const here = { environmentId, host: "api.pingone.eu", ofOthers: false };
const ofAda = { kind: "desktop", userId, username: "ada", pairingId: expect.any(String), beganAt: expect.any(String) };

describe("a pairing that was killed", () => {
  test("while the agent waited: is told before the sign-in, undone after it, and told until it is read", async () => {
    const window = await startAgain(await killedAt("register"));
    expect(recoveryOf(window)).toEqual({
      settled: [],
      waiting: [{ ...here, count: 1, profile: profileName }],
      newer: 0,
      problem: null,
    });
    expect([...window.server.devices.values()].map(({ status }) => status)).toEqual(["ACTIVATION_REQUIRED"]);

    await signedInAndCleanedUp(window);
    expect(window.server.devices.size).toBe(0);
    expect(recoveryOf(window)).toEqual({
      settled: [{ ...ofAda, outcome: "undone" }],
      waiting: [],
      newer: 0,
      problem: null,
    });
    expect(window.app.snapshot().busy).toBeNull();

    expect(await window.app.commands["session.begin"](null)).toEqual(done);
    expect(recoveryOf(window)?.settled).toHaveLength(1);
    expect(await window.app.commands["pairings.dismiss"](null)).toEqual(done);
    expect(recoveryOf(window)).toBeNull();
    await window.app.commands["session.signOut"](null);
    expect(recoveryOf(window)).toBeNull();
  });

  test("after its activation: the device is active, once", async () => {
    const window = await startAgain(await killedAt("activate"));
    await signedInAndCleanedUp(window);
    expect(recoveryOf(window)?.settled).toEqual([{ ...ofAda, outcome: "finished", deviceId: "made-1" }]);
    expect([...window.server.devices.values()].map(({ status }) => status)).toEqual(["ACTIVE"]);
  });

  test("and cannot be removed now: says what is left, and removes it later", async () => {
    const window = await startAgain(await killedAt("register"));
    window.server.bend("remove", () => answer(503, refusal("UNEXPECTED_ERROR")));
    await signedInAndCleanedUp(window);
    expect(recoveryOf(window)?.settled).toEqual([
      { ...ofAda, outcome: "left", left: "device", deviceId: "made-1", error: { code: "interrupted" } },
    ]);

    // It waits for the next sign-in, too.
    await window.app.commands["session.signOut"](null);
    expect(recoveryOf(window)?.waiting).toEqual([{ ...here, count: 1, profile: profileName }]);
    await signedInAndCleanedUp(window);
    window.server.bend("remove", (healthy) => healthy());
    expect(await window.app.commands["pairings.recover"](null)).toEqual(done);
    expect(recoveryOf(window)?.settled).toEqual([{ ...ofAda, outcome: "undone" }]);
    expect(window.server.devices.size).toBe(0);
  });

  test("is brought to its end by the next pairing of the user as well, and no longer told then", async () => {
    const window = await startAgain(await killedAt("register"));
    window.server.bend("remove", () => answer(503, refusal("UNEXPECTED_ERROR")));
    await signedInAndCleanedUp(window);
    window.server.bend("remove", (healthy) => healthy());
    await window.app.commands["session.begin"](null);
    expect(await window.app.commands["user.find"]({ query: "ada" })).toEqual(done);
    expect(await paired(window)).toMatchObject({ name: "paired" });
    expect([...window.server.devices.values()].map(({ status }) => status)).toEqual(["ACTIVE"]);
    expect(recoveryOf(window)).toBeNull();
  });
});

test("while it is looked after nothing else can be begun, and a sign-out waits for it", async () => {
  const window = await startAgain(await killedAt("register"));
  const asked = gate<null>();
  const held = gate<HttpResult>();
  window.server.bend("remove", (healthy) => {
    asked.open(null);
    return held.passed.then(() => healthy());
  });
  await signIn(window);
  await asked.passed;
  const { commands } = window.app;
  expect(window.app.snapshot()).toMatchObject({ busy: "pairings.recover", phase: { name: "finding-user" } });
  for (const outcome of [
    await commands["session.begin"](null),
    await commands["user.find"]({ query: "ada" }),
    await commands["pairing.start"](start),
    await commands["pairings.recover"](null),
  ]) {
    expect(outcome).toMatchObject({ ok: false, error: { code: "not-now" } });
  }
  const out = commands["session.signOut"](null);
  held.open(answer(204));
  expect(await out).toEqual(done);
  expect(window.phase().name).toBe("signed-out");
  expect(window.server.devices.size).toBe(0);
  expect(recoveryOf(window)).toBeNull();
});

test("the end of the app waits for it, too", async () => {
  const window = await startAgain(await killedAt("register"));
  const asked = gate<null>();
  const held = gate<HttpResult>();
  window.server.bend("remove", (healthy) => {
    asked.open(null);
    return held.passed.then(() => healthy());
  });
  await signIn(window);
  await asked.passed;
  const stopped = window.app.stop();
  held.open(answer(204));
  await stopped;
  expect(window.server.devices.size).toBe(0);
});

describe("what is not ours to look after", () => {
  /** The last line of the journal, changed. */
  const withLine = ({ files, ...rest }: Remains, change: object): Remains => {
    const text = files.get(journalFile) ?? "";
    const line: object = JSON.parse(text.trim().split("\n").at(-1) ?? "");
    return { ...rest, files: new Map([...files, [journalFile, `${text}${JSON.stringify({ ...line, ...change })}\n`]]) };
  };

  test("pairings of another environment, and of a later version, are counted and left alone", async () => {
    const elsewhere = "11111111-2222-4333-8444-555555555555";
    const killed = await killedAt("register");
    const remains = withLine(withLine(killed, { pairingId: "p-other", environmentId: elsewhere }), {
      pairingId: "p-newer",
      version: 2,
    });
    const window = await startAgain(remains);
    const other = { count: 1, profile: null, environmentId: elsewhere, host: "api.pingone.eu", ofOthers: false };
    // Its own version shows them.
    expect(recoveryOf(window)?.waiting).toEqual([{ ...here, count: 1, profile: profileName }, other]);
    await signedInAndCleanedUp(window);
    expect(recoveryOf(window)).toMatchObject({ settled: [{ outcome: "undone" }], waiting: [other], newer: 1 });
  });

  test("a record that somebody has edited costs nobody the window", async () => {
    const huge = "x".repeat(5_000);
    const window = await startAgain(
      withLine(await killedAt("register"), { sequence: 99, username: huge, beganAt: huge }),
    );
    await signedInAndCleanedUp(window);
    expect(recoveryOf(window)?.settled).toMatchObject([{ username: huge.slice(0, 200), beganAt: null }]);
    const odd = await startAgain(
      withLine(await killedAt("register"), { pairingId: "p-2", apiBase: huge, environmentId: huge }),
    );
    expect(recoveryOf(odd)?.waiting).toContainEqual(expect.objectContaining({ host: huge.slice(0, 200) }));
  });
});

test("a record that cannot be read now is a problem on the screen, until it can be", async () => {
  const window = await startAgain(await killedAt("register"));
  window.files.broken.add("read");
  await signedInAndCleanedUp(window);
  expect(recoveryOf(window)).toMatchObject({ settled: [], problem: { code: "storage-failed" } });
  window.files.broken.clear();
  expect(await window.app.commands["pairings.recover"](null)).toEqual(done);
  expect(recoveryOf(window)).toMatchObject({ settled: [{ outcome: "undone" }], problem: null });
});

test("without a record nothing is asked and nothing is shown", async () => {
  const window = await openUser();
  expect(window.seen.some(({ busy, recovery }) => busy === "pairings.recover" || recovery !== null)).toBe(false);
});

describe("from the screen of a failure", () => {
  test("what was left is removed, and the screen says so", async () => {
    const window = await openUser();
    window.server.bend("register", () => answer(403, { error: "user_cancelled" }));
    window.server.bend("remove", () => answer(503, refusal("UNEXPECTED_ERROR")));
    expect(await paired(window)).toMatchObject({ name: "failed", left: "device", deviceId: "made-1" });
    expect(await window.app.commands["pairings.recover"](null)).toEqual(done);
    expect(window.phase()).toMatchObject({ name: "failed", left: "device", deviceId: "made-1" });
    window.server.bend("remove", (healthy) => healthy());
    expect(await window.app.commands["pairings.recover"](null)).toEqual(done);
    expect(window.phase()).toMatchObject({ name: "failed", left: "nothing", deviceId: null });
    expect(window.server.devices.size).toBe(0);
    // Said there, and not a second time.
    expect(recoveryOf(window)).toBeNull();
  });

  test("a device that is active after all is paired", async () => {
    const window = await openUser();
    window.server.bend("activate", (healthy) => {
      healthy();
      return failure("reset", true);
    });
    window.server.bend("read", () => answer(503, refusal("UNEXPECTED_ERROR")));
    expect(await paired(window)).toMatchObject({ name: "failed", left: "unknown", deviceId: "made-1" });
    window.server.bend("read", (healthy) => healthy());
    expect(await window.app.commands["pairings.recover"](null)).toEqual(done);
    expect(window.phase()).toMatchObject({ name: "paired", changed: true, device: { id: "made-1", status: "ACTIVE" } });
  });
});

describe("a workstation that is paired already, by our own record", () => {
  const own = { id: "made-1", status: "ACTIVE" };

  test("is left as it is without a question, and paired again when that is asked for", async () => {
    const window = await openUser();
    expect(await paired(window)).toMatchObject({ name: "paired", changed: true, device: own });
    await window.app.commands["pairing.close"](null);
    expect(window.phase()).toMatchObject({ name: "user", ownDeviceId: "made-1" });

    expect(await paired(window)).toMatchObject({ name: "paired", changed: false, device: own });
    expect(window.server.count("create")).toBe(1);
    expect(await paired(window, { ...start, despiteExisting: true })).toMatchObject({
      name: "paired",
      changed: true,
      device: { id: "made-2" },
      warnings: [{ code: "existing-desktop-devices" }],
    });
    expect([...window.server.devices.keys()]).toEqual(["made-1", "made-2"]);
  });

  test("is a question after all when the device is gone and another is there", async () => {
    const window = await openUser();
    await paired(window);
    const other: WireDevice = { id: "other", type: "PINGID_DESKTOP_GEN2", status: "ACTIVE" };
    window.server.devices.clear();
    window.server.devices.set(other.id, other);
    await window.app.commands["pairing.close"](null);
    expect(window.phase()).toMatchObject({ name: "user", ownDeviceId: null });
    expect(await window.app.commands["pairing.start"](start)).toMatchObject({
      ok: false,
      error: { code: "existing-devices", count: 1 },
    });
  });
});

test("a pairing that runs is nobody's to look after", async () => {
  const window = await openUser();
  const agent = holdAgent(window);
  const ended = window.reaches("paired", "failed");
  await window.app.commands["pairing.start"](start);
  await agent.asked;
  expect(await window.app.commands["pairings.recover"](null)).toMatchObject({ ok: false, error: { code: "not-now" } });
  await window.app.commands["pairing.cancel"](null);
  expect((await ended).phase).toMatchObject({ name: "failed", left: "nothing" });
});
