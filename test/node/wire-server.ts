import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { onTestFinished, vi } from "vitest";

// The limit is for what hangs, not for what is slow on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

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
  options: { readonly host?: string; readonly port?: number; readonly secure?: Server } = {},
): Promise<WireServer> {
  const { host = "127.0.0.1", secure } = options;
  const server = secure ?? createServer();
  const received: string[] = [];
  const sockets = new Set<Socket>();
  server.on(secure === undefined ? "connection" : "secureConnection", (socket: Socket) => {
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
  const port = portOf(server);
  return { port, url: `http://localhost:${port}`, received };
}

/** A whole answer with the length of its body. */
export function answer(status: string, headers: readonly string[], body: string): string {
  const length = `content-length: ${Buffer.byteLength(body)}`;
  return `HTTP/1.1 ${status}\r\n${[...headers, length].join("\r\n")}\r\n\r\n${body}`;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server listens on no port.");
  return address.port;
}

/** A loopback port on which nothing listens: taken by a listener first, so that nobody else holds it, then given back. */
export async function closedPort(host = "127.0.0.1"): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const port = portOf(server);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

/**
 * A loopback port on which a connection is neither accepted nor refused: the listener is asleep and its queue is full,
 * so that the kernel drops further attempts.
 */
export async function deafPort(): Promise<number> {
  const script = `
    const server = require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () =>
      process.stdout.write(server.address().port + "\\n", () =>
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)));`;
  const listener = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void listener.kill("SIGKILL"));
  const [line] = await once(listener.stdout, "data");
  const port = Number(String(line));
  // A queue of one holds two connections; the attempts after them fill nothing and only wait.
  const sockets = Array.from({ length: 4 }, () => connect(port, "127.0.0.1").on("error", () => undefined));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  await Promise.all(sockets.slice(0, 2).map((socket) => once(socket, "connect")));
  return port;
}
