import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A server that the test writes byte by byte. It keeps what it receives and closes with the test. */
export type WireServer = {
  readonly port: number;
  readonly url: string;
  /** Everything received so far, one text per connection, in the order in which they were made. */
  readonly received: readonly string[];
};

export type Visit = {
  readonly socket: Socket;
  /** Resolves when a whole request (head and `content-length` body) has arrived on this connection; one per call. */
  readonly request: () => Promise<string>;
};

export async function listen(
  serve: (visit: Visit, connection: number) => Promise<void> | void,
  options: { readonly host?: string; readonly server?: Server; readonly port?: number } = {},
): Promise<WireServer> {
  const { host = "127.0.0.1", server = createServer() } = options;
  const received: string[] = [];
  const sockets = new Set<Socket>();
  server.on(server.listenerCount("tlsClientError") > 0 ? "secureConnection" : "connection", (socket: Socket) => {
    const connection = received.push("") - 1;
    sockets.add(socket);
    let unread = "";
    let arrived = (): void => undefined;
    socket.on("data", (chunk: Buffer) => {
      received[connection] += chunk.toString("utf8");
      unread += chunk.toString("utf8");
      arrived();
    });
    // Clients that give up reset the connection; that is what many of these tests provoke.
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    const request = async (): Promise<string> => {
      for (;;) {
        const end = unread.indexOf("\r\n\r\n");
        const length = Number(/content-length: (\d+)/i.exec(unread)?.[1] ?? 0);
        if (end >= 0 && Buffer.byteLength(unread.slice(end + 4)) >= length) {
          const whole = unread;
          unread = "";
          return whole;
        }
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      }
    };
    void Promise.resolve(serve({ socket, request }, connection));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://localhost:${port}`, received };
}

/** A whole answer with the length of its body. */
export function answer(status: string, headers: readonly string[], body: string): string {
  const length = `content-length: ${Buffer.byteLength(body)}`;
  return `HTTP/1.1 ${status}\r\n${[...headers, length].join("\r\n")}\r\n\r\n${body}`;
}

/** A loopback port on which nothing listens: taken by a listener first, so that nobody else holds it, then given back. */
export async function closedPort(host = "127.0.0.1"): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
