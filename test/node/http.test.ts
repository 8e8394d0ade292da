import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Http, HttpRequest } from "../../src/core/ports.ts";
import { createHttp as createNodeHttp } from "../../src/node/http-node.ts";
import { createHttp as createUndiciHttp } from "../../src/node/http-undici.ts";
import { createLoopbackHttp } from "../../src/node/loopback.ts";
import { answer, closedPort, deafPort, listen } from "./wire-server.ts";

/** The contract of the `Http` port. Every adapter keeps all of it; only the first two reach beyond this machine. */
const adapters: readonly (readonly [string, () => Http])[] = [
  ["undici", createUndiciHttp],
  ["node:http", createNodeHttp],
];
const allAdapters = [...adapters, ["loopback", createLoopbackHttp] as const];

const run = promisify(execFile);
/** Far longer than any of these tests takes, so that only the limit under test can end a request. */
const plenty = { timeoutMs: 30_000, maxBytes: 1_000_000 };
const get = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: "GET",
  url,
  headers: {},
  ...plenty,
  ...more,
});
const post = (url: string, body: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: "POST",
  url,
  headers: { "content-type": "application/json" },
  body,
  ...plenty,
  ...more,
});

describe.each(allAdapters)("%s: answers", (_name, createHttp) => {
  test("sends method, path, query, headers and body, and gives back status, headers and body", async () => {
    const server = await listen(async ({ socket, request }) => {
      await request();
      socket.write(
        answer("201 Created", ["Content-Type: application/json", "Correlation-ID: c-1"], '{"name":"Zoë ✓"}'),
      );
    });
    const result = await createHttp()(
      post(`${server.url}/v1/users?filter=a%20b`, '{"né":1}', { headers: { "x-a": "b" } }),
    );
    expect(result).toEqual({
      ok: true,
      response: {
        status: 201,
        headers: { "content-type": "application/json", "correlation-id": "c-1", "content-length": "19" },
        body: '{"name":"Zoë ✓"}',
      },
    });
    expect(server.received[0]).toMatch(/^POST \/v1\/users\?filter=a%20b HTTP\/1\.1\r\n/);
    expect(server.received[0]).toMatch(/\r\nx-a: b\r\n/i);
    expect(server.received[0]).toMatch(new RegExp(`\\r\\nhost: localhost:${server.port}\\r\\n`, "i"));
    expect(server.received[0]).toMatch(/\r\ncontent-length: 9\r\n/i);
    expect(server.received[0]?.endsWith('\r\n\r\n{"né":1}')).toBe(true);
  });

  test("joins repeated headers with a comma", async () => {
    const server = await listen(async ({ socket, request }) => {
      await request();
      socket.write(answer("200 OK", ["X-Twice: one", "x-twice: two", "Set-Cookie: a=1", "Set-Cookie: b=2"], ""));
    });
    const result = await createHttp()(get(server.url));
    expect(result).toMatchObject({
      ok: true,
      response: { headers: { "x-twice": "one, two", "set-cookie": "a=1, b=2" } },
    });
  });

  test.each([
    ["204 without a body", "HTTP/1.1 204 No Content\r\n\r\n", 204, ""],
    ["an empty body", answer("200 OK", [], ""), 200, ""],
    ["chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 200, "abcde"],
    ["an error with a body", answer("502 Bad Gateway", ["content-type: text/html"], "<h1>no</h1>"), 502, "<h1>no</h1>"],
    ["a redirect, which is an answer", answer("302 Found", ["location: http://localhost:1/elsewhere"], ""), 302, ""],
    ["an interim answer before the real one", `HTTP/1.1 103 Early Hints\r\n\r\n${answer("200 OK", [], "x")}`, 200, "x"],
  ])("understands %s", async (_what, reply, status, body) => {
    const server = await listen(async ({ socket, request }) => {
      await request();
      socket.write(reply);
    });
    expect(await createHttp()(get(server.url))).toMatchObject({ ok: true, response: { status, body } });
    expect(server.received).toHaveLength(1);
  });

  test("puts characters together that arrive in two pieces", async () => {
    const bytes = Buffer.from("é");
    const server = await listen(async ({ socket, request }) => {
      await request();
      socket.setNoDelay();
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n");
      socket.write(bytes.subarray(0, 1), () => setImmediate(() => socket.write(bytes.subarray(1))));
    });
    expect(await createHttp()(get(server.url))).toMatchObject({ ok: true, response: { body: "é" } });
  });

  test("does not let a slow answer hold up a quick one", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const server = await listen(async ({ socket, request }) => {
      if ((await request()).startsWith("GET /slow")) await held;
      socket.write(answer("200 OK", [], "done"));
    });
    const http = createHttp();
    const slow = http(get(`${server.url}/slow`));
    expect(await http(get(`${server.url}/quick`))).toMatchObject({ ok: true });
    release();
    expect(await slow).toMatchObject({ ok: true });
  });
});

describe.each(allAdapters)("%s: failures say whether the request was sent", (_name, createHttp) => {
  test("nothing listens: refused, not sent", async () => {
    const port = await closedPort();
    expect(await createHttp()(post(`http://localhost:${port}/`, "{}"))).toEqual({
      ok: false,
      failure: { kind: "refused", sent: false },
    });
  });

  test("the server resets the connection before a byte could be written: reset, not sent", async () => {
    // Server and client share an event loop here, so the reset is on its way before the client learns of the connection.
    const server = await listen(({ socket }) => void socket.resetAndDestroy());
    expect(await createHttp()(post(server.url, "{}"))).toEqual({ ok: false, failure: { kind: "reset", sent: false } });
    expect(server.received).toEqual([""]);
  });

  test("the connection breaks before the answer: reset, sent", async () => {
    const server = await listen(async ({ socket, request }) => {
      await request();
      socket.resetAndDestroy();
    });
    expect(await createHttp()(post(server.url, "{}"))).toEqual({ ok: false, failure: { kind: "reset", sent: true } });
    expect(server.received).toHaveLength(1);
  });

  test.each([
    ["in the status line", "HTTP/1.1 200"],
    ["after the head", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n"],
    ["in the middle of the body", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345"],
    ["in the middle of a chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab"],
    ["between two chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n"],
  ])("the server closes %s: reset, sent, and no half answer", async (_where, reply) => {
    const server = await listen(async ({ socket, request }) => {
      await request();
      socket.end(reply);
    });
    expect(await createHttp()(get(server.url))).toEqual({ ok: false, failure: { kind: "reset", sent: true } });
    expect(server.received).toHaveLength(1);
  });

  test("the answer is not HTTP: reset, sent", async () => {
    const server = await listen(async ({ socket, request }) => {
      await request();
      socket.end("SSH-2.0-OpenSSH_9.2\r\n");
    });
    expect(await createHttp()(get(server.url))).toEqual({ ok: false, failure: { kind: "reset", sent: true } });
  });

  // All at once, with time enough for a busy machine to connect: only the silence may end these requests.
  test("silence at any point of the answer, and a drip that never stops: timed out, sent", async () => {
    const silences = ["", "HTTP/1.1 200 OK\r\nx-a: ", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345"];
    const servers = await Promise.all(
      silences.map((reply) =>
        listen(async ({ socket, request }) => {
          await request();
          socket.write(reply);
        }),
      ),
    );
    const dripping = await listen(async ({ socket, request }) => {
      await request();
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
      const drip = setInterval(() => socket.write("x"), 5);
      socket.once("close", () => clearInterval(drip));
    });
    const http = createHttp();
    const results = await Promise.all([...servers, dripping].map(({ url }) => http(get(url, { timeoutMs: 2_000 }))));
    const timedOut = { ok: false, failure: { kind: "timed-out", sent: true } };
    expect(results).toEqual([timedOut, timedOut, timedOut, timedOut]);
  });

  test.each([
    ["says so at once", "content-length: 5000\r\n\r\n"],
    ["does not say so", "transfer-encoding: chunked\r\n\r\n1388\r\n"],
  ])("an answer that is too large and %s: too large, sent, connection closed", async (_what, head) => {
    let closed = (): void => undefined;
    const done = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const server = await listen(async ({ socket, request }) => {
      await request();
      socket.once("close", closed);
      socket.write(`HTTP/1.1 200 OK\r\n${head}${"x".repeat(4_000)}`);
    });
    expect(await createHttp()(get(server.url, { maxBytes: 1_000 }))).toEqual({
      ok: false,
      failure: { kind: "too-large", sent: true },
    });
    await done;
  });

  test("exactly the limit is not too large", async () => {
    const server = await listen(async ({ socket, request }) => {
      await request();
      socket.write(answer("200 OK", [], "x".repeat(1_000)));
    });
    expect(await createHttp()(get(server.url, { maxBytes: 1_000 }))).toMatchObject({ ok: true });
  });

  test("headers without end: too large, sent", async () => {
    const server = await listen(async ({ socket, request }) => {
      await request();
      socket.write(`HTTP/1.1 200 OK\r\nx-a: ${"x".repeat(100_000)}`);
    });
    expect(await createHttp()(get(server.url))).toEqual({ ok: false, failure: { kind: "too-large", sent: true } });
  });

  test("aborted before the call: cancelled, not sent, no connection", async () => {
    const server = await listen(() => undefined);
    expect(await createHttp()(get(server.url, { signal: AbortSignal.abort() }))).toEqual({
      ok: false,
      failure: { kind: "cancelled", sent: false },
    });
    expect(server.received).toHaveLength(0);
  });

  test("aborted while the answer is awaited: cancelled, sent, connection closed", async () => {
    const controller = new AbortController();
    let closed = (): void => undefined;
    const done = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const server = await listen(async ({ socket, request }) => {
      socket.once("close", closed);
      await request();
      controller.abort();
    });
    expect(await createHttp()(post(server.url, "{}", { signal: controller.signal }))).toEqual({
      ok: false,
      failure: { kind: "cancelled", sent: true },
    });
    await done;
  });

  test("aborted in the middle of the body: cancelled, sent", async () => {
    const controller = new AbortController();
    const server = await listen(async ({ socket, request }) => {
      await request();
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345", () => controller.abort());
    });
    expect(await createHttp()(get(server.url, { signal: controller.signal }))).toEqual({
      ok: false,
      failure: { kind: "cancelled", sent: true },
    });
  });
});

describe.each(adapters)("%s: kept connections", (_name, createHttp) => {
  test("serves the next request on the same connection", async () => {
    const server = await listen(async ({ socket, request }) => {
      for (const body of ["first", "second"]) {
        await request();
        socket.write(answer("200 OK", [], body));
      }
    });
    const http = createHttp();
    expect(await http(get(server.url))).toMatchObject({ ok: true, response: { body: "first" } });
    expect(await http(get(server.url))).toMatchObject({ ok: true, response: { body: "second" } });
    expect(server.received).toHaveLength(1);
  });

  test("notices a close that has arrived but was not read yet, and takes a new connection", async () => {
    let close = (): void => undefined;
    const server = await listen(async ({ socket, request }) => {
      close = () => socket.destroy();
      await request();
      socket.write(answer("200 OK", [], "answered"));
    });
    const http = createHttp();
    expect(await http(get(server.url))).toMatchObject({ ok: true });
    // In one turn: the server's FIN is with the operating system when the client chooses its connection.
    close();
    expect(await http(post(server.url, "{}"))).toMatchObject({ ok: true, response: { body: "answered" } });
    expect(server.received.map((text) => text.split(" ")[0])).toEqual(["GET", "POST"]);
  });

  test("a kept connection that breaks under a request: reset, sent, and the request is not written again", async () => {
    const server = await listen(async ({ socket, request }) => {
      await request();
      socket.write(answer("200 OK", [], ""));
      await request();
      socket.resetAndDestroy();
    });
    const http = createHttp();
    expect(await http(get(server.url))).toMatchObject({ ok: true });
    expect(await http(get(server.url))).toEqual({ ok: false, failure: { kind: "reset", sent: true } });
    expect(server.received).toHaveLength(1);
  });
});

describe.each(adapters)("%s: names, addresses and certificates", (_name, createHttp) => {
  test("a name that does not exist: unresolved, not sent", async () => {
    // RFC 6761 reserves `.invalid` for names that never resolve.
    expect(await createHttp()(post("https://pingone.invalid/", "{}"))).toEqual({
      ok: false,
      failure: { kind: "unresolved", sent: false },
    });
  });

  test("an address that never answers: timed out, not sent", async () => {
    const port = await deafPort();
    expect(await createHttp()(post(`http://127.0.0.1:${port}/`, "{}", { timeoutMs: 150 }))).toEqual({
      ok: false,
      failure: { kind: "timed-out", sent: false },
    });
  });

  test("aborted while connecting: cancelled, not sent", async () => {
    const port = await deafPort();
    const controller = new AbortController();
    const result = createHttp()(post(`http://127.0.0.1:${port}/`, "{}", { signal: controller.signal }));
    setImmediate(() => controller.abort());
    expect(await result).toEqual({ ok: false, failure: { kind: "cancelled", sent: false } });
  });

  test("a certificate signed by itself: tls, not sent, not a byte of the request", async () => {
    const server = await listen(() => undefined, { secure: await tlsServer() });
    expect(await createHttp()(post(`https://localhost:${server.port}/`, "{}"))).toEqual({
      ok: false,
      failure: { kind: "tls", sent: false, problem: "it is signed by itself", issuer: "localhost" },
    });
    expect(server.received.join("")).toBe("");
  });

  test("a server that does not speak TLS: tls, not sent", async () => {
    const server = await listen(({ socket }) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    expect(await createHttp()(post(`https://localhost:${server.port}/`, "{}"))).toEqual({
      ok: false,
      failure: { kind: "tls", sent: false, problem: "no secure connection could be agreed on" },
    });
  });

  test("a server that closes during the handshake: reset, not sent", async () => {
    const server = await listen(({ socket }) => void socket.end());
    expect(await createHttp()(post(`https://localhost:${server.port}/`, "{}"))).toEqual({
      ok: false,
      failure: { kind: "reset", sent: false },
    });
  });
});

test.each([
  ["undici", "http-undici.ts"],
  ["node:http", "http-node.ts"],
])(
  "%s: an authority that only the system knows is trusted after one look at the system's store",
  async (_name, file) => {
    const certificate = await selfSigned();
    const server = await listen(
      async ({ socket, request }) => {
        await request();
        socket.write(answer("200 OK", [], "trusted"));
      },
      { secure: await tlsServer(certificate) },
    );
    // In a process of its own, because what OpenSSL counts as the system's store is read once per process.
    const script = `
    const { createHttp } = await import(${JSON.stringify(new URL(`../../src/node/${file}`, import.meta.url).href)});
    const request = { method: "GET", url: process.argv[1], headers: {}, timeoutMs: 20000, maxBytes: 1000 };
    const http = createHttp();
    console.log(JSON.stringify(await Promise.all([http(request), http(request)])));
    process.exit();`;
    const { stdout } = await run(
      process.execPath,
      ["--input-type=module", "-e", script, `https://localhost:${server.port}/`],
      { env: { ...process.env, SSL_CERT_FILE: certificate.certFile, NODE_NO_WARNINGS: "1" } },
    );
    expect(JSON.parse(stdout)).toMatchObject([
      { ok: true, response: { body: "trusted" } },
      { ok: true, response: { body: "trusted" } },
    ]);
  },
);

async function selfSigned(): Promise<{ readonly certFile: string; readonly cert: string; readonly key: string }> {
  const folder = await mkdtemp(join(tmpdir(), "deskpair-tls-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const certFile = join(folder, "cert.pem");
  const keyFile = join(folder, "key.pem");
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", keyFile];
  await run("openssl", ["req", "-x509", ...key, "-out", certFile, "-days", "2", ...subject]);
  return { certFile, cert: await readFile(certFile, "utf8"), key: await readFile(keyFile, "utf8") };
}

async function tlsServer(certificate?: { readonly cert: string; readonly key: string }) {
  const { cert, key } = certificate ?? (await selfSigned());
  return createTlsServer({ cert, key });
}
