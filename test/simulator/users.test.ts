import { describe, expect, test } from "vitest";
import { compileFilter } from "../../src/simulator/pingone/filter.ts";
import { at, expectRefusal, signedIn, userNamed } from "./client.ts";

const usernamesIn = (body: unknown): readonly unknown[] => {
  const users = at(body, "_embedded.users");
  return Array.isArray(users) ? users.map((user) => at(user, "username")) : [];
};

const searchFor = (filter: string): string => `/users?filter=${encodeURIComponent(filter)}`;

describe("finding users by filter", () => {
  test.each([
    ['username eq "ada@example.com"', ["ada@example.com"]],
    ['username eq "ADA@example.com"', ["ada@example.com"]],
    ['username eq "ada"', []],
    ['username sw "reception."', ["reception.morning", "reception.evening"]],
    ['username ew ".evening"', ["reception.evening"]],
    ['username co "argare"', ["margaret@example.com"]],
    ['email eq "reception@example.com"', ["reception.morning", "reception.evening"]],
    ['name.given eq "Hedy" or name.family eq "Hopper"', ["grace@example.com", "hedy@example.com"]],
    ['email eq "reception@example.com" and username ew "morning"', ["reception.morning"]],
    ['(username eq "ada@example.com")', ["ada@example.com"]],
    [
      // `and` binds stronger than `or`.
      'username eq "ada@example.com" or username eq "hedy@example.com" and enabled eq false',
      ["ada@example.com"],
    ],
    ['(username eq "ada@example.com" or username eq "hedy@example.com") and enabled eq false', []],
    ["enabled eq false", ["alan@example.com"]],
    ['enabled eq "false"', ["alan@example.com"]],
    ['username EQ "ada@example.com" OR username eq "grace@example.com"', ["ada@example.com", "grace@example.com"]],
    [String.raw`username eq "a\"b\\c"`, []],
    ['externalId eq "nobody has one"', []],
  ])("%s", async (filter, expected) => {
    const { call } = await signedIn();
    const reply = await call("GET", searchFor(filter));
    expect(reply.status).toBe(200);
    expect(usernamesIn(reply.body)).toEqual(expected);
  });

  test.each([
    "",
    "username",
    "username eq",
    "username eq ada",
    'username = "ada"',
    'username eq "ada',
    'userName eq "ada@example.com"',
    'password eq "x"',
    'constructor eq "x"',
    'username gt "a"',
    'username "eq" "a"',
    'enabled sw "f"',
    '(username eq "a"',
    'username eq "a")',
    'username eq "a" username eq "b"',
    'username eq "a" and',
    'not username eq "a"',
    String.raw`username eq "a\b"`,
    "username eq 'a'",
    `${"(".repeat(1000)}username eq "a"${")".repeat(1000)}`,
  ])("refuses %s", async (filter) => {
    const { call } = await signedIn();
    expectRefusal(await call("GET", searchFor(filter)), 400, "INVALID_DATA", {
      code: "INVALID_FILTER",
      target: "filter",
    });
  });

  test("names what is supported where an attribute or an operator is not", async () => {
    const { call } = await signedIn();
    const attribute = await call("GET", searchFor('userName eq "a"'));
    expect(at(attribute.body, "details.0.innerError.supportedAttributes")).toContain("username");
    const operator = await call("GET", searchFor('externalId co "a"'));
    expect(at(operator.body, "details.0.innerError.supportedOperators")).toEqual(["eq", "sw"]);
  });

  test("takes escaped quotes and backslashes as they were meant", () => {
    const nicknames = { nickname: { operators: ["eq"] as const, read: (item: string) => item } };
    const compiled = compileFilter(String.raw`nickname eq "6\" \\ desk"`, nicknames);
    expect(compiled.ok && compiled.value(String.raw`6" \ desk`)).toBe(true);
  });
});

describe("paging", () => {
  test("leads through all users by _links.next alone, each once", async () => {
    const { simulator, call } = await signedIn();
    const seen: unknown[] = [];
    let url: unknown = "/users?limit=7";
    let pages = 0;
    while (typeof url === "string") {
      const reply = await call("GET", url);
      seen.push(...usernamesIn(reply.body));
      url = at(reply.body, "_links.next.href");
      pages += 1;
    }
    expect(seen).toHaveLength(simulator.world.users.size);
    expect(new Set(seen).size).toBe(seen.length);
    expect(pages).toBe(Math.ceil(seen.length / 7));
  });

  test("keeps the filter, and ends without an empty page when the last one is full", async () => {
    const { call } = await signedIn();
    const first = await call("GET", `${searchFor('username sw "person"')}&limit=8`);
    expect(usernamesIn(first.body)).toHaveLength(8);
    expect(first.body).toMatchObject({ count: 16, size: 8 });
    const second = await call("GET", String(at(first.body, "_links.next.href")));
    expect(usernamesIn(second.body)).toHaveLength(8);
    expect(usernamesIn(second.body)).toContain("person16@example.com");
    expect(at(second.body, "_links.next")).toBeUndefined();
  });

  test.each(["0", "1001", "-1", "ten", "1.5", ""])("refuses the limit %j", async (limit) => {
    const { call } = await signedIn();
    const detail = { code: "OUT_OF_RANGE", target: "limit" };
    expectRefusal(await call("GET", `/users?limit=${limit}`), 400, "INVALID_DATA", detail);
  });

  test("refuses a cursor that it has not given out", async () => {
    const { call } = await signedIn();
    const detail = { code: "INVALID_VALUE", target: "cursor" };
    expectRefusal(await call("GET", "/users?cursor=bm90aGluZw"), 400, "INVALID_DATA", detail);
  });
});

describe("one user", () => {
  test("is shown with the fields that matter and links", async () => {
    const { simulator, call, userId } = await signedIn();
    const reply = await call("GET", `/users/${userId}`);
    expect(reply.body).toMatchObject({
      id: userId,
      username: "ada@example.com",
      email: "ada@example.com",
      enabled: true,
      mfaEnabled: true,
      name: { given: "Ada", family: "Lovelace", formatted: "Ada Lovelace" },
      population: { id: simulator.world.populationId },
      lifecycle: { status: "ACCOUNT_OK" },
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    expect(textOf(reply.body, "_links.devices.href")).toBe(`${textOf(reply.body, "_links.self.href")}/devices`);
    expect(reply.text).not.toContain("note");
  });

  const textOf = (body: unknown, path: string): string => String(at(body, path));

  test("can have MFA switched on, and only by its own address", async () => {
    const { simulator, call } = await signedIn();
    const path = `/users/${userNamed(simulator, "grace@example.com")}`;
    expect((await call("GET", `${path}/mfaEnabled`)).body).toEqual({ mfaEnabled: false });
    const changed = await call("PUT", `${path}/mfaEnabled`, { json: { mfaEnabled: true } });
    expect(changed.status).toBe(200);
    expect(changed.body).toEqual({ mfaEnabled: true });
    expect((await call("GET", path)).body).toMatchObject({ mfaEnabled: true });
    expectRefusal(await call("PUT", path, { json: { mfaEnabled: false } }), 405, "INVALID_REQUEST");
  });

  test.each([
    [{ json: {} }, 400, "INVALID_DATA", { code: "REQUIRED_VALUE", target: "mfaEnabled" }],
    [{ json: { mfaEnabled: "true" } }, 400, "INVALID_DATA", { code: "INVALID_VALUE", target: "mfaEnabled" }],
    [{ text: "{", type: "application/json" }, 400, "INVALID_REQUEST", undefined],
    [{ text: "[]", type: "application/json" }, 400, "INVALID_REQUEST", undefined],
    [{ text: '{"mfaEnabled":true}', type: "text/plain" }, 415, "INVALID_REQUEST", undefined],
  ])("refuses %j as a change of MFA", async (sent, status, code, detail) => {
    const { simulator, call } = await signedIn();
    const grace = userNamed(simulator, "grace@example.com");
    expectRefusal(await call("PUT", `/users/${grace}/mfaEnabled`, sent), status, code, detail);
    expect(simulator.world.users.get(grace)?.mfaEnabled).toBe(false);
  });
});
