import { openSession, type Session } from "../../src/core/session.ts";
import { type FakePorts, fakePorts } from "../fakes/ports.ts";
import { endpoints, type Pretend, pretendPingOne, secrets } from "./pretend-pingone.ts";

export type Desk = {
  readonly server: Pretend;
  readonly world: FakePorts;
  readonly session: Session;
  /** May be changed between two pairings. */
  agentPort: number;
  /** Whether something listens on the agent's port. */
  listening: boolean;
  /** The requests that change something, in order. */
  readonly writes: () => FakePorts["pingOne"]["requests"];
};

/** A technician's session against the pretend PingOne. */
export function openDesk(): Desk {
  const server = pretendPingOne();
  const world = fakePorts({
    pingOne: server.pingOne,
    agent: server.agent,
    probe: async () => (desk.listening ? "listening" : "closed"),
  });
  const session = openSession(world.ports, {
    endpoints,
    credential: { kind: "client-secret", clientId: "c1", clientSecret: secrets.clientSecret },
    agentPort: () => desk.agentPort,
  });
  const writes = () =>
    world.pingOne.requests.filter(({ method, url }) => method !== "GET" && !url.endsWith("/as/token"));
  const desk: Desk = { server, world, session, agentPort: 9410, listening: true, writes };
  return desk;
}
