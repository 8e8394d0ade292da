import { Agent, type Dispatcher } from "undici";
import type { Http, HttpRequest, HttpResult } from "../core/ports.ts";
import { failed } from "./exchange.ts";
import { pollOnce } from "./idle-sockets.ts";
import { classifyNetworkError, type FailureKind } from "./network-errors.ts";
import { withSystemTrust } from "./system-trust.ts";

/**
 * The `Http` port on undici, for the app, which lives long and talks to many servers at once.
 *
 * HTTP/2 is off: a connection shared by all requests would make it impossible to say of one of them whether it had been
 * sent. Time limits are ours, one per request from the call to the last byte; undici's own would count parts of it.
 */
export function createHttp(): Http {
  const agent = new Agent({
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: 4_000,
    headersTimeout: 0,
    bodyTimeout: 0,
    // Ends attempts to connect that nobody waits for any more: undici cannot take back a request in its queue.
    connect: { timeout: 15_000 },
  });
  return withSystemTrust(async (request) => {
    // Also lets undici put the connection of the request before back into its pool; else every second request of a
    // sequence would open a connection of its own.
    await pollOnce();
    return exchange(agent, request);
  });
}

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
    const fail = (failure: FailureKind | { readonly kind: "cancelled" }): void => {
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
        onResponseError: (_controller, error) => fail(classifyNetworkError(error)),
      },
    );
  });
}
