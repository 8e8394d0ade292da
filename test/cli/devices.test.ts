import { describe, expect, test } from "vitest";
import { createPlace, type Place } from "./command-line.ts";

const margaret = { id: "5eed0000-0000-4000-8000-000000000006", username: "margaret@example.com" };
const phone = {
  id: "de71ce00-0000-4000-8000-000000000008",
  type: "MOBILE",
  status: "ACTIVE",
  nickname: "Old phone",
  rpId: null,
  createdAt: expect.stringMatching(/^2026-02-03T/),
  system: null,
  locked: false,
  blocked: true,
};

const command = (name: string, user: string, ...more: readonly string[]) => ["devices", name, "--user", user, ...more];
const removals = (place: Place): number => place.writes().filter((write) => write.startsWith("DELETE")).length;

describe("list", () => {
  test("as JSON", async () => {
    const place = await createPlace();
    const run = await place.run(command("list", margaret.username, "-O", "json"));
    expect(run.json).toEqual({
      ok: true,
      user: margaret,
      devices: [expect.objectContaining({ type: "FIDO2", rpId: "pingone.eu", blocked: false }), phone],
    });
    expect(run.code).toBe(0);
    expect(place.writes()).toEqual([]);
  });

  test("as a table", async () => {
    const place = await createPlace();
    const run = await place.run(command("list", margaret.id));
    expect(run.stdout.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
      ["ID", "TYPE", "STATUS", "NAME", "CREATED"],
      ["de71ce00-0000-4000-8000-000000000007", "FIDO2", "ACTIVE", "Black key", expect.any(String)],
      [phone.id, "MOBILE", "ACTIVE, blocked", "Old phone", expect.any(String)],
      [""],
    ]);
  });

  test("a user without devices", async () => {
    const place = await createPlace();
    expect((await place.run(command("list", "ada@example.com"))).stdout).toBe("ada@example.com has no devices.\n");
    const run = await place.run(command("list", "ada@example.com", "--output", "json"));
    expect(run.json).toMatchObject({ ok: true, devices: [] });
  });

  test("devices of a kind that did not exist when this was made", async () => {
    const place = await createPlace();
    place.simulator.setFault("extra-fields");
    const run = await place.run(command("list", margaret.username, "-O", "json"));
    expect(run.json).toHaveProperty("devices[2]", expect.objectContaining({ type: "HOLOGRAM", status: "SUSPENDED" }));
  });

  test("names that would fake a line or colour the terminal are printed harmlessly", async () => {
    const place = await createPlace();
    const nickname = "\u001b[2Jone\nde71ce00 two\u202e";
    const { world } = place.simulator;
    const device = world.devices.get(phone.id);
    if (device !== undefined) world.devices.set(phone.id, { ...device, nickname });
    expect((await place.run(command("list", margaret.username))).stdout).toContain("?[2Jone?de71ce00 two?");
    const run = await place.run(command("list", margaret.username, "-O", "json"));
    expect(run.json).toHaveProperty("devices[1].nickname", nickname);
  });
});

describe("show", () => {
  test("as JSON and as words", async () => {
    const place = await createPlace();
    const run = await place.run(command("show", margaret.username, "--device", phone.id, "-O", "json"));
    expect(run.json).toEqual({ ok: true, user: margaret, device: phone });
    const words = await place.run(command("show", margaret.username, "--device", phone.id));
    expect(words.stdout).toContain("  Name           Old phone\n");
    expect(words.stdout).toContain("  Status         ACTIVE, blocked\n");
  });

  test.each([
    ["that does not exist", "00000000-0000-4000-8000-000000000000"],
    ["of somebody else", "de71ce00-0000-4000-8000-000000000001"],
    ["that is no id", "../../users"],
  ])("a device %s", async (_what, device) => {
    const place = await createPlace();
    const run = await place.run(command("show", margaret.username, "--device", device, "-O", "json"));
    expect(run.json).toMatchObject({ ok: false, error: { code: "device-not-found" } });
    expect(run.code).toBe(40);
  });
});

describe("remove", () => {
  test("removes once; a second time it is gone already, which is as good", async () => {
    const place = await createPlace();
    const args = command("remove", margaret.username, "--device", phone.id, "-O", "json");
    const first = await place.run(args);
    expect(first.json).toEqual({ ok: true, changed: true, device: { id: phone.id }, user: margaret });
    expect(first.code).toBe(0);
    expect(place.simulator.world.devices.has(phone.id)).toBe(false);
    const second = await place.run(args);
    expect(second.json).toEqual({ ok: true, changed: false, device: { id: phone.id }, user: margaret });
    expect(second.code).toBe(0);
  });

  test("a dry run removes nothing and shows what it would send", async () => {
    const place = await createPlace();
    const run = await place.run(command("remove", margaret.username, "--device", phone.id, "-O", "json", "--dry-run"));
    const path = `/environments/${place.simulator.environmentId}/users/${margaret.id}/devices/${phone.id}`;
    expect(run.json).toMatchObject({
      ok: true,
      changed: false,
      dryRun: true,
      user: margaret,
      requests: [{ method: "DELETE", url: `http://127.0.0.1:${place.gateway.port}/v1${path}`, body: null }],
    });
    expect(place.writes()).toEqual([]);
    expect(place.simulator.world.devices.has(phone.id)).toBe(true);
  });

  test("a refusal", async () => {
    const place = await createPlace();
    place.gateway.intercept = ({ method }) => (method === "DELETE" ? { status: 403 } : null);
    const run = await place.run(command("remove", margaret.username, "--device", phone.id, "-O", "json"));
    expect(run.json).toMatchObject({ ok: false, error: { code: "not-allowed" } });
    expect(run.code).toBe(21);
  });

  test("Ctrl-C while it is removed waits for the answer, because the outcome must be known", async () => {
    const place = await createPlace();
    const arrived = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    place.gateway.intercept = async ({ method }) => {
      if (method !== "DELETE") return null;
      arrived.resolve();
      await released.promise;
      return null;
    };
    const running = place.start(command("remove", margaret.username, "--device", phone.id, "-O", "json"));
    await arrived.promise;
    running.child.kill("SIGINT");
    released.resolve();
    expect((await running.ended).json).toMatchObject({ ok: true, changed: true });
    expect(removals(place)).toBe(1);
  });
});

test("users that cannot be served are refused as everywhere", async () => {
  const place = await createPlace();
  const unknown = await place.run(command("list", "nobody@example.com", "-O", "json"));
  expect(unknown.json).toMatchObject({
    ok: false,
    left: "nothing",
    error: expect.objectContaining({ code: "user-not-found", correlationId: null, serverErrorId: null }),
  });
  expect(unknown.code).toBe(40);
  place.simulator.setFault("roles-missing");
  const refused = await place.run(command("list", margaret.username, "-O", "json"));
  expect(refused.json).toMatchObject({ ok: false, error: { code: "not-allowed", correlationId: expect.any(String) } });
  expect(refused.code).toBe(21);
});
