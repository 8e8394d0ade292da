import { type Decisions, refusedOf, valueOf } from "./precedence.ts";

/** Which way requests take, as the organisation's policy says it. */
export type ProxyRule =
  | { readonly mode: "system" }
  | { readonly mode: "direct" }
  | { readonly mode: "fixed"; readonly server: string; readonly bypass: readonly string[] }
  | { readonly mode: "pac"; readonly url: string }
  /** No request may be made: any way could be one that was not meant. `problem` completes "{setting}: …". */
  | { readonly mode: "unusable"; readonly setting: string; readonly problem: string };

/** A policy that is half there names no way, and nothing takes the place of what is missing. */
export function proxyRuleOf(decisions: Decisions): ProxyRule {
  const refused = refusedOf(decisions, ["ProxyMode", "ProxyServer", "ProxyPacUrl"]);
  if (refused !== null) return unusable(refused.name, "the policy has a value that is not understood");
  const mode = valueOf(decisions, "ProxyMode") ?? "system";
  switch (mode) {
    case "system":
    case "direct":
      return { mode };
    case "fixed": {
      const server = valueOf(decisions, "ProxyServer");
      if (server === null) return unusable("ProxyServer", "the proxy mode is fixed, and the policy names no server");
      return { mode, server, bypass: valueOf(decisions, "ProxyBypass") ?? [] };
    }
    case "pac": {
      const url = valueOf(decisions, "ProxyPacUrl");
      return url === null
        ? unusable("ProxyPacUrl", "the proxy mode is pac, and the policy names no script")
        : { mode, url };
    }
    default:
      return mode satisfies never;
  }
}

const unusable = (setting: string, problem: string): ProxyRule => ({ mode: "unusable", setting, problem });
