import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { HttpFailure, HttpRequest, HttpResult, ProxyFailure } from "../core/ports.ts";
import { watchIssuer } from "./certificate-names.ts";
import { classifyNetworkError, type FailureKind } from "./network-errors.ts";
import { TunnelError } from "./tunnel.ts";

/**
 * Sends one prepared request of `node:http` and gathers the answer, within the time and size that `given` allows.
 *
 * Gives an answer for every status, redirects included, and a failure for everything else. `sent` turns true at the
 * moment in which Node may write to the server: when a new connection is established (with TLS: and trusted), or at
 * once on one that is being reused.
 *
 * @param start makes the request but does not end it. Not called when the signal has been aborted already. Its signal
 * aborts when nobody waits for the answer any more.
 */
export function exchange(given: HttpRequest, start: (givenUp: AbortSignal) => ClientRequest): Promise<HttpResult> {
  if (given.signal?.aborted === true) return Promise.resolve(failed(false, { kind: "cancelled" }));
  return new Promise((resolve) => {
    let sent = false;
    let answered = false;
    let issuer = (): string | null => null;
    const giveUp = new AbortController();
    const outgoing = start(giveUp.signal);

    const settle = (result: HttpResult): void => {
      clearTimeout(timer);
      given.signal?.removeEventListener("abort", cancel);
      resolve(result);
    };
    const fail = (failure: Failure): void => {
      settle(failed(sent, signedBy(failure, issuer())));
      giveUp.abort();
      outgoing.destroy();
    };
    const cancel = (): void => fail({ kind: "cancelled" });
    const timer = setTimeout(() => fail({ kind: "timed-out" }), given.timeoutMs);
    given.signal?.addEventListener("abort", cancel, { once: true });

    outgoing.once("socket", (socket) => {
      if (!outgoing.reusedSocket && isTls(socket)) issuer = watchIssuer(socket);
      whenWritable(socket, outgoing.reusedSocket, () => {
        sent = true;
      });
    });
    outgoing.once("response", (incoming) => {
      answered = true;
      gather(incoming, given.maxBytes).then(
        (gathered) => {
          if ("kind" in gathered) return fail(gathered);
          const { body } = gathered;
          settle({ ok: true, response: { status: incoming.statusCode ?? 0, headers: headersOf(incoming), body } });
        },
        (error: unknown) => fail(failureOf(error)),
      );
    });
    // Stays on for good: a socket may report a second error after the first one has settled everything.
    outgoing.on("error", (error) => fail(failureOf(error)));
    // The last resort, for a connection that ends without an answer and without an error (a protocol switch).
    outgoing.once("close", () => {
      if (!answered) fail({ kind: "reset" });
    });
    outgoing.end(given.body);
  });
}

export type Failure = FailureKind | ProxyFailure | { readonly kind: "cancelled" };

export function failed(sent: boolean, failure: Failure): HttpResult {
  return { ok: false, failure: { ...failure, sent } satisfies HttpFailure };
}

/** What an HTTP client reports, in which a proxy's refusal may be wrapped. */
export const failureOf = (error: unknown): Failure =>
  error instanceof TunnelError ? error.failure : classifyNetworkError(error);

/** With the name of whoever signed the certificate that was not trusted. */
export const signedBy = <T extends Failure>(failure: T, issuer: string | null): T =>
  failure.kind === "tls" && issuer !== null ? { ...failure, issuer } : failure;

const isTls = (socket: Socket): socket is TLSSocket => "encrypted" in socket;

function whenWritable(socket: Socket, reused: boolean, ready: () => void): void {
  if (reused) ready();
  // Node holds the request back until the server's certificate has been verified.
  else if (isTls(socket)) socket.once("secureConnect", ready);
  else if (socket.connecting) socket.once("connect", ready);
  else ready();
}

async function gather(incoming: IncomingMessage, maxBytes: number): Promise<{ readonly body: string } | FailureKind> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return { kind: "too-large" };
    chunks.push(chunk);
  }
  // An answer that ended before its announced length is no answer.
  return incoming.complete ? { body: Buffer.concat(chunks).toString("utf8") } : { kind: "reset" };
}

function headersOf(incoming: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(incoming.headersDistinct).map(([name, values]) => [name, (values ?? []).join(", ")]),
  );
}
