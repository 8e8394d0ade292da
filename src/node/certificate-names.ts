import type { PeerCertificate, TLSSocket } from "node:tls";

/**
 * Keeps in mind who signed the certificate of a server. To be called before the handshake ends: with Node's verdict on
 * a certificate that it does not trust the certificate is gone, and who signed it is what people have to know.
 *
 * The event `secure` is not documented; without it only the name is missing.
 *
 * @returns a function that gives the name, as far as one was seen
 */
export function watchIssuer(socket: TLSSocket): () => string | null {
  let issuer: string | null = null;
  socket.prependOnceListener("secure", () => {
    issuer = nameOf(socket.getPeerCertificate()?.issuer);
  });
  return () => issuer;
}

/** Common name and organisation, as far as they are there. */
export function nameOf(subject: PeerCertificate["subject"] | undefined): string | null {
  const [name, organisation] = [textOf(subject?.CN), textOf(subject?.O)];
  if (name === null || organisation === null || name === organisation) return name ?? organisation;
  return `${name} (${organisation})`;
}

/** Several of one kind come as a list. Whoever made the certificate chose the text. */
function textOf(value: unknown): string | null {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === "string" && first !== "" ? first.slice(0, 200) : null;
}
