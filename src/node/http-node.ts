import { Agent as PlainAgent, request as startPlain } from "node:http";
import { Agent as SecureAgent, request as startSecure } from "node:https";
import type { Http } from "../core/ports.ts";
import { exchange } from "./exchange.ts";
import { pollOnce } from "./idle-sockets.ts";
import { withSystemTrust } from "./system-trust.ts";

/** Servers close idle connections after five seconds and more; we want to be first. */
const idleMs = 4_000;

/**
 * The `Http` port on Node's own client with connections that are kept for the next request. For the command line: it
 * is ready at once, where undici first takes some 57 ms to load.
 */
export function createHttp(): Http {
  const plain = new PlainAgent({ keepAlive: true, timeout: idleMs });
  const secure = new SecureAgent({ keepAlive: true, timeout: idleMs });

  return withSystemTrust(async (request) => {
    const url = new URL(request.url);
    const isSecure = url.protocol === "https:";
    const agent = isSecure ? secure : plain;
    if (Object.keys(agent.freeSockets).length > 0) await pollOnce();
    return exchange(request, () =>
      (isSecure ? startSecure : startPlain)(url, { agent, method: request.method, headers: request.headers }),
    );
  });
}
