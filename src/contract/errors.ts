import * as z from "zod/mini";

/**
 * Every failure that a person can meet, as data.
 *
 * `code` is a promise: scripts and support articles refer to it, so a code is never renamed or reused. Each member
 * carries only what somebody must decide on or show. The words for a code are in `error-words.ts`, the exit number in
 * `cli/exit-codes.ts`; both switch exhaustively, so that a new code does not compile before it has both.
 */

const text = z.string().check(z.maxLength(2_000));

/** What lets support find the request again: PingOne's `Correlation-Id` header and the `id` of its error body. */
const trace = {
  correlationId: z.optional(text),
  serverErrorId: z.optional(text),
  /** PingOne's own words (English, for debugging), shown below ours and never instead of them. */
  serverMessage: z.optional(text),
};

export const networkReasons = ["refused", "unresolved", "reset", "timed-out", "redirected", "too-large"] as const;

/**
 * Why there is no way through a proxy. `timed-out`: it was not reached. `silent`: it was, and did not answer. `answered`:
 * with something else than a tunnel. `kind`: it is one that is not spoken.
 */
export const proxyReasons = [
  "refused",
  "unresolved",
  "timed-out",
  "silent",
  "reset",
  "tls",
  "answered",
  "kind",
] as const;

/** Why a session that was there is no more. */
export const signInReasons = ["expired", "idle", "locked"] as const;

/** Roles are given to administrators and worker applications, scopes to users who sign in as themselves. */
export const needsSchema = z.strictObject({ kind: z.enum(["role", "scope"]), name: text });
export type Needs = z.infer<typeof needsSchema>;

export const appErrorSchema = z.discriminatedUnion("code", [
  // What the operator gave us.
  z.strictObject({ code: z.literal("usage-invalid"), problem: text }),
  z.strictObject({ code: z.literal("configuration-missing"), settings: z.array(text) }),
  z.strictObject({ code: z.literal("configuration-invalid"), setting: text, problem: text }),
  z.strictObject({ code: z.literal("blocked-by-policy"), setting: text }),
  z.strictObject({ code: z.literal("storage-failed"), operation: z.enum(["read", "write"]), problem: text }),

  // Who we are to PingOne.
  z.strictObject({ code: z.literal("sign-in-required"), reason: z.optional(z.enum(signInReasons)) }),
  z.strictObject({ code: z.literal("sign-in-refused"), reason: z.optional(text), ...trace }),
  /** The person, or an administrator's rule, said no on the sign-in page. */
  z.strictObject({ code: z.literal("sign-in-denied"), ...trace }),
  z.strictObject({ code: z.literal("sign-in-timed-out"), seconds: z.number() }),
  /** What came back does not belong to the sign-in that was begun, or was not issued for us. */
  z.strictObject({ code: z.literal("sign-in-invalid"), problem: text }),
  /** Something else listens on the port that the browser has to come back to. */
  z.strictObject({ code: z.literal("sign-in-port-taken"), port: z.number(), program: z.nullable(text) }),
  z.strictObject({ code: z.literal("secret-store-failed"), problem: text }),
  z.strictObject({ code: z.literal("profile-unknown"), profile: text }),
  /** Something that cannot be undone, in an environment that is marked as production. */
  z.strictObject({ code: z.literal("confirmation-required"), action: text, profile: text }),
  /** `needs`: what the signed-in account or application lacks; absent where that cannot be told. */
  z.strictObject({ code: z.literal("not-allowed"), action: text, needs: z.optional(needsSchema), ...trace }),

  // Whom we serve.
  z.strictObject({ code: z.literal("user-not-found"), query: text, ...trace }),
  z.strictObject({ code: z.literal("user-ambiguous"), query: text, count: z.number() }),
  z.strictObject({ code: z.literal("user-disabled"), username: text }),
  z.strictObject({ code: z.literal("device-not-found"), deviceId: text, ...trace }),

  // What PingOne refuses.
  z.strictObject({ code: z.literal("device-limit-reached"), ...trace }),
  z.strictObject({ code: z.literal("pairing-not-allowed"), ...trace }),
  z.strictObject({ code: z.literal("policy-unknown"), policyId: z.optional(text), ...trace }),
  z.strictObject({ code: z.literal("licence-exceeded"), ...trace }),
  z.strictObject({ code: z.literal("activation-refused"), ...trace }),
  z.strictObject({ code: z.literal("relying-party-mismatch"), expected: text, received: text }),
  z.strictObject({ code: z.literal("device-gone"), deviceId: text, ...trace }),
  z.strictObject({
    code: z.literal("request-refused"),
    action: text,
    status: z.number(),
    serverCode: z.optional(text),
    target: z.optional(text),
    ...trace,
  }),

  // What lies between us and PingOne.
  z.strictObject({ code: z.literal("rate-limited"), retryAfterSeconds: z.optional(z.number()), ...trace }),
  z.strictObject({ code: z.literal("server-unavailable"), status: z.number(), ...trace }),
  z.strictObject({ code: z.literal("reply-invalid"), action: text, problem: text, ...trace }),
  /** `proxy` everywhere: host and port of the one on the way, never its credentials. */
  z.strictObject({
    code: z.literal("network-failed"),
    host: text,
    reason: z.enum(networkReasons),
    proxy: z.optional(text),
  }),
  z.strictObject({
    code: z.literal("proxy-failed"),
    host: text,
    proxy: text,
    reason: z.enum(proxyReasons),
    /** Of its answer. */
    status: z.optional(z.number()),
  }),
  z.strictObject({
    code: z.literal("proxy-credentials-required"),
    host: text,
    proxy: text,
    /** Some had been sent, and it did not take them. */
    given: z.boolean(),
    /** What it would take: names of HTTP authentication schemes, in lower case. */
    offered: z.array(text),
  }),
  /** `issuer`: who signed the certificate, as far as it was seen. */
  z.strictObject({
    code: z.literal("tls-failed"),
    host: text,
    problem: text,
    issuer: z.optional(text),
    proxy: z.optional(text),
  }),
  /** Positive: this computer's clock is ahead of the server's. */
  z.strictObject({ code: z.literal("clock-wrong"), offsetSeconds: z.number() }),

  // The desktop agent on this machine.
  z.strictObject({ code: z.literal("agent-missing"), port: z.number() }),
  z.strictObject({
    code: z.literal("agent-not-recognized"),
    port: z.number(),
    status: z.optional(z.number()),
    contentType: z.optional(text),
  }),
  /** The program that listens on the agent's port is not one that may get a pairing. */
  z.strictObject({
    code: z.literal("agent-not-trusted"),
    port: z.number(),
    /** As the system names it, usually with the folders that it lies in. */
    program: z.nullable(text),
    account: z.nullable(text),
    problem: text,
  }),
  z.strictObject({ code: z.literal("agent-refused"), status: z.number(), reason: z.optional(text) }),
  z.strictObject({ code: z.literal("agent-timed-out"), seconds: z.number() }),
  z.strictObject({ code: z.literal("agent-connection-lost"), port: z.number() }),

  // The FIDO2 ceremony. WebAuthn has one name for many causes, so `key-refused` states none.
  z.strictObject({ code: z.literal("key-refused") }),
  z.strictObject({ code: z.literal("key-timed-out"), seconds: z.number() }),
  z.strictObject({ code: z.literal("key-already-registered") }),
  z.strictObject({ code: z.literal("wrong-authenticator"), wanted: z.enum(["key", "platform"]), aaguid: text }),
  z.strictObject({ code: z.literal("authenticator-not-allowed"), aaguid: text }),
  z.strictObject({ code: z.literal("credential-invalid"), problem: text }),
  z.strictObject({ code: z.literal("relying-party-not-allowed"), relyingPartyId: text }),
  z.strictObject({ code: z.literal("ceremony-failed"), problem: text }),
  z.strictObject({ code: z.literal("ceremony-unavailable"), reason: text }),
  z.strictObject({ code: z.literal("key-missing") }),
  z.strictObject({ code: z.literal("pin-refused"), remaining: z.nullable(z.number()) }),

  // The app itself.
  z.strictObject({ code: z.literal("existing-devices"), count: z.number() }),
  z.strictObject({ code: z.literal("not-now"), doing: text }),
  z.strictObject({
    code: z.literal("message-refused"),
    reason: z.enum(["untrusted-sender", "malformed", "too-large"]),
  }),
  z.strictObject({ code: z.literal("cancelled") }),
  /** The process ended in the middle of a pairing; what it had made has been looked after since. */
  z.strictObject({ code: z.literal("interrupted") }),
  z.strictObject({ code: z.literal("internal"), incidentId: text }),
]);

export type AppError = z.infer<typeof appErrorSchema>;
export type ErrorCode = AppError["code"];
export type NetworkReason = (typeof networkReasons)[number];
export type ProxyReason = (typeof proxyReasons)[number];

/** Success with a value, or an expected failure. Throwing means a bug. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: AppError };

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });
export const fail = (error: AppError): { readonly ok: false; readonly error: AppError } => ({ ok: false, error });

/**
 * What a failed pairing has left on the server: `nothing` (never made, or removed again), `device` (still there, we know
 * its id), `unknown` (PingOne could not be asked).
 */
export const leftSchema = z.enum(["nothing", "device", "unknown"]);
export type Left = z.infer<typeof leftSchema>;
