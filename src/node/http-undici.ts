import { TLSSocket } from "node:tls";
import { Agent, buildConnector, type Dispatcher } from "undici";
import type { Http, HttpRequest, HttpResult } from "../core/ports.ts";
import { watchIssuer } from "./certificate-names.ts";
import { type Failure, failed, failureOf, signedBy } from "./exchange.ts";
import { pollOnce } from "./idle-sockets.ts";
import { alwaysDirect, type FindRoute, nameOfProxy, type Proxy } from "./route.ts";
import { routed } from "./routed.ts";
import { withSystemTrust } from "./system-trust.ts";
import { openTunnel, TunnelError } from "./tunnel.ts";

/** Ends attempts to connect that nobody waits for any more: undici cannot take back a request in its queue. */
const connectMs = 15_000;

/**
 * The `Http` port on undici, for the app, which lives long and talks to many servers at once.
 *
 * HTTP/2 is off: a connection shared by all requests would make it impossible to say of one of them whether it had been
 * sent. Time limits are ours, one per request from the call to the last byte; undici's own would count parts of it.
 */
export function createHttp(findRoute: FindRoute = alwaysDirect): Http {
  /** One for each proxy: a connection through a proxy must not serve what goes straight. */
  const agents = new Map<string, Agent>();
  const agentFor = (proxy: Proxy | null): Agent => {
    const key = proxy === null ? "" : JSON.stringify([proxy.secure, nameOfProxy(proxy), proxy.credentials]);
    const existing = agents.get(key);
    if (existing !== undefined) return existing;
    const agent = new Agent({
      allowH2: false,
      pipelining: 1,
      keepAliveTimeout: 4_000,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: connectorFor(proxy),
    });
    agents.set(key, agent);
    return agent;
  };
  return withSystemTrust(
    routed(findRoute, async (request, proxy) => {
      // Also lets undici put the connection of the request before back into its pool; else every second request of a
      // sequence would open a connection of its own.
      await pollOnce();
      return exchange(agentFor(proxy), request);
    }),
  );
}

/** undici's own connector, on a tunnel where there is a proxy. */
function connectorFor(proxy: Proxy | null): buildConnector.connector {
  const connect = namingIssuers(buildConnector({ allowH2: false, timeout: connectMs }));
  if (proxy === null) return connect;
  return (options, callback) => {
    const secure = options.protocol === "https:";
    const host = options.hostname.replace(/^\[|\]$/g, "");
    const target = { host, port: Number(options.port) || (secure ? 443 : 80) };
    void openTunnel(proxy, target, null).then((tunnel) => {
      if ("failure" in tunnel) callback(new TunnelError(tunnel.failure), null);
      else if (secure) connect({ ...options, httpSocket: tunnel.socket }, callback);
      else callback(null, tunnel.socket);
    });
  };
}
/** The connector gives back its socket, which its type does not say; without it only the name is missing. */
function namingIssuers(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    let issuer = (): string | null => null;
    const started: unknown = Reflect.apply(connect, undefined, [
      options,
      (...result: Parameters<buildConnector.Callback>) => {
        const [error, socket] = result;
        if (error === null) {
          // A damaged record ends TLS with an error and leaves the socket open; undici waits for it to close.
          socket.once("error", () => socket.destroy());
          callback(null, socket);
        } else callback(new ConnectError(error, issuer()), null);
      },
    ]);
    if (started instanceof TLSSocket) issuer = watchIssuer(started);
  };
}

/** A connection that failed, and who signed the certificate, if one was seen. */
class ConnectError extends Error {
  readonly code: unknown;
  readonly issuer: string | null;
  constructor(cause: Error, issuer: string | null) {
    super(cause.message, { cause });
    this.code = "code" in cause ? cause.code : undefined;
    this.issuer = issuer;
  }
}

const failureWithIssuer = (error: unknown): Failure =>
  signedBy(failureOf(error), error instanceof ConnectError ? error.issuer : null);

function exchange(agent: Agent, request: HttpRequest): Promise<HttpResult> {
  if (request.signal?.aborted === true) return Promise.resolve(failed(false, { kind: "cancelled" }));
  return new Promise((resolve) => {
    let sent = false;
    let settled = false;
    let controller: Dispatcher.DispatchController | null = null;
    let status = 0;
    let headers: Readonly<Record<string, string>> = {};
    const chunks: Buffer[] = [];
    let bytes = 0;

    const settle = (result: HttpResult): void => {
      settled = true;
      clearTimeout(timer);
      request.signal?.removeEventListener("abort", cancel);
      resolve(result);
    };
    const fail = (failure: Failure): void => {
      if (settled) return;
      settle(failed(sent, failure));
      controller?.abort(new Error("The request was given up."));
    };
    const cancel = (): void => fail({ kind: "cancelled" });
    const timer = setTimeout(() => fail({ kind: "timed-out" }), request.timeoutMs);
    request.signal?.addEventListener("abort", cancel, { once: true });

    const url = new URL(request.url);
    agent.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method: request.method,
        headers: request.headers,
        body: request.body ?? null,
      },
      {
        // Called when a connection is ready and the request is about to be written to it.
        onRequestStart: (started) => {
          controller = started;
          // Given up while it waited for a connection; or undici would write it a second time, which it does when a
          // kept connection turns out to be closed. The port promises one request, so this one ends here.
          if (settled || sent) return started.abort(new Error("The request was given up."));
          sent = true;
        },
        onResponseStart: (_controller, statusCode, received) => {
          status = statusCode;
          headers = Object.fromEntries(
            Object.entries(received).map(([name, value]) => [
              name,
              Array.isArray(value) ? value.join(", ") : (value ?? ""),
            ]),
          );
        },
        onResponseData: (_controller, chunk) => {
          bytes += chunk.length;
          if (bytes > request.maxBytes) fail({ kind: "too-large" });
          else chunks.push(chunk);
        },
        onResponseEnd: () => {
          if (settled) return;
          settle({ ok: true, response: { status, headers, body: Buffer.concat(chunks).toString("utf8") } });
        },
        onResponseError: (_controller, error) => fail(failureWithIssuer(error)),
      },
    );
  });
}
