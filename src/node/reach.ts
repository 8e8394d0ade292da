import { connect } from "node:net";
import type { DoctorPorts, Place, Way } from "../core/doctor/ports.ts";
import { classifyNetworkError } from "./network-errors.ts";
import type { FindRoute, Hop } from "./route.ts";

/** Whether a server can be reached, and which way requests to it take. */

/** Shorter than the doctor waits, so that a firewall that drops everything is told as such. */
const connectMs = 2_000;

type Unreached = Extract<Awaited<ReturnType<DoctorPorts["reach"]>>, { ok: false }>["reason"];

/** What is left of a network error for a connection over which nothing is sent. */
function unreachedBy(error: unknown): Unreached {
  const { kind } = classifyNetworkError(error);
  return kind === "tls" || kind === "too-large" ? "reset" : kind;
}

/** All addresses of the name are tried, as the requests do; the first that answers is told. */
export const reach: DoctorPorts["reach"] = ({ host, port }: Place, signal) =>
  new Promise((resolve) => {
    const socket = connect({ host, port, autoSelectFamily: true });
    const settle = (result: Awaited<ReturnType<DoctorPorts["reach"]>>): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
      socket.destroy();
      resolve(result);
    };
    const giveUp = (): void => settle({ ok: false, reason: "timed-out" });
    const timer = setTimeout(giveUp, connectMs);
    signal.addEventListener("abort", giveUp, { once: true });
    socket.once("connect", () => settle({ ok: true, address: socket.remoteAddress ?? host }));
    socket.on("error", (error) => settle({ ok: false, reason: unreachedBy(error) }));
    if (signal.aborted) giveUp();
  });

/** The ways of requests, as the doctor tells them: without credentials. */
export const createRoute =
  (findRoute: FindRoute): DoctorPorts["route"] =>
  async (url) => {
    const found = await findRoute(new URL(url));
    if (!found.ok) return found;
    return { ok: true, ways: found.hops.map(wayOf), from: found.from, note: found.note ?? null };
  };

function wayOf(hop: Hop): Way {
  if (hop === "direct") return { via: "direct" };
  if ("unspoken" in hop) return { via: "unspoken", name: hop.unspoken };
  return { via: "proxy", proxy: { host: hop.host, port: hop.port } };
}
