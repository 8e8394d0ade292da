import { type AppError, fail, type Outcome, ok } from "../../contract/errors.ts";
import type { HttpFailure, HttpResponse, Ports } from "../ports.ts";
import { type AgentPorts, findAgain, findAgent } from "./find.ts";
import { findJwt } from "./reply.ts";
import type { AgentTrust } from "./trust-settings.ts";

/** The person has this long to approve with fingerprint, face or PIN. Assumed: the vendor names no limit. */
export const approvalTimeoutMs = 120_000;

/** Where the agent is expected, and who may be it. */
export type AgentSettings = { readonly port: number; readonly trust: AgentTrust };

export type AgentPlace = AgentSettings & {
  /** Told, before anything is sent, what speaks against a program that gets the pairing all the same. */
  readonly onDoubt: (doubt: string) => void;
};

/**
 * Hands the signed options to the desktop agent and gets its attestation ("Create MFA User Device (PingID Desktop)":
 * POST /register, `application/jwt`, `Origin` of the relying party, the bare JWT as body).
 *
 * Sends at most one request: a JWT that was handed out once is never handed out again. No access token and no cookie
 * ever goes here; any program of this computer could be listening. Which one it is, is asked three times: before there
 * is a connection; again when it stands, because from then on it belongs to the one who listened, and the port may have
 * changed hands just before; and after the answer, which counts only if it comes from the same.
 */
export async function register(
  ports: Pick<Ports, "agentHttp" | "log"> & AgentPorts,
  { port, trust, onDoubt }: AgentPlace,
  origin: string,
  options: string,
  signal: AbortSignal,
): Promise<Outcome<string>> {
  // Cancelled before it began: then the JWT stays here, whatever the adapter does with an aborted signal.
  if (signal.aborted) return fail({ code: "cancelled" });
  const agent = await findAgent(ports, port, trust);
  if (signal.aborted) return fail({ code: "cancelled" });
  if (!agent.ok) return agent;
  const found = agent.value;
  if (found.doubt !== null) onDoubt(found.doubt);
  const refusal: { error: AppError | null } = { error: null };
  const result = await ports.agentHttp({
    method: "POST",
    // `localhost` and not an address: that is the `Host` which the agent expects.
    url: `http://localhost:${port}/register`,
    headers: { "content-type": "application/jwt", origin, accept: "*/*" },
    body: options,
    timeoutMs: approvalTimeoutMs,
    maxBytes: 262_144,
    signal,
    ...(found.address === null ? {} : { address: found.address }),
    admit: async () => {
      const again = await findAgain(ports, port, trust, found, "before the pairing was sent");
      if (!again.ok) refusal.error = again.error;
      return again.ok;
    },
  });
  if (refusal.error !== null) return fail(signal.aborted ? { code: "cancelled" } : refusal.error);
  if (!result.ok) return fail(agentFailure(result.failure, port));
  const { response } = result;
  // For support: what kind of answer it was, never what was in it.
  ports.log("info", "agent.answer", {
    status: response.status,
    contentType: response.headers["content-type"],
    length: response.body.length,
  });
  const after = await findAgain(ports, port, trust, found, "while the pairing was under way");
  if (!after.ok) return after;
  if (response.status < 200 || response.status > 299) return fail(agentRefusal(response, port));
  const attestation = findJwt(response.body, options);
  return attestation === null ? fail(notRecognized(response, port)) : ok(attestation);
}

function agentFailure(failure: HttpFailure, port: number): AppError {
  switch (failure.kind) {
    case "cancelled":
      return { code: "cancelled" };
    case "timed-out":
      // Unless it was sent, nobody was asked to approve anything.
      if (!failure.sent) return { code: "agent-missing", port };
      return { code: "agent-timed-out", seconds: approvalTimeoutMs / 1000 };
    case "too-large":
      return { code: "agent-not-recognized", port };
    default:
      return failure.sent ? { code: "agent-connection-lost", port } : { code: "agent-missing", port };
  }
}

/**
 * Classified by HTTP class, because no error of the agent is documented. What no API would answer to a POST (a web
 * page, a redirect, "no such path") is another program.
 */
function agentRefusal(response: HttpResponse, port: number): AppError {
  const { status } = response;
  const isWebPage = /html/i.test(response.headers["content-type"] ?? "") || /^\s*<(!doctype|html)/i.test(response.body);
  if (isWebPage || status < 400 || status === 404 || status === 405 || status === 501) {
    return notRecognized(response, port);
  }
  if (status === 408) return { code: "agent-timed-out", seconds: approvalTimeoutMs / 1000 };
  const reason = /"error"\s*:\s*"([a-z0-9_ -]{1,60})"/i.exec(response.body)?.[1];
  return { code: "agent-refused", status, reason };
}

function notRecognized(response: HttpResponse, port: number): AppError {
  const contentType = response.headers["content-type"]?.slice(0, 100);
  return { code: "agent-not-recognized", port, status: response.status, contentType };
}
