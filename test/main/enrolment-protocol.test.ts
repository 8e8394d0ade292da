import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  createEnrolmentProtocol,
  enrolmentHeaders,
  objectionTo,
  readEnrolmentPage,
} from "../../src/main/enrolment-protocol.ts";

const origin = "https://app.pingone.eu";
const serve = createEnrolmentProtocol(origin, { document: "the document", script: "the script" });
const get = (url: string) => serve({ url, method: "GET" });

describe("one document and one script are served", () => {
  test.each([
    ["https://app.pingone.eu/", "the document", "text/html; charset=utf-8"],
    ["https://app.pingone.eu/page.js", "the script", "text/javascript; charset=utf-8"],
  ])("%s", async (url, body, type) => {
    const response = await get(url);
    expect([response.status, await response.text(), response.headers.get("content-type")]).toEqual([200, body, type]);
  });

  test.each([
    "https://app.pingone.eu",
    "https://app.pingone.eu/?",
    "https://app.pingone.eu/?x=1",
    "https://app.pingone.eu/page.js?x=1",
    "https://app.pingone.eu/page.js#x",
    "https://app.pingone.eu/page.js/",
    "https://app.pingone.eu//page.js",
    "https://app.pingone.eu/PAGE.JS",
    "https://app.pingone.eu/page%2ejs",
    "https://app.pingone.eu/x/..%2fpage.js",
    "https://app.pingone.eu/..%5c..%5cWindows%5cwin.ini",
    "https://app.pingone.eu/../../etc/passwd",
    "https://app.pingone.eu/index.html",
    "https://app.pingone.eu/page.js.map",
    "https://app.pingone.eu/favicon.ico",
    "https://app.pingone.eu/.well-known/webauthn",
    "https://app.pingone.eu:8443/",
    "https://app.pingone.eu./",
    "https://user@app.pingone.eu/",
    "https://app.pingone.eu@collector.example/",
    "https://pingone.eu/",
    "https://app.pingone.eu.collector.example/",
    "https://collector.example/",
    "http://app.pingone.eu/",
    "file:///etc/passwd",
    "constructor",
    "__proto__",
    "",
  ])("%s is not", async (url) => {
    const response = await get(url);
    expect([response.status, await response.text()]).toEqual([404, "Not found"]);
  });

  test.each(["POST", "HEAD", "PUT", "OPTIONS", "get", ""])("not to %s", async (method) => {
    expect((await serve({ url: `${origin}/`, method })).status).toBe(404);
  });

  test.each(["https://collector.example", "https://pingone.eu", "null", ""])(
    "not for “%s”",
    async (initiatorOrigin) => {
      expect((await serve({ url: `${origin}/page.js`, method: "GET", initiatorOrigin })).status).toBe(404);
    },
  );

  test("for the page itself, as Electron names it", async () => {
    const response = await serve({ url: `${origin}/page.js`, method: "GET", initiatorOrigin: origin });
    expect(response.status).toBe(200);
  });
});

describe("5, 6: the headers", () => {
  test("go with every answer, with a 404 too", async () => {
    for (const url of [`${origin}/`, `${origin}/page.js`, `${origin}/nothing`]) {
      const { headers } = await get(url);
      expect(Object.fromEntries(headers)).toEqual({
        ...enrolmentHeaders,
        "content-type": headers.get("content-type"),
      });
    }
  });

  test("allow one script of our own, and one power of the browser", () => {
    const policy = enrolmentHeaders["content-security-policy"].split("; ");
    expect(policy.filter((directive) => !directive.endsWith(" 'none'"))).toEqual([
      "script-src 'self'",
      "require-trusted-types-for 'script'",
    ]);
    expect(policy).toEqual(
      expect.arrayContaining(["default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"]),
    );
    const features = enrolmentHeaders["permissions-policy"].split(", ");
    expect(features.filter((feature) => !feature.endsWith("=()"))).toEqual(["publickey-credentials-create=(self)"]);
    expect(new Set(features).size).toBe(features.length);
  });

  test("let nothing be kept or guessed", () => {
    expect(enrolmentHeaders).toMatchObject({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
    });
  });
});

describe("where a ceremony may run", () => {
  test.each([
    ["https://pingone.eu", "pingone.eu"],
    ["https://app.pingone.eu", "pingone.eu"],
    ["https://a.b.example.co.uk", "example.co.uk"],
  ])("%s for %s", (place, relyingPartyId) => {
    expect(objectionTo(place, relyingPartyId)).toBeNull();
  });

  test.each([
    ["http://app.pingone.eu", "pingone.eu"],
    ["app://deskpair", "deskpair"],
    ["file://", "pingone.eu"],
    ["https://app.pingone.eu/", "pingone.eu"],
    ["https://app.pingone.eu/path", "pingone.eu"],
    ["https://user@app.pingone.eu", "pingone.eu"],
    ["https://app.pingone.eu:8443", "pingone.eu"],
    ["https://APP.pingone.eu", "pingone.eu"],
    ["https://app.pingone.eu.", "pingone.eu"],
    ["https://pingone.eu", "app.pingone.eu"],
    ["https://evilpingone.eu", "pingone.eu"],
    ["https://pingone.eu.evil.example", "pingone.eu"],
    ["https://localhost", "localhost"],
    ["https://127.0.0.1", "127.0.0.1"],
    ["https://[::1]", "[::1]"],
    ["https://app.pingone.eu", ""],
    ["https://app.pingone.eu", "eu"],
    ["https://app.pingone.eu", ".eu"],
    ["https://app.pingone.eu", "PingOne.eu"],
    ["https://app.pingone.eu", "https://pingone.eu"],
    ["null", "pingone.eu"],
    ["", "pingone.eu"],
    ["not an address", "pingone.eu"],
  ])("%s for %s is refused", (place, relyingPartyId) => {
    expect(objectionTo(place, relyingPartyId)).toMatch(/^its /);
  });
});

test("the page is read from where it was built, and a missing one is an error", async () => {
  const folder = await mkdtemp(join(tmpdir(), "deskpair-enrolment-"));
  try {
    await writeFile(join(folder, "index.html"), "the document");
    await expect(readEnrolmentPage(folder)).rejects.toThrow("ENOENT");
    await writeFile(join(folder, "page.js"), "the script");
    expect(await readEnrolmentPage(folder)).toEqual({ document: "the document", script: "the script" });
  } finally {
    await rm(folder, { recursive: true });
  }
});
