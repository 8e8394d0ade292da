import { describe, expect, onTestFinished, test } from "vitest";
import { createApp } from "../../src/core/app.ts";
import type { Clock } from "../../src/core/ports.ts";
import { watchIdle } from "../../src/main/idle.ts";
import { pretendPingOne, userId } from "../core/pretend-pingone.ts";
import { done, start as pairing, tenant, withSecret } from "../core/window.ts";
import { soundComputer } from "../fakes/doctor-ports.ts";
import { Events } from "../fakes/electron-events.ts";
import { failure, gate } from "../fakes/http.ts";
import { manualClock } from "../fakes/manual-clock.ts";
import { fakePorts } from "../fakes/ports.ts";
import { runApp } from "./running-app.ts";

const minutes = 60_000;

/** The real core with a watch on it, on a clock that only the test moves. */
async function desk(given: { readonly signedIn?: "before the watch" | "after" } = {}) {
  const server = pretendPingOne();
  const time = manualClock();
  const waits: number[] = [];
  const clock: Clock = {
    ...time,
    wait: (ms, signal) => {
      waits.push(ms);
      return time.wait(ms, signal);
    },
  };
  const { ports } = fakePorts({ pingOne: server.pingOne, agent: server.agent });
  const app = createApp({ ...ports, clock: time }, { doctor: soundComputer, version: "1", rehearsal: null });
  const power = new Events();
  let end = (): void => undefined;
  const watch = (): void => {
    end = watchIdle(app, power, clock);
  };
  onTestFinished(() => end());
  const signIn = async (): Promise<void> => {
    expect(await app.commands["session.signIn"](withSecret)).toEqual(done);
    if (app.snapshot().phase.name === "ready") await app.commands["session.begin"](null);
  };
  if (given.signedIn !== "before the watch") watch();
  await app.commands["profile.save"](tenant);
  await signIn();
  if (given.signedIn === "before the watch") watch();
  return {
    app,
    server,
    time,
    power,
    waits,
    end: () => end(),
    signIn,
    /** How the session has ended; `null`: it has not. */
    ended: () => {
      const { operator, phase } = app.snapshot();
      return operator === null && phase.name === "signed-out" ? phase.reason : null;
    },
    /** Lets time pass, and everything happen that follows from it. */
    pass: async (ms: number) => {
      // Not in one leap: a timer fires when its time has come, and not long after.
      for (let left = ms; left > 30_000; left -= 30_000) {
        time.advance(30_000);
        await settled();
      }
      time.advance(ms % 30_000 === 0 && ms > 0 ? 30_000 : ms % 30_000);
      await settled();
    },
    set: (change: Parameters<(typeof app.commands)["settings.change"]>[0]) => app.commands["settings.change"](change),
    touch: () => app.commands["session.touch"](null),
    /** A pairing that is held at the agent until the person answers. */
    pair: async () => {
      const asked = gate<null>();
      const answered = gate<ReturnType<typeof failure>>();
      server.bend("register", (_healthy, _nth, request) => {
        request.signal?.addEventListener("abort", () => answered.open(failure("cancelled", true)));
        asked.open(null);
        return answered.passed;
      });
      expect(await app.commands["user.open"]({ userId })).toEqual(done);
      expect(await app.commands["pairing.start"](pairing)).toEqual(done);
      await asked.passed;
      return async () => {
        answered.open(failure("refused", false));
        await expect.poll(() => app.snapshot().phase.name).toBe("failed");
      };
    },
  };
}

/** Everything in memory has happened: there is no network and no disk in here. */
const settled = (): Promise<void> =>
  new Promise((resolve) => {
    let rounds = 0;
    const next = (): void => {
      rounds += 1;
      if (rounds > 20) resolve();
      else setImmediate(next);
    };
    next();
  });

describe("nobody touches the app", () => {
  test.each(["before the watch", "after"] as const)(
    "the session ends after as many minutes as the settings say (signed in %s)",
    async (signedIn) => {
      const { pass, ended, server } = await desk({ signedIn });
      await pass(10 * minutes - 1);
      expect(ended()).toBeNull();
      await pass(1);
      expect(ended()).toBe("idle");
      expect(server.count("token")).toBe(1);
    },
  );

  test("a touch moves the end", async () => {
    const { pass, touch, ended } = await desk();
    await pass(9 * minutes);
    await touch();
    await pass(9 * minutes);
    expect(ended()).toBeNull();
    await touch();
    await pass(10 * minutes - 1);
    expect(ended()).toBeNull();
    await pass(1);
    expect(ended()).toBe("idle");
  });

  test("a shorter time is in force at once, without another touch, and so is a longer one", async () => {
    const shorter = await desk();
    await shorter.set({ idleMinutes: 2 });
    await shorter.pass(2 * minutes);
    expect(shorter.ended()).toBe("idle");
    const longer = await desk();
    await longer.set({ idleMinutes: 30 });
    await longer.pass(29 * minutes);
    expect(longer.ended()).toBeNull();
    await longer.pass(1 * minutes);
    expect(longer.ended()).toBe("idle");
  });

  test("another setting is not a longer time", async () => {
    const { set, pass, ended, app } = await desk();
    const before = app.snapshot().operator?.idleAt;
    await pass(5 * minutes);
    await set({ theme: "dark" });
    expect(app.snapshot().operator?.idleAt).toBe(before);
    await pass(5 * minutes);
    expect(ended()).toBe("idle");
  });

  test("a pairing is waited for, and the session ends soon after it", async () => {
    const { pair, pass, ended, app } = await desk();
    const finish = await pair();
    await pass(60 * minutes);
    expect([ended(), app.snapshot().phase.name]).toEqual([null, "pairing"]);
    await finish();
    expect(ended()).toBeNull();
    await pass(30_000);
    expect(ended()).toBe("idle");
  });

  test("signed in again: the time begins anew", async () => {
    const { pass, signIn, ended } = await desk();
    await pass(10 * minutes);
    expect(ended()).toBe("idle");
    await pass(60 * minutes);
    await signIn();
    await pass(10 * minutes - 1);
    expect(ended()).toBeNull();
    await pass(1);
    expect(ended()).toBe("idle");
  });

  test("signed out: nothing is waited for", async () => {
    const { app, time, pass } = await desk();
    expect(time.waiting()).toBe(1);
    await app.commands["session.signOut"](null);
    await pass(0);
    expect(time.waiting()).toBe(0);
  });
});

describe("the timer", () => {
  test("never fires more often than every 30 seconds, and one at a time", async () => {
    const { pass, touch, set, pair, waits, time, power } = await desk();
    await set({ idleMinutes: 1 });
    for (let round = 0; round < 20; round += 1) {
      await pass(17_000);
      await touch();
      expect(time.waiting()).toBe(1);
    }
    const finish = await pair();
    for (let round = 0; round < 100; round += 1) {
      await pass(7_000);
      power.emit("resume");
      expect(time.waiting()).toBeLessThanOrEqual(1);
    }
    await finish();
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(30_000);
  });

  test("waking up before the end changes nothing", async () => {
    const { power, ended, pass } = await desk();
    await pass(3 * minutes);
    power.emit("resume");
    await pass(0);
    expect(ended()).toBeNull();
    await pass(7 * minutes);
    expect(ended()).toBe("idle");
  });

  test("waking up after the end ends the session, though no timer ran in the sleep", async () => {
    const { app, power, ended, server } = await deskAsleep();
    power.emit("resume");
    await settled();
    expect(ended()).toBe("idle");
    expect(app.snapshot().busy).toBeNull();
    expect(server.count("token")).toBe(1);
  });

  test("ended: nothing is waited for, and nothing is heard any more", async () => {
    const { end, time, power, pass, set, touch, ended } = await desk();
    await set({ signOutOnLock: true });
    end();
    await pass(0);
    expect(time.waiting()).toBe(0);
    power.emit("lock-screen");
    power.emit("resume");
    await touch();
    await pass(60 * minutes);
    expect([ended(), time.waiting()]).toEqual([null, 0]);
  });
});

test("a clock that is set back does not prolong the session", async () => {
  const server = pretendPingOne();
  const time = manualClock();
  let setBack = 0;
  const clock: Clock = { ...time, now: () => time.now() - setBack };
  const { ports } = fakePorts({ pingOne: server.pingOne, agent: server.agent });
  const app = createApp({ ...ports, clock }, { doctor: soundComputer, version: "1", rehearsal: null });
  onTestFinished(watchIdle(app, new Events(), clock));
  await app.commands["profile.save"](tenant);
  await app.commands["session.signIn"](withSecret);
  setBack = 24 * 60 * minutes;
  time.advance(10 * minutes);
  await settled();
  expect(app.snapshot()).toMatchObject({ operator: null, phase: { name: "signed-out", reason: "idle" } });
});

/** A session whose end passed while the computer slept: the time of day is past it, and no wait has ended. */
async function deskAsleep() {
  const server = pretendPingOne();
  const time = manualClock();
  let slept = 0;
  const clock: Clock = { ...time, now: () => time.now() + slept };
  const { ports } = fakePorts({ pingOne: server.pingOne, agent: server.agent });
  const app = createApp({ ...ports, clock }, { doctor: soundComputer, version: "1", rehearsal: null });
  const power = new Events();
  onTestFinished(watchIdle(app, power, clock));
  await app.commands["profile.save"](tenant);
  await app.commands["session.signIn"](withSecret);
  slept = 8 * 60 * minutes;
  const ended = () => {
    const { phase } = app.snapshot();
    return phase.name === "signed-out" ? phase.reason : null;
  };
  expect(ended()).toBeNull();
  return { app, power, ended, server };
}

describe("a locked or sleeping computer", () => {
  test.each(["lock-screen", "suspend"])("%s: ends the session where the settings say so", async (event) => {
    const { power, pass, set, ended } = await desk();
    power.emit(event);
    await pass(0);
    expect(ended()).toBeNull();
    await set({ signOutOnLock: true });
    power.emit(event);
    await pass(0);
    expect(ended()).toBe("locked");
  });

  test("in the middle of a pairing: when that is over", async () => {
    const { power, pass, set, ended, pair, touch } = await desk();
    await set({ signOutOnLock: true });
    const finish = await pair();
    power.emit("lock-screen");
    await pass(minutes);
    expect(ended()).toBeNull();
    await finish();
    // Back at the desk: whoever that is has to sign in.
    await touch();
    await pass(30_000);
    expect(ended()).toBe("locked");
  });

  test.each(["token", "environment"] as const)("while somebody signs in (at: %s): that is cancelled", async (at) => {
    const { app, power, set, server } = await desk();
    await set({ signOutOnLock: true });
    await app.commands["session.signOut"](null);
    const asked = gate<null>();
    const held = gate<null>();
    server.bend(at, async (healthy) => {
      asked.open(null);
      await held.passed;
      return healthy();
    });
    const entering = app.commands["session.signIn"](withSecret);
    await asked.passed;
    power.emit("lock-screen");
    held.open(null);
    expect(await entering).toMatchObject({ ok: false, error: { code: "cancelled" } });
    expect(app.snapshot()).toMatchObject({ operator: null, phase: { name: "signed-out" } });
    expect(await app.commands["user.find"]({ query: "ada" })).toMatchObject({ error: { code: "sign-in-required" } });
  });

  test("with nobody signed in: means nothing for who signs in next", async () => {
    const { app, power, pass, set, ended, signIn } = await desk();
    await set({ signOutOnLock: true });
    await app.commands["session.signOut"](null);
    power.emit("lock-screen");
    await signIn();
    await pass(9 * minutes);
    expect(ended()).toBeNull();
  });
});

test("the app that has started listens to the computer", async () => {
  const server = pretendPingOne();
  const { ports } = fakePorts({ pingOne: server.pingOne, agent: server.agent });
  const { electron, send, until, remove } = await runApp({
    compose: async () => {
      const app = createApp(ports, { doctor: soundComputer, version: "1", rehearsal: null });
      return { app, start: app.start, stop: app.stop };
    },
  });
  onTestFinished(remove);
  expect(await send("profile.save", tenant)).toEqual(done);
  expect(await send("session.signIn", withSecret)).toEqual(done);
  expect(await send("settings.change", { signOutOnLock: true })).toEqual(done);
  const locked = until(({ phase }) => phase.name === "signed-out" && phase.reason === "locked");
  electron.powerMonitor.emit("lock-screen");
  expect((await locked).operator).toBeNull();
});
