import { decodeJwt } from "jose";
import { describe, expect, test } from "vitest";
import { type Credential, createTokens } from "../../../src/core/pingone/tokens.ts";
import type { HttpResult } from "../../../src/core/ports.ts";
import { fakeClock } from "../../fakes/clock.ts";
import { answer, failure, gate, inTurn, type Script, scriptedHttp, tlsFailure } from "../../fakes/http.ts";
import { seededRandom } from "../../fakes/random.ts";

const endpoints = {
  apiBase: "https://api.pingone.eu/v1",
  authBase: "https://auth.pingone.eu",
  environmentId: "abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6",
  issuer: "https://auth.pingone.eu/abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6/as",
};
const tokenReply = (token: string, lifetime: unknown = 3_600) =>
  answer(200, { access_token: token, token_type: "Bearer", expires_in: lifetime });
/** `t1`, `t2`, … */
const numbered =
  (lifetime?: unknown): Script =>
  (_request, index) =>
    tokenReply(`t${index + 1}`, lifetime);

function given(script: Script, secret = "s3cret") {
  const clock = fakeClock();
  const { http, requests } = scriptedHttp(script);
  const credential = { kind: "secret-basic", clientId: "client-1", clientSecret: secret } as const;
  return { clock, requests, tokens: createTokens({ http, clock, random: seededRandom() }, endpoints, credential) };
}

describe("the request", () => {
  test("is the documented one, and goes to the sign-in host", async () => {
    const { tokens, requests } = given(numbered());
    expect(await tokens.current()).toEqual({ ok: true, value: "t1" });
    expect(requests).toEqual([
      {
        method: "POST",
        url: "https://auth.pingone.eu/abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6/as/token",
        headers: {
          authorization: `Basic ${Buffer.from("client-1:s3cret").toString("base64")}`,
          "content-type": "application/x-www-form-urlencoded",
          accept: "application/json",
        },
        body: "grant_type=client_credentials",
        timeoutMs: 30_000,
        maxBytes: 65_536,
      },
    ]);
  });

  test.each(["pässwörd", "秘密の鍵", "a:b:c", "with space", "🔑".repeat(200)])("secret %s", async (secret) => {
    const { tokens, requests } = given(numbered(), secret);
    expect((await tokens.current()).ok).toBe(true);
    const header = requests[0]?.headers["authorization"] ?? "";
    expect(Buffer.from(header.replace("Basic ", ""), "base64").toString("utf8")).toBe(`client-1:${secret}`);
  });
});

describe("one request for everybody", () => {
  test("callers at the same moment share it", async () => {
    const held = gate<HttpResult>();
    const { tokens, requests } = given(() => held.passed);
    const callers = [tokens.current(), tokens.current(), tokens.current()];
    held.open(tokenReply("t1"));
    expect(await Promise.all(callers)).toEqual(Array.from({ length: 3 }, () => ({ ok: true, value: "t1" })));
    expect(requests).toHaveLength(1);
  });

  test("and so they do with a failure, after which the next one asks again", async () => {
    const held = gate<HttpResult>();
    const { tokens, requests } = given((_request, index) => (index === 0 ? held.passed : tokenReply("t2")));
    const callers = [tokens.current(), tokens.current()];
    held.open(answer(400));
    expect((await Promise.all(callers)).map((outcome) => outcome.ok)).toEqual([false, false]);
    expect(await tokens.current()).toEqual({ ok: true, value: "t2" });
    expect(requests).toHaveLength(2);
  });

  test("later callers use the token that is held", async () => {
    const { tokens, requests } = given(numbered());
    for (let call = 0; call < 5; call += 1) expect(await tokens.current()).toEqual({ ok: true, value: "t1" });
    expect(requests).toHaveLength(1);
  });
});

describe("lifetime", () => {
  test.each([
    // [expires_in, still good after seconds, no longer good after seconds]
    [3_600, 3_539, 3_540],
    [600, 539, 540],
    [121, 60, 61],
    [120, 59, 60],
    [60, 29, 30],
    [2, 0.9, 1],
    [undefined, 3_539, 3_540],
    ["3600", 3_539, 3_540],
    [null, 3_539, 3_540],
  ])("a token for %j seconds is kept for %d and renewed after %d", async (lifetime, good, over) => {
    const { tokens, requests, clock } = given(numbered(lifetime));
    await tokens.current();
    clock.advance(good * 1000);
    expect(await tokens.current()).toEqual({ ok: true, value: "t1" });
    clock.advance((over - good) * 1000);
    expect(await tokens.current()).toEqual({ ok: true, value: "t2" });
    expect(requests).toHaveLength(2);
  });

  test.each([0, -1])("a token for %d seconds is used once", async (lifetime) => {
    const { tokens } = given(numbered(lifetime));
    expect(await tokens.current()).toEqual({ ok: true, value: "t1" });
    expect(await tokens.current()).toEqual({ ok: true, value: "t2" });
  });

  test("counts from the request: a slow answer does not make a token live longer", async () => {
    const clock = fakeClock();
    const { http } = scriptedHttp((_request, index) => {
      clock.advance(20_000);
      return tokenReply(`t${index + 1}`, 120);
    });
    const tokens = createTokens({ http, clock, random: seededRandom() }, endpoints, {
      kind: "secret-basic",
      clientId: "c",
      clientSecret: "s",
    });
    await tokens.current();
    clock.advance(40_000);
    expect(await tokens.current()).toEqual({ ok: true, value: "t2" });
  });

  test("setting the computer's clock changes nothing", async () => {
    const { tokens, requests, clock } = given(numbered());
    await tokens.current();
    clock.jump(-86_400_000);
    await tokens.current();
    clock.jump(2 * 86_400_000);
    await tokens.current();
    expect(requests).toHaveLength(1);
  });
});

describe("a refused token", () => {
  test("is replaced once, however many callers were refused with it", async () => {
    const { tokens, requests } = given(numbered());
    await tokens.current();
    tokens.refused("t1");
    tokens.refused("t1");
    expect(await tokens.current()).toEqual({ ok: true, value: "t2" });
    tokens.refused("t1");
    expect(await tokens.current()).toEqual({ ok: true, value: "t2" });
    expect(requests).toHaveLength(2);
  });
});

describe("asking again", () => {
  test.each([
    ["throttled", answer(429, "", { "retry-after": "7" }), [7_000, 7_000, 7_000, 7_000]],
    ["down", answer(503, "<html>"), [1_000, 2_000, 4_000, 8_000]],
  ])("%s: five tries, as long as that is worth it", async (_case, reply, waits) => {
    const always = given(() => reply);
    expect((await always.tokens.current()).ok).toBe(false);
    expect(always.requests).toHaveLength(5);
    for (const [index, ms] of waits.entries()) {
      expect(always.clock.waits[index]).toBeGreaterThanOrEqual(ms);
      expect(always.clock.waits[index]).toBeLessThanOrEqual(ms + 100);
    }
    const once = given((_request, index) => (index === 0 ? reply : tokenReply("t2")));
    expect(await once.tokens.current()).toEqual({ ok: true, value: "t2" });
  });

  test("a connection that broke: one more try; none where nobody listens", async () => {
    const broken = given(() => failure("reset", true));
    expect((await broken.tokens.current()).ok).toBe(false);
    expect(broken.requests).toHaveLength(2);
    const refused = given(() => failure("refused", false));
    expect((await refused.tokens.current()).ok).toBe(false);
    expect(refused.requests).toHaveLength(1);
  });
});

describe("replies that give no token", () => {
  test.each([
    ["refused", answer(401, { error: "invalid_client" }), { code: "sign-in-refused", reason: "invalid_client" }],
    ["refused, HTML", answer(400, "<html>"), { code: "sign-in-refused", correlationId: "c-400" }],
    ["unknown environment", answer(404, { code: "NOT_FOUND" }), { code: "sign-in-refused" }],
    ["throttled for long", answer(429, "", { "retry-after": "70" }), { code: "rate-limited", retryAfterSeconds: 70 }],
    ["redirected", answer(302, ""), { code: "reply-invalid" }],
    ["empty", answer(200, ""), { code: "reply-invalid", correlationId: "c-200" }],
    ["half", answer(200, '{"access_token":"eyJh'), { code: "reply-invalid" }],
    ["HTML", answer(200, "<html>Welcome to the hotel</html>"), { code: "reply-invalid" }],
    ["an array", answer(200, []), { code: "reply-invalid" }],
    ["no token", answer(200, { token_type: "Bearer" }), { code: "reply-invalid" }],
    ["an empty token", tokenReply(""), { code: "reply-invalid" }],
    ["a number", answer(200, { access_token: 7 }), { code: "reply-invalid" }],
    // A token goes into a header: with these in it, sending it would fail inside the HTTP client.
    ["a token with a line break", tokenReply("abc\r\nx-evil: 1"), { code: "reply-invalid" }],
    ["a token with a blank", tokenReply("abc def"), { code: "reply-invalid" }],
    ["a token beyond ASCII", tokenReply("abc\u{1F511}"), { code: "reply-invalid" }],
    ["unreachable", failure("refused", false), { code: "network-failed", reason: "refused", host: "auth.pingone.eu" }],
    ["not trusted", tlsFailure("it has expired"), { code: "tls-failed", host: "auth.pingone.eu" }],
    ["far too large", failure("too-large", true), { code: "network-failed", reason: "too-large" }],
  ])("%s", async (_case, result, expected) => {
    const { tokens } = given(inTurn(result, tokenReply("t2")));
    expect(await tokens.current()).toMatchObject({ ok: false, error: expected });
    // Nothing of it is kept.
    expect(await tokens.current()).toEqual({ ok: true, value: "t2" });
  });

  test("the secret is in no error, even when the server repeats it", async () => {
    const basic = Buffer.from("client-1:s3cret").toString("base64");
    const quoting = { error: `Basic ${basic}`, error_description: `s3cret, client_secret=s3cret, ${basic}` };
    for (const status of [400, 401, 429, 500]) {
      const { tokens } = given(inTurn(answer(status, quoting)));
      const text = JSON.stringify(await tokens.current());
      expect(text).not.toContain("s3cret");
      expect(text).not.toContain(basic);
    }
  });
});

describe("other ways to prove who it is", () => {
  const prove = (credential: Credential, script: Script = numbered()) => {
    const clock = fakeClock();
    const { http, requests } = scriptedHttp(script);
    return { requests, tokens: createTokens({ http, clock, random: seededRandom() }, endpoints, credential) };
  };

  test("a secret in the form stands there as it is", async () => {
    const { tokens, requests } = prove({ kind: "secret-post", clientId: "client-1", clientSecret: "a&b=c d+é" });
    expect(await tokens.current()).toEqual({ ok: true, value: "t1" });
    expect(requests[0]?.headers["authorization"]).toBeUndefined();
    expect(Object.fromEntries(new URLSearchParams(requests[0]?.body))).toEqual({
      grant_type: "client_credentials",
      client_id: "client-1",
      client_secret: "a&b=c d+é",
    });
  });

  test("an assertion is new for every request", async () => {
    const { tokens, requests } = prove({ kind: "secret-jwt", clientId: "client-1", clientSecret: "s3cret" });
    await tokens.current();
    tokens.refused("t1");
    await tokens.current();
    const forms = requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
    expect(forms).toHaveLength(2);
    for (const form of forms) {
      expect(form).toMatchObject({
        client_id: "client-1",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      });
    }
    const ids = forms.map((form) => decodeJwt(form["client_assertion"] ?? "").jti);
    expect(ids[0]).not.toBe(ids[1]);
  });

  test("a key that cannot be read is told before anything is sent", async () => {
    const { tokens, requests } = prove({ kind: "private-key-jwt", clientId: "c", privateKey: "planted", keyId: null });
    expect(await tokens.current()).toMatchObject({
      ok: false,
      error: { code: "configuration-invalid", setting: "private key" },
    });
    expect(requests).toEqual([]);
  });

  test("an assertion that the server repeats is in no error", async () => {
    const { tokens, requests } = prove({ kind: "secret-jwt", clientId: "c", clientSecret: "s3cret" }, ({ body }) =>
      answer(401, {
        error: "invalid_client",
        error_description: `What is ${new URLSearchParams(body).get("client_assertion")}?`,
      }),
    );
    const outcome = await tokens.current();
    expect(outcome).toMatchObject({ ok: false, error: { serverMessage: "What is [redacted]?" } });
    expect(requests).toHaveLength(1);
  });
});

describe("signing out", () => {
  test("while a token is on its way: nobody gets it", async () => {
    const held = gate<HttpResult>();
    const { tokens, requests } = given(() => held.passed);
    const asking = tokens.current();
    await tokens.end();
    held.open(tokenReply("t1"));
    expect(await asking).toEqual({ ok: false, error: { code: "sign-in-required" } });
    expect(await tokens.current()).toEqual({ ok: false, error: { code: "sign-in-required" } });
    expect(requests).toHaveLength(1);
  });
});
