import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createPlace, type StartOptions } from "./command-line.ts";

/** A device of somebody, in an environment that is marked as production or not. */
async function createShop(production: boolean) {
  const place = await createPlace();
  const paired = await place.run(["pair", "desktop", "--user", "ada@example.com", "-O", "json"]);
  expect(paired.code).toBe(0);
  const [device] = place.simulator.world.devicesOf("5eed0000-0000-4000-8000-000000000001");
  const deviceId = device?.id ?? "";
  const config = join(place.folder, "config.json");
  await writeFile(config, JSON.stringify({ version: 1, profile: "Shop", profiles: { Shop: { production } } }));
  const remove = (more: readonly string[], options: StartOptions = {}) =>
    place.start(
      ["devices", "remove", "--user", "ada@example.com", "--device", deviceId, "-C", config, ...more],
      options,
    );
  return { place, remove, isThere: () => place.simulator.world.devices.has(deviceId) };
}

test("without a person and without --yes nothing is removed, and nobody signs in", async () => {
  const { place, remove, isThere } = await createShop(true);
  const before = place.simulator.world.log.length;
  // What a pipe holds is no consent.
  const running = remove(["-O", "json"], { stdin: null });
  running.child.stdin.end("Shop\n");
  const run = await running.ended;
  expect(run.json).toMatchObject({
    ok: false,
    error: {
      code: "confirmation-required",
      message: "“Shop” is a production environment, and this cannot be undone: remove the device.",
      nextStep: expect.stringContaining("--yes"),
    },
  });
  expect(run.code).toBe(2);
  expect(isThere()).toBe(true);
  expect(place.simulator.world.log).toHaveLength(before);
});

test("with --yes it is removed; a dry run needs none", async () => {
  const { remove, isThere } = await createShop(true);
  expect((await remove(["--dry-run", "-O", "json"]).ended).json).toMatchObject({ ok: true, dryRun: true });
  expect(isThere()).toBe(true);
  expect((await remove(["--yes", "-O", "json"]).ended).json).toMatchObject({ ok: true, changed: true });
  expect(isThere()).toBe(false);
});

test("without the mark nobody is asked", async () => {
  const { remove, isThere } = await createShop(false);
  expect((await remove(["-O", "json"]).ended).json).toMatchObject({ ok: true, changed: true });
  expect(isThere()).toBe(false);
});

test.each([
  ["its name", "Shop\r", 0],
  ["another one", "shop\r", 2],
  ["nothing", "\r", 2],
  ["Ctrl-C", "\u0003", 130],
])("at a terminal the name is typed: %s", async (_what, typed, code) => {
  const { remove, isThere } = await createShop(true);
  const running = remove([], { stdin: null, atTerminal: true });
  await running.printed("Type its name to remove the device: ");
  running.child.stdin.write(typed);
  expect((await running.ended).code).toBe(code);
  expect(isThere()).toBe(code !== 0);
});

test("--non-interactive asks nobody", async () => {
  const { remove, isThere } = await createShop(true);
  const run = await remove(["--non-interactive"], { stdin: null, atTerminal: true }).ended;
  expect(run.stdout).toContain("Add --yes");
  expect(run.code).toBe(2);
  expect(isThere()).toBe(true);
});
