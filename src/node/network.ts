import { join, resolve } from "node:path";
import type { ProxyRule } from "../core/policy/proxy-rule.ts";
import type { Http } from "../core/ports.ts";
import { type AskPac, createFindRoute, routeBySettings } from "./find-route.ts";
import type { Environment } from "./port-owner-command.ts";
import type { ReadCredentials } from "./proxy-credentials.ts";
import { type FindRoute, parsePacAnswer } from "./route.ts";
import { readSystemSettings, routeByEnvironment, type SystemSettings } from "./system-proxy.ts";

type Given = {
  readonly rule: () => ProxyRule;
  readonly environment: Environment;
  /** Where `config.json` lies, and `proxy-credentials` beside it. */
  readonly configurationFolder: string;
  /** Makes an `Http` that knows no proxy, for fetching PAC scripts. */
  readonly createHttp: () => Http;
};

/** How the command line finds its ways: by policy, else by the environment, else by the system's own settings. */
export function createCommandLineRoute(given: Given, platform: NodeJS.Platform = process.platform): FindRoute {
  const askPac = pacOnDemand(given.createHttp);
  let settings: Promise<SystemSettings | null> | null = null;
  return createFindRoute({
    ...common(given, askPac),
    system: async (url) => {
      const found = routeByEnvironment(url, given.environment);
      // Read once: a command is over before anybody changes them.
      return (
        found ?? routeBySettings(await (settings ??= readSystemSettings(given.environment, platform)), url, askPac)
      );
    },
  });
}

/**
 * How the window finds its ways: by policy, else as Chromium does, which knows the system's settings, its scripts and
 * automatic detection.
 *
 * @param resolveProxy Electron's, of a session (docs: "ses.resolveProxy")
 */
export function createWindowRoute(
  given: Given & { readonly resolveProxy: (url: string) => Promise<string> },
): FindRoute {
  const askPac = pacOnDemand(given.createHttp);
  return createFindRoute({
    ...common(given, askPac),
    system: async (url) => {
      const hops = parsePacAnswer(await given.resolveProxy(`${url.origin}/`));
      // As with a script that a policy names: what is not understood is no leave to go straight. "DIRECT" is.
      return hops.length === 0
        ? { ok: false, setting: "the system's settings", problem: "they named no way that is understood" }
        : { ok: true, hops, from: "the system's settings" };
    },
  });
}

function common({ rule, environment, configurationFolder }: Given, askPac: AskPac) {
  const named = environment["DESKPAIR_PROXY_CREDENTIALS_FILE"] || null;
  const path = named === null ? join(configurationFolder, "proxy-credentials") : resolve(named);
  const credentials: ReadCredentials = async (proxy) => {
    const { createProxyCredentials } = await import("./proxy-credentials.ts");
    return createProxyCredentials(path, named !== null)(proxy);
  };
  return { rule, askPac, credentials };
}

/** With the first script that is asked, and not before: hardly any computer has one, and every start would pay. */
function pacOnDemand(createHttp: () => Http): AskPac {
  let made: Promise<AskPac> | null = null;
  return async (address, url) => {
    made ??= import("./pac.ts").then(({ createPac, thisComputer }) =>
      createPac({ ...thisComputer, http: createHttp() }),
    );
    try {
      return await (await made)(address, url);
    } catch (error) {
      // What broke is not kept: the next request may find it whole.
      made = null;
      throw error;
    }
  };
}
