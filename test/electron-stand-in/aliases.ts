import { notCovered } from "./coverage.ts";

/**
 * Chromium cannot be taught a scheme from outside, so `app://host/path` travels as
 * `https://host.app.electron-stand-in.invalid/path`: a secure context with the same origin boundaries. Everything that
 * the app sees in the main process is translated back; only the page itself sees the alias, in `location`.
 */
const suffix = ".electron-stand-in.invalid";
const schemes = new Set<string>();

export function registerScheme(scheme: string): void {
  // What a host name cannot hold has no alias.
  if (!/^[a-z][a-z0-9-]*$/.test(scheme)) throw notCovered(`the scheme '${scheme}'`);
  schemes.add(scheme);
}

export const isCustomScheme = (scheme: string): boolean => schemes.has(scheme);

/** The address for Chromium. Addresses of other schemes stay as they are. */
export function toAlias(url: string): string {
  const [, scheme = "", host = "", rest = ""] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/is.exec(url) ?? [];
  if (!schemes.has(scheme.toLowerCase())) return url;
  if (!/^[a-z0-9][a-z0-9.-]*$/i.test(host)) throw notCovered(`the host of ${url}`);
  return `https://${host}.${scheme.toLowerCase()}${suffix}${rest.startsWith("/") ? rest : `/${rest}`}`;
}

const aliasPattern = new RegExp(
  `https://([a-z0-9.-]+)\\.([a-z][a-z0-9-]*)${suffix.replaceAll(".", "\\.")}(?::443)?`,
  "gi",
);

/** Puts back every alias inside a text: an address, a header, a message. */
export const fromAlias = (text: string): string =>
  text.replace(aliasPattern, (_alias, host: string, scheme: string) => `${scheme}://${host}`);

/** Headers in which an app names its own origin, with that origin as Chromium knows it. */
export function aliasHeader(name: string, value: string): string {
  if (!/^(location|refresh|access-control-allow-origin|permissions-policy|content-security-policy.*)$/i.test(name)) {
    return value;
  }
  let translated = value;
  for (const scheme of schemes) {
    translated = translated
      .replace(
        new RegExp(`\\b${scheme}://([a-z0-9.-]+)`, "gi"),
        (_all, host: string) => `https://${host}.${scheme}${suffix}`,
      )
      // `app:` alone, as a source in a policy, means every host of the scheme.
      .replace(new RegExp(`(^|[\\s;])${scheme}:(?=$|[\\s;])`, "gi"), `$1https://*.${scheme}${suffix}`);
  }
  return translated;
}

/** The origin as Electron gives it: a custom scheme has one of its own (it must be registered as standard). */
export function originOf(url: string): string {
  try {
    const { origin, protocol, host } = new URL(url);
    return isCustomScheme(protocol.slice(0, -1)) ? `${protocol}//${host}` : origin;
  } catch {
    return "null";
  }
}
