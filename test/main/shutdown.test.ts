import { expect, test } from "vitest";
import type { Clock } from "../../src/core/ports.ts";
import { createIncidentRecorder } from "../../src/main/incident.ts";
import { createShutdown, type ShutdownOptions } from "../../src/main/shutdown.ts";
import { fakeClock } from "../fakes/clock.ts";
import { fakeEvent } from "../fakes/electron-events.ts";
import { gate } from "../fakes/http.ts";
import { recordingLog } from "../fakes/log.ts";
import { seededRandom } from "../fakes/random.ts";

/** Waits until it is told not to: nothing is ever late. */
const patientClock: Clock = {
  ...fakeClock(),
  wait: (_ms, signal) => new Promise((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true })),
};

function shutdown(
  stop: () => Promise<void>,
  clock: Clock = patientClock,
  unfinished: ReturnType<ShutdownOptions["mustFinish"]> = "pairing",
) {
  const { log, lines } = recordingLog();
  const quit = gate<null>();
  let quits = 0;
  const hold = createShutdown({
    mustFinish: () => unfinished,
    stop,
    clock,
    log,
    recordIncident: createIncidentRecorder(log, seededRandom()),
    quit: () => {
      quits += 1;
      quit.open(null);
    },
  });
  const wish = (): boolean => {
    const event = fakeEvent();
    hold(event);
    return event.defaultPrevented;
  };
  return { wish, lines, quit: quit.passed, quits: () => quits };
}

test("the first wish to quit is held until everything has ended, then repeated and granted", async () => {
  const ended = gate<undefined>();
  const { wish, quit, quits, lines } = shutdown(() => ended.passed);
  expect(wish()).toBe(true);
  expect(quits()).toBe(0);
  ended.open(undefined);
  await quit;
  expect(wish()).toBe(false);
  expect(quits()).toBe(1);
  expect(lines).toEqual([]);
});

test("a person who presses again does not stop it twice", async () => {
  let stops = 0;
  const ended = gate<undefined>();
  const { wish, quit, quits } = shutdown(() => {
    stops += 1;
    return ended.passed;
  });
  expect([wish(), wish(), wish()]).toEqual([true, true, true]);
  ended.open(undefined);
  await quit;
  expect([stops, quits()]).toEqual([1, 1]);
});

test.each([
  ["pairing", 10_000],
  ["session", 2_000],
] as const)("a %s that does not end is not waited for, and written down", async (unfinished, limitMs) => {
  const clock = fakeClock();
  const { wish, quit, lines } = shutdown(() => new Promise(() => undefined), clock, unfinished);
  expect(wish()).toBe(true);
  await quit;
  expect(clock.waits).toEqual([limitMs]);
  expect(lines).toEqual([{ level: "error", event: "shutdown.gave-up", fields: {} }]);
  expect(wish()).toBe(false);
});

test("a bug while stopping does not keep the app alive", async () => {
  const { wish, quit, lines } = shutdown(() => Promise.reject(new Error("planted-secret")));
  wish();
  await quit;
  expect(lines.map(({ event }) => event)).toEqual(["shutdown.failed"]);
  expect(JSON.stringify(lines)).not.toContain("planted-secret");
});

test("with nothing under way the wish is granted at once, and the app stopped all the same", async () => {
  let stops = 0;
  const { wish, quits, lines } = shutdown(
    async () => {
      stops += 1;
    },
    patientClock,
    null,
  );
  expect([wish(), wish()]).toEqual([false, false]);
  expect([stops, quits(), lines]).toEqual([1, 0, []]);
});
