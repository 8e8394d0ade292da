import { connect, type Socket } from "node:net";
import type { AgentHttp, HttpResult, LoopbackAddress, Probe } from "../core/ports.ts";
import { exchange, failed } from "./exchange.ts";
import { classifyNetworkError, type FailureKind } from "./network-errors.ts";
import { http } from "./node-http.ts";

/**
 * The only addresses that are ever tried, in this order, and never a name: `localhost` may resolve to `::1` first while
 * the agent listens on `127.0.0.1` only, or to somewhere else altogether.
 */
const addresses: readonly LoopbackAddress[] = ["127.0.0.1", "::1"];

/** Long enough for a busy machine; a loopback port answers or refuses in microseconds. */
const connectMs = 5_000;

/**
 * The port to the desktop agent.
 *
 * SECURITY: reaches a loopback address of this machine, whatever the URL says. The URL must be `http://localhost:port`;
 * anything else fails as `refused`. Proxy settings are not looked at and redirects are not followed, so what is meant
 * for the agent cannot leave the machine. A connection is made first, then the request is written to it once: a port
 * that listens on one address only costs nothing but the attempt on the other. `Host` stays `localhost:port`. Where the
 * request names its address, that is the only one; and `admit` has the last word while the connection is still silent.
 */
export function createLoopbackHttp(): AgentHttp {
  return async (request) => {
    const url = URL.parse(request.url);
    if (url?.protocol !== "http:" || url.hostname !== "localhost") return failed(false, { kind: "refused" });
    const started = performance.now();
    const limit = AbortSignal.any([
      AbortSignal.timeout(Math.min(request.timeoutMs, connectMs)),
      ...(request.signal === undefined ? [] : [request.signal]),
    ]);
    const places = request.address === undefined ? addresses : [request.address];
    const connected = await connectLoopback(Number(url.port || 80), limit, places);
    if (connected.socket === null) {
      return failed(false, request.signal?.aborted === true ? { kind: "cancelled" } : connected.failure);
    }
    const { socket } = connected;
    const refusal = request.admit === undefined ? null : await waitFor(request.admit, socket, request.signal);
    if (refusal !== null) return refusal;
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

/** Holds the connection without a byte until it is known whether it may be used. `null`: it may; else it is closed. */
async function waitFor(
  admit: () => Promise<boolean>,
  socket: Socket,
  signal: AbortSignal | undefined,
): Promise<HttpResult | null> {
  // The other side may hang up meanwhile. Without a listener that would be an uncaught error.
  socket.on("error", () => undefined);
  const aborted = Promise.withResolvers<false>();
  const onAbort = (): void => aborted.resolve(false);
  signal?.addEventListener("abort", onAbort, { once: true });
  let mayUse = false;
  try {
    const admitted = await Promise.race([admit(), aborted.promise]);
    if (signal?.aborted === true) return failed(false, { kind: "cancelled" });
    if (!admitted) return failed(false, { kind: "refused" });
    if (socket.destroyed) return failed(false, { kind: "reset" });
    mayUse = true;
    return null;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    // A bug in `admit` closes it too.
    if (!mayUse) socket.destroy();
  }
}

/** Connects, sends nothing, and closes again. */
export const probe: Probe = async (port) => {
  const connected = await connectLoopback(port, AbortSignal.timeout(connectMs), addresses);
  connected.socket?.destroy();
  return connected.socket === null ? "closed" : "listening";
};

type Connected = { readonly socket: Socket } | { readonly socket: null; readonly failure: FailureKind };

async function connectLoopback(
  port: number,
  limit: AbortSignal,
  places: readonly LoopbackAddress[],
): Promise<Connected> {
  let failure: FailureKind = { kind: "refused" };
  for (const address of places) {
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
