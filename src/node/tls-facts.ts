import type { PeerCertificate, TLSSocket } from "node:tls";
import type { DoctorPorts, Place, TlsFacts } from "../core/doctor/ports.ts";
import { classifyNetworkError } from "./network-errors.ts";
import { unreachedBy } from "./reach.ts";

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

/**
 * One handshake, or a second one where only this computer's own authorities know who signed. A certificate that is not
 * trusted ends the handshake, as it would end a request: it is looked at, and never accepted.
 */
export function createConnectTls(authorities: Authorities = systemAuthorities): DoctorPorts["connectTls"] {
  return async (place, signal) => {
    const first = await shakeHands(place, authorities.bundled(), "public", signal);
    if (first.ok || first.failure.kind !== "tls" || signal.aborted) return first;
    return shakeHands(place, authorities.all(), "private", signal);
  };
}

function shakeHands(
  { host, port }: Place,
  ca: readonly string[],
  authority: "public" | "private",
  signal: AbortSignal,
): Promise<TlsFacts> {
  return new Promise((resolve) => {
    let issuer: string | null = null;
    // An address is no server name (RFC 6066, 3).
    const name = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
    const socket = tls().connect({ host, port, ca: [...ca], ...name });
    const settle = (facts: TlsFacts): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
      socket.destroy();
      resolve(facts);
    };
    const giveUp = (): void => settle({ ok: false, failure: { kind: "timed-out" } });
    const timer = setTimeout(giveUp, handshakeMs);
    signal.addEventListener("abort", giveUp, { once: true });
    // Before Node judges the certificate: with its verdict the certificate is gone, and who signed it is what matters.
    // The event is not documented; without it only the name is missing.
    socket.prependOnceListener("secure", () => {
      issuer = nameOf(socket.getPeerCertificate()?.issuer);
    });
    socket.once("secureConnect", () => settle(factsOf(socket, authority)));
    socket.on("error", (error) => {
      const failure = classifyNetworkError(error);
      if (failure.kind !== "tls") return settle({ ok: false, failure: { kind: unreachedBy(error) } });
      settle({ ok: false, failure: { ...failure, issuer } });
    });
    // Closed in the middle of the handshake without a word.
    socket.once("close", () => settle({ ok: false, failure: { kind: "reset" } }));
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

/** Common name and organisation, as far as they are there. */
function nameOf(subject: PeerCertificate["subject"] | undefined): string | null {
  const [name, organisation] = [textOf(subject?.CN), textOf(subject?.O)];
  if (name === null || organisation === null || name === organisation) return name ?? organisation;
  return `${name} (${organisation})`;
}

/** Several of one kind come as a list. */
function textOf(value: unknown): string | null {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === "string" && first !== "" ? first : null;
}
