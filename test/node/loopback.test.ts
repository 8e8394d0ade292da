import { once } from "node:events";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { HttpRequest } from "../../src/core/ports.ts";
import { createLoopbackHttp, probe } from "../../src/node/loopback.ts";
import { answer, closedPort, deafPort, listen, type Visit } from "./wire-server.ts";

const http = createLoopbackHttp();
const register = (port: number, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: "POST",
  url: `http://localhost:${port}/register`,
  headers: { "content-type": "application/jwt", origin: "https://app.pingone.eu" },
  body: "aaa.bbb.ccc",
  timeoutMs: 30_000,
  maxBytes: 1_000_000,
  ...more,
});

const agent =
  (body: string) =>
  async ({ socket, request }: Visit): Promise<void> => {
    await request();
    socket.write(answer("200 OK", ["content-type: application/jwt"], body));
  };

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("the agent is found on either loopback address", () => {
  test("on 127.0.0.1 only", async () => {
    const server = await listen(agent("four"));
    expect(await http(register(server.port))).toMatchObject({ ok: true, response: { status: 200, body: "four" } });
    expect(await probe(server.port)).toBe("listening");
  });

  test("on ::1 only", async () => {
    const server = await listen(agent("six"), { host: "::1" });
    expect(await http(register(server.port))).toMatchObject({ ok: true, response: { status: 200, body: "six" } });
    expect(await probe(server.port)).toBe("listening");
  });

  test("on both: 127.0.0.1 is taken, and the other one sees no connection", async () => {
    const six = await listen(agent("six"), { host: "::1" });
    const four = await listen(agent("four"), { host: "127.0.0.1", port: six.port });
    expect(await http(register(four.port))).toMatchObject({ ok: true, response: { body: "four" } });
    expect(six.received).toHaveLength(0);
  });

  test("on neither: refused, not sent", async () => {
    const port = await closedPort();
    expect(await http(register(port))).toEqual({ ok: false, failure: { kind: "refused", sent: false } });
    expect(await probe(port)).toBe("closed");
  });
});

describe("an address that was named is the only one", () => {
  test("the other is not called, whoever listens there", async () => {
    const four = await listen(agent("four"), { host: "127.0.0.1" });
    const six = await listen(agent("six"), { host: "::1", port: four.port });
    expect(await http({ ...register(four.port), address: "::1" })).toMatchObject({ response: { body: "six" } });
    expect(four.received).toHaveLength(0);
    expect(await http({ ...register(four.port), address: "127.0.0.1" })).toMatchObject({ response: { body: "four" } });
    expect(six.received).toHaveLength(1);
  });

  test("nobody there is nobody", async () => {
    const six = await listen(agent("six"), { host: "::1" });
    expect(await http({ ...register(six.port), address: "127.0.0.1" })).toEqual({
      ok: false,
      failure: { kind: "refused", sent: false },
    });
    expect(six.received).toHaveLength(0);
  });
});

describe("who is asked when the connection stands has the last word", () => {
  /** What a server has received when the connection is over. */
  const visited = async (admit: () => Promise<boolean>, signal?: AbortSignal) => {
    const connected = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    const server = await listen(({ socket }) => {
      connected.resolve();
      socket.once("close", () => closed.resolve());
    });
    const request = { ...register(server.port), ...(signal === undefined ? {} : { signal }) };
    const result = await http({ ...request, admit: () => connected.promise.then(admit) });
    await closed.promise;
    return { result, received: server.received };
  };

  test("yes: the request goes out, and had not before", async () => {
    const server = await listen(agent("four"));
    const seen: string[] = [];
    const admit = async (): Promise<boolean> => {
      seen.push(...server.received);
      return true;
    };
    expect(await http({ ...register(server.port), admit })).toMatchObject({ response: { body: "four" } });
    expect(seen.join("")).toBe("");
    expect(server.received).toHaveLength(1);
  });

  test("no: the connection is closed without a byte", async () => {
    const { result, received } = await visited(async () => false);
    expect(result).toEqual({ ok: false, failure: { kind: "refused", sent: false } });
    expect(received).toEqual([""]);
  });

  test("an abort meanwhile: cancelled, not sent, whatever the answer would be", async () => {
    const abort = new AbortController();
    const { result, received } = await visited(() => {
      abort.abort();
      return new Promise(() => undefined);
    }, abort.signal);
    expect(result).toEqual({ ok: false, failure: { kind: "cancelled", sent: false } });
    expect(received).toEqual([""]);
  });

  test("the other side hangs up meanwhile: the failure is one of the connection, and nobody throws", async () => {
    const hungUp = Promise.withResolvers<void>();
    const server = await listen(({ socket }) => {
      socket.once("close", () => hungUp.resolve());
      socket.resetAndDestroy();
    });
    const result = await http({ ...register(server.port), admit: () => hungUp.promise.then(() => true) });
    expect(result).toMatchObject({ ok: false, failure: { kind: "reset" } });
    expect(server.received).toEqual([""]);
  });
});

test("what is written is the request, once, with Host and Origin as given", async () => {
  const server = await listen(agent("x.y.z"), { host: "::1" });
  await http(register(server.port));
  const [head, body] = server.received[0]?.split("\r\n\r\n") ?? [];
  expect(server.received).toHaveLength(1);
  expect(head?.toLowerCase().split("\r\n").sort()).toEqual(
    [
      "post /register http/1.1",
      `host: localhost:${server.port}`,
      "content-type: application/jwt",
      "origin: https://app.pingone.eu",
      "content-length: 11",
      "connection: close",
    ].sort(),
  );
  expect(body).toBe("aaa.bbb.ccc");
});

test("a probe sends nothing", async () => {
  const ended = Promise.withResolvers<void>();
  const server = await listen(({ socket }) => void socket.once("close", () => ended.resolve()));
  expect(await probe(server.port)).toBe("listening");
  await ended.promise;
  expect(server.received).toEqual([""]);
});

test("a connection that breaks under the request is not tried again on the other address", async () => {
  const six = await listen(agent("six"), { host: "::1" });
  const four = await listen(
    async ({ socket, request }) => {
      await request();
      socket.resetAndDestroy();
    },
    { port: six.port },
  );
  expect(await http(register(four.port))).toEqual({ ok: false, failure: { kind: "reset", sent: true } });
  expect(six.received).toHaveLength(0);
});

test("a listener that accepts nothing: timed out, not sent", async () => {
  const port = await deafPort();
  expect(await http(register(port, { timeoutMs: 100 }))).toEqual({
    ok: false,
    failure: { kind: "timed-out", sent: false },
  });
});

test("an abort while connecting: cancelled, not sent", async () => {
  const port = await deafPort();
  const controller = new AbortController();
  const result = http(register(port, { signal: controller.signal }));
  setImmediate(() => controller.abort());
  expect(await result).toEqual({ ok: false, failure: { kind: "cancelled", sent: false } });
});

test("an abort while the person is asked closes the connection: cancelled, sent", async () => {
  const controller = new AbortController();
  const closed = Promise.withResolvers<void>();
  const server = await listen(async ({ socket, request }) => {
    socket.once("close", () => closed.resolve());
    await request();
    controller.abort();
  });
  expect(await http(register(server.port, { signal: controller.signal }))).toEqual({
    ok: false,
    failure: { kind: "cancelled", sent: true },
  });
  await closed.promise;
});

test("HTML and redirects are answers, and nobody is visited but the port", async () => {
  const target = await listen(agent("target"));
  const server = await listen(async ({ socket, request }) => {
    await request();
    const location = `location: http://localhost:${target.port}/register`;
    socket.write(answer("307 Temporary Redirect", [location, "content-type: text/html"], "<html></html>"));
  });
  expect(await http(register(server.port))).toMatchObject({
    ok: true,
    response: { status: 307, headers: { "content-type": "text/html" }, body: "<html></html>" },
  });
  expect(target.received).toHaveLength(0);
});

test("proxy settings are not looked at", async () => {
  const proxy = await listen(agent("proxy"));
  for (const name of ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]) {
    vi.stubEnv(name, `http://127.0.0.1:${proxy.port}`);
  }
  vi.stubEnv("NO_PROXY", "");
  vi.stubEnv("no_proxy", "");
  vi.stubEnv("NODE_USE_ENV_PROXY", "1");
  const server = await listen(agent("agent"));
  expect(await http(register(server.port))).toMatchObject({ ok: true, response: { body: "agent" } });
  expect(proxy.received).toHaveLength(0);
});

test.each([
  "http://example.com:9410/register",
  "http://127.0.0.1:9410/register",
  "http://[::1]:9410/register",
  "http://localhost.example.com:9410/register",
  "http://user@192.0.2.1:9410/register",
  "https://localhost:9410/register",
  "file:///etc/hosts",
  "not an address",
])("refuses %s without a connection", async (url) => {
  expect(await http(register(9, { url }))).toEqual({ ok: false, failure: { kind: "refused", sent: false } });
});

test("leaves no connection behind, answered or not", async () => {
  const server = await listen(async ({ socket, request }) => {
    await request();
    socket.write(answer("200 OK", [], "ok"));
    await once(socket, "close");
    closed.resolve();
  });
  const closed = Promise.withResolvers<void>();
  expect(await http(register(server.port))).toMatchObject({ ok: true });
  await closed.promise;
});
