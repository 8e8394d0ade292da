import { connect, type Server, type Socket } from "node:net";
import { listen, type Visit } from "./wire-server.ts";

export type ProxyServer = {
  readonly port: number;
  /** The head of every request for a tunnel. */
  readonly asked: readonly string[];
  /** Ends all tunnels at once, as a proxy that is restarted. */
  readonly cut: () => void;
};

type Options = {
  /** The port of 127.0.0.1 that stands for a name: `api.pingone.test:443`. What is not in it is refused. */
  readonly places: Readonly<Record<string, number>>;
  /** `user:password`; without: everybody may. */
  readonly credentials?: string;
  /** Takes part in place of the proxy. */
  readonly instead?: (visit: Visit, head: string) => void;
  readonly secure?: Server;
};

/** A proxy for CONNECT, and for nothing else. It closes with the test. */
export async function startProxy({ places, credentials, instead, secure }: Options): Promise<ProxyServer> {
  const asked: string[] = [];
  const open = new Set<Socket>();
  const server = await listen(
    async (visit) => {
      const { socket, request } = visit;
      const head = await request();
      asked.push(head);
      if (instead !== undefined) return instead(visit, head);
      const given = /^proxy-authorization: Basic (\S+)\r$/im.exec(head)?.[1] ?? "";
      if (credentials !== undefined && Buffer.from(given, "base64").toString() !== credentials) {
        socket.end(
          'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="a, b"\r\nContent-Length: 0\r\n\r\n',
        );
        return;
      }
      const port = places[/^CONNECT (\S+) HTTP\/1\.1\r\n/.exec(head)?.[1] ?? ""];
      if (port === undefined) return void socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
      const onward = connect({ host: "127.0.0.1", port });
      open.add(socket);
      onward.on("error", () => socket.destroy());
      onward.once("close", () => socket.destroy());
      socket.once("close", () => onward.destroy());
      onward.once("connect", () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        socket.pipe(onward).pipe(socket);
      });
    },
    secure === undefined ? {} : { secure },
  );
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  return { port: server.port, asked, cut };
}
