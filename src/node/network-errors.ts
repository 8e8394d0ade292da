import type { HttpFailure, ProxyFailure } from "../core/ports.ts";

/** What a network error means to a person, without the question whether the request had been sent. */
export type FailureKind =
  | { readonly kind: Exclude<HttpFailure["kind"], "tls" | "cancelled" | "no-route" | ProxyFailure["kind"]> }
  | { readonly kind: "tls"; readonly problem: string; readonly issuer?: string };

/** Words for what OpenSSL and Node say about a certificate. `describeError` puts them after a colon. */
const certificateProblems: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "it has expired",
  CERT_NOT_YET_VALID: "it is not valid yet, or this computer's clock is wrong",
  CERT_REVOKED: "it was revoked",
  CERT_UNTRUSTED: "its authority is not trusted on this computer",
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is signed by itself",
  ERR_TLS_CERT_ALTNAME_INVALID: "it was issued for another name",
  HOSTNAME_MISMATCH: "it was issued for another name",
  SELF_SIGNED_CERT_IN_CHAIN: "its authority is not known to this computer",
  UNABLE_TO_GET_ISSUER_CERT: "its authority is not known to this computer",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its authority is not known to this computer",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its authority is not known to this computer",
};

/** Codes of certificate verification that have no words of their own above. */
const certificateCode = /^(CERT_|CRL_|UNABLE_TO_|INVALID_CA|PATH_LENGTH_EXCEEDED|INVALID_PURPOSE|ERROR_IN_C)/;
/** The handshake itself went wrong: another protocol behind the port, no common version or cipher. */
const handshakeCode = /^(EPROTO$|ERR_SSL_|ERR_TLS_)/;

/** Turns what a socket, OpenSSL, Node's parser or undici report into one of the reasons that the core knows. */
export function classifyNetworkError(error: unknown): FailureKind {
  const code = errorCode(error);
  const problem = certificateProblems[code];
  if (problem !== undefined) return { kind: "tls", problem };
  if (certificateCode.test(code)) return { kind: "tls", problem: "it could not be verified" };
  if (handshakeCode.test(code)) return { kind: "tls", problem: "no secure connection could be agreed on" };
  switch (code) {
    case "ECONNREFUSED":
    // A host or a network without a route, and a firewall on this computer, ask for the same look at the address.
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EADDRNOTAVAIL":
    case "EACCES":
    case "EPERM":
      return { kind: "refused" };
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_FAIL":
    case "EAI_NODATA":
    case "EAI_NONAME":
      return { kind: "unresolved" };
    case "ETIMEDOUT":
    case "UND_ERR_CONNECT_TIMEOUT":
    case "UND_ERR_HEADERS_TIMEOUT":
    case "UND_ERR_BODY_TIMEOUT":
      return { kind: "timed-out" };
    case "HPE_HEADER_OVERFLOW":
    case "UND_ERR_HEADERS_OVERFLOW":
      return { kind: "too-large" };
    default:
      // A connection that broke, an answer that ended early, bytes that are not HTTP.
      return { kind: "reset" };
  }
}

/** Both address families may fail, each with its own error; the first one says enough. */
function errorCode(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  if ("code" in error && typeof error.code === "string") return error.code;
  if (error instanceof AggregateError) return errorCode(error.errors[0]);
  return "cause" in error ? errorCode(error.cause) : "";
}
