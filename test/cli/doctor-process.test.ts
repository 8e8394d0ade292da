import { readdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { createPlace } from "./command-line.ts";

/** The command as a process of its own; what it says about what is in `doctor.test.ts`. */

test("it examines this computer, PingOne and the user, and writes nothing", async () => {
  const place = await createPlace();
  const run = await place.run(["doctor", "--user", "ada@example.com", "-O", "json"]);
  expect(run.json).toMatchObject({
    ok: true,
    checks: expect.arrayContaining([expect.objectContaining({ name: "user", state: "pass" })]),
  });
  expect(run.code).toBe(0);
  // The empty question to the agent, and nothing else that is not reading.
  expect(place.writes()).toEqual(["GET null"]);
  // What was there before, the log that was asked for and Node's cache of the program; no data folder.
  expect((await readdir(place.folder)).toSorted()).toEqual([".cache", "deskpair.log", "secret"]);
});

test("without any configuration: this computer, and what is missing", async () => {
  const place = await createPlace();
  const nowhere = Object.fromEntries(
    Object.keys(place.environment)
      .filter((name) => name.startsWith("DESKPAIR_") && name !== "DESKPAIR_DATA_DIR")
      .map((name) => [name, undefined]),
  );
  const run = await place.run(["doctor"], { environment: nowhere });
  expect(run.stdout).toMatch(/^- network .*Not set: DESKPAIR_REGION/m);
  expect(run.stdout).toMatch(/^✓ data-folder/m);
});
