import { describe, expect, test } from "vitest";
import { createPingOne } from "../../../src/core/pingone/client.ts";
import { createRetryBudget } from "../../../src/core/pingone/retry-budget.ts";
import { fakeClock } from "../../fakes/clock.ts";
import { answer, refusal } from "../../fakes/http.ts";
import { fakePorts } from "../../fakes/ports.ts";
import { call, endpoints, good, steadyTokens } from "./calls.ts";

const throttled = (seconds: number) => answer(429, refusal("REQUEST_LIMITED"), { "retry-after": String(seconds) });

describe("the budget", () => {
  test("is twenty at once, and one more every three seconds", () => {
    const clock = fakeClock();
    const { take } = createRetryBudget(clock);
    const taken = Array.from({ length: 25 }, () => take());
    expect(taken.filter(Boolean)).toHaveLength(20);
    clock.advance(2_900);
    expect(take()).toBe(false);
    clock.advance(100);
    expect([take(), take()]).toEqual([true, false]);
  });

  test("never grows beyond what it began with", () => {
    const clock = fakeClock();
    const { take } = createRetryBudget(clock);
    clock.advance(86_400_000);
    expect(Array.from({ length: 30 }, () => take()).filter(Boolean)).toHaveLength(20);
  });

  test("setting the clock of the computer changes nothing", () => {
    const clock = fakeClock();
    const { hold, heldForMs } = createRetryBudget(clock);
    hold(5_000);
    clock.jump(3_600_000);
    expect(heldForMs()).toBe(5_000);
    clock.advance(6_000);
    expect(heldForMs()).toBe(0);
  });
});

describe("the clients of one tenant", () => {
  /** Two pieces of work in one session. */
  function two(script: Parameters<typeof fakePorts>[0]) {
    const world = fakePorts(script);
    const access = {
      endpoints,
      tokens: steadyTokens(),
      mode: "worker",
      retries: createRetryBudget(world.clock),
    } as const;
    const client = (giveUp?: AbortSignal) => createPingOne(world.ports, access, undefined, giveUp);
    return { world, access, client };
  }

  test("all wait when one is told to", async () => {
    const { world, access, client } = two({ pingOne: (_request, index) => (index === 0 ? throttled(7) : good) });
    expect((await client().call(call("GET"))).ok).toBe(true);
    expect(world.clock.waits).toEqual([7_000]);
    // As the other would have found it while the first one waited.
    access.retries.hold(4_000);
    expect((await client().call(call("POST"))).ok).toBe(true);
    expect(world.clock.waits).toEqual([7_000, 4_000]);
    expect(world.pingOne.requests).toHaveLength(3);
  });

  test.each([
    ["GET", 31, 30_000],
    ["GET", 3_600, 30_000],
    ["POST", 31, 30_000],
    ["POST", 3_600, 30_000],
  ] as const)("a %s told to wait %i s fails at once, and the others wait %i ms", async (method, seconds, heldMs) => {
    const { world, access, client } = two({ pingOne: (_request, index) => (index === 0 ? throttled(seconds) : good) });
    expect(await client().call(call(method))).toMatchObject({ ok: false, error: { code: "rate-limited" } });
    expect(world.clock.waits).toEqual([]);
    expect(world.pingOne.requests).toHaveLength(1);
    expect(access.retries.heldForMs()).toBe(heldMs);
    expect((await client().call(call("POST"))).ok).toBe(true);
    expect(world.clock.waits).toEqual([heldMs]);
    expect(world.pingOne.requests).toHaveLength(2);
  });

  test("the last try is told to wait, too: the others do", async () => {
    const { world, access, client } = two({ pingOne: () => throttled(7) });
    expect(await client().call(call("GET"))).toMatchObject({ ok: false, error: { code: "rate-limited" } });
    expect(world.pingOne.requests).toHaveLength(5);
    expect(access.retries.heldForMs()).toBe(7_000);
  });

  test("who gives up at once, as the doctor does, holds nobody", async () => {
    const { world, access, client } = two({ pingOne: () => throttled(3_600) });
    expect(await client(AbortSignal.abort()).call(call("GET"))).toMatchObject({ error: { code: "rate-limited" } });
    expect(world.pingOne.requests).toHaveLength(1);
    expect(access.retries.heldForMs()).toBe(0);
  });

  test("a request that has not begun is not begun any more when nobody waits for it", async () => {
    const { world, access, client } = two({});
    access.retries.hold(4_000);
    const abort = new AbortController();
    abort.abort();
    expect(await client(abort.signal).call(call("POST"))).toMatchObject({
      ok: false,
      error: { code: "cancelled" },
      certainty: "not-done",
    });
    expect(world.pingOne.requests).toEqual([]);
  });

  test("a spent budget tells the failure at once, and asks once", async () => {
    const { world, access, client } = two({ pingOne: () => answer(503) });
    while (access.retries.take()) {
      // Others have used it up.
    }
    expect(await client().call(call("GET"))).toMatchObject({ ok: false, error: { code: "server-unavailable" } });
    expect(world.pingOne.requests).toHaveLength(1);
    expect(world.clock.waits).toEqual([]);
  });

  test("a server that fails everybody gets no more tries than the budget has", async () => {
    const { world, client } = two({ pingOne: () => answer(503) });
    await Promise.all(Array.from({ length: 40 }, () => client().call(call("GET"))));
    expect(world.pingOne.requests.length).toBeGreaterThan(40);
    // What a stopped clock cannot refill: time passes only in the waits themselves.
    const refilled = world.clock.waits.reduce((sum, ms) => sum + ms, 0) / 3_000;
    expect(world.pingOne.requests.length).toBeLessThanOrEqual(40 + 20 + refilled);
  });

  test("devices used up are no throttling: nobody is held", async () => {
    const { access, client } = two({
      pingOne: () => answer(429, refusal("REQUEST_LIMITED", [{ code: "LIMIT_EXCEEDED" }])),
    });
    expect(await client().call(call("POST"))).toMatchObject({ error: { code: "device-limit-reached" } });
    expect(access.retries.heldForMs()).toBe(0);
  });
});
