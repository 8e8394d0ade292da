import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createServerClock } from "../../src/core/server-clock.ts";
import { fakeClock } from "../fakes/clock.ts";
import { answer, failure, scriptedHttp } from "../fakes/http.ts";

const request = {
  method: "GET",
  url: "https://auth.pingone.eu/",
  headers: {},
  timeoutMs: 1_000,
  maxBytes: 1_000,
} as const;

/** A server whose clock is `aheadMs` before ours, and a network that takes its time in both directions. */
function given(aheadMs: number) {
  const clock = fakeClock();
  const server = createServerClock(clock);
  const ask = async (there = 0, back = 0, headers: (date: string) => Record<string, string> = (date) => ({ date })) => {
    const { http } = scriptedHttp(() => {
      clock.advance(there);
      const stamped = new Date(clock.now() + aheadMs).toUTCString();
      clock.advance(back);
      return answer(200, "", headers(stamped));
    });
    await server.watch(http)(request);
  };
  return { clock, server, ask };
}

describe("the server's time", () => {
  test("is ours as long as nobody has told", () => {
    const { clock, server } = given(0);
    expect(server.offset()).toBeNull();
    expect(server.now()).toBe(clock.now());
  });

  test.each([600_000, -600_000, 0, 86_400_000])("is learned from an answer: %d ms ahead", async (ahead) => {
    const { clock, server, ask } = given(ahead);
    await ask(20, 20);
    const { ms, uncertaintyMs } = server.offset() ?? { ms: Number.NaN, uncertaintyMs: 0 };
    expect(uncertaintyMs).toBe(520);
    expect(Math.abs(ms + ahead)).toBeLessThanOrEqual(uncertaintyMs);
    expect(Math.abs(server.now() - clock.now() - ahead)).toBeLessThanOrEqual(uncertaintyMs);
  });

  test("goes on between the answers", async () => {
    const { clock, server, ask } = given(600_000);
    await ask();
    const before = server.now();
    clock.advance(5_000);
    expect(server.now() - before).toBe(5_000);
  });

  test("the sharper answer counts, whichever came first", async () => {
    const { server, ask } = given(600_000);
    await ask(5_000, 5_000);
    expect(server.offset()?.uncertaintyMs).toBe(5_500);
    await ask(10, 10);
    expect(server.offset()?.uncertaintyMs).toBe(510);
    await ask(5_000, 5_000);
    expect(server.offset()?.uncertaintyMs).toBe(510);
  });

  test("somebody sets the clock: the next answer counts, even a slow one", async () => {
    const { clock, server, ask } = given(600_000);
    await ask(10, 10);
    clock.jump(600_000);
    const { http } = scriptedHttp(() => {
      clock.advance(2_000);
      return answer(200, "", { date: new Date(clock.now()).toUTCString() });
    });
    await server.watch(http)(request);
    expect(Math.abs(server.offset()?.ms ?? Number.NaN)).toBeLessThanOrEqual(1_500);
  });

  test("a clock that is set during a request does not make the answer look slow", async () => {
    const { clock, server } = given(0);
    const { http } = scriptedHttp(() => {
      clock.jump(3_600_000);
      return answer(200, "", { date: new Date(clock.now()).toUTCString() });
    });
    await server.watch(http)(request);
    expect(server.offset()?.uncertaintyMs).toBe(500);
  });

  test.each<[string, (date: string) => Record<string, string>]>([
    ["no date", () => ({})],
    ["a date in another form", () => ({ date: "2026-02-16T11:51:34Z" })],
    ["two dates", (date) => ({ date: `${date}, ${date}` })],
    ["a day that does not exist", () => ({ date: "Mon, 99 Feb 2026 11:51:34 GMT" })],
    ["an answer out of a cache", (date) => ({ date, age: "120" })],
  ])("%s tells nothing", async (_case, headers) => {
    const { server, ask } = given(600_000);
    await ask(0, 0, headers);
    expect(server.offset()).toBeNull();
  });

  test("a request without an answer tells nothing, and the failure passes through", async () => {
    const { server } = given(0);
    const { http } = scriptedHttp(() => failure("reset", true));
    expect(await server.watch(http)(request)).toEqual(failure("reset", true));
    expect(server.offset()).toBeNull();
  });

  test("the true offset is always within what is said, however the network takes its time", async () => {
    const way = fc.integer({ min: 0, max: 20_000 });
    const ways = fc.array(fc.tuple(way, way), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -1e9, max: 1e9 }), ways, async (ahead, trips) => {
        const { server, ask } = given(ahead);
        for (const [there, back] of trips) {
          await ask(there, back);
          const { ms, uncertaintyMs } = server.offset() ?? { ms: Number.NaN, uncertaintyMs: 0 };
          expect(Math.abs(ms + ahead)).toBeLessThanOrEqual(uncertaintyMs);
        }
      }),
    );
  });
});
