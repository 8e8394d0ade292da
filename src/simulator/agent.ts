import { type Credential, createCredential, signAssertion, signAttestation } from "./attestation.ts";
import { type Options, verifyOptions } from "./credentials.ts";
import { type AgentFault, agentFaults, redirectPath, type StrangerFault, strangers } from "./faults/agent.ts";
import { type FaultSwitch, takeFault } from "./faults/switch.ts";
import {
  type Answer,
  answerWith,
  type HttpReply,
  type HttpRequest,
  jsonReply,
  mediaType,
  textReply,
} from "./message.ts";
import type { Context } from "./pingone/handler.ts";
import type { Served } from "./pingone/serve.ts";
import { originBelongsTo } from "./relying-party.ts";

/**
 * The pretend PingID Desktop agent ("Desktop API"): `POST /register` and `POST /authenticate` take a signed JWT from
 * PingOne as plain text and answer with a JWT of their own. URL, media type, `Origin` and body are documented in "Create
 * MFA User Device (PingID Desktop)" and "Initiate Device Authentication (PingID Desktop)".
 *
 * Assumed: the method, every status, and the shape of each reply.
 */

const operations: Readonly<Record<string, "register" | "authenticate">> = {
  "/register": "register",
  "/authenticate": "authenticate",
};

const refuse = (status: number, error: string): Answer => answerWith(jsonReply(status, { error }));

/** Assumed: the media type of a bare JWT. */
const jwtReply = (jwt: string): HttpReply => textReply(200, "application/jwt", jwt);

/** The pretend agent as a function from request to answer. It holds the private keys of what it has registered. */
export const createAgent = (
  context: Pick<Context, "world" | "keys" | "now">,
  fault: FaultSwitch,
  approvalMs: number,
) => {
  const { agent } = context.world;
  const credentials = new Map<string, Credential>();

  const register = async (options: Options, origin: string, changes?: Readonly<Record<string, unknown>>) => {
    const credential = await createCredential();
    credentials.set(credential.id, credential);
    const about = { options, origin, unitId: agent.unitId, now: context.now() };
    return jwtReply(await signAttestation(credential, about, changes));
  };

  const assert = async (
    credential: Credential,
    options: Options,
    origin: string,
    changes?: Readonly<Record<string, unknown>>,
  ) => {
    const about = { options, origin, unitId: agent.unitId, now: context.now() };
    return jwtReply(await signAssertion(credential, about, changes));
  };

  const serve = async (operation: "register" | "authenticate", request: HttpRequest): Promise<Answer> => {
    if (mediaType(request) !== "application/jwt") return refuse(415, "unsupported_media_type");
    const origin = request.headers["origin"];
    if (origin === undefined) return refuse(403, "origin_not_allowed");
    const options = await verifyOptions(context.keys, request.body.trim(), context.now());
    if (options === null || options.purpose !== operation) return refuse(400, "invalid_request_jwt");
    if (!originBelongsTo(origin, options.rp.id)) return refuse(403, "origin_not_allowed");
    if (agent.usedOptions.has(options.jti)) return refuse(400, "invalid_request_jwt");
    const credential = (options.allowCredentials ?? []).map((id) => credentials.get(id)).find((known) => known);
    if (operation === "authenticate" && credential === undefined) return refuse(400, "unknown_credential");

    // Used up before the user is asked, so that the same options can never be answered twice.
    agent.usedOptions.add(options.jti);
    const proceed = (changes?: Readonly<Record<string, unknown>>) =>
      credential === undefined || operation === "register"
        ? register(options, origin, changes)
        : assert(credential, options, origin, changes);
    const active = takeFault<AgentFault>(fault, agentFaults, () => true);
    if (active === null) return answerWith(await proceed(), approvalMs);
    const answerName = operation === "register" ? "attestation" : "assertion";
    return active.act({ proceed, answerName, approvalMs });
  };

  return async (request: HttpRequest): Promise<Served> => {
    const operation = request.method === "POST" ? (operations[request.path] ?? null) : null;
    if (operation === "register") agent.registerCount += 1;
    if (operation === "authenticate") agent.authenticateCount += 1;
    const served = (answer: Answer): Served => ({ answer, operation, correlationId: null });

    if (request.path === redirectPath) {
      agent.redirectsFollowed += 1;
      return served(refuse(404, "not_found"));
    }
    const stranger = takeFault<StrangerFault>(fault, strangers, () => true);
    if (stranger !== null) return served(stranger.act(request.headers["host"] ?? "localhost"));
    return served(operation === null ? refuse(404, "not_found") : await serve(operation, request));
  };
};
