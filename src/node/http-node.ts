import type { Agent } from "node:http";
import type { Agent as SecureAgent } from "node:https";
import type { Http } from "../core/ports.ts";
import { exchange } from "./exchange.ts";
import { pollOnce } from "./idle-sockets.ts";
import { http, https } from "./node-http.ts";
import { withSystemTrust } from "./system-trust.ts";

/** Servers close idle connections after five seconds and more; we want to be first. */
const idleMs = 4_000;

/**
 * The `Http` port on Node's own client with connections that are kept for the next request. For the command line: it
 * is ready at once, where undici first takes some 57 ms to load.
 */
export function createHttp(): Http {
  const options = { keepAlive: true, timeout: idleMs };
  const plain = new http.Agent(options);
  let secure: SecureAgent | null = null;

  return withSystemTrust(async (request) => {
    const url = new URL(request.url);
    const given = { method: request.method, headers: request.headers };
    if (url.protocol !== "https:") {
      await settleIdle(plain);
      return exchange(request, () => http.request(url, { ...given, agent: plain }));
    }
    const agent = (secure ??= new (https().Agent)(options));
    await settleIdle(agent);
    return exchange(request, () => https().request(url, { ...given, agent }));
  });
}

async function settleIdle(agent: Agent): Promise<void> {
  if (Object.keys(agent.freeSockets).length > 0) await pollOnce();
}
