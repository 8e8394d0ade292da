import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { createPlace, type Place, type Running } from "./command-line.ts";
import type { Passing } from "./gateway.ts";

const pair = (...more: readonly string[]) => ["pair", "desktop", "--user", "ada@example.com", ...more];

const isCreate = ({ method, path }: Passing): boolean => method === "POST" && path.endsWith("/devices");
const isActivate = ({ method, path }: Passing): boolean => method === "POST" && /\/devices\/[^/]+$/.test(path);
const isName = ({ method }: Passing): boolean => method === "PUT";
const isRemove = ({ method }: Passing): boolean => method === "DELETE";

/** Holds the first request that `which` describes until `release` is called. */
function hold(place: Place, which: (passing: Passing) => boolean) {
  const arrived = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  place.gateway.intercept = async (passing) => {
    if (!which(passing)) return null;
    arrived.resolve();
    await released.promise;
    return null;
  };
  return { arrived: arrived.promise, release: () => released.resolve() };
}

/** Nothing may be left of a cancelled pairing, neither pending nor active. */
async function expectCancelled(place: Place, running: Running): Promise<void> {
  const run = await running.ended;
  expect(run.stderr).toContain("✗ Cancelled.");
  expect(run.stderr).toContain("Nothing was left in PingOne.");
  expect(run.code).toBe(130);
  expect(place.simulator.world.devicesOf("5eed0000-0000-4000-8000-000000000001")).toEqual([]);
}

test.each([
  ["while the device is created", isCreate],
  ["while it is activated", isActivate],
  ["while it is named", isName],
])("Ctrl-C %s waits for the answer and takes everything back", async (_when, which) => {
  const place = await createPlace();
  const held = hold(place, which);
  const running = place.start(pair());
  await held.arrived;
  running.child.kill("SIGINT");
  await running.printed("Cancelling");
  held.release();
  await expectCancelled(place, running);
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s while the person is asked ends the asking", async (signal) => {
  const place = await createPlace();
  place.simulator.setFault("agent-silent");
  const running = place.start(pair());
  await running.printed("Now approve");
  running.child.kill(signal);
  await expectCancelled(place, running);
});

test("the failure object of a cancelled pairing", async () => {
  const place = await createPlace();
  place.simulator.setFault("agent-silent");
  const running = place.start(pair("--output", "ndjson"));
  await running.printed('"register-with-agent","outcome":"running"');
  running.child.kill("SIGINT");
  const run = await running.ended;
  expect(run.json).toMatchObject({
    ok: false,
    error: { code: "cancelled", correlationId: null, serverErrorId: null },
    left: "nothing",
    user: { username: "ada@example.com" },
    steps: [
      { name: "check-prerequisites", outcome: "done" },
      { name: "create-device", outcome: "done" },
      { name: "register-with-agent", outcome: "failed" },
      { name: "remove-device", outcome: "done" },
    ],
  });
  expect(run.code).toBe(130);
  expect(run.stderr).toBe("");
});

test("Ctrl-C before anything was written leaves at once", async () => {
  const place = await createPlace();
  const held = hold(place, ({ path }) => path.includes("/users?"));
  const running = place.start(pair("--output", "json"));
  await held.arrived;
  running.child.kill("SIGINT");
  const run = await running.ended;
  expect(run.json).toMatchObject({ ok: false, error: { code: "cancelled" }, left: "nothing", steps: [] });
  expect(run.code).toBe(130);
  held.release();
});

test("Ctrl-C while the secret is awaited on stdin leaves at once", async () => {
  const place = await createPlace();
  const running = place.start(pair("--output", "json"), {
    environment: { DESKPAIR_CLIENT_SECRET_FILE: "-" },
    stdin: null,
  });
  const log = join(place.folder, "deskpair.log");
  await vi.waitFor(async () => expect(await readFile(log, "utf8")).toContain("command.started"));
  running.child.kill("SIGINT");
  const run = await running.ended;
  expect(run.json).toMatchObject({ ok: false, error: { code: "cancelled" } });
  expect(run.code).toBe(130);
});

test("the same wish to stop, sent to the whole process group and passed on, does not cut off the roll-back", async () => {
  const place = await createPlace();
  place.simulator.setFault("agent-silent");
  const held = hold(place, isRemove);
  const running = place.start(pair());
  await running.printed("Now approve");
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) running.child.kill(signal);
  await held.arrived;
  held.release();
  await expectCancelled(place, running);
});

test("a second Ctrl-C does not wait for the roll-back", async () => {
  const place = await createPlace();
  place.simulator.setFault("agent-silent");
  const held = hold(place, isRemove);
  const running = place.start(pair());
  await running.printed("Now approve");
  running.child.kill("SIGINT");
  await held.arrived;
  // Somebody who goes on pressing: right after the first it is still taken for an echo.
  const pressing = setInterval(() => running.child.kill("SIGINT"), 100);
  const run = await running.ended;
  clearInterval(pressing);
  expect(run.code).toBe(130);
  expect(run.stdout).toBe("");
  expect(place.simulator.world.pendingDevices()).toHaveLength(1);
  held.release();
});
