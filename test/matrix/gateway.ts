import { createServer, type IncomingMessage, request as onward, type Server, type ServerResponse } from "node:http";
import {
  type AddressInfo,
  createServer as createSocketServer,
  type Socket,
  type Server as SocketServer,
} from "node:net";
import { type FaultName, faultNames, faultOf, type Made } from "./faults.ts";

/**
 * Stands between DeskPair and the simulator, on real sockets, and does to each request what its header `x-fault` says.
 * So one gateway serves all cases at once, and each case decides about its own requests.
 */
export type Gateway = {
  /** Stands for PingOne. */
  readonly port: number;
  readonly agentPort: number;
  /** Takes connections and never says a word. */
  readonly mutePort: number;
  /** Resolves when the server has had the request of this `x-request`, or never will. */
  readonly settled: (id: string) => Promise<void>;
  /** Connections to the host that redirects lead to. */
  readonly strayed: () => number;
  /** Every JWT and every attestation that went by in requests and answers of this `x-case`; forgets them. */
  readonly takeSecrets: (about: string) => ReadonlySet<string>;
  readonly close: () => Promise<void>;
};

/** Changes requests and answers on their way, for what is wrong with a whole pairing. */
export type Bending = {
  readonly request?: (incoming: { readonly method: string; readonly path: string }, body: string) => string;
  readonly answer?: (incoming: { readonly method: string; readonly path: string }, body: string) => string;
};

type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
};

const jwt = /eyJ[\w-]{5,}\.[\w-]+\.[\w-]+/g;
const keyAttestation = /\\"(?:clientDataJSON|attestationObject)\\":\\"([^"\\]+)\\"/g;
const tenMegabytes = " ".repeat(1_000_000);

export async function startGateway(
  simulator: { readonly apiUrl: string; readonly agentPort: number },
  bending: Bending = {},
): Promise<Gateway> {
  const secrets = new Map<string, Set<string>>();
  const settling = new Map<string, PromiseWithResolvers<void>>();
  const settlingOf = (id: string): PromiseWithResolvers<void> => {
    const known = settling.get(id) ?? Promise.withResolvers<void>();
    settling.set(id, known);
    return known;
  };
  let strayed = 0;
  const stray = await listening(createSocketServer((socket) => ((strayed += 1), socket.destroy())));
  const held = new Set<Socket>();
  const mute = await listening(createSocketServer((socket) => held.add(socket.on("error", () => undefined).resume())));
  const note = (about: string, text: string): void => {
    const seen = secrets.get(about) ?? new Set();
    secrets.set(about, seen);
    for (const [found] of text.matchAll(jwt)) seen.add(found);
    for (const [, found] of text.matchAll(keyAttestation)) if (found !== undefined) seen.add(found);
  };

  const serve = async (target: number, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { "x-fault": named, "x-request": id, "x-case": about, ...headers } = incoming.headers;
    const { method = "GET", url: path = "/" } = incoming;
    const sent = await textOf(incoming);
    const body = bending.request?.({ method, path }, sent) ?? sent;
    note(String(about), body);
    const fault = named === undefined ? null : faultOf(toName(named));
    const { resolve: settle } = settlingOf(String(id));
    if (fault?.doing.at === "gateway") {
      settle();
      if (fault.doing.reply === "reset") return void incoming.socket.resetAndDestroy();
      const to = { location: `http://127.0.0.1:${portOf(stray)}${path}` };
      return send(outgoing, { ...fault.doing.reply, headers: { ...fault.doing.reply.headers, ...to } });
    }
    const got = await forward({ port: target, method, path, headers }, body);
    const answer = { ...got, body: bending.answer?.({ method, path }, got.body) ?? got.body };
    note(String(about), answer.body);
    settle();
    if (fault?.doing.at === "answer") spoil(incoming, outgoing, answer, fault.doing.change);
    else send(outgoing, answer);
  };
  const front = (target: number): Promise<Server> =>
    listening(
      createServer((incoming, outgoing) => {
        outgoing.on("error", () => undefined);
        serve(target, incoming, outgoing).catch(() => incoming.socket.resetAndDestroy());
      }),
    );
  const api = await front(Number(new URL(simulator.apiUrl).port));
  const agent = await front(simulator.agentPort);
  const all = [api, agent, stray, mute];
  return {
    port: portOf(api),
    agentPort: portOf(agent),
    mutePort: portOf(mute),
    settled: (id) => settlingOf(id).promise.finally(() => settling.delete(id)),
    strayed: () => strayed,
    takeSecrets: (about) => {
      const seen = secrets.get(about) ?? new Set();
      secrets.delete(about);
      return seen;
    },
    close: async () => {
      for (const server of [api, agent]) server.closeAllConnections();
      for (const socket of held) socket.destroy();
      await Promise.all(all.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function toName(text: string | string[]): FaultName {
  const name = faultNames.find((known) => known === text);
  if (name === undefined) throw new Error(`There is no fault ${String(text)}.`);
  return name;
}

type Change = Extract<ReturnType<typeof faultOf>["doing"], { at: "answer" }>["change"];

function spoil(incoming: IncomingMessage, outgoing: ServerResponse, answer: Answer, change: Change): void {
  if (typeof change === "object") return send(outgoing, change);
  // An answer without a body (204) gets one, or the fault could not be seen.
  const whole =
    answer.body === "" ? { ...answer, status: answer.status === 204 ? 200 : answer.status, body: "{}" } : answer;
  const half = whole.body.slice(0, Math.floor(whole.body.length / 2));
  switch (change) {
    case "reset":
      return void incoming.socket.resetAndDestroy();
    case "silence":
      return;
    case "head-only":
      outgoing.writeHead(whole.status, { "content-type": "application/json", "content-length": 100 });
      return outgoing.flushHeaders();
    case "cut":
      outgoing.writeHead(whole.status, { ...typeOf(whole), "content-length": Buffer.byteLength(whole.body) });
      return void outgoing.write(half, () => outgoing.destroy());
    case "empty":
      return send(outgoing, { ...answer, body: "" });
    case "truncated":
      return send(outgoing, { ...whole, body: half });
    case "plain-text":
      return send(outgoing, { ...whole, headers: { ...whole.headers, "content-type": "text/plain" } });
    case "huge":
      outgoing.writeHead(whole.status, typeOf(whole));
      for (let megabyte = 0; megabyte < 10; megabyte += 1) outgoing.write(tenMegabytes);
      return void outgoing.end(whole.body);
    case "slow-drip":
    case "endless-drip":
      outgoing.writeHead(whole.status, typeOf(whole));
      return drip(outgoing, change === "slow-drip" ? whole.body : null);
    case "twice": {
      const raw = [
        `HTTP/1.1 ${answer.status} Said twice`,
        "content-type: application/json",
        ...(answer.status === 204 ? [] : [`content-length: ${Buffer.byteLength(answer.body)}`]),
      ];
      const once = `${raw.join("\r\n")}\r\n\r\n${answer.body}`;
      return void incoming.socket.end(once + once);
    }
    default:
      return change satisfies never;
  }
}

const typeOf = ({ headers }: Answer): Record<string, string> => {
  const type = headers["content-type"];
  return { "content-type": typeof type === "string" ? type : "application/json" };
};

/** A few bytes at a time; `null`: blanks, for ever. */
function drip(outgoing: ServerResponse, body: string | null): void {
  let rest = body;
  const timer = setInterval(() => {
    if (outgoing.destroyed || rest === "") {
      clearInterval(timer);
      outgoing.end();
    } else if (rest === null) {
      outgoing.write(" ");
    } else {
      outgoing.write(rest.slice(0, 200));
      rest = rest.slice(200);
    }
  }, 2);
  outgoing.once("close", () => clearInterval(timer));
}

function send(outgoing: ServerResponse, answer: Answer | Made): void {
  const { connection: _one, "transfer-encoding": _two, "content-length": _three, ...headers } = answer.headers ?? {};
  outgoing.writeHead(answer.status, headers).end(answer.body);
}

type Onward = {
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
};

/** The server sees its own name and port. */
function forward({ port, method, path, headers }: Onward, body: string): Promise<Answer> {
  const { "content-length": _old, connection: _hop, ...kept } = headers;
  const host = `${String(headers.host).split(":")[0]}:${port}`;
  return new Promise((resolve, reject) => {
    onward({ host: "127.0.0.1", port, method, path, headers: { ...kept, host } })
      .on("response", (incoming) => {
        textOf(incoming).then(
          (text) => resolve({ status: incoming.statusCode ?? 500, headers: incoming.headers, body: text }),
          reject,
        );
      })
      .on("error", reject)
      .end(body);
  });
}

async function textOf(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

const listening = <T extends Server | SocketServer>(server: T): Promise<T> =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(server));
  });

const portOf = (server: Server | SocketServer): number => (server.address() as AddressInfo).port;
