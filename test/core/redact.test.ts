import { describe, expect, test } from "vitest";
import { redact, redactText } from "../../src/core/redact.ts";

const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzZWNyZXQifQ.c2lnbmF0dXJl";

describe("text", () => {
  test.each([
    ["Authorization: Bearer abcdefgh12345678", "abcdefgh12345678"],
    ["authorization: bearer abcdefgh12345678", "abcdefgh12345678"],
    ["Basic Y2xpZW50OnNlY3JldA==", "Y2xpZW50OnNlY3JldA=="],
    [`the JWT ${jwt} was refused`, jwt],
    [`"${jwt}"`, jwt],
    [`two: ${jwt},${jwt}`, jwt],
    ["eyJhbGciOiJub25lIn0.eyJhIjoxfQ.", "eyJhIjoxfQ"],
    ["grant_type=x&client_secret=hunter2&x=1", "hunter2"],
    ["client_assertion=hunter2 and more", "hunter2"],
    ["refresh_token=hunter2", "hunter2"],
    ["code_verifier=hunter2", "hunter2"],
    ["password=hunter2", "hunter2"],
    ["pin=123456", "123456"],
    ['{"client_secret":"hunter2"}', "hunter2"],
    ['{"access_token": "hunter2", "expires_in": 1}', "hunter2"],
    ["{ client_secret: 'hunter2' }", "hunter2"],
    ['{\\"refresh_token\\":\\"hunter2\\"}', "hunter2"],
  ])("%s", (text, secret) => {
    const redacted = redactText(text);
    expect(redacted).not.toContain(secret);
    expect(redacted).toContain("redacted");
  });

  test.each([
    "",
    "The request could not be completed. The request was malformed or invalid.",
    "user ada@example.com, device 0ac16146-5e05-d328-0ac1-61465e05d328",
    "Bearer of news",
    "basic rules",
    "pinned to the wall",
    "expires_in=3600",
  ])("%j stays as it is", (text) => {
    expect(redactText(text)).toBe(text);
  });

  test("what stands around a secret stays", () => {
    expect(redactText("a=1&client_secret=hunter2&b=2")).toBe("a=1&client_secret=[redacted]&b=2");
  });
});

describe("fields of a log line", () => {
  test.each([
    "clientSecret",
    "secret",
    "accessToken",
    "token",
    "password",
    "authorization",
    "attestation",
    "assertion",
    "credential",
    "pingIdDesktopCredentialCreationOptions",
    "cookie",
    "pin",
    "PIN",
  ])("%s is never written, whatever it holds", (name) => {
    expect(redact({ [name]: "plain" })).toEqual({ [name]: "[redacted]" });
    // A PIN may well be a number.
    expect(redact({ [name]: 123_456 })).toEqual({ [name]: "[redacted]" });
  });

  test("others are kept, with secrets taken out of their text", () => {
    expect(redact({ status: 200, ok: true, none: null, gone: undefined, problem: `bad ${jwt}`, mapping: "x" })).toEqual(
      {
        status: 200,
        ok: true,
        none: null,
        gone: undefined,
        problem: "bad [redacted token]",
        mapping: "x",
      },
    );
  });

  test("that there was no secret may be told", () => {
    expect(redact({ token: null, secret: undefined })).toEqual({ token: null, secret: undefined });
  });
});
