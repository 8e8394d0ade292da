import { connect } from "node:net";
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Http, HttpRequest } from "../../src/core/ports.ts";
import { createHttp as createNodeHttp } from "../../src/node/http-node.ts";
import { createHttp as createUndiciHttp } from "../../src/node/http-undici.ts";
import type { FindRoute, Hop, Proxy } from "../../src/node/route.ts";
import { type Authority, createAuthority } from "./authority.ts";
import { startProxy } from "./proxy-server.ts";
import { answer, closedPort, deafPort, listen, type Visit } from "./wire-server.ts";

/** The contract of the `Http` port behind a proxy, kept by both adapters that reach beyond this machine. */
type CreateHttp = (findRoute?: FindRoute) => Http;
const adapters: readonly (readonly [string, CreateHttp, () => Promise<{ readonly createHttp: CreateHttp }>])[] = [
  ["undici", createUndiciHttp, () => import("../../src/node/http-undici.ts")],
  ["node:http", createNodeHttp, () => import("../../src/node/http-node.ts")],
];

const host = "api.pingone.test";
const place = `${host}:443`;
let known: Authority;
let certificate: { readonly cert: string; readonly key: string };
const removals: (() => Promise<void>)[] = [];

beforeAll(async () => {
  known = await createAuthority("Known Root", "Known Ltd", (remove) => removals.push(remove));
  certificate = await known.sign(host);
  setDefaultCACertificates([...getCACertificates("default"), known.ca]);
});
afterAll(() => Promise.all(removals.map((remove) => remove())));

const request = (more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: "POST",
  url: `https://${host}/v1/users?a=b`,
  headers: { "content-type": "application/json" },
  body: "{}",
  timeoutMs: 30_000,
  maxBytes: 1_000_000,
  ...more,
});
const proxyAt = (port: number, more: Partial<Proxy> = {}): Proxy => ({
  secure: false,
  host: "127.0.0.1",
  port,
  credentials: null,
  ...more,
});
const over =
  (...hops: readonly Hop[]): FindRoute =>
  async () => ({ ok: true, hops, from: "test" });

/** A TLS server by the name that only the proxy can find. */
const secureServer = (
  serve: (visit: Visit, connection: number) => Promise<void> | void,
  own: { readonly cert: string; readonly key: string } = certificate,
) => listen(serve, { secure: createTlsServer(own) });
const greeting = async ({ socket, request: next }: Visit): Promise<void> => {
  for (;;) {
    await next();
    socket.write(answer("200 OK", [], "hello"));
  }
};

/** Passes everything on, until it is told to flip a bit of what the server sends. */
async function startDamagingRelay(port: number) {
  let damaged = false;
  const relay = await listen(({ socket }) => {
    const onward = connect({ host: "127.0.0.1", port });
    onward.on("error", () => socket.destroy());
    onward.once("close", () => socket.destroy());
    socket.once("close", () => onward.destroy());
    socket.pipe(onward);
    onward.on("data", (bytes: Buffer) => {
      if (damaged) bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      socket.write(bytes);
    });
  });
  const damage = (): void => {
    damaged = true;
  };
  return { port: relay.port, damage };
}

describe.each(adapters)("%s: through a proxy", (_name, createHttp, load) => {
  test("a tunnel by name, TLS with the server inside it, and one tunnel for several requests", async () => {
    const server = await secureServer(greeting);
    const proxy = await startProxy({ places: { [place]: server.port } });
    const http = createHttp(over(proxyAt(proxy.port)));
    expect(await http(request())).toMatchObject({ ok: true, response: { status: 200, body: "hello" } });
    expect(await http(request())).toMatchObject({ ok: true });
    expect(proxy.asked).toHaveLength(1);
    expect(proxy.asked[0]).toBe(`CONNECT ${place} HTTP/1.1\r\nHost: ${place}\r\n\r\n`);
    expect(server.received[0]).toMatch(/^POST \/v1\/users\?a=b HTTP\/1\.1\r\n/);
  });

  test("a proxy that is spoken to over TLS", async () => {
    const server = await secureServer(greeting);
    const secure = createTlsServer(await known.sign("localhost"));
    const proxy = await startProxy({ places: { [place]: server.port }, secure });
    const hop = proxyAt(proxy.port, { secure: true, host: "localhost" });
    expect(await createHttp(over(hop))(request())).toMatchObject({ ok: true, response: { body: "hello" } });
  });

  test("plain http goes through a tunnel, too", async () => {
    const server = await listen(greeting);
    const proxy = await startProxy({ places: { [`${host}:80`]: server.port } });
    const http = createHttp(over(proxyAt(proxy.port)));
    expect(await http(request({ url: `http://${host}/` }))).toMatchObject({ ok: true });
  });

  test("a certificate for another name: tls, not sent, not a byte of the request", async () => {
    const server = await secureServer(() => undefined, await known.sign("other.pingone.test"));
    const proxy = await startProxy({ places: { [place]: server.port } });
    expect(await createHttp(over(proxyAt(proxy.port)))(request())).toEqual({
      ok: false,
      failure: {
        kind: "tls",
        sent: false,
        problem: "it was issued for another name",
        issuer: "Known Root (Known Ltd)",
        proxy: `127.0.0.1:${proxy.port}`,
      },
    });
    expect(server.received.join("")).toBe("");
  });

  test("a proxy that inspects TLS with an authority that nobody knows: tls, and who signed", async () => {
    const nosy = await createAuthority("Nosy Root", "Nosy Ltd");
    const server = await secureServer(() => undefined, await nosy.sign(host));
    const proxy = await startProxy({ places: { [place]: server.port } });
    expect(await createHttp(over(proxyAt(proxy.port)))(request())).toMatchObject({
      ok: false,
      failure: {
        kind: "tls",
        sent: false,
        problem: "its authority is not known to this computer",
        issuer: "Nosy Root (Nosy Ltd)",
      },
    });
    expect(server.received.join("")).toBe("");
  });

  test("credentials go to the proxy and not to the server", async () => {
    const server = await secureServer(greeting);
    const proxy = await startProxy({ places: { [place]: server.port }, credentials: "ada:pass:wörd" });
    const credentials = { user: "ada", password: "pass:wörd" };
    const http = createHttp(over(proxyAt(proxy.port, { credentials })));
    expect(await http(request())).toMatchObject({ ok: true });
    expect(server.received.join("")).not.toMatch(/proxy-authorization/i);
  });

  test.each([
    ["none were given", null, false],
    ["they are wrong", { user: "ada", password: "wrong" }, true],
  ])("credentials are asked for and %s: not sent", async (_what, credentials, given) => {
    const proxy = await startProxy({ places: {}, credentials: "ada:right" });
    const result = await createHttp(over(proxyAt(proxy.port, { credentials }), "direct"))(request());
    expect(result).toEqual({
      ok: false,
      failure: {
        kind: "proxy-credentials",
        sent: false,
        proxy: `127.0.0.1:${proxy.port}`,
        given,
        offered: ["basic"],
      },
    });
    expect(JSON.stringify(result)).not.toContain("wrong");
  });

  test("a sign-in of Windows: which kinds would do", async () => {
    const proxy = await startProxy({
      places: {},
      instead: ({ socket }) =>
        void socket.write("HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nproxy-authenticate: NTLM\r\n\r\n"),
    });
    expect(await createHttp(over(proxyAt(proxy.port)))(request())).toMatchObject({
      failure: { kind: "proxy-credentials", offered: ["negotiate", "ntlm"] },
    });
  });

  test.each([
    ["a refusal with a page", "HTTP/1.1 403 Forbidden\r\ncontent-type: text/html\r\n\r\n<h1>no</h1>", "answered", 403],
    ["a sign-in page", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", "answered", 200],
    ["a success with a body", "HTTP/1.1 200 OK\r\n\r\n<h1>Sign in</h1>", "answered", 200],
    ["a redirect", "HTTP/1.1 302 Found\r\nlocation: http://portal.test/\r\n\r\n", "answered", 302],
    ["no status", "HTTP/1.1 hello\r\n\r\n", "answered", undefined],
    ["something that is not HTTP", "SSH-2.0-OpenSSH_9.9\r\n", "answered", undefined],
    ["a head without end", `HTTP/1.1 200 OK\r\nx-a: ${"x".repeat(20_000)}`, "answered", undefined],
    ["a hang-up", null, "reset", undefined],
    ["half an answer", "HTTP/1.1 200 Conn", "reset", undefined],
  ])("the proxy answers with %s: not sent", async (_what, reply, reason, status) => {
    const proxy = await startProxy({ places: {}, instead: ({ socket }) => void socket.end(reply ?? "") });
    const name = `127.0.0.1:${proxy.port}`;
    // "direct" after it must not be tried: somebody has answered.
    expect(await createHttp(over(proxyAt(proxy.port), "direct"))(request())).toEqual({
      ok: false,
      failure: { kind: "proxy", sent: false, proxy: name, reason, ...(status === undefined ? {} : { status }) },
    });
  });

  test("the tunnel breaks before the handshake: reset, not sent, with the proxy's name", async () => {
    const proxy = await startProxy({
      places: {},
      instead: ({ socket, request: next }) => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        socket.once("data", () => socket.destroy());
        void next();
      },
    });
    expect(await createHttp(over(proxyAt(proxy.port)))(request())).toEqual({
      ok: false,
      failure: { kind: "reset", sent: false, proxy: `127.0.0.1:${proxy.port}` },
    });
  });

  test("the proxy dies when the request is with the server: reset, sent, and the request goes no other way", async () => {
    const server = await secureServer(async ({ request: next }) => {
      await next();
      proxy.cut();
    });
    const proxy = await startProxy({ places: { [place]: server.port } });
    const other = await startProxy({ places: { [place]: server.port } });
    expect(await createHttp(over(proxyAt(proxy.port), proxyAt(other.port)))(request())).toEqual({
      ok: false,
      failure: { kind: "reset", sent: true, proxy: `127.0.0.1:${proxy.port}` },
    });
    expect(other.asked).toEqual([]);
    expect(server.received).toHaveLength(1);
  });

  test("the proxy takes the request for a tunnel and says nothing: timed out, not sent", async () => {
    const proxy = await startProxy({ places: {}, instead: () => undefined });
    expect(await createHttp(over(proxyAt(proxy.port)))(request({ timeoutMs: 300 }))).toEqual({
      ok: false,
      failure: { kind: "timed-out", sent: false, proxy: `127.0.0.1:${proxy.port}` },
    });
  });

  test("given up while the tunnel is being made: cancelled, not sent", async () => {
    const controller = new AbortController();
    const proxy = await startProxy({ places: {}, instead: () => controller.abort() });
    expect(await createHttp(over(proxyAt(proxy.port)))(request({ signal: controller.signal }))).toEqual({
      ok: false,
      failure: { kind: "cancelled", sent: false },
    });
  });

  test("a byte of the answer is damaged on the way: tls, sent, and the request is not repeated", async () => {
    const server = await secureServer(
      async ({ socket, request: next }) => {
        await next();
        relay.damage();
        socket.write(answer("200 OK", [], "hello"));
      },
      await known.sign("localhost"),
    );
    const relay = await startDamagingRelay(server.port);
    // Anew: an adapter that has looked for the system's authorities once does not do so again.
    vi.resetModules();
    const fresh = (await load()).createHttp;
    expect(await fresh(over("direct"))(request({ url: `https://localhost:${relay.port}/` }))).toMatchObject({
      ok: false,
      failure: { kind: "tls", sent: true },
    });
    expect(server.received.join("").match(/^POST /gm)).toHaveLength(1);
  });

  test("straight is not put last, however often it fails", async () => {
    const gone = await closedPort();
    const proxy = await startProxy({ places: {} });
    const http = createHttp(over("direct", proxyAt(proxy.port)));
    const straight = request({ url: `http://localhost:${gone}/` });
    expect(await http(straight)).toMatchObject({ failure: { kind: "proxy", reason: "answered" } });
    const server = await listen(greeting, { port: gone });
    expect(await http(straight)).toMatchObject({ ok: true });
    expect(server.received).toHaveLength(1);
  });

  test("a search for a way that breaks is no way, and nothing is sent", async () => {
    const server = await listen(greeting);
    const broken: FindRoute = () => Promise.reject(new Error("planted"));
    expect(await createHttp(broken)(request({ url: server.url, timeoutMs: 2_000 }))).toMatchObject({
      failure: { kind: "no-route", sent: false },
    });
    expect(server.received).toEqual([]);
  });

  test("proxies that are not reached are passed over, and come last from then on", async () => {
    const server = await secureServer(greeting);
    const proxy = await startProxy({ places: { [place]: server.port } });
    let asked = 0;
    const gone = await closedPort();
    const http = createHttp(async () => {
      asked += 1;
      return { ok: true, hops: [{ unspoken: "socks://s:1080" }, proxyAt(gone), proxyAt(proxy.port)], from: "test" };
    });
    expect(await http(request())).toMatchObject({ ok: true });
    expect(await http(request())).toMatchObject({ ok: true });
    expect(asked).toBe(2);
    expect(server.received).toHaveLength(1);
  });

  test("none is reached: the last one is named", async () => {
    const gone = await closedPort();
    expect(await createHttp(over(proxyAt(gone)))(request())).toEqual({
      ok: false,
      failure: { kind: "proxy", sent: false, proxy: `127.0.0.1:${gone}`, reason: "refused" },
    });
    expect(await createHttp(over(proxyAt(80, { host: "proxy.invalid" })))(request())).toMatchObject({
      failure: { kind: "proxy", proxy: "proxy.invalid:80", reason: "unresolved" },
    });
    expect(await createHttp(over({ unspoken: "socks://s:1080" }))(request())).toMatchObject({
      failure: { kind: "proxy", proxy: "socks://s:1080", reason: "kind", sent: false },
    });
  });

  test("a proxy that never answers: the one time limit holds", async () => {
    const port = await deafPort();
    expect(await createHttp(over(proxyAt(port)))(request({ timeoutMs: 200 }))).toMatchObject({
      failure: { kind: "timed-out", sent: false },
    });
  });

  test("no way is known: nothing is sent, and the setting is named", async () => {
    const server = await listen(greeting);
    const none = { ok: false, setting: "ProxyPacUrl", problem: "the script failed" } as const;
    expect(await createHttp(async () => none)(request({ url: server.url }))).toEqual({
      ok: false,
      failure: { kind: "no-route", sent: false, setting: "ProxyPacUrl", problem: "the script failed" },
    });
    expect(server.received).toEqual([]);
  });

  test("a way that is not found in time: timed out, not sent", async () => {
    const never = new Promise<never>(() => undefined);
    expect(await createHttp(() => never)(request({ timeoutMs: 50 }))).toEqual({
      ok: false,
      failure: { kind: "timed-out", sent: false },
    });
  });
});
