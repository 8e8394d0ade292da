import { beforeEach, describe, expect, test } from "vitest";
import type { Session } from "../../src/core/session.ts";
import { answer, failure } from "../fakes/http.ts";
import { openDesk } from "./desk.ts";
import { endpoints, type Pretend, person, userId, type WireUser } from "./pretend-pingone.ts";

let server: Pretend;
let session: Session;

beforeEach(() => {
  ({ server, session } = openDesk());
});

const another = (more: Partial<WireUser>): WireUser => ({
  ...person,
  id: "5eed0000-0000-4000-8000-000000000002",
  username: "grace",
  email: "grace@example.com",
  ...more,
});
describe("signing in", () => {
  test("is proved by a token, which later calls use", async () => {
    expect(await session.signIn()).toEqual({ ok: true, value: null });
    await session.readEnvironmentName();
    expect(server.journal).toEqual(["token", "environment"]);
  });

  test("refused", async () => {
    server.bend("token", () => answer(401, { error: "invalid_client" }));
    expect(await session.signIn()).toMatchObject({ ok: false, error: { code: "sign-in-refused" } });
  });
});

describe("resolving one user", () => {
  test.each([
    ["by id", userId, ["read-user"]],
    ["by id with blanks", ` ${userId} `, ["read-user"]],
    ["by username", "ada", ["find-users"]],
    ["by username with blanks", "  ada ", ["find-users"]],
    ["by email", "ada@example.com", ["find-users", "find-users"]],
  ])("%s", async (_case, query, asked) => {
    await session.signIn();
    expect(await session.resolveUser(query)).toMatchObject({ ok: true, value: { id: userId } });
    expect(server.journal.slice(1)).toEqual(asked);
  });

  test("an exact username wins over an equal email of somebody else", async () => {
    server.users.push(another({ username: "reception@example.com", email: "x@example.com" }));
    server.users.push(another({ id: "5eed0000-0000-4000-8000-000000000003", email: "reception@example.com" }));
    expect(await session.resolveUser("reception@example.com")).toMatchObject({
      ok: true,
      value: { username: "reception@example.com" },
    });
  });

  test("an email that several share is refused, with their number", async () => {
    server.users.push(another({ email: "ada@example.com" }));
    expect(await session.resolveUser("ada@example.com")).toEqual({
      ok: false,
      error: { code: "user-ambiguous", query: "ada@example.com", count: 2 },
    });
  });

  test("nobody", async () => {
    expect(await session.resolveUser("nobody")).toEqual({
      ok: false,
      error: { code: "user-not-found", query: "nobody" },
    });
    // An id may also be somebody's username: both were tried.
    const unknown = "5eed0000-0000-4000-8000-00000000ffff";
    expect(await session.resolveUser(unknown)).toMatchObject({
      ok: false,
      error: { code: "user-not-found", query: unknown },
    });
  });

  test.each(["", "   "])("%j is a mistake, and nothing is asked", async (query) => {
    expect(await session.resolveUser(query)).toMatchObject({ ok: false, error: { code: "usage-invalid" } });
    expect(server.journal).toEqual([]);
  });

  test("a user who begins with it is not meant", async () => {
    expect(await session.resolveUser("ad")).toMatchObject({ error: { code: "user-not-found" } });
  });

  test.each([
    [answer(403), "not-allowed"],
    [answer(503), "server-unavailable"],
    [failure("refused", false), "network-failed"],
  ] as const)("a failure is told and not taken for “nobody” (%#)", async (result, code) => {
    for (const operation of ["read-user", "find-users"] as const) server.bend(operation, () => result);
    expect(await session.resolveUser(userId)).toMatchObject({ ok: false, error: { code } });
    expect(await session.resolveUser("ada")).toMatchObject({ ok: false, error: { code } });
    expect(await session.findUsers(userId)).toMatchObject({ ok: false, error: { code } });
    expect(await session.findUsers("ada")).toMatchObject({ ok: false, error: { code } });
  });

  test("whether MFA is on is asked for where the user does not say it", async () => {
    const { mfaEnabled: _left, ...without } = person;
    server.users.splice(0, 1, { ...without });
    server.bend("read-mfa", () => answer(200, { mfaEnabled: false }));
    expect(await session.resolveUser("ada")).toMatchObject({ value: { mfaEnabled: false } });
    expect(await session.resolveUser(userId)).toMatchObject({ value: { mfaEnabled: false } });
    server.bend("read-mfa", () => answer(403));
    expect(await session.readUser(userId)).toMatchObject({ ok: true, value: { mfaEnabled: null } });
  });
});

describe("finding users", () => {
  beforeEach(() => {
    server.users.push(another({}));
    server.users.push(
      another({ id: "5eed0000-0000-4000-8000-000000000003", username: "grant", email: "ada@example.com" }),
    );
  });
  const names = async (query: string): Promise<readonly string[]> => {
    const found = await session.findUsers(query);
    return found.ok ? found.value.map((user) => user.username) : [found.error.code];
  };

  test("exact first, then by the beginning", async () => {
    expect(await names("ada")).toEqual(["ada"]);
    expect(await names("ada@example.com")).toEqual(["ada", "grant"]);
    expect(await names("gra")).toEqual(["grace", "grant"]);
    expect(await names(userId)).toEqual(["ada"]);
    expect(await names("zoe")).toEqual([]);
  });

  test.each(["", "  "])("%j is nobody, not everybody", async (query) => {
    expect(await names(query)).toEqual([]);
    expect(server.count("find-users")).toBe(0);
  });
});

describe("what comes from the page goes into an address", () => {
  test.each(["../policies", "..", "a/b", "x?y", "", "%2e%2e", "a\nb", "x".repeat(65)])("%j is no user", async (id) => {
    expect(await session.readUser(id)).toMatchObject({ ok: false, error: { code: "user-not-found" } });
    expect(await session.listDevices(id)).toMatchObject({ ok: false, error: { code: "user-not-found" } });
    expect(server.journal).toEqual([]);
  });

  test.each(["../../nickname", "", "made-1/nickname"])("%j is no device", async (id) => {
    expect(await session.readDevice(userId, id)).toMatchObject({ error: { code: "device-not-found" } });
    expect(await session.removeDevice(userId, id)).toMatchObject({ error: { code: "device-not-found" } });
    expect(server.journal).toEqual([]);
  });
});

describe("devices", () => {
  const id = "de71ce00-0000-4000-8000-000000000001";

  test("are listed, read and removed; a second removal finds nothing", async () => {
    server.devices.set(id, { id, type: "MOBILE", status: "ACTIVE" });
    expect(await session.listDevices(userId)).toMatchObject({ ok: true, value: [{ id }] });
    expect(await session.readDevice(userId, id)).toMatchObject({ ok: true, value: { id } });
    expect(await session.removeDevice(userId, id)).toEqual({ ok: true, value: { removed: true } });
    expect(await session.removeDevice(userId, id)).toEqual({ ok: true, value: { removed: false } });
  });

  test("one that is not there keeps what support needs", async () => {
    expect(await session.readDevice(userId, id)).toMatchObject({
      error: { code: "device-not-found", deviceId: id, correlationId: "c-404" },
    });
    expect(await session.readUser("5eed0000-0000-4000-8000-00000000ffff")).toMatchObject({
      error: { code: "user-not-found", correlationId: "c-404" },
    });
  });

  test("a removal is planned without a request", () => {
    expect(session.planRemoval(userId, id)).toEqual({
      ok: true,
      value: [
        {
          method: "DELETE",
          url: `${endpoints.apiBase}/environments/${endpoints.environmentId}/users/${userId}/devices/${id}`,
          contentType: null,
          body: null,
        },
      ],
    });
    expect(session.planRemoval(userId, "../../x")).toMatchObject({ ok: false, error: { code: "device-not-found" } });
    expect(server.journal).toEqual([]);
  });
});

test("the environment's name, and MFA switched on", async () => {
  expect(await session.readEnvironmentName()).toBe("Test");
  server.users.splice(0, 1, { ...person, mfaEnabled: false });
  expect(await session.enableMfa(userId)).toEqual({ ok: true, value: null });
  expect(await session.readUser(userId)).toMatchObject({ value: { mfaEnabled: true } });
});
