/** Everything that can go wrong with one request, and what the one who sent it can know of it. */

/**
 * What the sender sees. `unsent`: no connection, so that nothing was sent. `lost`: sent, and no whole answer. `unreadable`:
 * a 2xx that does not hold what it must. `too-large`: an answer that was not read to its end. `usual`: all is well.
 */
type Seen = "unsent" | "lost" | "unreadable" | "too-large" | "usual";

/** What the gateway does with the request. */
export type Doing =
  /** Nobody listens there. */
  | { readonly at: "port"; readonly how: "closed" }
  /** The connection is taken, and the handshake of TLS never answered. */
  | { readonly at: "port"; readonly how: "mute" }
  /** Answered here; the server never sees the request. */
  | { readonly at: "gateway"; readonly reply: Reply }
  /** The server acts on it, and then this becomes of its answer. */
  | { readonly at: "answer"; readonly change: Change };
type Reply = "reset" | Made;
export type Made = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
};
type Change =
  | "reset"
  | "silence"
  | "head-only"
  | "endless-drip"
  | "cut"
  | "empty"
  | "truncated"
  | "huge"
  | "plain-text"
  | "slow-drip"
  | "twice"
  | Made;

export type Fault = {
  readonly words: string;
  readonly doing: Doing;
  readonly seen: Seen | { readonly status: number };
  /** Why there is no answer, for the message; `null`: there is one. */
  readonly isTimeOut?: true;
  /** A wait that nobody in front of a screen would wait for. */
  readonly isLongWait?: true;
  readonly isRedirect?: true;
};

const acted = (fault: Fault): boolean => fault.doing.at === "answer";
export const hasActed = (name: FaultName): boolean => acted(faults[name]);

const json = { "content-type": "application/json" };
/** PingOne's error body ("Error codes"). */
const refusal = (status: number, code: string): Made => ({
  status,
  headers: json,
  body: JSON.stringify({ id: "5f8a1c9e-0000-4000-8000-00000000beef", code, message: "This was put in by a test." }),
});

const refused = (status: number, code: string): Fault => ({
  words: `${status}`,
  doing: { at: "gateway", reply: refusal(status, code) },
  seen: { status },
});
/** A gateway that lost the server's answer, which had acted. */
const lostBehind = (status: number): Fault => ({
  words: `${status}, after the server acted`,
  doing: { at: "answer", change: refusal(status, "UNEXPECTED_ERROR") },
  seen: { status },
});
const later = (fault: Fault, words: string, retryAfter: string, more: Partial<Fault> = {}): Fault => {
  const { doing } = fault;
  if (doing.at !== "gateway" || doing.reply === "reset") throw new Error("Only an answer can ask to wait.");
  const headers = { ...json, "retry-after": retryAfter };
  return { ...fault, words, doing: { at: "gateway", reply: { ...doing.reply, headers } }, ...more };
};
const answered = (words: string, change: Change, seen: Seen): Fault => ({
  words,
  doing: { at: "answer", change },
  seen,
});

export const webPage = "<!doctype html><html><title>Sign in to this network</title><body>Welcome.</body></html>";
const throttled = refused(429, "REQUEST_LIMITED");
const unavailable = refused(503, "SERVICE_UNAVAILABLE");

export const faults = {
  refused: { words: "connection refused", doing: { at: "port", how: "closed" }, seen: "unsent" },
  "timeout-connect": {
    words: "time-out while connecting",
    doing: { at: "port", how: "mute" },
    seen: "unsent",
    isTimeOut: true,
  },
  "reset-before": {
    words: "reset before the server has it",
    doing: { at: "gateway", reply: "reset" },
    seen: "lost",
  },
  "reset-after": answered("reset after the server acted", "reset", "lost"),
  "timeout-headers": { ...answered("time-out, no answer begins", "silence", "lost"), isTimeOut: true },
  "timeout-body": { ...answered("time-out, the body never comes", "head-only", "lost"), isTimeOut: true },
  "status-400": refused(400, "INVALID_REQUEST"),
  "status-401": refused(401, "ACCESS_FAILED"),
  "status-403": refused(403, "ACCESS_FAILED"),
  "status-404": refused(404, "NOT_FOUND"),
  "status-405": refused(405, "METHOD_NOT_ALLOWED"),
  "status-409": refused(409, "UNIQUENESS_VIOLATION"),
  "status-415": refused(415, "INVALID_REQUEST"),
  "status-422": refused(422, "INVALID_DATA"),
  "status-429": throttled,
  "status-429-wait": later(throttled, "429, Retry-After 1 second", "1"),
  "status-429-long": later(throttled, "429, Retry-After 1 hour", "3600", { isLongWait: true }),
  "status-500": refused(500, "UNEXPECTED_ERROR"),
  "status-502": lostBehind(502),
  "status-503": unavailable,
  "status-503-long": later(unavailable, "503, Retry-After a date far away", "Fri, 31 Dec 2100 23:59:59 GMT", {
    isLongWait: true,
  }),
  "status-504": lostBehind(504),
  html: {
    words: "200 with a web page, not from the server",
    doing: { at: "gateway", reply: { status: 200, headers: { "content-type": "text/html" }, body: webPage } },
    seen: "unreadable",
  },
  empty: answered("empty body", "empty", "unreadable"),
  truncated: answered("half of the body, as if it were whole", "truncated", "unreadable"),
  cut: answered("connection closed in the middle of the body", "cut", "lost"),
  huge: answered("10 MB of body", "huge", "too-large"),
  "plain-text": answered("wrong content type", "plain-text", "usual"),
  redirect: {
    words: "redirect to another host",
    doing: { at: "gateway", reply: { status: 307, body: "" } },
    seen: { status: 307 },
    isRedirect: true,
  },
  "slow-drip": answered("slow drip that ends in time", "slow-drip", "usual"),
  "endless-drip": { ...answered("slow drip without an end", "endless-drip", "lost"), isTimeOut: true },
  twice: answered("the answer comes twice", "twice", "usual"),
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof faults;
export const faultNames = Object.keys(faults).filter((name): name is FaultName => name in faults);
export const faultOf = (name: FaultName): Fault => faults[name];
