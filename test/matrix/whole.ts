import { startSimulator } from "../../src/simulator/index.ts";
import { runOn, type Seen } from "./bench.ts";
import type { Expected } from "./expected.ts";
import { type Bending, startGateway } from "./gateway.ts";
import { type Flow, flows } from "./requests.ts";

/** What is wrong with a whole pairing and not with one request of it, and what must come of that. */
export type Whole = {
  readonly words: string;
  readonly flow: Flow;
  /** Of the computer's clock against the server's. */
  readonly clockOffMs?: number;
  /** The clock of PingOne while it creates the device, so that its JWT is from another time. */
  readonly createdMs?: number;
  readonly bending?: Bending;
  readonly ends: Pick<Expected, "outcome" | "code" | "left">;
};

const minutes = (count: number): number => count * 60_000;
/** After the creation every failure rolls back. */
const undone = (code: Expected["code"]) => ({ outcome: "failed", code, left: "nothing" }) as const;

const isCreation = ({ method, path }: { method: string; path: string }): boolean =>
  method === "POST" && path.endsWith("/devices");
const ours = /"pingone\.eu"/g;
const theirs = /"evil\.example"/g;

/**
 * PingOne signs a JWT for another relying party than it says, as when somebody in between has exchanged it. The options
 * of a key are not signed: there it is the options that name the wrong one.
 */
const wrongRelyingParty: Readonly<Record<Flow, Bending>> = {
  desktop: {
    request: (incoming, body) => (isCreation(incoming) ? withParty(body) : body),
    answer: (incoming, body) => (isCreation(incoming) ? body.replace(theirs, '"pingone.eu"') : body),
  },
  fido2: {
    answer: (incoming, body) =>
      isCreation(incoming) ? body.replace(/\\"id\\":\\"pingone\.eu\\"/g, '\\"id\\":\\"evil.example\\"') : body,
  },
};
const withParty = (body: string): string =>
  JSON.stringify({
    ...JSON.parse(body.replace(ours, '"evil.example"')),
    rp: { id: "evil.example", name: "evil.example" },
  });

export const wholes: readonly Whole[] = [
  {
    words: "the signed JWT has expired when it comes",
    flow: "desktop",
    createdMs: -minutes(10),
    // Only the agent reads the JWT, and it is the agent that refuses it.
    ends: undone("agent-refused"),
  },
  {
    words: "the signed JWT is for another relying party",
    flow: "desktop",
    bending: wrongRelyingParty.desktop,
    ends: undone("agent-refused"),
  },
  {
    words: "the options are for another relying party",
    flow: "fido2",
    bending: wrongRelyingParty.fido2,
    ends: undone("relying-party-mismatch"),
  },
  ...flows.flatMap((flow) =>
    [10, -10].map((off) => ({
      words: `this computer's clock is ten minutes ${off > 0 ? "ahead" : "behind"}`,
      flow,
      clockOffMs: minutes(off),
      // Told before anything is created.
      ends: undone("clock-wrong"),
    })),
  ),
];

/** Each on servers of its own, because a clock belongs to a server. */
export async function runWhole({ flow, clockOffMs, createdMs, bending }: Whole): Promise<Seen> {
  let serverOffMs = 0;
  const simulator = await startSimulator({ port: 0, agentPort: 0, now: () => Date.now() + serverOffMs });
  const gateway = await startGateway(simulator, {
    request: (incoming, body) => {
      if (isCreation(incoming)) serverOffMs = createdMs ?? 0;
      return bending?.request?.(incoming, body) ?? body;
    },
    answer: (incoming, body) => {
      serverOffMs = 0;
      return bending?.answer?.(incoming, body) ?? body;
    },
  });
  const [user] = simulator.world.users.values();
  if (user === undefined) throw new Error("The simulator has no user.");
  const run = { flow, user, faultAt: () => null, ...(clockOffMs === undefined ? {} : { clockOffMs }) };
  try {
    return await runOn({ simulator, gateway }, run);
  } finally {
    await gateway.close();
    await simulator.close();
  }
}
