import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contentSecurityPolicy } from "../../src/contract/content-security-policy.ts";
import { appSchemes, createAppProtocol, pageUrl } from "../../src/main/app-protocol.ts";

let folder: string;
let serve: (request: { url: string; method: string }) => Promise<Response>;
const get = (url: string) => serve({ url, method: "GET" });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskpair-page-"));
  const root = join(folder, "renderer");
  await mkdir(join(root, "assets"), { recursive: true });
  await mkdir(join(folder, "renderer-private"));
  for (const name of ["index.html", "assets/index-B1_x.js", "assets/index.css", "assets/a.svg", "assets/a.png"]) {
    await writeFile(join(root, name), `content of ${name}`);
  }
  await writeFile(join(root, "assets/a.woff2"), "font");
  await writeFile(join(root, "notes.txt"), "not a kind of file that a page has");
  await writeFile(join(root, ".env.html"), "hidden");
  await writeFile(join(folder, "outside.html"), "planted");
  await writeFile(join(folder, "renderer-private/outside.html"), "planted");
  serve = createAppProtocol(root);
});
afterAll(() => rm(folder, { recursive: true }));

test("3: the scheme is standard and secure, and has no other privilege", () => {
  expect(appSchemes).toEqual([{ scheme: "app", privileges: { standard: true, secure: true } }]);
});

describe("4: only files of the page are served", () => {
  test("the page itself is", async () => {
    const response = await get(pageUrl);
    expect([response.status, await response.text()]).toEqual([200, "content of index.html"]);
    expect((await get("app://deskpair/index.html?x=1#top")).status).toBe(200);
    // The parser folds these before we look: they are inside after all.
    expect((await get("app://deskpair/assets/../index.html")).status).toBe(200);
    expect((await get("app://deskpair/assets/%2e%2e/index.html")).status).toBe(200);
  });

  test.each([
    "app://other/index.html",
    "app://deskpair.example.com/index.html",
    "app://deskpair:8080/index.html",
    "app://user@deskpair/index.html",
    "app://user:password@deskpair/index.html",
    "https://deskpair/index.html",
    "file:///etc/passwd",
    "app:index.html",
    "app://deskpair/",
    "app://deskpair",
    "app://deskpair/assets",
    "app://deskpair/assets/",
    "app://deskpair//etc/passwd",
    "app://deskpair//index.html",
    "app://deskpair/../outside.html",
    "app://deskpair/..%2foutside.html",
    "app://deskpair/..%2Foutside.html",
    "app://deskpair/%2e%2e%2foutside.html",
    "app://deskpair/..%5coutside.html",
    "app://deskpair/..\\outside.html",
    "app://deskpair/assets/..%2f..%2foutside.html",
    "app://deskpair/..%252foutside.html",
    "app://deskpair/..%2frenderer-private%2foutside.html",
    "app://deskpair/assets%2findex.css%00.html",
    "app://deskpair/index.html%00",
    "app://deskpair/index.html.",
    "app://deskpair/index.html%20",
    "app://deskpair/index.html::$DATA",
    "app://deskpair/C:%5cWindows%5cwin.ini",
    "app://deskpair/.env.html",
    "app://deskpair/notes.txt",
    "app://deskpair/missing.html",
    "app://deskpair/%",
    "app://deskpair/%ff.html",
    "not an address",
    "",
  ])("%s is not", async (url) => {
    const response = await get(url);
    expect([response.status, await response.text()]).toEqual([404, "Not found"]);
    expect(response.headers.get("content-security-policy")).toBe(contentSecurityPolicy);
  });

  test.each(["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "get"])("nor is anything to %s", async (method) => {
    expect((await serve({ url: pageUrl, method })).status).toBe(404);
  });
});

test("5: the policy allows the page's own files and no network", () => {
  const directives = contentSecurityPolicy.split("; ").map((directive) => directive.split(" "));
  expect(Object.fromEntries(directives.map(([name, ...sources]) => [name, sources.join(" ")]))).toEqual({
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
  });
});

test.each([
  ["index.html", "text/html; charset=utf-8"],
  ["assets/index-B1_x.js", "text/javascript; charset=utf-8"],
  ["assets/index.css", "text/css; charset=utf-8"],
  ["assets/a.svg", "image/svg+xml"],
  ["assets/a.png", "image/png"],
  ["assets/a.woff2", "font/woff2"],
])("5, 6: %s has its type, the policy, and may not be guessed at", async (name, type) => {
  const { status, headers } = await get(`app://deskpair/${name}`);
  expect({ status, ...Object.fromEntries(headers) }).toEqual({
    status: 200,
    "content-type": type,
    "content-security-policy": contentSecurityPolicy,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": expect.stringContaining("camera=()"),
    "cache-control": "no-store",
  });
});
