import { isBypassedByEnvironment, type Target, targetOf } from "./bypass.ts";
import type { Environment } from "./port-owner-command.ts";
import { direct, type Found, type Hop, parseProxy } from "./route.ts";

/** What the system itself says about proxies, beside the environment. */
export type SystemSettings = {
  /** The address of a PAC script, which goes before the proxy, as in browsers. */
  readonly pac: string | null;
  /** `problem`: one is set and cannot be read; completes "{setting}: …". */
  readonly proxy: Hop | { readonly problem: string } | null;
  readonly bypasses: (target: Target) => boolean;
  /** For people. */
  readonly from: string;
};

/** What the environment decides for an address; `null`: nothing, so the system's settings count. */
export function routeByEnvironment(url: URL, environment: Environment): Found | null {
  const target = targetOf(url);
  // `HTTP_PROXY` in capitals is left out: a web server sets it from a header of a request (httpoxy).
  const names = url.protocol === "http:" ? ["http_proxy"] : ["https_proxy", "HTTPS_PROXY"];
  const name = [...names, "all_proxy", "ALL_PROXY"].find((candidate) => environment[candidate]?.trim());
  if (name === undefined) return null;
  const except = ["no_proxy", "NO_PROXY"].find((candidate) => environment[candidate]);
  if (except !== undefined && isBypassedByEnvironment(target, environment[except] ?? "")) return direct(except);
  const hop = parseProxy(environment[name]?.trim() ?? "");
  // SECURITY: not quoted, because the value may hold a password.
  if (hop === null) return { ok: false, setting: name, problem: "it is not the address of a proxy" };
  return { ok: true, hops: [hop], from: name };
}

/**
 * Reads the settings of the system that this runs on. Linux has none that all programs share: there the environment
 * decides, as for curl. `null`: none are set, or they cannot be read.
 */
export async function readSystemSettings(
  environment: Environment,
  platform: NodeJS.Platform = process.platform,
): Promise<SystemSettings | null> {
  if (platform === "win32") return (await import("./system-proxy-windows.ts")).readWindowsProxy(environment);
  if (platform === "darwin") return (await import("./system-proxy-macos.ts")).readMacProxy();
  return null;
}
