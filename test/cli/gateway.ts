import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  request as send,
} from "node:http";

/**
 * Stands between the command line and the simulator, byte for byte, for what the simulator cannot do by itself: two
 * faults at once, a moment held still, and a list of every secret that went over the wire.
 */
export type Passing = { readonly method: string; readonly path: string; readonly body: string };

export type Instead =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | "reset";

export type Gateway = {
  /** The port that stands for the simulator's PingOne, and the one that stands for its agent. */
  readonly port: number;
  readonly agentPort: number;
  /** Called before a request goes on. An answer is sent instead; a promise holds the request until it is fulfilled. */
  intercept: (passing: Passing) => Instead | null | Promise<Instead | null>;
  /** Access tokens, options and attestations, as they went by in bodies and headers. */
  readonly secrets: ReadonlySet<string>;
  readonly close: () => void;
};

const secretMembers =
  /"(?:access_token|pingIdDesktopCredentialCreationOptions|attestation)"\s*:\s*("(?:[^"\\]|\\.)+")/g;
const bareToken = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The attestation of a key is JSON within a text; what must not be seen are its parts, however they are written. */
function secretsIn(text: string): readonly string[] {
  const members = [...text.matchAll(secretMembers)].map(([, value]): string => JSON.parse(value ?? '""'));
  return members.flatMap((member) => {
    if (!member.startsWith("{")) return [member];
    const { response } = JSON.parse(member);
    return [response.clientDataJSON, response.attestationObject].flatMap((padded: string) => {
      const bytes = Buffer.from(padded, "base64");
      return [padded, bytes.toString("base64url"), bytes.toString("hex")];
    });
  });
}

export async function startGateway(target: { readonly port: number; readonly agentPort: number }): Promise<Gateway> {
  const secrets = new Set<string>();
  const collect = (text: string): void => {
    for (const secret of secretsIn(text)) secrets.add(secret);
    if (bareToken.test(text.trim())) secrets.add(text.trim());
  };
  const forward = async (port: number, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await textOf(incoming);
    collect(body);
    const { method = "GET", url: path = "/", headers } = incoming;
    const [, bearer] = /^Bearer (.+)$/.exec(headers.authorization ?? "") ?? [];
    if (bearer !== undefined) secrets.add(bearer);
    const instead = await gateway.intercept({ method, path, body });
    if (instead === null) {
      const answer = await ask({ port, method, path, headers }, body);
      const reply = await textOf(answer);
      collect(reply);
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers).end(reply);
    } else if (instead === "reset") {
      incoming.socket.resetAndDestroy();
    } else {
      outgoing.writeHead(instead.status, instead.headers ?? {}).end(instead.body ?? "");
    }
  };
  const serve = (port: number): Promise<Server> =>
    listenOn(
      createServer((incoming, outgoing) => {
        // What broke behind us breaks before us, and the other way round.
        forward(port, incoming, outgoing).catch(() => incoming.socket.resetAndDestroy());
      }),
    );
  const api = await serve(target.port);
  const agent = await serve(target.agentPort);
  const gateway: Gateway = {
    port: portOf(api),
    agentPort: portOf(agent),
    intercept: () => null,
    secrets,
    close: () => {
      for (const server of [api, agent]) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
  return gateway;
}

type Onward = {
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
};

function ask(onward: Onward, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    send({ host: "127.0.0.1", agent: false, ...onward })
      .on("response", resolve)
      .on("error", reject)
      .end(body);
  });
}

async function textOf(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function listenOn(server: Server): Promise<Server> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server listens on no port.");
  return address.port;
}
