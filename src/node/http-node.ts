import type { Agent, AgentOptions } from "node:http";
import type { RequestOptions } from "node:https";
import type { Duplex } from "node:stream";
import type { Http } from "../core/ports.ts";
import { exchange } from "./exchange.ts";
import { pollOnce } from "./idle-sockets.ts";
import { http, https } from "./node-http.ts";
import { alwaysDirect, type FindRoute, nameOfProxy, type Proxy } from "./route.ts";
import { routed } from "./routed.ts";
import { withSystemTrust } from "./system-trust.ts";
import { openTunnel, TunnelError } from "./tunnel.ts";

/** Servers close idle connections after five seconds and more; we want to be first. */
const idleMs = 4_000;
const net = () => process.getBuiltinModule("node:net");
const kept: AgentOptions = { keepAlive: true, timeout: idleMs };

/**
 * The `Http` port on Node's own client with connections that are kept for the next request. For the command line: it
 * is ready at once, where undici first takes some 57 ms to load.
 */
export function createHttp(findRoute: FindRoute = alwaysDirect): Http {
  /** Connections of their own for each scheme and each proxy: one through a proxy must not serve what goes straight. */
  const agents = new Map<string, Agent>();
  const agentFor = (secure: boolean, proxy: Proxy | null): Agent => {
    const key = `${secure} ${proxy === null ? "" : `${proxy.secure} ${nameOfProxy(proxy)} ${JSON.stringify(proxy.credentials)}`}`;
    const existing = agents.get(key);
    if (existing !== undefined) return existing;
    const straight = secure ? new (https().Agent)(kept) : new http.Agent(kept);
    const agent = proxy === null ? straight : through(straight, proxy, secure);
    agents.set(key, agent);
    return agent;
  };

  return withSystemTrust(
    routed(findRoute, async (request, proxy) => {
      const url = new URL(request.url);
      const secure = url.protocol === "https:";
      const agent = agentFor(secure, proxy);
      await settleIdle(agent);
      const client = secure ? https() : http;
      return exchange(request, (givenUp) => {
        const options: TunnelOptions = { method: request.method, headers: request.headers, agent, givenUp };
        return client.request(url, options);
      });
    }),
  );
}

/** `givenUp` reaches `createConnection`, because an agent hands on all options of a request. */
type TunnelOptions = RequestOptions & { readonly givenUp?: AbortSignal };

/** The same agent on tunnels: what it would put on a connection of its own, it puts on one through the proxy. */
function through(agent: Agent, proxy: Proxy, secure: boolean): Agent {
  const put = agent.createConnection.bind(agent);
  agent.createConnection = (options: TunnelOptions, callback) => {
    const target = { host: String(options.host), port: Number(options.port) };
    void openTunnel(proxy, target, options.givenUp ?? null).then((tunnel) => {
      // The type wants a stream beside the error, at which nobody looks.
      if ("failure" in tunnel) return callback?.(new TunnelError(tunnel.failure), new (net().Socket)());
      const inside: TunnelOptions & { socket: Duplex } = { ...options, socket: tunnel.socket };
      callback?.(null, (secure ? put(inside) : null) ?? tunnel.socket);
    });
    return undefined;
  };
  return agent;
}

async function settleIdle(agent: Agent): Promise<void> {
  if (Object.keys(agent.freeSockets).length > 0) await pollOnce();
}
