import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Http } from "../../../src/core/ports.ts";
import { createServerClock } from "../../../src/core/server-clock.ts";
import { signInWithDeviceCode } from "../../../src/core/sign-in/device-code.ts";
import { openProvider } from "../../../src/core/sign-in/provider.ts";
import { createHttp as createNodeHttp } from "../../../src/node/http-node.ts";
import { createHttp } from "../../../src/node/http-undici.ts";
import {
  type AuthorizationServer,
  type Interference,
  startAuthorizationServer,
} from "../../fakes/authorization-server.ts";
import { answer, failure, inTurn, scriptedHttp, tlsFailure } from "../../fakes/http.ts";
import { altering, expectFailure, jsonOf, quickClock, watched } from "./setting.ts";

let server: AuthorizationServer;
beforeAll(async () => {
  server = await startAuthorizationServer();
});
afterEach(() => server.interfere(null));
afterAll(() => server.close());

const open = (http: Http, issuer = server.issuer) =>
  openProvider(http, quickClock(), { issuer, clientId: server.clientId });
const none = { secrets: new Set<string>() };

describe("the server's description", () => {
  test("is asked for below the issuer, once", async () => {
    const seen = watched(createHttp());
    const opened = await open(seen.http);
    expect(seen.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `GET ${server.issuer}/.well-known/openid-configuration`,
    ]);
    expect(opened.ok && opened.value.endpoint("token_endpoint")).toEqual({ ok: true, value: `${server.issuer}/token` });
  });

  test("tells the time", async () => {
    const off = await startAuthorizationServer({ clockOffsetMs: 600_000 });
    const clock = quickClock();
    const serverClock = createServerClock(clock);
    const application = { issuer: off.issuer, clientId: off.clientId };
    expect((await openProvider(createHttp(), clock, application, undefined, serverClock)).ok).toBe(true);
    const { ms, uncertaintyMs } = serverClock.offset() ?? { ms: 0, uncertaintyMs: 0 };
    expect(Math.abs(ms + 600_000)).toBeLessThanOrEqual(uncertaintyMs);
    await off.close();
  });

  const describing = (change: Record<string, unknown>): Http =>
    altering(createHttp(), "/openid-configuration", (response) => ({
      ...response,
      body: JSON.stringify({ ...jsonOf(response), ...change }),
    }));

  test.each([
    ["another server's", (issuer: string) => issuer.replace("127.0.0.1", "127.0.0.2")],
    ["another environment's", (issuer: string) => issuer.replace("abfba8f6", "00000000")],
    ["a slash longer", (issuer: string) => `${issuer}/`],
    ["in other letters", (issuer: string) => issuer.replace("http:", "HTTP:")],
  ])("with an issuer that is %s is not accepted", async (_case, change) => {
    const outcome = await open(describing({ issuer: change(server.issuer) }));
    expectFailure(outcome, { code: "sign-in-invalid", problem: expect.stringContaining("issuer") as string }, none);
  });

  test.each([
    ["no issuer", { issuer: undefined }],
    ["an issuer that is no address", { issuer: "auth.pingone.eu" }],
    ["an issuer that is a number", { issuer: 7 }],
    ["no token endpoint", { token_endpoint: undefined }],
    ["no keys", { jwks_uri: undefined }],
    ["a token endpoint that is no address", { token_endpoint: "/token" }],
    ["a token endpoint without https", { token_endpoint: "http://auth.example.com/as/token" }],
    ["keys without https", { jwks_uri: "http://10.0.0.1/jwks" }],
    ["keys in a file", { jwks_uri: "file:///etc/passwd" }],
  ])("with %s is of no use", async (_case, change) => {
    expectFailure(await open(describing(change)), { code: "reply-invalid" }, none);
  });

  test.each(["http://auth.pingone.eu/x/as", "ftp://127.0.0.1/as", "http://127.0.0.1.example.com/as", "nothing"])(
    "is not asked for at %s",
    async (issuer) => {
      const { http, requests } = scriptedHttp(inTurn(answer(200, {})));
      expectFailure(await open(http, issuer), { code: "configuration-invalid", setting: "sign-in address" }, none);
      expect(requests).toEqual([]);
    },
  );

  test.each([
    [
      "HTML",
      answer(200, "<html>Welcome to the hotel</html>", { "content-type": "text/html" }),
      { code: "reply-invalid" },
    ],
    ["HTML that says JSON", answer(200, "<html>"), { code: "reply-invalid" }],
    ["an array", answer(200, []), { code: "reply-invalid" }],
    ["nothing", answer(200, ""), { code: "reply-invalid" }],
    ["no content", answer(204, ""), { code: "sign-in-refused" }],
    ["a redirect", answer(302, "", { location: "https://evil.example.com/" }), { code: "reply-invalid" }],
    ["an odd status", answer(102, ""), { code: "sign-in-refused" }],
    ["an odder status", answer(999, ""), { code: "server-unavailable" }],
    ["headers beyond ASCII", answer(200, "[]", { "content-type": "\u{1F511}" }), { code: "reply-invalid" }],
    ["unknown environment", answer(404, { code: "NOT_FOUND" }), { code: "sign-in-refused", reason: "NOT_FOUND" }],
    ["throttled", answer(429, "", { "retry-after": "7" }), { code: "rate-limited", retryAfterSeconds: 7 }],
    ["down", answer(503, "<html>"), { code: "server-unavailable", status: 503 }],
    ["unreachable", failure("refused", false), { code: "network-failed", reason: "refused", host: "auth.pingone.eu" }],
    ["without a name", failure("unresolved", false), { code: "network-failed", reason: "unresolved" }],
    ["too slow", failure("timed-out", true), { code: "network-failed", reason: "timed-out" }],
    ["cut off", failure("reset", true), { code: "network-failed", reason: "reset" }],
    ["not trusted", tlsFailure("it has expired"), { code: "tls-failed", problem: "it has expired" }],
    ["given up", failure("cancelled", false), { code: "cancelled" }],
  ] as const)("%s", async (_case, result, error) => {
    const { http } = scriptedHttp(inTurn(result));
    expectFailure(await open(http, "https://auth.pingone.eu/x/as"), error, none);
  });
});

describe.each([
  ["undici", createHttp],
  ["node:http", createNodeHttp],
])("over real sockets, %s", (_name, create) => {
  const huge: Interference = (_request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(`{"issuer":"${"x".repeat(400_000)}"}`);
  };
  test.each<[string, Interference, object]>([
    ["a huge answer", huge, { code: "network-failed", reason: "too-large" }],
    ["a connection that breaks", (request) => request.destroy(), { code: "network-failed", reason: "reset" }],
    [
      "HTML",
      (_request, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>"),
      { code: "reply-invalid" },
    ],
  ])("%s", async (_case, interference, error) => {
    server.interfere(interference);
    expectFailure(await open(create()), error as { code: "reply-invalid" }, none);
  });

  test("nobody listens", async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => void closed.listen(0, "127.0.0.1", resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => void closed.close(resolve));
    expect(await open(create(), `http://127.0.0.1:${port}/as`)).toEqual({
      ok: false,
      error: { code: "network-failed", host: `127.0.0.1:${port}`, reason: "refused" },
    });
  });

  test("a redirect is not followed, at whichever address it is", async () => {
    const reached: string[] = [];
    const elsewhere = createServer((request, response) => {
      reached.push(request.url ?? "");
      response.end();
    });
    await new Promise<void>((resolve) => void elsewhere.listen(0, "127.0.0.1", resolve));
    const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
    for (const path of ["/openid-configuration", "/device_authorization", "/token"]) {
      server.interfere((request, response, serve) => {
        if (request.url?.endsWith(path) === true) response.writeHead(307, { location }).end();
        else serve();
      });
      const seen = watched(create());
      const application = { issuer: server.issuer, clientId: server.clientId, scopes: ["openid"] };
      const outcome = await signInWithDeviceCode(
        { http: seen.http, clock: quickClock() },
        application,
        () => undefined,
        new AbortController().signal,
      );
      expectFailure(outcome, { code: "reply-invalid", problem: expect.stringContaining("redirect") as string }, seen);
    }
    expect(reached).toEqual([]);
    await new Promise((resolve) => void elsewhere.close(resolve));
  });
});
