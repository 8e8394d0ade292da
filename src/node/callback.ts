import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type AppError, fail, type Outcome, ok } from "../contract/errors.ts";
import type { CallbackRequest, Clock, ListenForCallback, PortOwner } from "../core/ports.ts";
import { callbackPage, pageHeaders } from "./callback-page.ts";
import { codeOf } from "./files.ts";
import { clock as systemClock } from "./host.ts";

export type CallbackListener = {
  /** Asked when the port is taken. `null`: the system does not tell. */
  readonly ownerOf: (port: number) => Promise<PortOwner | null>;
  readonly clock?: Clock;
};

/** A browser sends the address of a callback in one packet; whoever takes longer than this is not one. */
const requestMs = 5_000;

/** Of request line and headers together. An authorization code is some hundred characters, cookies are not ours. */
const mostHeaderBytes = 16_384;

/** A browser opens a few ahead of need. With more, the oldest goes, so that idle ones never keep the good one out. */
const mostConnections = 32;

/**
 * The `ListenForCallback` port: RFC 8252, sections 7.3 and 8.3, with the redirect address `http://127.0.0.1:{port}/callback`.
 *
 * SECURITY: nobody but this computer can reach it. The one call that counts is a `GET` of that path with our own `Host`
 * (a page that had its name pointed at 127.0.0.1 sends another one) and with the `state` of this sign-in; a provider's
 * `error=…` counts, too. Everything else is refused and changes nothing, so nobody can end a sign-in but the one who
 * began it. The page that is answered has no script and sends no referrer, since the code is in its address. The address
 * goes to the caller and nowhere else: not to a log, not to an error.
 */
export function createCallbackListener({ ownerOf, clock = systemClock }: CallbackListener): ListenForCallback {
  return async (request) => {
    if (request.signal.aborted) return fail({ code: "cancelled" });
    const server = createServer({
      maxHeaderSize: mostHeaderBytes,
      headersTimeout: requestMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: 1_000,
    });
    const listening = await listen(server, request.port);
    if (listening === "taken") {
      const owner = await ownerOf(request.port);
      return fail({ code: "sign-in-port-taken", port: request.port, program: nameOf(owner) });
    }
    const redirectUri = `http://127.0.0.1:${listening.port}/callback`;
    // An abort between the check above and this line is seen by `waitForCall`.
    return ok({ redirectUri, address: waitForCall(server, new URL(redirectUri), request, clock) });
  };
}

function listen(server: Server, port: number): Promise<AddressInfo | "taken"> {
  return new Promise((resolve, reject) => {
    const refused = (error: Error): void => {
      // Windows says EACCES for a port that the system keeps for itself, others for one below 1024: not ours, all the same.
      if (["EADDRINUSE", "EACCES"].includes(codeOf(error))) resolve("taken");
      else reject(error);
    };
    server.once("error", refused);
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => {
      server.off("error", refused);
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("A TCP server has an address.");
      resolve(address);
    });
  });
}

function nameOf(owner: PortOwner | null): string | null {
  if (owner === null) return null;
  return owner.path ?? (owner.processId === null ? null : `Process ${owner.processId}`);
}

async function waitForCall(
  server: Server,
  redirect: URL,
  { state, limitMs, signal }: CallbackRequest,
  clock: Clock,
): Promise<Outcome<string>> {
  const connections = new Set<Socket>();
  const over = new AbortController();
  const outcome = await new Promise<Outcome<string>>((resolve) => {
    // Connections that cannot be accepted (no file handles left) are the browser's to try again.
    server.on("error", () => undefined);
    server.on("connection", (socket) => {
      connections.add(socket);
      socket.once("close", () => connections.delete(socket));
      const [oldest] = connections;
      if (connections.size > mostConnections) oldest?.destroy();
    });
    server.on("request", (incoming, answer) => {
      const refusal = over.signal.aborted ? 410 : judge(incoming, redirect, state);
      if (refusal !== null) return refuse(answer, refusal);
      over.abort();
      const { socket } = incoming;
      for (const other of connections) if (other !== socket) other.destroy();
      answer.writeHead(200, { ...pageHeaders, "content-type": "text/html; charset=utf-8" });
      // Settles when the browser has its page, or has gone without it: the caller may end the process at once.
      socket.once("close", () => resolve(ok(redirect.origin + String(incoming.url))));
      answer.end(callbackPage);
      server.close();
    });
    const end = (error: AppError): void => {
      if (over.signal.aborted) return;
      over.abort();
      resolve(fail(error));
    };
    const cancel = (): void => end({ code: "cancelled" });
    if (signal.aborted) return cancel();
    signal.addEventListener("abort", cancel, { once: true, signal: over.signal });
    void clock
      .wait(limitMs, over.signal)
      .then(() => end({ code: "sign-in-timed-out", seconds: Math.round(limitMs / 1000) }));
  });
  await new Promise<void>((resolve) => {
    // Twice is harmless: an error says that it is closed already, and the callback comes all the same.
    server.close(() => resolve());
    server.closeAllConnections();
    for (const connection of connections) connection.destroy();
  });
  return outcome;
}

/** @returns `null`: this is the call that is waited for */
function judge(incoming: IncomingMessage, redirect: URL, state: string): number | null {
  const { method, url = "", headers, headersDistinct, socket } = incoming;
  if (socket.remoteAddress?.startsWith("127.") !== true) return 403;
  const hosts = headersDistinct["host"] ?? [];
  if (hosts.length !== 1 || hosts[0] !== redirect.host) return 421;
  const mark = url.indexOf("?");
  if ((mark === -1 ? url : url.slice(0, mark)) !== redirect.pathname) return 404;
  if (method !== "GET") return 405;
  // A browser that follows a redirect sends no body.
  if (headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0") return 413;
  const states = new URLSearchParams(mark === -1 ? "" : url.slice(mark)).getAll("state");
  return states.length === 1 && isSame(states[0] ?? "", state) && URL.canParse(redirect.origin + url) ? null : 403;
}

/** Takes the same time wherever the two differ. Hashed first, because the comparison needs equal lengths. */
function isSame(given: string, wanted: string): boolean {
  const hash = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(wanted));
}

function refuse(answer: ServerResponse, status: number): void {
  answer.writeHead(status, {
    ...pageHeaders,
    "content-type": "text/plain; charset=utf-8",
    ...(status === 405 ? { allow: "GET" } : {}),
  });
  answer.end("This is not what DeskPair waits for.\n");
}
