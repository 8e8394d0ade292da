import { randomUUID } from "node:crypto";
import { concerns, type PingOneFault } from "../faults/effects.ts";
import { pingOneFaults } from "../faults/pingone.ts";
import { type FaultSwitch, takeFault } from "../faults/switch.ts";
import { type Answer, answerWith, type HttpReply, type HttpRequest, mediaType } from "../message.ts";
import { type Bearer, bearerOf } from "../sign-in/bearer.ts";
import { removeStaleDevices } from "../world.ts";
import type { Call, Context } from "./handler.ts";
import { isAllowed } from "./permissions.ts";
import { notFound, rolesMissing, tokenRefused, wrongMediaType, wrongMethod } from "./refusals.ts";
import { apiRoutes, authRoutes, matchPath, type Operation } from "./routes.ts";

/** What a server made of a request: the answer, and what the log says about it. */
export type Served = {
  readonly answer: Answer;
  readonly operation: string | null;
  readonly correlationId: string | null;
};

const routes = [
  ...authRoutes.map((route) => ({ ...route, onApi: false as const })),
  ...apiRoutes.map((route) => ({ ...route, onApi: true as const })),
];

/** Who sends the request, or the 401. */
const readToken = async (context: Context, request: HttpRequest): Promise<Bearer | { refusal: HttpReply }> => {
  const bearer = await bearerOf(context, request);
  if (bearer === "missing") return { refusal: tokenRefused("The request has no access token.") };
  if (bearer === "refused") return { refusal: tokenRefused("The access token is invalid or has expired.") };
  return bearer;
};

/** "With a custom domain the environment ID drops out of the path", see "endpoint construction" of the Go client. */
const isCustomDomainPath = (path: string): boolean => /^\/(?:as|device)\//.test(path);

/**
 * Recognises the request and answers it. Assumed: the order path, method, token, media type, environment, permission,
 * which decides what a request with several mistakes is told first.
 */
const serve = async (
  common: Context,
  fault: FaultSwitch,
  request: HttpRequest,
  correlationId: string,
  slowMs: number,
): Promise<{ readonly answer: Answer; readonly operation: Operation | null }> => {
  const onCustomDomain = isCustomDomainPath(request.path);
  const context: Context = { ...common, onCustomDomain };
  const path = onCustomDomain ? `/${context.world.environmentId}${request.path}` : request.path;
  const refused = (reply: HttpReply, operation: Operation | null = null) => ({ answer: answerWith(reply), operation });

  const onPath = routes.flatMap((route) => {
    const parameters = matchPath(route.path, path);
    return parameters === null ? [] : [{ ...route, parameters }];
  });
  if (onPath.length === 0) return refused(notFound());
  const candidates = onPath.filter(({ method }) => method === request.method);
  const [first] = candidates;
  if (first === undefined) return refused(wrongMethod([...new Set(onPath.map(({ method }) => method))]));

  const bearer = first.onApi ? await readToken(context, request) : null;
  if (bearer !== null && "refusal" in bearer) {
    return refused(bearer.refusal, candidates.length === 1 ? first.operation : null);
  }

  const route = candidates.find(
    (known) => known.mediaType === null || known.mediaType.toLowerCase() === mediaType(request),
  );
  if (route === undefined) return refused(wrongMediaType(candidates.map((known) => known.mediaType ?? "")));
  const { operation, parameters } = route;
  if (parameters["environment"] !== context.world.environmentId) return refused(notFound(), operation);
  if (route.onApi && bearer !== null && !isAllowed(context.world, bearer, route.operation, parameters["user"])) {
    return refused(rolesMissing(), operation);
  }

  const call: Call = { request, parameters, correlationId };
  const proceed = async (changed: Context = context) => route.handle(changed, call);
  const active = takeFault<PingOneFault>(
    fault,
    pingOneFaults,
    (candidate) => candidate.on(operation) && concerns(candidate, context, call),
  );
  if (active === null) return { answer: answerWith(await proceed()), operation };
  return { answer: await active.act({ context, call, tokenId: bearer?.tokenId ?? null, proceed, slowMs }), operation };
};

/** Every response has a `Correlation-Id`, see "API responses". */
const withCommonHeaders = (answer: Answer, correlationId: string, now: number): Answer => {
  if (answer.kind !== "reply" && answer.kind !== "cut") return answer;
  const headers = {
    "correlation-id": correlationId,
    "cache-control": "no-store",
    // Written here, because the socket's own would show the machine's clock instead of the pretend server's.
    date: new Date(now).toUTCString(),
    ...answer.reply.headers,
  };
  return { ...answer, reply: { ...answer.reply, headers } };
};

/** The pretend PingOne, both hosts of it, as a function from request to answer. */
export const createPingOne =
  (context: Context, fault: FaultSwitch, slowMs: number) =>
  async (request: HttpRequest): Promise<Served> => {
    removeStaleDevices(context.world, context.now());
    const correlationId = randomUUID();
    const { answer, operation } = await serve(context, fault, request, correlationId, slowMs);
    const wasSent = answer.kind === "reply" || answer.kind === "cut";
    return {
      answer: withCommonHeaders(answer, correlationId, context.now()),
      operation,
      correlationId: wasSent ? correlationId : null,
    };
  };
