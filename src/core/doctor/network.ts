import type { AppError } from "../../contract/errors.ts";
import type { Endpoints } from "../pingone/endpoints.ts";
import { isLoopbackHost } from "../pingone/endpoints.ts";
import { toNetworkError } from "../pingone/errors.ts";
import type { BrokenAuthorityFile, Place, Reached, Route, TlsFacts, Way } from "./ports.ts";
import { failed, notTested, pass, type Verdict, warn } from "./verdict.ts";

/** Whether PingOne's servers can be reached, which way, and who vouches for them. */

export type Server = Place & { readonly url: string; readonly secure: boolean; readonly local: boolean };

/** The API and the sign-in, or the one server that is both (the simulator). */
export function serversOf(endpoints: Endpoints): readonly Server[] {
  const servers = [endpoints.apiBase, endpoints.issuer].map((text): Server => {
    const url = new URL(text);
    const secure = url.protocol === "https:";
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const local = isLoopbackHost(url.hostname);
    return { url: url.origin, host, port: Number(url.port) || (secure ? 443 : 80), secure, local };
  });
  return servers.filter(({ url }, index) => servers.findIndex((other) => other.url === url) === index);
}

/** `way`: the one on which something was reached, or the last that was tried; `null`: none is known. */
export type Trip = {
  readonly server: Server;
  readonly route: Route;
  readonly way: Way | null;
  readonly reached: Reached | null;
};

/** Tries the ways of a route one after the other, as a request would. */
export async function travel(server: Server, route: Route, reach: (place: Place) => Promise<Reached>): Promise<Trip> {
  let trip: Trip = { server, route, way: null, reached: null };
  for (const way of route.ok ? route.ways : []) {
    const place = way.via === "proxy" ? way.proxy : server;
    trip = { server, route, way, reached: way.via === "unspoken" ? null : await reach(place) };
    if (trip.reached?.ok === true) break;
  }
  return trip;
}

export const isReached = ({ reached }: Trip): boolean => reached?.ok === true;

export function judgeNetwork(trips: readonly Trip[]): Verdict {
  const lost = trips.find((trip) => !isReached(trip));
  return lost === undefined ? pass(`${trips.map(described).join("; ")}.`) : failed(errorOf(lost));
}

function errorOf({ server, route, way, reached }: Trip): AppError {
  if (!route.ok) return { code: "configuration-invalid", setting: route.setting, problem: route.problem };
  const reason = reached?.ok === false ? reached.reason : "reset";
  switch (way?.via) {
    case "proxy":
      return { code: "proxy-failed", host: server.host, proxy: nameOf(way.proxy), reason };
    case "unspoken":
      return { code: "proxy-failed", host: server.host, proxy: way.name, reason: "kind" };
    default:
      return { code: "network-failed", host: server.host, reason };
  }
}

function described({ server, way, reached }: Trip): string {
  const address = reached?.ok === true ? reached.address : "";
  if (way?.via === "proxy") return `the proxy ${nameOf(way.proxy)} for ${server.host} is reached (${address})`;
  return `${nameOf(server)} is reached (${address})`;
}

const nameOf = ({ host, port }: Place): string => (port === 443 ? host : `${host}:${port}`);

/** Which way the requests to each server take, and who says so. */
export function judgeProxy(trips: readonly Trip[]): Verdict {
  const untold = trips.find(({ route }) => !route.ok);
  if (untold !== undefined) return failed(errorOf(untold));
  const told = trips.map(({ route }) => (route.ok ? `${route.ways.map(inWords).join(", else ")} (${route.from})` : ""));
  const isOne = told.every((way) => way === told[0]);
  const seen = isOne
    ? `Requests to PingOne go ${told[0] ?? "straight"}.`
    : `${trips.map(({ server }, index) => `Requests to ${server.host} go ${told[index]}`).join("; ")}.`;
  const notes = [...new Set(trips.flatMap(({ route }) => (route.ok && route.note !== null ? [route.note] : [])))];
  if (notes.length === 0) return pass(seen);
  return warn(`${seen} ${notes.join(" ")}`, "Correct the address of the script, or the script, in those settings.");
}

function inWords(way: Way): string {
  switch (way.via) {
    case "direct":
      return "straight there";
    case "proxy":
      return `through the proxy ${way.proxy.host}:${way.proxy.port}`;
    case "unspoken":
      return `through ${way.name}, which is no HTTP proxy`;
    default:
      return way satisfies never;
  }
}

export type Handshake = { readonly server: Server; readonly facts: TlsFacts };

/** @param handshakes of the servers that speak TLS; none: only the simulator is without */
export function judgeTls(handshakes: readonly Handshake[], broken: readonly BrokenAuthorityFile[] = []): Verdict {
  const unused = broken.map(({ setting, path, problem }) => ` ${setting} names ${path}: ${problem}.`).join("");
  const correct = `Correct ${broken.map(({ setting }) => setting).join(" and ")}, or take it away.`;
  for (const { server, facts } of handshakes) {
    if (!facts.ok) {
      const error = toNetworkError(facts.failure, server.url);
      return failed(error, unused === "" ? {} : { evidence: unused.trim(), fix: correct });
    }
  }
  const seen =
    handshakes.length === 0
      ? "PingOne is on this very computer, where no TLS is spoken."
      : `${handshakes.map(vouched).join("; ")}.`;
  if (unused !== "") return warn(`${seen}${unused} Nobody in it is trusted.`, correct);
  if (handshakes.length === 0) return notTested(seen);
  const inspected = handshakes.some(({ facts }) => facts.ok && facts.authority === "private");
  if (!inspected) return pass(seen);
  return warn(
    `${seen} This authority is known to this computer only: something between here and PingOne reads along.`,
    "If your organisation inspects TLS, ask that PingOne is left out of it; if it does not, find out who does.",
  );
}

function vouched({ server, facts }: Handshake): string {
  if (!facts.ok) return server.host;
  const until = new Date(facts.validUntil).toISOString().slice(0, 10);
  const { protocol, issuer, authority } = facts;
  return `${server.host}: ${protocol}, signed by ${issuer} (${authority}), valid until ${until}`;
}
