import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Answer, type HttpReply, type HttpRequest } from "./message.ts";
import { refuse } from "./pingone/refusals.ts";

/** The only file with sockets: puts a function from request to answer on one or more loopback addresses. */

type LoopbackAddress = "127.0.0.1" | "::1";

export type Listener = {
  readonly port: number;
  /** Those of the wanted addresses that this machine has. */
  readonly addresses: readonly LoopbackAddress[];
  /** Stops listening and ends every open connection, answered or not. */
  readonly close: () => Promise<void>;
};

export type ListenOptions = {
  /** 0: any free one. */
  readonly port: number;
  /** The first must be there; the others may be missing on machines without that address family. */
  readonly addresses: readonly [LoopbackAddress, ...LoopbackAddress[]];
  /** All headers together; more is answered with 431. */
  readonly maxHeaderBytes?: number;
  /** Given the port, which is in every address that a server hands out. */
  readonly serveOn: (port: number) => Serve;
};

export type Serve = (request: HttpRequest) => Promise<Answer>;

const maxBodyBytes = 1_000_000;

/**
 * The body as text; `null` when it is longer than anything that PingOne would take. It is read to its end even so:
 * whoever is cut off while sending does not see the answer.
 */
const readBody = async (incoming: IncomingMessage): Promise<string | null> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length <= maxBodyBytes) chunks.push(bytes);
  }
  return length > maxBodyBytes ? null : Buffer.concat(chunks).toString("utf8");
};

const toRequest = (incoming: IncomingMessage, body: string): HttpRequest => {
  const target = incoming.url ?? "/";
  const question = target.indexOf("?");
  const path = question < 0 ? target : target.slice(0, question);
  const headers = Object.entries(incoming.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(", ") : value,
  ]);
  return {
    method: incoming.method ?? "GET",
    path,
    query: new URLSearchParams(question < 0 ? "" : target.slice(question + 1)),
    headers: Object.fromEntries(headers),
    body,
  };
};

const send = (response: ServerResponse, reply: HttpReply): void => {
  const length = reply.status === 204 ? {} : { "content-length": String(Buffer.byteLength(reply.body)) };
  response.writeHead(reply.status, { ...reply.headers, ...length });
  response.end(reply.body);
};

/** Announces the whole body, sends half of it, and ends the connection. */
const sendHalf = (response: ServerResponse, reply: HttpReply): void => {
  const bytes = Buffer.from(reply.body);
  response.writeHead(reply.status, { ...reply.headers, "content-length": String(bytes.length) });
  response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
};

const perform = (response: ServerResponse, answer: Answer): void => {
  switch (answer.kind) {
    case "reply": {
      if (answer.afterMs <= 0) return send(response, answer.reply);
      const timer = setTimeout(() => send(response, answer.reply), answer.afterMs);
      // Whoever has gone away needs no answer, and a timer would keep the process alive.
      response.once("close", () => clearTimeout(timer));
      return;
    }
    case "cut":
      return sendHalf(response, answer.reply);
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "silence":
      return;
  }
};

const onRequest = (serve: Serve) => {
  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(incoming);
    if (body === null) return send(response, refuse(413, "INVALID_REQUEST"));
    perform(response, await serve(toRequest(incoming, body)));
  };
  return (incoming: IncomingMessage, response: ServerResponse): void => {
    answer(incoming, response).catch((error: unknown) => {
      // Either the client went away while sending, or the simulator has a bug, which must not look like a refusal.
      if (response.destroyed || response.headersSent) return;
      const message = `The simulator failed: ${error instanceof Error ? error.message : String(error)}`;
      send(response, refuse(500, "UNEXPECTED_ERROR", [{ code: "UNEXPECTED_ERROR", message }]));
    });
  };
};

const open = (server: Server, port: number, address: LoopbackAddress): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: address, exclusive: true }, () => {
      server.off("error", reject);
      const bound = server.address();
      resolve(bound !== null && typeof bound === "object" ? bound.port : port);
    });
  });

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

/** The address family is switched off on this machine. */
const isMissingFamily = (error: unknown): boolean => ["EADDRNOTAVAIL", "EAFNOSUPPORT"].includes(codeOf(error));

const portError = (port: number, address: LoopbackAddress, cause: unknown): Error => {
  const code = codeOf(cause);
  const why = code === "EADDRINUSE" ? "is already taken" : `cannot be opened (${code})`;
  return Object.assign(new Error(`Port ${port} on ${address} ${why}.`, { cause }), { code });
};

/** A port that is free on one address family may be taken on the other; another is tried this often. */
const attemptsForAnyPort = 10;

/** Rejects with an `Error` that names the port and has the system's `code`, e.g. `EADDRINUSE`. */
export const listen = async (options: ListenOptions, attempt = 1): Promise<Listener> => {
  const servers: Server[] = [];
  const addresses: LoopbackAddress[] = [];
  const headerLimit = options.maxHeaderBytes === undefined ? {} : { maxHeaderSize: options.maxHeaderBytes };
  let port = options.port;
  for (const address of options.addresses) {
    const server = createServer(headerLimit);
    try {
      port = await open(server, port, address);
      server.on("request", onRequest(options.serveOn(port)));
      servers.push(server);
      addresses.push(address);
    } catch (error) {
      if (servers.length > 0 && isMissingFamily(error)) continue;
      await Promise.all(servers.map(close));
      const anotherMayDo = options.port === 0 && codeOf(error) === "EADDRINUSE" && attempt < attemptsForAnyPort;
      if (anotherMayDo) return listen(options, attempt + 1);
      throw portError(port, address, error);
    }
  }
  return { port, addresses, close: async () => void (await Promise.all(servers.map(close))) };
};
