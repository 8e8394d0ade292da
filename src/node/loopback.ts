import { connect, type Socket } from "node:net";
import type { Http, HttpResult, Probe } from "../core/ports.ts";
import { exchange, failed } from "./exchange.ts";
import { classifyNetworkError, type FailureKind } from "./network-errors.ts";
import { http } from "./node-http.ts";

/**
 * The only addresses that are ever tried, in this order, and never a name: `localhost` may resolve to `::1` first while
 * the agent listens on `127.0.0.1` only, or to somewhere else altogether.
 */
const addresses = ["127.0.0.1", "::1"] as const;

/** Long enough for a busy machine; a loopback port answers or refuses in microseconds. */
const connectMs = 5_000;

/**
 * The `Http` port to the desktop agent.
 *
 * SECURITY: reaches a loopback address of this machine, whatever the URL says. The URL must be `http://localhost:port`;
 * anything else fails as `refused`. Proxy settings are not looked at and redirects are not followed, so what is meant
 * for the agent cannot leave the machine. A connection is made first, then the request is written to it once: a port
 * that listens on one address only costs nothing but the attempt on the other. `Host` stays `localhost:port`.
 */
export function createLoopbackHttp(): Http {
  return async (request) => {
    const url = URL.parse(request.url);
    if (url?.protocol !== "http:" || url.hostname !== "localhost") return failed(false, { kind: "refused" });
    const started = performance.now();
    const limit = AbortSignal.any([
      AbortSignal.timeout(Math.min(request.timeoutMs, connectMs)),
      ...(request.signal === undefined ? [] : [request.signal]),
    ]);
    const connected = await connectLoopback(Number(url.port || 80), limit);
    if (connected.socket === null) {
      return failed(false, request.signal?.aborted === true ? { kind: "cancelled" } : connected.failure);
    }
    const { socket } = connected;
    const timeLeft = Math.max(1, request.timeoutMs - (performance.now() - started));
    const result: HttpResult = await exchange({ ...request, timeoutMs: timeLeft }, () =>
      http.request(url, {
        createConnection: () => socket,
        method: request.method,
        headers: { ...request.headers, host: url.host, connection: "close" },
      }),
    );
    socket.destroy();
    return result;
  };
}

/** Connects, sends nothing, and closes again. */
export const probe: Probe = async (port) => {
  const connected = await connectLoopback(port, AbortSignal.timeout(connectMs));
  connected.socket?.destroy();
  return connected.socket === null ? "closed" : "listening";
};

type Connected = { readonly socket: Socket } | { readonly socket: null; readonly failure: FailureKind };

async function connectLoopback(port: number, limit: AbortSignal): Promise<Connected> {
  let failure: FailureKind = { kind: "refused" };
  for (const address of addresses) {
    const connected = await connectTo(address, port, limit);
    if (connected.socket !== null) return connected;
    // "Refused" is what the address without the agent says; anything else tells more.
    if (connected.failure.kind !== "refused") failure = connected.failure;
  }
  return { socket: null, failure };
}

function connectTo(host: string, port: number, limit: AbortSignal): Promise<Connected> {
  if (limit.aborted) return Promise.resolve({ socket: null, failure: { kind: "timed-out" } });
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const giveUp = (failure: FailureKind): void => {
      limit.removeEventListener("abort", timedOut);
      socket.destroy();
      resolve({ socket: null, failure });
    };
    const timedOut = (): void => giveUp({ kind: "timed-out" });
    limit.addEventListener("abort", timedOut, { once: true });
    socket.once("connect", () => {
      limit.removeEventListener("abort", timedOut);
      socket.off("error", refused);
      resolve({ socket });
    });
    const refused = (error: Error): void => giveUp(classifyNetworkError(error));
    socket.on("error", refused);
  });
}
