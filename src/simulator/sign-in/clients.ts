import { timingSafeEqual } from "node:crypto";
import { createLocalJWKSet, type JWTPayload, jwtVerify } from "jose";
import type { HttpRequest } from "../message.ts";
import { type Call, type Context, issuersOf } from "../pingone/handler.ts";
import type { Application } from "./applications.ts";
import { clientRefused, type Granted, granted, invalidClient, oauthError, refused } from "./errors.ts";

/** Which application sends a request, and whether it is really that one: "Client Authentication Methods". */

/** RFC 6749 has id and secret form-encoded before they are joined; the vendor's example joins them as they are. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
};

type Proof =
  | { readonly kind: "none"; readonly clientId: string }
  | { readonly kind: "secret"; readonly clientId: string; readonly secret: string }
  | { readonly kind: "assertion"; readonly clientId: string | null; readonly jwt: string };

const basicProof = (request: HttpRequest): Proof | null => {
  const [, encoded] = /^basic ([A-Za-z0-9+/=_-]+)$/i.exec(request.headers["authorization"] ?? "") ?? [];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0) return null;
  return { kind: "secret", clientId: decoded(text.slice(0, colon)), secret: decoded(text.slice(colon + 1)) };
};

const postedProof = (form: URLSearchParams): Proof | null => {
  const clientId = form.get("client_id");
  const secret = form.get("client_secret");
  return clientId === null || secret === null ? null : { kind: "secret", clientId, secret };
};

/** RFC 7523. The two fields are documented in "CLIENT_SECRET_JWT Setup". */
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const assertedProof = (form: URLSearchParams): Proof | null => {
  const jwt = form.get("client_assertion");
  if (jwt === null || form.get("client_assertion_type") !== assertionType) return null;
  return { kind: "assertion", clientId: form.get("client_id"), jwt };
};

const same = (left: string, right: string): boolean => {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
};

/** The claims of an assertion that the application has signed with what it is known by; `null` when it has not. */
const readAssertion = async (
  context: Context,
  { id, authentication }: Application,
  jwt: string,
): Promise<JWTPayload | null> => {
  const issuers = issuersOf(context);
  const expected = {
    issuer: id,
    subject: id,
    // The token endpoint is documented. Assumed: the issuer is as good, which newer standards ask for.
    audience: [...issuers, ...issuers.map((issuer) => `${issuer}/token`)],
    requiredClaims: ["exp"],
    currentDate: new Date(context.now()),
  };
  try {
    switch (authentication.kind) {
      case "none":
        return null;
      case "secret": {
        const key = new TextEncoder().encode(authentication.secret);
        return (await jwtVerify(jwt, key, { ...expected, algorithms: ["HS256"] })).payload;
      }
      case "key": {
        const keys = createLocalJWKSet(authentication.keySet);
        return (await jwtVerify(jwt, keys, { ...expected, algorithms: ["RS256", "ES256"] })).payload;
      }
    }
  } catch {
    return null;
  }
};

/** The `iss` of a JWT that nobody has checked yet. */
const claimedIssuer = (jwt: string): string => {
  try {
    const claims: unknown = JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString("utf8"));
    const issuer: unknown = typeof claims === "object" && claims !== null && "iss" in claims ? claims.iss : null;
    return typeof issuer === "string" ? issuer : "";
  } catch {
    return "";
  }
};

/** Assumed: a `jti` may be missing, since the vendor does not name it; one that is there is good for one use. */
const isReplayed = (context: Context, clientId: string, tokenId: string | undefined): boolean => {
  if (tokenId === undefined) return false;
  const { usedAssertions } = context.world.signIn;
  const use = `${clientId} ${tokenId}`;
  if (usedAssertions.has(use)) return true;
  usedAssertions.add(use);
  return false;
};

const checkProof = async (context: Context, call: Call, proof: Proof): Promise<Granted<Application>> => {
  const named = proof.kind === "assertion" ? claimedIssuer(proof.jwt) : proof.clientId;
  const application = context.world.applications.get(named);
  if (application === undefined) return refused(invalidClient(call));
  const { authentication } = application;
  switch (proof.kind) {
    case "none":
      if (authentication.kind === "none") return granted(application);
      return refused(clientRefused(call, "No client authentication was found"));
    case "secret": {
      const isRight = authentication.kind === "secret" && same(proof.secret, authentication.secret);
      return isRight ? granted(application) : refused(invalidClient(call));
    }
    case "assertion": {
      const claims = await readAssertion(context, application, proof.jwt);
      const isForIt = claims !== null && (proof.clientId === null || proof.clientId === application.id);
      if (!isForIt || isReplayed(context, application.id, claims.jti)) return refused(invalidClient(call));
      return granted(application);
    }
  }
};

/** The application that sends the request, or `invalid_client`. A public one only has to say its name. */
export const authenticateClient = async (
  context: Context,
  call: Call,
  form: URLSearchParams,
): Promise<Granted<Application>> => {
  const proofs = [basicProof(call.request), postedProof(form), assertedProof(form)].filter((proof) => proof !== null);
  const [proof] = proofs;
  if (proofs.length > 1) {
    return refused(oauthError(call, "invalid_request", "More than one client authentication method was used"));
  }
  if (proof !== undefined) return checkProof(context, call, proof);
  const clientId = form.get("client_id");
  if (clientId === null) return refused(clientRefused(call, "No client authentication was found"));
  return checkProof(context, call, { kind: "none", clientId });
};
