import { readFile } from "node:fs/promises";
import { extname, isAbsolute, join, relative, resolve } from "node:path";
import type { CustomScheme } from "electron";
import { contentSecurityPolicy } from "../contract/content-security-policy.ts";

/** Where the page lives. A scheme of our own has none of the privileges that `file:` has. */
export const appScheme = "app";
const appHost = "deskpair";
export const pageUrl = `${appScheme}://${appHost}/index.html`;

/**
 * Standard, so that the page has an origin and relative addresses work; secure, so that it counts as a secure context.
 * Nothing else: above all not `bypassCSP`, and not `supportFetchAPI`, because the page fetches nothing.
 *
 * SECURITY: checklist 3.
 */
export const appSchemes: CustomScheme[] = [{ scheme: appScheme, privileges: { standard: true, secure: true } }];

/** Everything that the built page consists of. A file of another kind is not served. */
const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
};

const headers = {
  "content-security-policy": contentSecurityPolicy,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy":
    "camera=(), display-capture=(), geolocation=(), hid=(), microphone=(), payment=(), serial=(), usb=()",
  "cache-control": "no-store",
};

/** What is read of a request. Electron hands over a whole `Request`. */
export type PageRequest = { readonly url: string; readonly method: string };

/**
 * Serves the files of `root` under our scheme. Whatever is not one of them, on our host, asked for with GET, is a plain
 * 404: the page has no use for a reason.
 *
 * SECURITY: checklist 4, 6.
 */
export function createAppProtocol(root: string): (request: PageRequest) => Promise<Response> {
  return async (request) => {
    const file = request.method === "GET" ? fileFor(request.url, root) : null;
    const type = file === null ? undefined : contentTypes[extname(file)];
    if (file === null || type === undefined) return notFound();
    try {
      const content = await readFile(file);
      return new Response(new Uint8Array(content), { status: 200, headers: { ...headers, "content-type": type } });
    } catch {
      return notFound();
    }
  };
}

function notFound(): Response {
  return new Response("Not found", {
    status: 404,
    headers: { ...headers, "content-type": "text/plain; charset=utf-8" },
  });
}

/**
 * The file that an address means, or `null`. Looked at after decoding: the URL parser folds `..` and `%2e%2e`, but
 * leaves `..%2f` and backslashes alone, and Windows takes both as a way up.
 */
function fileFor(address: string, root: string): string | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.protocol !== `${appScheme}:` || url.host !== appHost || url.username !== "" || url.password !== "")
    return null;
  const path = decode(url.pathname);
  // Our build makes no name with any other character, so there is nothing to be clever about.
  if (path === null || !/^(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/.test(path)) return null;
  const home = resolve(root);
  const file = join(home, path);
  const inside = relative(home, file);
  return inside === "" || inside.startsWith("..") || isAbsolute(inside) ? null : file;
}

function decode(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}
