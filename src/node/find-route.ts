import type { ProxyRule } from "../core/policy/proxy-rule.ts";
import { isBypassedByPolicy, targetOf } from "./bypass.ts";
import type { PacAnswer } from "./pac.ts";
import type { ReadCredentials } from "./proxy-credentials.ts";
import {
  direct,
  type FindRoute,
  type Found,
  type Hop,
  isLoopback,
  parsePacAnswer,
  parseProxy,
  unasked,
} from "./route.ts";
import type { SystemSettings } from "./system-proxy.ts";

/** Asks the script at `address` about a URL. Loaded when a script is in force, and only then. */
export type AskPac = (address: string, url: URL) => Promise<PacAnswer>;

type Parts = {
  /** What the policy says; may say something else the next time. */
  readonly rule: () => ProxyRule;
  /** What the system says, where the policy leaves it to it. */
  readonly system: FindRoute;
  readonly askPac: AskPac;
  readonly credentials: ReadCredentials;
};

/** Which way a request takes: straight for this computer itself, else by policy, else as the system says. */
export function createFindRoute({ rule, system, askPac, credentials }: Parts): FindRoute {
  const byRule = async (url: URL): Promise<Found> => {
    const given = rule();
    switch (given.mode) {
      case "system":
        return system(url);
      case "direct":
        return direct("policy ProxyMode");
      case "fixed": {
        if (isBypassedByPolicy(targetOf(url), given.bypass)) return direct("policy ProxyBypass");
        const hop = parseProxy(given.server);
        if (hop === null) return { ok: false, setting: "ProxyServer", problem: "it is not the address of a proxy" };
        return { ok: true, hops: [hop], from: "policy ProxyServer" };
      }
      case "pac": {
        const found = await byScript(given.url, url, "policy ProxyPacUrl", askPac);
        // Never straight instead: the organisation has said that requests take no other way.
        return typeof found === "string" ? { ok: false, setting: "ProxyPacUrl", problem: found } : found;
      }
      case "unusable":
        return { ok: false, setting: given.setting, problem: given.problem };
      default:
        return given satisfies never;
    }
  };
  return async (url) => {
    if (isLoopback(url.hostname)) return direct("this computer");
    const found = await byRule(url).catch(() => unasked);
    return found.ok ? withCredentials(found, credentials) : found;
  };
}

/** Text: why the script did not tell, to complete "{setting}: …". */
async function byScript(address: string, url: URL, from: string, askPac: AskPac): Promise<Found | string> {
  const answer = await askPac(address, url).catch(() => null);
  if (answer === null) return "the script could not be asked";
  if (!answer.ok) return answer.problem;
  const hops = parsePacAnswer(answer.text);
  return hops.length === 0 ? "the script named no way that is understood" : { ok: true, hops, from };
}

/**
 * What the settings of the system mean for an address. A script there that cannot be used is passed over, as browsers
 * do: a laptop that has left the organisation's network still has its address. What is passed over is noted.
 */
export async function routeBySettings(settings: SystemSettings | null, url: URL, askPac: AskPac): Promise<Found> {
  if (settings === null) return direct("no proxy is set");
  const { pac, proxy, bypasses, from } = settings;
  const found = pac === null ? null : await byScript(pac, url, `the script in ${from}`, askPac);
  if (found !== null && typeof found !== "string") return found;
  const note = found === null ? {} : { note: `The PAC script in ${from} is not used: ${found}.` };
  if (proxy === null || bypasses(targetOf(url))) return { ...direct(from), ...note };
  if (proxy !== "direct" && "problem" in proxy) return { ok: false, setting: from, problem: proxy.problem };
  return { ok: true, hops: [proxy], from, ...note };
}

async function withCredentials(found: Extract<Found, { ok: true }>, read: ReadCredentials): Promise<Found> {
  const hops: Hop[] = [];
  for (const hop of found.hops) {
    if (hop === "direct" || "unspoken" in hop || hop.credentials !== null) {
      hops.push(hop);
      continue;
    }
    const known = await read(hop).catch(() => ({ ok: false, problem: "it could not be read" }) as const);
    if (!known.ok) return { ok: false, setting: "proxy credentials file", problem: known.problem };
    hops.push({ ...hop, credentials: known.credentials });
  }
  return { ...found, hops };
}
