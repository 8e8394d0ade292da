import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  beginningWith,
  enableMfa,
  exactly,
  readMfaEnabled,
  readUser,
  searchUsers,
} from "../../../src/core/pingone/users.ts";
import { answer, inTurn } from "../../fakes/http.ts";
import { clientOn, environmentUrl } from "./calls.ts";

const ada = { id: "u1", username: "ada", email: "ada@example.com", enabled: true, mfaEnabled: true };

/** Reads one string of the SCIM filter language, as a server would; `null` when it is not exactly one. */
function unquoted(text: string): string | null {
  const inner = /^"((?:[^"\\]|\\["\\])*)"$/.exec(text)?.[1];
  return inner === undefined ? null : inner.replace(/\\(["\\])/g, "$1");
}

describe("filters", () => {
  test("exact", () => {
    expect(exactly("username", "ada")).toBe('username eq "ada"');
    expect(exactly("email", "a.user@example.com")).toBe('email eq "a.user@example.com"');
  });

  test("by the beginning of anything that a person would type", () => {
    expect(beginningWith("lo")).toBe('username sw "lo" or email sw "lo" or name.given sw "lo" or name.family sw "lo"');
  });

  test.each([
    ['a"b', '"a\\"b"'],
    ["a\\b", '"a\\\\b"'],
    ['" or username sw "', '"\\" or username sw \\""'],
    ['\\" or username sw "', '"\\\\\\" or username sw \\""'],
  ])("%s cannot leave its quotes", (value, expected) => {
    expect(exactly("username", value)).toBe(`username eq ${expected}`);
  });

  test("any text comes back as it was", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^["\\ a]{0,8}$/)), (value) => {
        expect(unquoted(exactly("email", value).slice("email eq ".length))).toBe(value);
        for (const part of beginningWith(value.replaceAll(" or ", "")).split(/ or (?=email|name)/)) {
          expect(unquoted(part.slice(part.indexOf(" sw ") + 4))).toBe(value.replaceAll(" or ", ""));
        }
      }),
    );
  });
});

describe("searching", () => {
  test("the whole filter is encoded, so that nothing in it reaches the address", async () => {
    const { client, pingOne } = clientOn(inTurn(answer(200, { _embedded: { users: [ada] } })));
    await searchUsers(client, exactly("username", "a&limit=1000#/../ü\"'"));
    const url = new URL(pingOne.requests[0]?.url ?? "");
    expect(url.origin + url.pathname).toBe(`${environmentUrl}/users`);
    expect([...url.searchParams.keys()]).toEqual(["filter", "limit"]);
    expect(url.searchParams.get("filter")).toBe('username eq "a&limit=1000#/../ü\\"\'"');
    expect(url.searchParams.get("limit")).toBe("25");
  });

  test("gives the users of the page", async () => {
    const { client } = clientOn(inTurn(answer(200, { _embedded: { users: [ada, { id: "u2" }] }, count: 2 })));
    expect(await searchUsers(client, "x")).toMatchObject({
      ok: true,
      value: [{ id: "u1" }, { id: "u2", username: "u2" }],
    });
  });

  test.each([{}, { _embedded: {} }, { _embedded: { users: [] }, count: 0 }])("%j is nobody", async (body) => {
    const { client } = clientOn(inTurn(answer(200, body)));
    expect(await searchUsers(client, "x")).toMatchObject({ ok: true, value: [] });
  });

  test.each([
    ["HTML", "<html>"],
    ["half", '{"_embedded":{"users":[{"id":"u1"'],
    ["nothing", ""],
    ["a user without an id", { _embedded: { users: [{ username: "ada" }] } }],
    ["an object for a list", { _embedded: { users: ada } }],
  ])("%s is no list of users", async (_case, body) => {
    const { client } = clientOn(inTurn(answer(200, body)));
    expect(await searchUsers(client, "x")).toMatchObject({ ok: false, error: { code: "reply-invalid" } });
  });
});

describe("one user", () => {
  test("is read by id", async () => {
    const { client, pingOne } = clientOn(inTurn(answer(200, ada)));
    expect(await readUser(client, "u1")).toMatchObject({ ok: true, value: { username: "ada" } });
    expect(pingOne.requests[0]).toMatchObject({ method: "GET", url: `${environmentUrl}/users/u1` });
  });

  test("whether MFA is on; not told is not an error", async () => {
    expect(await readMfaEnabled(clientOn(inTurn(answer(200, { mfaEnabled: false }))).client, "u1")).toBe(false);
    for (const result of [answer(403), answer(404), answer(200, {}), answer(200, { mfaEnabled: "yes" })]) {
      expect(await readMfaEnabled(clientOn(inTurn(result)).client, "u1")).toBeNull();
    }
  });

  test("switching MFA on sends the documented body", async () => {
    const { client, pingOne } = clientOn(inTurn(answer(200, { mfaEnabled: true })));
    expect(await enableMfa(client, "u1")).toMatchObject({ ok: true, value: true });
    expect(pingOne.requests[0]).toMatchObject({
      method: "PUT",
      url: `${environmentUrl}/users/u1/mfaEnabled`,
      body: '{"mfaEnabled":true}',
    });
    expect(pingOne.requests[0]?.headers["content-type"]).toBe("application/json");
  });

  test("a role that may not is told", async () => {
    expect(await enableMfa(clientOn(inTurn(answer(403))).client, "u1")).toMatchObject({
      ok: false,
      error: { code: "not-allowed", action: "switch MFA on for the user" },
    });
  });
});
