import type { CreationOptions, Credential } from "../contract/enrolment.ts";
import type { NetworkReason, Outcome } from "../contract/errors.ts";
import type { AuthenticatorKind } from "../contract/views.ts";

/**
 * What the core asks of the world. Plain records and functions, so that an implementation is a function of a few lines
 * and a fake is the same type. The core has no clock, no network, no file and no randomness of its own.
 */

export type HttpRequest = {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** From the call to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
};

export type HttpResponse = {
  readonly status: number;
  /** Names in lower case; repeated headers joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/**
 * Why there is no answer. `sent` is what decides about a write: `false` means that the server cannot have seen the
 * request, `true` that it may have acted on it.
 */
export type HttpFailure = { readonly sent: boolean } & (
  | { readonly kind: Exclude<NetworkReason, "redirected"> }
  | { readonly kind: "tls"; readonly problem: string }
  | { readonly kind: "cancelled" }
);

export type HttpResult =
  | { readonly ok: true; readonly response: HttpResponse }
  | { readonly ok: false; readonly failure: HttpFailure };

/**
 * One request, one answer. Never follows a redirect (a 3xx is an answer), never retries, never throws for anything that
 * a network can do.
 */
export type Http = (request: HttpRequest) => Promise<HttpResult>;

/** Whether something accepts connections on a loopback port. Sends nothing. */
export type Probe = (port: number) => Promise<"listening" | "closed">;

export type Clock = {
  /** Milliseconds since 1970. May jump. */
  readonly now: () => number;
  /** Milliseconds from an arbitrary start. Never goes back; for durations. */
  readonly monotonic: () => number;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
};

export type Random = {
  readonly uuid: () => string;
  /** At least 0, below 1. */
  readonly fraction: () => number;
};

/** Files of the app's data folder, by plain name. The adapter makes them owner-only. */
export type Files = {
  /** `null`: there is no such file. */
  readonly read: (name: string) => Promise<Outcome<string | null>>;
  /** Replaces the whole file or leaves the old one; never half of it. */
  readonly replace: (name: string, text: string) => Promise<Outcome<null>>;
  /** Adds to the end and returns when it is on the disk. */
  readonly append: (name: string, text: string) => Promise<Outcome<null>>;
  /** Moves a file that cannot be read aside, so that nothing in it is lost. */
  readonly setAside: (name: string) => Promise<Outcome<null>>;
};

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;
/** One line of the log. The adapter passes it through `redact`. */
export type Log = (level: LogLevel, event: string, fields?: LogFields) => void;

export type CeremonyRequest = {
  /** `https://` and a host inside `options.rp.id`. */
  readonly origin: string;
  readonly options: CreationOptions;
  readonly wanted: AuthenticatorKind;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

/**
 * Lets an authenticator make a credential. What comes back is not trusted: the core checks it. Failures are the `key-…`,
 * `pin-…` and `ceremony-…` codes, and `cancelled`.
 */
export type Ceremony = (request: CeremonyRequest) => Promise<Outcome<Credential>>;

/** What this computer offers for a FIDO2 ceremony. */
export type Authenticators = {
  readonly platform: "win32" | "darwin" | "linux";
  /** Whether libfido2's tools may be used and are there. */
  readonly tools: "usable" | "not-usable";
  /** Only against the simulator: a pretend authenticator answers every ceremony. */
  readonly simulated: boolean;
};

export type Ports = {
  /** To PingOne. */
  readonly http: Http;
  /** To the desktop agent: loopback only, whatever the URL says; no proxy. */
  readonly agentHttp: Http;
  readonly probeAgent: Probe;
  readonly ceremony: Ceremony;
  readonly authenticators: Authenticators;
  /** Opens an https page in the system's browser. `false`: it said that it could not. */
  readonly openPage: (url: string) => Promise<boolean>;
  readonly clock: Clock;
  readonly random: Random;
  readonly files: Files;
  readonly log: Log;
  /** The name of this computer, for people. */
  readonly hostName: string;
};
