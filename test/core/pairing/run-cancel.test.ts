import { describe, expect, test } from "vitest";
import type { PairingResult } from "../../../src/core/pairing/run.ts";
import type { HttpResult } from "../../../src/core/ports.ts";
import { answer, failure, gate } from "../../fakes/http.ts";
import type { Operation } from "../pretend-pingone.ts";
import { leavesNoSecret, type Scene, scene } from "./scene.ts";

/** Bends the world into each of the ways that a pairing can go, so that every state is met. */
const ways: Readonly<Record<string, (at: Scene) => void>> = {
  "everything goes well": () => undefined,
  "the creation is lost": ({ server }) =>
    server.bend("create", (healthy) => {
      healthy();
      return failure("reset", true);
    }),
  "the creation is refused": ({ server }) => server.bend("create", () => answer(403)),
  "the agent refuses": ({ server }) => server.bend("register", () => answer(403, { error: "user_cancelled" })),
  "the activation is lost, and done": ({ server }) =>
    server.bend("activate", (healthy) => {
      healthy();
      return failure("reset", true);
    }),
  "the activation is lost, and not done": ({ server }) => server.bend("activate", () => failure("reset", true)),
  "the activation is not found": ({ server }) => {
    server.bend("activate", () => answer(404));
    server.bend("read", (healthy, nth) => (nth < 3 ? answer(404) : healthy()));
  },
  "the name is refused": ({ server }) => server.bend("name", () => answer(400)),
  "PingOne is slow to answer": ({ server }) => {
    for (const operation of ["remove", "name", "read"] as const) {
      server.bend(operation, (healthy, nth) => (nth === 1 ? answer(503) : healthy()));
    }
  },
};

/** Calls `moment` at every moment in which a cancel could come: each request, each journal line, each wait. */
function atEveryMoment(at: Scene, moment: () => void): void {
  const append = at.files.append;
  const http = at.ports.http;
  const { wait } = at.clock;
  Object.assign(at.files, {
    append: async (...given: Parameters<typeof append>) => {
      const pending = append(...given);
      moment();
      return pending;
    },
  });
  Object.assign(at.clock, {
    wait: async (...given: Parameters<typeof wait>) => {
      moment();
      return wait(...given);
    },
  });
  const around =
    (send: typeof http): typeof http =>
    async (request) => {
      const pending = send(request);
      moment();
      // What waits for a person notices that it is no longer wanted.
      if (request.signal?.aborted === true) return failure("cancelled", true);
      return pending;
    };
  Object.assign(at.ports, { http: around(http), agentHttp: around(at.ports.agentHttp) });
}

type Cancelled = { readonly at: Scene; readonly result: PairingResult; readonly moments: number };

async function cancelledAt(way: string, moment: number): Promise<Cancelled> {
  const at = scene();
  ways[way]?.(at);
  let moments = 0;
  atEveryMoment(at, () => {
    moments += 1;
    if (moments === moment) at.abort.abort();
  });
  return { at, result: await at.run(), moments };
}

describe.each(Object.keys(ways))("%s", (way) => {
  test("cancelled at any moment: nothing is left, and it says so", async () => {
    const { moments, result: uncancelled } = await cancelledAt(way, Number.POSITIVE_INFINITY);
    expect(moments).toBeGreaterThan(2);
    for (let moment = 1; moment <= moments; moment += 1) {
      const { at, result } = await cancelledAt(way, moment);
      leavesNoSecret(at, result);
      expect(at.server.count("create")).toBeLessThanOrEqual(1);
      expect(at.server.count("register")).toBeLessThanOrEqual(1);
      expect(at.records().at(-1)).toMatchObject({ moment: "after", state: { name: result.ok ? "paired" : "failed" } });
      if (result.ok) {
        // Too late: only while the last line was being written.
        expect(moment).toBe(moments);
        continue;
      }
      expect(result).toMatchObject({ left: "nothing", deviceId: null });
      expect(at.server.devices.size).toBe(0);
      // It is either cancelled, or what went wrong before the cancel.
      if (uncancelled.ok) expect(result.error).toEqual({ code: "cancelled" });
      else expect(["cancelled", uncancelled.error.code]).toContain(result.error.code);
    }
  });
});

test("cancelled before it begins: nothing is created, and the journal says that it is over", async () => {
  const at = scene();
  at.abort.abort();
  expect(await at.run()).toMatchObject({ ok: false, error: { code: "cancelled" }, left: "nothing", steps: [] });
  expect(at.pingOne.requests).toEqual([]);
  expect(at.records().at(-1)).toMatchObject({ moment: "after", state: { name: "failed" } });
});

test("the agent is told at once, and its device is removed", async () => {
  const at = scene();
  const answered = gate<HttpResult>();
  const asked = gate<null>();
  at.server.bend("register", (_healthy, _nth, request) => {
    request.signal?.addEventListener("abort", () => answered.open(failure("cancelled", true)));
    asked.open(null);
    return answered.passed;
  });
  const running = at.run();
  await asked.passed;
  expect(at.server.devices.size).toBe(1);
  at.abort.abort();
  expect(at.progress.at(-1)?.cancelling).toBe(true);
  expect(await running).toMatchObject({ ok: false, error: { code: "cancelled" }, left: "nothing" });
  expect(at.server.devices.size).toBe(0);
});

test("an attestation that arrives after the cancel is not used", async () => {
  const at = scene();
  at.server.bend("register", (healthy) => {
    at.abort.abort();
    return healthy();
  });
  expect(await at.run()).toMatchObject({ ok: false, error: { code: "cancelled" }, left: "nothing" });
  expect(at.server.count("activate")).toBe(0);
});

test.each<Operation>(["create", "activate", "name"])("a request to PingOne is not torn off: %s", async (operation) => {
  const at = scene();
  at.server.bend(operation, (healthy, _nth, request) => {
    at.abort.abort();
    expect(request.signal?.aborted ?? false).toBe(false);
    return healthy();
  });
  expect(await at.run()).toMatchObject({ ok: false, error: { code: "cancelled" }, left: "nothing" });
  expect(at.server.devices.size).toBe(0);
});

test("cancelled, and the device cannot be removed: it says what is left", async () => {
  const at = scene();
  at.server.bend("register", (healthy) => {
    at.abort.abort();
    return healthy();
  });
  at.server.bend("remove", () => answer(403));
  expect(await at.run()).toMatchObject({
    ok: false,
    error: { code: "cancelled" },
    left: "device",
    deviceId: "made-1",
  });
});

test("an abort after the end changes nothing", async () => {
  const at = scene();
  const result = await at.run();
  const seen = at.progress.length;
  at.abort.abort();
  expect(result.ok).toBe(true);
  expect(at.progress).toHaveLength(seen);
  expect(at.server.devices.get("made-1")?.status).toBe("ACTIVE");
});

test("a cancel ends the wait for another try, but not the patience of the roll-back", async () => {
  const at = scene();
  at.server.bend("name", () => answer(503));
  at.server.bend("remove", (healthy, nth) => (nth < 3 ? answer(503) : healthy()));
  const { wait } = at.clock;
  const waiting = at.clock as { wait: typeof wait };
  waiting.wait = async (ms, signal) => {
    at.abort.abort();
    await wait(ms, signal);
  };
  const result = await at.run();
  expect(result).toMatchObject({ ok: false, error: { code: "cancelled" }, left: "nothing" });
  expect([at.server.count("name"), at.server.count("remove")]).toEqual([1, 3]);
});
