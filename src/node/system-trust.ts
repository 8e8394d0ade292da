import type { Http, HttpFailure } from "../core/ports.ts";

let systemTrusted = false;

/**
 * Adds the operating system's certificate authorities to Node's own, for this whole process and for good.
 * Reading them costs about 60 ms, so it is done only after a certificate was not trusted: behind a network that
 * inspects TLS, where only the system knows the authority.
 */
function trustSystemCertificates(): void {
  if (systemTrusted) return;
  systemTrusted = true;
  try {
    const { getCACertificates, setDefaultCACertificates } = process.getBuiltinModule("node:tls");
    setDefaultCACertificates([...new Set([...getCACertificates("default"), ...getCACertificates("system")])]);
  } catch {
    // A store that cannot be read leaves Node's own list, and the failure that led here is told as it was.
  }
}

/**
 * Tries once more with the system's authorities when the server's certificate is not trusted. Nothing had been sent:
 * the request waits for the handshake. TLS can fail after it, too (a damaged record): then the server may have acted on
 * the request, and it is not repeated.
 */
export function withSystemTrust(http: Http): Http {
  return async (request) => {
    const trustedBefore = systemTrusted;
    const started = performance.now();
    const result = await http(request);
    if (trustedBefore || result.ok || result.failure.sent || !isAboutTrust(result.failure)) return result;
    trustSystemCertificates();
    const timeLeft = request.timeoutMs - Math.ceil(performance.now() - started);
    return timeLeft > 0 ? http({ ...request, timeoutMs: timeLeft }) : result;
  };
}

/** The certificate of the server, or that of a proxy that is spoken to over TLS. */
const isAboutTrust = (failure: HttpFailure): boolean =>
  failure.kind === "tls" || (failure.kind === "proxy" && failure.reason === "tls");
