import { once } from "node:events";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Callback, CallbackRequest, PortOwner } from "../../src/core/ports.ts";
import { createCallbackListener } from "../../src/node/callback.ts";
import { manualClock } from "../fakes/manual-clock.ts";
import { runToItsEnd } from "./own-process.ts";

vi.setConfig({ testTimeout: 60_000 });

const state = "the-state-of-this-sign-in";

type Listening = {
  readonly callback: Callback;
  readonly port: number;
  readonly clock: ReturnType<typeof manualClock>;
  readonly abort: () => void;
  /** Whether the sign-in still waits. */
  readonly isWaiting: () => Promise<boolean>;
};

async function listening(changes: Partial<CallbackRequest> = {}): Promise<Listening> {
  const clock = manualClock();
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const listen = createCallbackListener({ ownerOf: async () => null, clock });
  const outcome = await listen({ port: 0, state, limitMs: 180_000, signal: controller.signal, ...changes });
  if (!outcome.ok) throw new Error(outcome.error.code);
  const port = Number(new URL(outcome.value.redirectUri).port);
  return {
    callback: outcome.value,
    port,
    clock,
    abort: () => controller.abort(),
    isWaiting: () => accepts(port),
  };
}

type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string };

function call(
  port: number,
  path: string,
  { method = "GET", host = `127.0.0.1:${port}`, localAddress = "127.0.0.1", headers = {}, body = "" } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      host: "127.0.0.1",
      port,
      path,
      method,
      localAddress,
      headers: { ...headers, host },
      agent: false,
    };
    const outgoing = httpRequest(options, (incoming) => {
      let text = "";
      incoming.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text }));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** Writes as it is given and reads until the other side closes. */
async function send(port: number, text: string): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port });
  let answer = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    answer += chunk;
  });
  // A refusal may come before everything has been written.
  socket.on("error", () => undefined);
  socket.write(text);
  await once(socket, "close");
  return answer;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ host: "127.0.0.1", port });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

test("the browser comes back: the whole address, a page without scripts, and nobody listens any more", async () => {
  const { callback, port } = await listening();
  expect(callback.redirectUri).toBe(`http://127.0.0.1:${port}/callback`);
  const query = `?code=a%2Fb%3Fc&state=${state}&iss=https%3A%2F%2Fauth.example.com%2Fas`;
  const answer = await call(port, `/callback${query}`);
  expect(await callback.address).toEqual({ ok: true, value: callback.redirectUri + query });
  expect(answer.status).toBe(200);
  expect(answer.body).toContain("You can close this window and go back to DeskPair");
  expect(answer.body).not.toMatch(/<script|\bon\w+=|https?:|src=|href=/i);
  expect(answer.headers).toMatchObject({
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": expect.stringMatching(/^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; /),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    connection: "close",
  });
  expect(await accepts(port)).toBe(false);
});

test("an error of the provider is an answer, too", async () => {
  const { callback, port } = await listening();
  const path = `/callback?error=access_denied&error_description=no&state=${state}`;
  expect(await call(port, path)).toMatchObject({ status: 200 });
  expect(await callback.address).toEqual({ ok: true, value: `http://127.0.0.1:${port}${path}` });
});

test("a question mark in the query does not cut the address", async () => {
  const { callback, port } = await listening();
  const path = `/callback?state=${state}&code=a?b`;
  await call(port, path);
  expect(await callback.address).toEqual({ ok: true, value: `http://127.0.0.1:${port}${path}` });
});

const good = `/callback?code=c&state=${state}`;
const refused: readonly (readonly [string, string, Parameters<typeof call>[2], number])[] = [
  ["another state", "/callback?code=c&state=another", {}, 403],
  ["a longer state", `${good}x`, {}, 403],
  ["no state", "/callback?code=c", {}, 403],
  ["no query", "/callback", {}, 403],
  ["an empty state", "/callback?state=", {}, 403],
  ["the state twice", `${good}&state=${state}`, {}, 403],
  ["the state in the path", `/callback/${state}`, {}, 404],
  ["another path", `/callback/?state=${state}`, {}, 404],
  ["the state behind a second question mark", `/callback?code=c?&stat=1?state=${state}`, {}, 403],
  ["a path that only begins alike", `/callbacks?state=${state}`, {}, 404],
  ["the page's icon", "/favicon.ico", {}, 404],
  ["a whole address in place of the path", `http://127.0.0.1${good}`, {}, 404],
  ["POST", good, { method: "POST" }, 405],
  ["HEAD", good, { method: "HEAD" }, 405],
  ["OPTIONS", good, { method: "OPTIONS" }, 405],
  ["a body", good, { headers: { "content-length": "2" }, body: "{}" }, 413],
  ["another host", good, { host: "evil.example" }, 421],
  ["a name for this computer", good, { host: "localhost:80" }, 421],
  ["another port", good, { host: "127.0.0.1:1" }, 421],
  ["no port", good, { host: "127.0.0.1" }, 421],
];

test.each(refused)("refuses %s, and the browser can still come back", async (_, path, options, status) => {
  const { callback, port } = await listening();
  const answer = await call(port, path, options);
  expect(answer.status).toBe(status);
  expect(answer.headers).toMatchObject({ "cache-control": "no-store", connection: "close" });
  expect(answer.body).not.toContain(state);
  expect(await call(port, good)).toMatchObject({ status: 200 });
  expect(await callback.address).toMatchObject({ ok: true });
});

test.each([
  ["two hosts", `GET ${good} HTTP/1.1\r\nHost: HERE\r\nHost: evil.example\r\n\r\n`],
  ["no host", `GET ${good} HTTP/1.1\r\n\r\n`],
  ["HTTP/1.0 without a host", `GET ${good} HTTP/1.0\r\n\r\n`],
  ["an address that is too long", `GET ${good}&x=${"x".repeat(40_000)} HTTP/1.1\r\nHost: HERE\r\n\r\n`],
  ["headers that are too long", `GET ${good} HTTP/1.1\r\nHost: HERE\r\nX: ${"x".repeat(40_000)}\r\n\r\n`],
  ["what is no HTTP", "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n"],
])("refuses %s, and the browser can still come back", async (_, text) => {
  const { callback, port } = await listening();
  const answer = await send(port, text.replace("HERE", `127.0.0.1:${port}`));
  expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(await call(port, good)).toMatchObject({ status: 200 });
  expect(await callback.address).toMatchObject({ ok: true });
});

const foreign = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;

if (foreign === undefined || process.platform !== "linux") {
  test("this machine cannot call itself from another address: every address of its own loopback is good", async () => {
    const { port } = await listening();
    expect(await call(port, good)).toMatchObject({ status: 200 });
  });
} else {
  test("refuses a caller whose address is not a loopback one, and does not listen on any other", async () => {
    const { callback, port } = await listening();
    expect(await call(port, good, { localAddress: foreign })).toMatchObject({ status: 403 });
    const outside = connect({ host: foreign, port });
    await expect(once(outside, "connect")).rejects.toThrow("ECONNREFUSED");
    expect(await call(port, good)).toMatchObject({ status: 200 });
    expect(await callback.address).toMatchObject({ ok: true });
  });
}

test("a second hit is refused, whether it was in flight or comes later", async () => {
  const { callback, port } = await listening();
  const waiting = connect({ host: "127.0.0.1", port });
  await once(waiting, "connect");
  const text = `GET ${good} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
  const both = await send(port, text + text.replace("code=c", "code=other"));
  expect(both.match(/^HTTP\/1\.1 200 /gm)).toHaveLength(1);
  expect(await callback.address).toEqual({ ok: true, value: `http://127.0.0.1:${port}${good}` });
  waiting.on("error", () => undefined);
  if (!waiting.closed) await once(waiting.resume(), "close");
  await expect(call(port, good)).rejects.toThrow(/ECONNREFUSED/);
});

test("many at once: one is answered with the page, and its address is the one that counts", async () => {
  const { callback, port } = await listening();
  const calls = Array.from({ length: 20 }, (_, number) => call(port, `/callback?code=${number}&state=${state}`));
  const answers = await Promise.allSettled(calls);
  const pages = answers.flatMap((answer, number) =>
    answer.status === "fulfilled" && answer.value.status === 200 ? [number] : [],
  );
  expect(pages).toHaveLength(1);
  expect(await callback.address).toEqual({
    ok: true,
    value: `http://127.0.0.1:${port}/callback?code=${pages[0]}&state=${state}`,
  });
});

test("nobody comes: it says so at the limit, and stops listening", async () => {
  const { callback, port, clock, isWaiting } = await listening({ limitMs: 180_000 });
  clock.advance(179_999);
  expect(await isWaiting()).toBe(true);
  clock.advance(1);
  expect(await callback.address).toEqual({ ok: false, error: { code: "sign-in-timed-out", seconds: 180 } });
  expect(await accepts(port)).toBe(false);
});

test("cancelled, before and while it listens", async () => {
  const { callback, port, abort, clock } = await listening();
  abort();
  expect(await callback.address).toEqual({ ok: false, error: { code: "cancelled" } });
  expect(await accepts(port)).toBe(false);
  expect(clock.waiting()).toBe(0);

  const listen = createCallbackListener({ ownerOf: async () => null });
  expect(await listen({ port: 0, state, limitMs: 1_000, signal: AbortSignal.abort() })).toEqual({
    ok: false,
    error: { code: "cancelled" },
  });
});

async function taken(): Promise<number> {
  const server: Server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => new Promise((resolve) => void server.close(() => resolve())));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

test.each<readonly [string, PortOwner | null, string | null]>([
  ["its path", { processId: 7, path: "/usr/bin/squatter", account: "eve" }, "/usr/bin/squatter"],
  ["its number", { processId: 7, path: null, account: null }, "Process 7"],
  ["nothing", { processId: null, path: null, account: "eve" }, null],
  ["nothing", null, null],
])("a taken port: it says by what, as far as the system tells (%s)", async (_, owner, program) => {
  const port = await taken();
  const asked: number[] = [];
  const listen = createCallbackListener({
    ownerOf: async (of) => {
      asked.push(of);
      return owner;
    },
  });
  expect(await listen({ port, state, limitMs: 1_000, signal: new AbortController().signal })).toEqual({
    ok: false,
    error: { code: "sign-in-port-taken", port, program },
  });
  expect(asked).toEqual([port]);
});

test("the port that is asked for is the one, and is free again afterwards", async () => {
  const first = await listening();
  first.abort();
  await first.callback.address;
  const second = await listening({ port: first.port });
  expect(second.port).toBe(first.port);
  await call(second.port, good);
  expect(await second.callback.address).toMatchObject({ ok: true });
});

test("two hundred connections that say little keep neither the browser out nor anything open", async () => {
  const { callback, port } = await listening();
  const slow: Socket[] = [];
  for (let count = 0; count < 200; count += 1) {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("error", () => undefined).resume();
    await once(socket, "connect");
    socket.write(`GET ${good} HTTP/1.1\r\nHost: 127.0`);
    slow.push(socket);
  }
  expect(await call(port, good)).toMatchObject({ status: 200 });
  expect(await callback.address).toMatchObject({ ok: true });
  await Promise.all(slow.filter(({ closed }) => !closed).map((socket) => once(socket, "close")));
});

test.each([
  ["the browser has come back", "await fetch(redirectUri + '?state=s&code=planted-secret')"],
  ["it was cancelled", "controller.abort()"],
])("with idle connections open, a process ends by itself when %s, and has said nothing", async (_, step) => {
  const module = new URL("../../src/node/callback.ts", import.meta.url).href;
  const { code, output } = await runToItsEnd(`
    import { connect } from "node:net";
    import { once } from "node:events";
    const { createCallbackListener } = await import(${JSON.stringify(module)});
    const controller = new AbortController();
    const listen = createCallbackListener({ ownerOf: async () => null });
    const outcome = await listen({ port: 0, state: "s", limitMs: 600_000, signal: controller.signal });
    const { redirectUri, address } = outcome.value;
    for (let count = 0; count < 10; count += 1) {
      const socket = connect({ host: "127.0.0.1", port: Number(new URL(redirectUri).port), allowHalfOpen: true });
      socket.on("error", () => undefined);
      await once(socket, "connect");
      socket.write("GET /call");
    }
    await (${step});
    await address;
  `);
  expect({ code, output }).toEqual({ code: 0, output: "" });
});
