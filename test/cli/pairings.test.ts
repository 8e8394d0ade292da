import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createPlace, type Place } from "./command-line.ts";

const ada = "ada@example.com";
const pair = ["pair", "desktop", "--user", ada] as const;
const list = ["pairings", "list", "-O", "json"] as const;
const recover = ["pairings", "recover", "-O", "json"] as const;
const journalOf = (place: Place): string => join(place.environment["DESKPAIR_DATA_DIR"] ?? "", "pairings.jsonl");

/** A pairing that was killed while the workstation waited for a finger. */
async function killed(): Promise<Place> {
  const place = await createPlace({ approvalMs: 600_000 });
  const running = place.start(pair);
  await running.printed("approve with fingerprint");
  running.child.kill("SIGKILL");
  await running.ended;
  expect(place.simulator.world.pendingDevices()).toHaveLength(1);
  return place;
}

test("nothing is open: says so, signs nobody in, and exits with 0", async () => {
  const place = await createPlace();
  expect(await place.run(list)).toMatchObject({
    code: 0,
    json: { ok: true, open: 0, pairings: [], newer: 0, unreadable: 0 },
  });
  const run = await place.run(recover, { environment: { DESKPAIR_CLIENT_ID: undefined } });
  expect(run).toMatchObject({ code: 0, json: { ok: true, changed: false, recovered: [], elsewhere: [], newer: 0 } });
  expect(place.simulator.world.log).toEqual([]);
  expect((await place.run(["pairings", "list"])).stdout).toBe("No pairing is open.\n");
});

describe("a pairing that was killed", () => {
  test("is shown, undone, and then on record as over", async () => {
    const place = await killed();
    const [device] = place.simulator.world.pendingDevices();
    expect((await place.run(list)).json).toMatchObject({
      ok: true,
      open: 1,
      pairings: [
        { kind: "desktop", standing: "open", state: "proving", user: { username: ada }, device: { id: device?.id } },
      ],
    });
    const run = await place.run(recover);
    expect(run).toMatchObject({
      code: 0,
      json: {
        ok: true,
        changed: true,
        recovered: [
          { outcome: "undone", left: "nothing", error: { code: "interrupted" }, steps: [{ name: "remove-device" }] },
        ],
      },
    });
    expect(place.simulator.world.pendingDevices()).toEqual([]);
    expect((await place.run(list)).json).toMatchObject({ open: 0, pairings: [] });
    expect((await place.run([...list, "--all"])).json).toMatchObject({ open: 0, pairings: [{ standing: "failed" }] });
    expect((await place.run(recover)).json).toMatchObject({ changed: false, recovered: [] });
  });

  test("in words", async () => {
    const place = await killed();
    expect((await place.run(["pairings", "list"])).stdout).toMatch(
      /^PAIRING +KIND +STATE .*\n.* desktop +proving +ada@/,
    );
    expect((await place.run(["pairings", "recover"])).stdout).toContain("Undone: nothing is left");
  });

  test("that cannot be removed: exit 51, says which device, and the next recovery does it", async () => {
    const place = await killed();
    const [device] = place.simulator.world.pendingDevices();
    place.simulator.setFault("delete-500");
    const run = await place.run(recover);
    expect(run).toMatchObject({
      code: 51,
      json: { ok: false, changed: false, recovered: [{ outcome: "left", left: "device", device: { id: device?.id } }] },
    });
    place.simulator.setFault(null);
    expect(await place.run(recover)).toMatchObject({ code: 0, json: { changed: true } });
    expect(place.simulator.world.pendingDevices()).toEqual([]);
  });

  test("is settled by the next pairing of the same user, without being asked", async () => {
    const place = await killed();
    await place.simulator.stopAgent();
    await place.run(pair);
    expect(place.simulator.world.pendingDevices()).toEqual([]);
  });

  test("elsewhere is left alone, and named", async () => {
    const place = await killed();
    const other = await createPlace();
    const run = await other.run(recover, {
      environment: { DESKPAIR_DATA_DIR: place.environment["DESKPAIR_DATA_DIR"] },
    });
    expect(run).toMatchObject({ code: 0, json: { changed: false, recovered: [], elsewhere: [{ state: "proving" }] } });
    expect(place.simulator.world.pendingDevices()).toHaveLength(1);
  });

  test("without a sign-in says that one is needed, and stays open", async () => {
    const place = await killed();
    const environment = { DESKPAIR_CLIENT_SECRET_FILE: undefined, DESKPAIR_SECRET_STORE: "memory" };
    expect((await place.run(recover, { environment })).code).toBe(10);
    expect((await place.run(list)).json).toMatchObject({ open: 1 });
  });

  test("loses nothing to rubbish and to lines of a newer version around it", async () => {
    const place = await killed();
    await appendFile(journalOf(place), '{"version":1,"pairingId":"torn in the mid');
    await appendFile(journalOf(place), '\nrubbish\n{"version":9,"pairingId":"from-the-future"}\n');
    expect((await place.run(list)).json).toMatchObject({ open: 1, newer: 1, unreadable: 2 });
    expect((await place.run(recover)).json).toMatchObject({ changed: true, newer: 1 });
    expect(place.simulator.world.pendingDevices()).toEqual([]);
    expect((await place.run(list)).json).toMatchObject({ open: 0, newer: 1 });
  });
});

test("two at once never work on one journal: the second says who has it", async () => {
  const place = await createPlace({ approvalMs: 600_000 });
  const first = place.start(pair);
  await first.printed("approve with fingerprint");
  const second = await place.run([...pair, "-O", "json"]);
  expect(second).toMatchObject({ code: 75, json: { ok: false, error: { code: "not-now" }, left: "nothing" } });
  first.child.kill("SIGKILL");
  await first.ended;
  expect((await place.run(recover)).code).toBe(0);
});

test("a workstation that is paired already: no write, changed is false, exit 0; --force pairs again", async () => {
  const place = await createPlace();
  expect((await place.run([...pair, "-O", "json"])).json).toMatchObject({ ok: true, changed: true });
  const before = place.writes().length;
  const again = await place.run([...pair, "-O", "json"]);
  expect(again).toMatchObject({ code: 0, json: { ok: true, changed: false, device: { status: "ACTIVE" } } });
  expect(place.writes()).toHaveLength(before);
  expect((await place.run(pair)).stdout).toContain("already");
  expect((await place.run([...pair, "--dry-run", "-O", "json"])).json).toMatchObject({ ok: true, requests: [] });
  expect((await place.run([...pair, "--force", "-O", "json"])).json).toMatchObject({ ok: true, changed: true });
});

test("a journal that cannot be read is told", async () => {
  const place = await createPlace();
  const file = join(place.folder, "not-a-folder");
  await writeFile(file, "");
  const run = await place.run(list, { environment: { DESKPAIR_DATA_DIR: file } });
  expect(run).toMatchObject({ code: 10, json: { ok: false, error: { code: "storage-failed" } } });
});
