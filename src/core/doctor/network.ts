import type { AppError } from "../../contract/errors.ts";
import type { Endpoints } from "../pingone/endpoints.ts";
import { isLoopbackHost } from "../pingone/endpoints.ts";
import type { Place, Reached, Route, TlsFacts } from "./ports.ts";
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

export type Trip = { readonly server: Server; readonly route: Route; readonly reached: Reached };

export function judgeNetwork(trips: readonly Trip[]): Verdict {
  for (const { server, route, reached } of trips) {
    if (reached.ok) continue;
    const host = route.via === "proxy" ? route.proxy.host : server.host;
    const error: AppError = { code: "network-failed", host, reason: reached.reason };
    return failed(error, route.via === "proxy" ? { evidence: `It is the proxy on the way to ${server.host}.` } : {});
  }
  return pass(`${trips.map(described).join("; ")}.`);
}

function described({ server, route, reached }: Trip): string {
  const address = reached.ok ? reached.address : "";
  if (route.via === "proxy") return `the proxy ${nameOf(route.proxy)} for ${server.host} is reached (${address})`;
  return `${nameOf(server)} is reached (${address})`;
}

const nameOf = ({ host, port }: Place): string => (port === 443 ? host : `${host}:${port}`);

export function judgeProxy(trips: readonly Trip[]): Verdict {
  const proxies = new Set(trips.flatMap(({ route }) => (route.via === "proxy" ? [nameOf(route.proxy)] : [])));
  if (proxies.size > 0) return pass(`Requests to PingOne go through ${[...proxies].join(" and ")}.`);
  const unused = trips.find(({ route }) => route.via === "direct" && route.unused !== null)?.route;
  const name = unused?.via === "direct" ? unused.unused : null;
  if (name === null) return pass("Requests to PingOne go straight there; no proxy is set.");
  const seen = `Requests to PingOne go straight there. The environment names the proxy ${name}, which is not used.`;
  if (trips.every(({ reached }) => reached.ok)) return pass(seen);
  return warn(seen, "Ask the network team to let this computer reach PingOne without the proxy.");
}

export type Handshake = { readonly server: Server; readonly facts: TlsFacts };

/** @param handshakes of the servers that speak TLS; none: only the simulator is without */
export function judgeTls(handshakes: readonly Handshake[]): Verdict {
  if (handshakes.length === 0) return notTested("PingOne is on this very computer, where no TLS is spoken.");
  for (const { server, facts } of handshakes) {
    if (facts.ok) continue;
    const { failure } = facts;
    if (failure.kind !== "tls") {
      return failed({ code: "network-failed", host: server.host, reason: failure.kind });
    }
    const error: AppError = { code: "tls-failed", host: server.host, problem: failure.problem };
    return failed(error, failure.issuer === null ? {} : { evidence: `It was signed by ${failure.issuer}.` });
  }
  const seen = `${handshakes.map(vouched).join("; ")}.`;
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
