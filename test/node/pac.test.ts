import { describe, expect, test } from "vitest";
import type { Http } from "../../src/core/ports.ts";
import type { AskPac } from "../../src/node/find-route.ts";
import { createHttp } from "../../src/node/http-node.ts";
import { createPac } from "../../src/node/pac.ts";
import { runPac } from "../../src/node/pac-script.ts";
import { answer, listen } from "./wire-server.ts";

const url = new URL("https://api.pingone.eu/v1/users?secret=1");
const names: Readonly<Record<string, readonly string[]>> = {
  "api.pingone.eu": ["203.0.113.9", "2001:db8::9"],
  "intranet.example.com": ["10.1.2.3"],
};
const surroundings = {
  resolve: async (name: string) => names[name] ?? [],
  own: () => ["192.0.2.44", "2001:db8::44"],
};
const script = (body: string): string => `function FindProxyForURL(url, host) { ${body} }`;
const run = (body: string, computingMs?: number) => runPac(script(body), url, surroundings, computingMs);

/** Seconds inside of one function of the engine, where it asks nobody whether to go on. */
const longSearch = "var h = 'a'.repeat(80000); return h.indexOf('a'.repeat(40000) + 'b') + '';";

describe("a script", () => {
  test("gets the server's name and address, without path and query, and answers", async () => {
    expect(await run(`return "PROXY " + host + ":8080; " + url;`)).toEqual({
      ok: true,
      text: "PROXY api.pingone.eu:8080; https://api.pingone.eu/",
    });
  });

  test("has the functions of the format", async () => {
    const expected = [
      ["isPlainHostName('intranet')", true],
      ["isPlainHostName(host)", false],
      ["dnsDomainIs(host, '.PingOne.eu')", true],
      ["dnsDomainIs(host, '.example.com')", false],
      ["localHostOrDomainIs('www', 'www.example.com')", true],
      ["localHostOrDomainIs('www.example.com', 'www.example.com')", true],
      ["localHostOrDomainIs('www.other.com', 'www.example.com')", false],
      ["isResolvable(host)", true],
      ["isResolvable('nowhere.example.com')", false],
      ["dnsResolve('intranet.example.com') === '10.1.2.3'", true],
      ["isInNet(dnsResolve('intranet.example.com'), '10.0.0.0', '255.0.0.0')", true],
      ["isInNet('intranet.example.com', '10.1.2.0', '255.255.255.0')", true],
      ["isInNet(host, '10.0.0.0', '255.0.0.0')", false],
      ["isInNet('203.0.113.200', '203.0.113.128', '255.255.255.128')", true],
      ["isInNet('nowhere.example.com', '0.0.0.0', '0.0.0.0')", false],
      ["dnsDomainLevels(host) === 2", true],
      ["shExpMatch(host, '*.pingone.??')", true],
      ["shExpMatch(url, 'https://api.*')", true],
      ["shExpMatch(host, '*.com')", false],
      ["shExpMatch('aXbXc', 'a*b*c')", true],
      ["shExpMatch('a.b', 'a?c')", false],
      ["myIpAddress() === '192.0.2.44'", true],
      ["myIpAddressEx().indexOf('2001:db8::44') > 0", true],
      ["dnsResolveEx(host) === '203.0.113.9;2001:db8::9'", true],
      ["isInNetEx('2001:db8::9', '2001:db8::/32')", true],
      ["isInNetEx('10.1.2.3', '2001:db8::/32')", false],
      ["weekdayRange('SUN', 'SAT')", true],
      ["weekdayRange(['SUN','MON','TUE','WED','THU','FRI','SAT'][new Date().getDay()])", true],
      ["weekdayRange(['SUN','MON','TUE','WED','THU','FRI','SAT'][(new Date().getUTCDay() + 2) % 7], 'GMT')", false],
      ["dateRange(1, 31)", true],
      ["dateRange('JAN', 'DEC', 'GMT')", true],
      ["dateRange(new Date().getFullYear())", true],
      ["dateRange(1990, 1999)", false],
      ["dateRange(1, 'JAN', 1990, 31, 'DEC', 1999)", false],
      ["dateRange(1, 'JAN', 2020, 31, 'DEC', 2999)", true],
      ["timeRange(0, 23)", true],
      ["timeRange(0, 0, 0, 23, 59, 59)", true],
      ["timeRange(new Date().getUTCHours(), (new Date().getUTCHours() + 1) % 24, 'GMT')", true],
      ["timeRange((new Date().getUTCHours() + 2) % 24, (new Date().getUTCHours() + 4) % 24, 'GMT')", false],
      ["alert('x') === undefined", true],
    ] as const;
    const list = expected.map(([expression]) => expression).join(", ");
    const told = await run(`return JSON.stringify([${list}].map(Boolean));`);
    const results: unknown = told.ok ? JSON.parse(told.text) : told;
    expect(results).toEqual(expected.map(([, is]) => is));
  });

  test("names that it catches itself are looked up all the same", async () => {
    const body = `try { return "PROXY " + dnsResolve("intranet.example.com") + ":1"; } catch (error) { return "DIRECT"; }`;
    expect(await run(body)).toEqual({ ok: true, text: "PROXY 10.1.2.3:1" });
  });

  test.each([
    ["null, which means no proxy", "return null;", { ok: true, text: "DIRECT" }],
    ["nothing at all, which is a mistake", "", { ok: true, text: "undefined" }],
  ])("it answers with %s", async (_what, body, result) => expect(await run(body)).toEqual(result));

  test.each([
    ["throws", "throw new Error('no idea\\n\\u001b[31m');", /^the script failed \(Error: no idea/],
    ["throws something else", "throw 7;", /^the script failed/],
    ["never ends", "for (;;) {}", /did not end within 200 ms/],
    ["never ends and catches that", "for (;;) { try { for (;;) {} } catch (e) {} }", /did not end within 200 ms/],
    ["searches for ever", "return /^(a+)+$/.test('a'.repeat(40) + 'b') + '';", /did not end|failed/],
    ["searches within one call", longSearch, /did not end within 200 ms/],
    ["takes all memory", "var all = []; for (;;) all.push(new Array(100000).fill(all.length));", /failed|did not end/],
    ["calls itself for ever", "return FindProxyForURL(url, host);", /^the script failed/],
  ])("one that %s is ended, and says why", async (_what, body, problem) => {
    expect(await run(body, 200)).toEqual({ ok: false, problem: expect.stringMatching(problem) });
  });

  test("this process goes on while one computes", async () => {
    let beats = 0;
    const beating = setInterval(() => {
      beats += 1;
    }, 10);
    await run("for (;;) {}", 300).finally(() => clearInterval(beating));
    expect(beats).toBeGreaterThan(5);
  });

  test("one that asks for names without end", async () => {
    expect(await run("for (var i = 0; ; i++) dnsResolve('n' + i);")).toEqual({
      ok: false,
      problem: "the script asks for more than 20 addresses",
    });
  });

  test("one that cannot be read", async () => {
    expect(await runPac("function FindProxyForURL(", url, surroundings)).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/^the script failed \(SyntaxError/),
    });
  });

  test("nothing of ours is within its reach", async () => {
    const reach = ["process", "require", "fetch", "globalThis.Buffer", "setTimeout", "WebAssembly", "console"];
    expect(await run(`return [${reach.map((name) => `typeof ${name}`).join(",")}].join();`)).toEqual({
      ok: true,
      text: reach.map(() => "undefined").join(),
    });
    expect(await run(`return dnsResolve.constructor("return typeof process")();`)).toEqual({
      ok: true,
      text: "undefined",
    });
    expect((await run(`return import("node:fs");`)).ok).toBe(true);
  });
});

describe("at an address", () => {
  const pac = (): AskPac => createPac({ http: createHttp(), ...surroundings });
  const serving = (...replies: readonly string[]) =>
    listen(async ({ socket, request }, connection) => {
      await request();
      socket.end(replies[Math.min(connection, replies.length - 1)] ?? "");
    });

  test("it is fetched once, and asked once for each server", async () => {
    const server = await serving(answer("200 OK", ["connection: close"], script("return 'PROXY ' + host + ':1';")));
    const ask = pac();
    const address = `${server.url}/proxy.pac`;
    expect(await ask(address, url)).toEqual({ ok: true, text: "PROXY api.pingone.eu:1" });
    expect(await ask(address, new URL("https://api.pingone.eu/other"))).toMatchObject({ ok: true });
    expect(await ask(address, new URL("https://auth.pingone.eu/"))).toEqual({
      ok: true,
      text: "PROXY auth.pingone.eu:1",
    });
    expect(server.received).toHaveLength(1);
    expect(server.received[0]).toMatch(/^GET \/proxy\.pac HTTP/);
  });

  test.each([
    ["is not there", answer("404 Not Found", [], ""), /could not be fetched \(HTTP 404\)/],
    ["leads elsewhere", answer("302 Found", ["location: http://localhost:1/"], ""), /HTTP 302/],
    ["is a web page", answer("200 OK", [], "<!doctype html>Sign in"), /is none/],
    ["is huge", `HTTP/1.1 200 OK\r\n\r\n${"x".repeat(1_100_000)}`, /larger than 1 MB/],
    ["breaks off", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfunc", /could not be fetched \(reset\)/],
  ])("one that %s", async (_what, reply, problem) => {
    const server = await serving(reply);
    expect(await pac()(server.url, url)).toEqual({ ok: false, problem: expect.stringMatching(problem) });
  });

  test("a failure is kept for a moment, and then tried again", async () => {
    const server = await serving(
      answer("503 No", ["connection: close"], ""),
      answer("200 OK", [], script("return '';")),
    );
    const never = createPac({ http: createHttp(), ...surroundings });
    expect(await never(server.url, url)).toMatchObject({ ok: false });
    expect(await never(server.url, url)).toMatchObject({ ok: false });
    expect(server.received).toHaveLength(1);
    const soon = createPac({ http: createHttp(), ...surroundings, limits: { againMs: 0 } });
    expect(await soon(server.url, url)).toEqual({ ok: true, text: "DIRECT" });
  });

  test("a fetch that breaks is not kept", async () => {
    let calls = 0;
    const http: Http = async () => {
      calls += 1;
      if (calls === 1) throw new Error("planted");
      return { ok: true, response: { status: 200, headers: {}, body: script("return '';") } };
    };
    const ask = createPac({ http, ...surroundings });
    await expect(ask("http://w/p", url)).rejects.toThrow("planted");
    expect(await ask("http://w/p", url)).toEqual({ ok: true, text: "DIRECT" });
  });

  test.each(["file:///etc/proxy.pac", "data:text/plain,x", "no address"])("%s is not taken", async (address) => {
    expect(await pac()(address, url)).toMatchObject({ ok: false, problem: expect.stringMatching(/http/) });
  });
});
