import { access } from "node:fs/promises";
import { readKeyFile } from "./key-file.ts";
import { nameOfProxy, type Proxy, type ProxyCredentials } from "./route.ts";

export type ReadCredentials = (
  proxy: Proxy,
) => Promise<
  | { readonly ok: true; readonly credentials: ProxyCredentials | null }
  | { readonly ok: false; readonly problem: string }
>;

/**
 * User names and passwords for proxies, from a file that only its owner can read. One line for each proxy,
 * `proxy.example.com:8080 user:password`; empty lines and lines that begin with `#` are passed over.
 *
 * SECURITY: a line names its proxy, so that no other gets the password: what names the proxies may be a script of the
 * network that a computer is in. Read anew each time, so that a change counts at once; never quoted in a problem.
 *
 * @param isNamed whether somebody named the file: one that nobody named need not be there
 */
export function createProxyCredentials(path: string, isNamed: boolean): ReadCredentials {
  return async (proxy) => {
    if (!isNamed && !(await isThere(path))) return { ok: true, credentials: null };
    const read = await readKeyFile(path);
    if (!read.ok) {
      return {
        ok: false,
        problem: read.error.code === "configuration-invalid" ? read.error.problem : "it cannot be read",
      };
    }
    const parsed = parseCredentials(read.value);
    if (typeof parsed === "string") return { ok: false, problem: parsed };
    return { ok: true, credentials: parsed.get(nameOfProxy(proxy).toLowerCase()) ?? null };
  };
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Text: completes "proxy credentials file: …". */
export function parseCredentials(text: string): ReadonlyMap<string, ProxyCredentials> | string {
  const found = new Map<string, ProxyCredentials>();
  for (const [index, line] of text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [, place, user, password] = /^\s*(\S+:\d+)[ \t]+([^:]+):(.*)$/.exec(line) ?? [];
    if (place === undefined || user === undefined || password === undefined) {
      return `line ${index + 1} is not “proxy:port user:password”`;
    }
    found.set(place.toLowerCase(), { user, password });
  }
  return found;
}
