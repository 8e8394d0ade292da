import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { DoctorPorts, Place, TlsFacts } from "../core/doctor/ports.ts";
import type { HttpFailure } from "../core/ports.ts";
import { nameOf, watchIssuer } from "./certificate-names.ts";
import { signedBy } from "./exchange.ts";
import { classifyNetworkError } from "./network-errors.ts";
import { alwaysDirect, type FindRoute, type Hop } from "./route.ts";
import { throughProxy, wasUnreached } from "./routed.ts";
import { openTunnel, serverName } from "./tunnel.ts";

/** Certificates of authorities, as PEM. */
export type Authorities = {
  /** Those that Node brings along, which are those of Mozilla's browsers. */
  readonly bundled: () => readonly string[];
  /** These and all that this computer trusts besides: what the requests fall back on, see `system-trust.ts`. */
  readonly all: () => readonly string[];
};

/** Asked for and not imported: TLS costs 10 ms at the start of every command. */
const tls = () => process.getBuiltinModule("node:tls");

const systemAuthorities: Authorities = {
  bundled: () => tls().getCACertificates("bundled"),
  all: () => {
    try {
      return [...tls().getCACertificates("default"), ...tls().getCACertificates("system")];
    } catch {
      // A store that cannot be read.
      return tls().getCACertificates("default");
    }
  },
};

/** Shorter than the doctor waits. */
const handshakeMs = 2_000;
const tunnelLimits = { connectMs: 1_500, answerMs: 2_000 };

type Trust = { readonly ca: readonly string[]; readonly authority: "public" | "private" };

/**
 * One handshake on the way that requests take, or a second one where only this computer's own authorities know who
 * signed. A certificate that is not trusted ends the handshake, as it would end a request: it is looked at, and never
 * accepted.
 */
export function createConnectTls(
  findRoute: FindRoute = alwaysDirect,
  authorities: Authorities = systemAuthorities,
): DoctorPorts["connectTls"] {
  return async (place, signal) => {
    const name = place.host.includes(":") ? `[${place.host}]` : place.host;
    const found = await findRoute(new URL(`https://${name}:${place.port}/`));
    if (!found.ok) return lost({ kind: "no-route", sent: false, setting: found.setting, problem: found.problem });
    let facts: TlsFacts = lost({ kind: "reset", sent: false });
    for (const hop of found.hops) {
      facts = await over(hop, place, { ca: authorities.bundled(), authority: "public" }, signal);
      if (!facts.ok && facts.failure.kind === "tls" && !signal.aborted) {
        facts = await over(hop, place, { ca: authorities.all(), authority: "private" }, signal);
      }
      if (facts.ok || !wasUnreached(facts.failure)) return facts;
    }
    return facts;
  };
}

const lost = (failure: HttpFailure): TlsFacts => ({ ok: false, failure });

async function over(hop: Hop, place: Place, trust: Trust, signal: AbortSignal): Promise<TlsFacts> {
  if (hop === "direct") return shakeHands(place, null, trust, signal);
  if ("unspoken" in hop) return lost({ kind: "proxy", proxy: hop.unspoken, reason: "kind", sent: false });
  const tunnel = await openTunnel(hop, place, signal, tunnelLimits);
  if ("failure" in tunnel) return lost({ ...tunnel.failure, sent: false });
  const facts = await shakeHands(place, tunnel.socket, trust, signal);
  return facts.ok ? facts : lost(throughProxy(facts.failure, hop));
}

function shakeHands(
  { host, port }: Place,
  tunnel: Socket | null,
  { ca, authority }: Trust,
  signal: AbortSignal,
): Promise<TlsFacts> {
  return new Promise((resolve) => {
    const below = tunnel === null ? {} : { socket: tunnel };
    const socket = tls().connect({ host, port, ca: [...ca], ...serverName(host), ...below });
    const settle = (facts: TlsFacts): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
      socket.destroy();
      tunnel?.destroy();
      resolve(facts);
    };
    const giveUp = (): void => settle(lost({ kind: "timed-out", sent: false }));
    const timer = setTimeout(giveUp, handshakeMs);
    signal.addEventListener("abort", giveUp, { once: true });
    const issuer = watchIssuer(socket);
    socket.once("secureConnect", () => settle(factsOf(socket, authority)));
    socket.on("error", (error) => settle(lost({ ...signedBy(classifyNetworkError(error), issuer()), sent: false })));
    // Closed in the middle of the handshake without a word.
    socket.once("close", () => settle(lost({ kind: "reset", sent: false })));
    if (signal.aborted) giveUp();
  });
}

function factsOf(socket: TLSSocket, authority: "public" | "private"): TlsFacts {
  const certificate = socket.getPeerCertificate();
  return {
    ok: true,
    protocol: socket.getProtocol() ?? "TLS",
    subject: nameOf(certificate.subject) ?? "a server without a name",
    issuer: nameOf(certificate.issuer) ?? "an authority without a name",
    validUntil: Date.parse(certificate.valid_to) || 0,
    authority,
  };
}
