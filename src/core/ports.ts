import type { CreationOptions, Credential } from "../contract/enrolment.ts";
import type { NetworkReason, Outcome, ProxyReason } from "../contract/errors.ts";
import type { AuthenticatorKind } from "../contract/views.ts";
import type { Decisions } from "./policy/precedence.ts";

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
  | { readonly kind: Exclude<NetworkReason, "redirected">; readonly proxy?: string }
  /** `issuer`: who signed the certificate, where one was seen. */
  | { readonly kind: "tls"; readonly problem: string; readonly issuer?: string; readonly proxy?: string }
  | ProxyFailure
  /** It is not known which way the request is to take, and no other way may be tried. */
  | { readonly kind: "no-route"; readonly setting: string; readonly problem: string }
  | { readonly kind: "cancelled" }
);

/** There is no way through a proxy, so nothing was sent. `proxy` is host and port. */
export type ProxyFailure =
  | {
      readonly kind: "proxy";
      readonly proxy: string;
      readonly reason: ProxyReason;
      /** Of its answer. */
      readonly status?: number;
    }
  | {
      readonly kind: "proxy-credentials";
      readonly proxy: string;
      readonly given: boolean;
      readonly offered: readonly string[];
    };

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

/**
 * Keeps something of the data folder to this process until it is released or the process ends, however it ends. Fails at
 * once: `not-now` while another live process has it, `storage-failed` when the folder cannot be written to.
 */
export type Lock = (name: string) => Promise<Outcome<{ readonly release: () => Promise<void> }>>;

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

/**
 * Keeps short secrets (refresh tokens, client secrets) by name. Names are ours and say nothing secret.
 * A store that cannot be read fails; it never deletes what it cannot read.
 */
export type SecretStore = {
  /**
   * `system`: in the operating system's key store. `memory`: this machine has none, and what is written is gone when the
   * process ends. `file`: in a file that only its owner can read, because somebody allowed that.
   */
  readonly kind: () => Promise<"system" | "memory" | "file">;
  /** `null`: there is none of this name. */
  readonly read: (name: string) => Promise<Outcome<string | null>>;
  readonly write: (name: string, secret: string) => Promise<Outcome<null>>;
  /** One that is not there counts as removed. */
  readonly remove: (name: string) => Promise<Outcome<null>>;
};

export type CallbackRequest = {
  /** The port that the application's redirect address is registered with. 0: any free one, for tests. */
  readonly port: number;
  /** The value that belongs to this sign-in. A call with another one is answered, and changes nothing. */
  readonly state: string;
  readonly limitMs: number;
  readonly signal: AbortSignal;
};

export type Callback = {
  /** `http://127.0.0.1:{port}/callback` */
  readonly redirectUri: string;
  /**
   * The whole address that the browser was sent to. Fails with `sign-in-timed-out` at the limit and with `cancelled`.
   * Never rejects. When it is settled, nobody listens any more.
   */
  readonly address: Promise<Outcome<string>>;
};

/** Waits on 127.0.0.1 for the browser to come back from a sign-in. Fails with `sign-in-port-taken`. */
export type ListenForCallback = (request: CallbackRequest) => Promise<Outcome<Callback>>;

/** A program that listens on a port of this computer, as far as the system tells. For messages. */
export type PortOwner = {
  readonly processId: number | null;
  /** `null`: the system does not tell this user. */
  readonly path: string | null;
  /** Name of the account that runs it. */
  readonly account: string | null;
};

/** A user account of this computer. `id` is the number that Unix systems use; `null` where there is none. */
export type Account = { readonly id: number | null; readonly name: string | null };

/** One file or folder: who owns it and who may write to it (`mode` as in stat(2), permission bits and sticky bit). */
export type FileRights = {
  readonly path: string;
  readonly ownerId: number;
  readonly groupId: number;
  readonly mode: number;
};

/** The file that a process runs. Looked at on Linux only; elsewhere the signature decides. */
export type ProgramFile =
  /** The file itself first, then its folders up to the root. */
  | { readonly state: "on-disk"; readonly chain: readonly FileRights[] }
  /** Removed or replaced since the process started. */
  | { readonly state: "gone" }
  /** The process sees other files than we do: a container or a sandbox. */
  | { readonly state: "elsewhere" }
  | { readonly state: "not-told" };

/**
 * Who signed a program, where the platform signs programs. `publisher`: on Windows the organisation in an Authenticode
 * certificate, on macOS the Team ID. `unknown`: the system did not tell, or signs no programs.
 */
export type Signature = { readonly publisher: string } | "unsigned" | "invalid" | "unknown";

export type ListeningProcess = {
  readonly id: number;
  /** When it started, in the system's own form: tells a process from a later one with the same number. */
  readonly started: string;
  readonly path: string | null;
  /** Every account whose rights it has, the acting one first. Empty: not told. */
  readonly accounts: readonly Account[];
  readonly file: ProgramFile;
  readonly signature: Signature;
};

/** One listening socket. */
export type Listening = {
  /** As it is bound: `127.0.0.1`, `0.0.0.0`, `::1`, `::` or any other. */
  readonly address: string;
  /** Tells a socket from a later one on the same port; `null` where the system does not. */
  readonly socketId: string | null;
  /** Whom the system names as owner of the socket itself, which it may tell where it does not tell the process. */
  readonly account: Account | null;
  /** All that hold it: each of them could take a connection. Empty: this user may not see them. */
  readonly processes: readonly ListeningProcess[];
  /** `false`: more processes may hold it than this user may see. */
  readonly complete: boolean;
};

export type PortSurvey =
  | {
      readonly told: true;
      /** Ourselves. */
      readonly asking: { readonly processId: number; readonly userId: number | null };
      readonly listening: readonly Listening[];
    }
  | { readonly told: false; readonly problem: string };

/** Who listens on a port of this computer. Connects to nobody, takes bounded time, and never rejects. */
export type SurveyPort = (port: number) => Promise<PortSurvey>;

export type LoopbackAddress = "127.0.0.1" | "::1";

type AgentRequest = HttpRequest & {
  /** The only address to connect to. Absent: both are tried. */
  readonly address?: LoopbackAddress;
  /** Asked once the connection stands and before its first byte. `false`: it is closed, as `refused` and not sent. */
  readonly admit?: () => Promise<boolean>;
};

/** As `Http`, to a program on this computer. */
export type AgentHttp = (request: AgentRequest) => Promise<HttpResult>;

export type Ports = {
  /** To PingOne. */
  readonly http: Http;
  /** To the desktop agent: loopback only, whatever the URL says; no proxy. */
  readonly agentHttp: AgentHttp;
  readonly probeAgent: Probe;
  readonly agentOwners: SurveyPort;
  readonly ceremony: Ceremony;
  readonly authenticators: Authenticators;
  /** Opens a page in the system's browser: https, or http on this computer. `false`: it said that it could not. */
  readonly openPage: (url: string) => Promise<boolean>;
  readonly listenForCallback: ListenForCallback;
  readonly clock: Clock;
  readonly random: Random;
  /** Of the data folder: journal, settings of the window. */
  readonly files: Files;
  /** Between the processes that use this data folder. Absent: no other process can, as with files in memory. */
  readonly lock?: Lock;
  /** Of the folder in which people and administrators put `config.json`, which window and command line share. */
  readonly configuration: Files;
  readonly secrets: SecretStore;
  /**
   * Runs `work` while no other process of DeskPair on the same data does work of this name. Waits for its turn, as
   * long as a request of another may take, and then runs it all the same: this orders, it does not protect.
   */
  readonly inTurn: <T>(name: string, work: () => Promise<T>) => Promise<T>;
  /** The text of a file that a profile names: the private key of a worker application. */
  readonly readKeyFile: (path: string) => Promise<Outcome<string>>;
  /** What the organisation's policy says now; it may say something else the next time. */
  readonly policy: () => Decisions;
  readonly log: Log;
  /** The name of this computer, for people. */
  readonly hostName: string;
};
