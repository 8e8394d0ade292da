import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { signInAt } from "./browser.ts";
import { createSignInPlace, type SignInPlace } from "./sign-in-place.ts";

/** Signing in for one command, and what a user who signed in as themselves may leave out. */

const ada = "ada@example.com";
const pair = (...more: readonly string[]) => ["pair", "desktop", "--sign-in", "browser", "-O", "json", ...more];

/** Nothing is kept, and PingOne holds no session any more. */
async function expectTakenBack(place: SignInPlace): Promise<void> {
  expect(place.simulator.world.signIn.grants.size).toBe(1);
  expect(place.openGrants()).toBe(0);
  const files = await readdir(join(place.folder, "data")).catch(() => []);
  expect(files).not.toContain("secrets.json");
}

describe("--sign-in", () => {
  test("is for one command, and taken back at its end", async () => {
    const place = await createSignInPlace();
    const running = place.start(pair("--user", ada), { environment: place.technician });
    await signInAt(await place.addressOf(running), "admin");
    const run = await running.ended;
    expect(run.json).toMatchObject({ ok: true, changed: true, user: { username: ada } });
    expect(run.code).toBe(0);
    await expectTakenBack(place);
  });

  test("needs no key store", async () => {
    const place = await createSignInPlace();
    const environment = { ...place.technician, DESKPAIR_SECRET_STORE: "memory" };
    const running = place.start(["auth", "status", "--sign-in", "browser", "-O", "json"], { environment });
    await signInAt(await place.addressOf(running), "admin");
    expect((await running.ended).json).toMatchObject({ ok: true, name: "Radia Perlman", kept: null });
    await expectTakenBack(place);
  });

  test("is taken back when the command fails, in words of what is missing", async () => {
    const place = await createSignInPlace();
    const running = place.start(pair("--user", ada), { environment: place.technician });
    await signInAt(await place.addressOf(running), "no.roles");
    const run = await running.ended;
    expect(run.json).toMatchObject({ ok: false, error: { code: "not-allowed" } });
    expect(run.json).toHaveProperty("error.message", expect.stringContaining("role"));
    expect(run.code).toBe(21);
    await expectTakenBack(place);
  });

  test("is taken back after Ctrl-C in the middle of the pairing", async () => {
    const place = await createSignInPlace();
    place.simulator.setFault("agent-silent");
    const args = ["pair", "desktop", "--sign-in", "browser", "--user", ada];
    const running = place.start(args, { environment: place.technician });
    await signInAt(await place.addressOf(running), "admin");
    await running.printed("Now approve");
    running.child.kill("SIGINT");
    const run = await running.ended;
    expect(run.stderr).toContain("Nothing was left in PingOne.");
    expect(run.code).toBe(130);
    await expectTakenBack(place);
  });

  test("a sign-in that cannot be taken back is told, and changes nothing about the result", async () => {
    const place = await createSignInPlace();
    const args = ["devices", "list", "--user", ada, "--sign-in", "browser", "-O", "json"];
    place.gateway.intercept = async ({ path }) => {
      // The last request to the API: after it the sign-in is gone.
      if (path.endsWith("/devices")) await place.simulator.close();
      return path.endsWith("/devices") ? { status: 200, body: '{"_embedded":{"devices":[]}}' } : null;
    };
    const running = place.start(args, { environment: place.technician });
    await signInAt(await place.addressOf(running), "admin");
    const run = await running.ended;
    expect(run.json).toMatchObject({ ok: true, devices: [] });
    expect(run.stderr).toContain("could not be taken back");
    expect(run.code).toBe(0);
  });
});

describe("a user who signs in as themselves", () => {
  test("pairs without saying for whom", async () => {
    const place = await createSignInPlace();
    const running = place.start(pair(), { environment: place.selfService });
    await signInAt(await place.addressOf(running), ada);
    const run = await running.ended;
    expect(run.json).toMatchObject({ ok: true, changed: true, user: { username: ada } });
    await expectTakenBack(place);
  });

  test("lists and removes their own devices, and nobody else's", async () => {
    const place = await createSignInPlace();
    const environment = place.selfService;
    const login = place.start(["auth", "login", "-O", "json"], { environment });
    await signInAt(await place.addressOf(login), ada);
    const { id = "" } = [...place.simulator.world.users.values()].find(({ username }) => username === ada) ?? {};
    expect((await login.ended).json).toMatchObject({ mode: "self-service", userId: id });

    const paired = await place.run(["pair", "desktop", "-O", "json"], { environment });
    expect(paired.json).toMatchObject({ ok: true });
    const [device] = place.simulator.world.devicesOf(id);
    const named = await place.run(["devices", "list", "--user", ada, "-O", "json"], { environment });
    expect(named.json).toMatchObject({ ok: true, devices: [{ id: device?.id }] });
    const removed = await place.run(["devices", "remove", "--device", device?.id ?? "", "-O", "json"], { environment });
    expect(removed.json).toMatchObject({ ok: true, changed: true });

    const other = await place.run(["devices", "list", "--user", "grace@example.com", "-O", "json"], { environment });
    expect(other.json).toMatchObject({ ok: false, error: { code: "user-not-found" } });
    expect(other.code).toBe(40);
  });
});
