import { describe, expect, test } from "vitest";
import { answer, failure } from "../fakes/http.ts";
import { person, policyId, userId } from "./pretend-pingone.ts";
import { done, enter, openUser, openWindow } from "./window.ts";

const otherId = "5eed0000-0000-4000-8000-000000000002";

describe("finding a user", () => {
  test("one match is opened at once, with devices and policies", async () => {
    const { phase, server } = await openUser();
    expect(phase()).toMatchObject({
      name: "user",
      user: { id: userId, username: "ada", email: "ada@example.com", name: null, enabled: true, mfaEnabled: true },
      devices: [],
      policies: {
        state: "readable",
        policies: [expect.objectContaining({ id: policyId, name: "Everyone", isDefault: true })],
      },
    });
    expect(server.count("read-user")).toBe(1);
  });

  test("several are shown, to be chosen from", async () => {
    const { app, server, phase } = openWindow();
    server.users.push({ ...person, id: otherId, username: "adam", email: "adam@example.com" });
    await enter({ app });
    expect(await app.commands["user.find"]({ query: " ad " })).toEqual(done);
    expect(phase()).toMatchObject({
      name: "finding-user",
      query: "ad",
      matches: [{ username: "ada" }, { username: "adam" }],
    });
    expect(await app.commands["user.open"]({ userId: otherId })).toEqual(done);
    expect(phase()).toMatchObject({ name: "user", user: { username: "adam" } });
  });

  test("nobody is an empty list, and so is a search for nothing", async () => {
    const { app, phase } = openWindow();
    await enter({ app });
    for (const query of ["zoe", "   "]) {
      expect(await app.commands["user.find"]({ query })).toEqual(done);
      expect(phase()).toEqual({ name: "finding-user", query: query.trim(), matches: [] });
    }
  });

  test("a failed search leaves the screen as it was", async () => {
    const { app, server, phase } = await openUser();
    const before = phase();
    server.bend("find-users", () => answer(403));
    expect(await app.commands["user.find"]({ query: "ada" })).toMatchObject({ error: { code: "not-allowed" } });
    expect(phase()).toEqual(before);
  });

  test("an id from the page that is no id reaches nobody", async () => {
    const { app, server } = await openUser();
    server.journal.length = 0;
    expect(await app.commands["user.open"]({ userId: "../policies" })).toMatchObject({
      ok: false,
      error: { code: "user-not-found" },
    });
    expect(server.journal.filter((asked) => !asked.endsWith("policies"))).toEqual([]);
  });

  test("policies that cannot be read never keep a user from being opened", async () => {
    for (const result of [answer(403), answer(500), failure("refused", false)]) {
      const { app, server, phase } = openWindow();
      server.bend("policies", () => result);
      await enter({ app });
      expect(await app.commands["user.open"]({ userId })).toEqual(done);
      expect(phase()).toMatchObject({ name: "user", policies: { state: "not-readable" } });
    }
  });

  test.each(["read-user", "list"] as const)("what is needed and cannot be read is an error: %s", async (operation) => {
    const { app, server, phase } = openWindow();
    server.bend(operation, () => answer(403));
    await enter({ app });
    expect(await app.commands["user.open"]({ userId })).toMatchObject({ error: { code: "not-allowed" } });
    expect(phase().name).toBe("finding-user");
  });

  test("closing leads back to an empty search", async () => {
    const { app, phase } = await openUser();
    expect(await app.commands["user.close"](null)).toEqual(done);
    expect(phase()).toEqual({ name: "finding-user", query: "", matches: null });
  });
});

describe("the user on the screen", () => {
  const deviceId = "de71ce00-0000-4000-8000-000000000001";

  test("is read again on demand, and after MFA was switched on or a device removed", async () => {
    const { app, server, phase } = await openUser();
    server.devices.set(deviceId, { id: deviceId, type: "MOBILE", status: "ACTIVE" });
    server.users.splice(0, 1, { ...person, mfaEnabled: false });
    expect(await app.commands["user.refresh"](null)).toEqual(done);
    expect(phase()).toMatchObject({ user: { mfaEnabled: false }, devices: [{ id: deviceId }] });
    expect(await app.commands["user.enableMfa"](null)).toEqual(done);
    expect(phase()).toMatchObject({ user: { mfaEnabled: true } });
    expect(await app.commands["device.remove"]({ confirmed: false, deviceId })).toEqual(done);
    expect(phase()).toMatchObject({ devices: [] });
    // Somebody else was quicker: what was wanted is so.
    expect(await app.commands["device.remove"]({ confirmed: false, deviceId })).toEqual(done);
  });

  test("a refusal leaves the screen as it was", async () => {
    const { app, server, phase } = await openUser();
    const before = phase();
    server.bend("enable-mfa", () => answer(403));
    server.bend("remove", () => answer(403));
    expect(await app.commands["user.enableMfa"](null)).toMatchObject({ error: { code: "not-allowed" } });
    expect(await app.commands["device.remove"]({ confirmed: false, deviceId })).toMatchObject({
      error: { code: "not-allowed" },
    });
    expect(phase()).toEqual(before);
  });

  test("none there: not now", async () => {
    const { app } = openWindow();
    await enter({ app });
    for (const outcome of [
      await app.commands["user.refresh"](null),
      await app.commands["user.enableMfa"](null),
      await app.commands["device.remove"]({ confirmed: false, deviceId }),
      await app.commands["pairing.close"](null),
    ]) {
      expect(outcome).toMatchObject({ ok: false, error: { code: "not-now" } });
    }
  });
});
