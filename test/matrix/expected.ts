import type { ErrorCode, Left } from "../../src/contract/errors.ts";
import type { Warning } from "../../src/contract/views.ts";
import type { Case } from "./cases.ts";
import { type Fault, faultOf, hasActed } from "./faults.ts";
import { type RequestKind, requests } from "./requests.ts";

/**
 * What must come of a fault, from principles and not from what the program was seen to do. Each rule has a name, which
 * the functions below refer to.
 *
 *   SAFE      Before something is created, a failure is told and nothing is left.
 *   OPTIONAL  A read that only makes a pairing more comfortable never stops one.
 *   EARLY     A read that could only have told earlier what PingOne refuses anyway is OPTIONAL, and it is tried once.
 *   READ      A write whose answer is lost or cannot be read is resolved by reading, never by repeating.
 *   BACK      After the creation every failure rolls back.
 *   NAME      A device without its nickname is paired, with a warning.
 *   LEFT      Where rolling back fails, `left` says what is known: "device" when it is there, "unknown" when it may be.
 *   RETRY     408, 429, 500, 502, 503, 504: up to five tries, but a POST only after a 429, which says that it was not
 *             processed. A broken connection: one more try, but never a POST. Asking for a token counts as a read. Any other 4xx: none. A server that asks
 *             for more than half a minute: none. (Vendor: "Best practices")
 *   RENEW     401: one new token and one more try.
 *   ONCE      A signed JWT is handed to the agent once, whatever comes of it.
 *   PATIENT   "Not found" right after a write may mean "not yet": read three times before it is believed.
 */
export type Expected = {
  readonly outcome: "paired" | "failed" | "failed before";
  readonly code: ErrorCode | null;
  readonly left: Left | null;
  readonly warnings: readonly Warning["code"][];
  /** Requests of the kind that the fault is about. */
  readonly sent: number;
  readonly creates: number;
  readonly registers: number;
  /** When the pairing has ended: LEFT may leave a pending device, or an ACTIVE one that nobody was told of. */
  readonly pending: number;
  readonly active: number;
  /** After the next start. */
  readonly activeAfterwards: number;
};

type End = Pick<Expected, "outcome" | "code" | "left" | "warnings" | "pending" | "active" | "activeAfterwards">;

export function expected(about: Case): Expected {
  const met = meet(about);
  const end = endOf(about, met);
  const { request, flow } = about;
  const isCreated = end.outcome === "paired" || !beforeCreation.has(request);
  const isProved = end.outcome === "paired" || !(beforeCreation.has(request) || beforeProof.has(request));
  return {
    ...end,
    sent: met.sent,
    creates: request === "create" ? met.sent : Number(isCreated),
    // ONCE
    registers: Number(flow === "desktop" && isProved),
  };
}

/** EARLY */
const early = ["capabilities", "device-limit"] as const satisfies readonly RequestKind[];
const isEarly = (request: RequestKind): boolean => early.some((each) => each === request);

const beforeCreation = new Set<RequestKind>([
  "token",
  "find-user",
  "read-user",
  "list-devices",
  "policies",
  "fido-policies",
  ...early,
]);
const beforeProof = new Set<RequestKind>(["create", "find-created"]);

/** What came of one kind of request after all its tries. */
type Met = {
  readonly sent: number;
  /** `null`: a good answer. */
  readonly fault: Fault | null;
  /** Whether the server has acted on one of the tries. */
  readonly done: boolean;
};

function meet({ request, fault: name, lasts }: Case): Met {
  const fault = faultOf(name);
  const most = triesFor(request, fault);
  if (fault.seen === "usual") return { sent: 1, fault: null, done: true };
  if (lasts === "once" && most > 1) return { sent: 2, fault: null, done: true };
  return { sent: lasts === "once" ? 1 : most, fault, done: hasActed(name) };
}

function triesFor(request: RequestKind, { seen, isTimeOut, isLongWait }: Fault): number {
  if (request === "register") return 1; // ONCE
  // EARLY, RENEW
  if (isEarly(request)) return typeof seen === "object" && seen.status === 401 ? 2 : 1;
  // A token too many harms nobody.
  const isPost = requests[request].method === "POST" && request !== "token";
  if (seen === "lost" || (seen === "unsent" && isTimeOut === true)) return isPost ? 1 : 2; // RETRY
  if (typeof seen === "string") return 1;
  switch (seen.status) {
    case 401:
      return request === "token" ? 1 : 2; // RENEW
    case 404:
      return request === "confirm" ? 3 : request === "remove" ? 2 : 1; // PATIENT
    case 429:
      return isLongWait === true ? 1 : 5; // RETRY
    default:
      return seen.status < 500 || isPost || isLongWait === true ? 1 : 5; // RETRY
  }
}

const paired = (warnings: Expected["warnings"] = []): End => ({
  outcome: "paired",
  code: null,
  left: null,
  warnings,
  pending: 0,
  active: 1,
  activeAfterwards: 1,
});
const none = { warnings: [], pending: 0, active: 0, activeAfterwards: 0 } as const;
const notBegun = (code: ErrorCode): End => ({ outcome: "failed before", code, left: null, ...none });
const undone = (code: ErrorCode): End => ({ outcome: "failed", code, left: "nothing", ...none });
/** LEFT */
const leaving = (code: ErrorCode, left: Left, there: Partial<End>): End => ({ ...undone(code), left, ...there });

function endOf({ request, flow }: Case, { fault, done }: Met): End {
  switch (request) {
    case "token":
      return fault === null ? paired() : notBegun(signInCode(fault)); // SAFE
    case "find-user":
      return fault === null ? paired() : notBegun(codeOf(fault)); // SAFE
    case "read-user":
      if (fault !== null) return notBegun(is(fault, 404) ? "user-not-found" : codeOf(fault)); // SAFE
      return paired();
    case "list-devices":
      return fault === null ? paired() : undone(codeOf(fault)); // SAFE
    case "policies":
      if (fault === null) return paired();
      // OPTIONAL: without a policy PingOne takes its own.
      if (flow === "desktop") return paired(["policy-not-chosen"]);
      // A key needs one, and nobody has configured it. Where PingOne only stumbled, that is what is told.
      return undone(isHidden(fault) ? "configuration-missing" : codeOf(fault));
    case "fido-policies":
      // OPTIONAL where the role may not read them, and never where PingOne only stumbled: that would switch checks off.
      return fault === null || isHidden(fault) ? paired() : undone(codeOf(fault));
    case "capabilities":
    case "device-limit":
      return paired(); // EARLY
    case "create":
      return fault === null ? paired() : undone(codeOf(fault)); // READ, BACK
    case "find-created":
      return fault === null ? undone(lostCode) : leaving(lostCode, "unknown", { pending: 1 });
    case "register":
      return fault === null ? paired() : undone(agentCode(fault)); // BACK
    case "activate":
      return fault === null || done ? paired() : undone(codeOf(fault)); // READ, BACK
    case "confirm":
      if (fault === null) return paired();
      // PATIENT, then BACK: nobody could use a device that the server does not show.
      if (is(fault, 404)) return undone("device-gone");
      return leaving(lostCode, "unknown", { active: 1, activeAfterwards: 1 });
    case "nickname":
      // NAME. Nothing in the answer is needed, so an empty one will do.
      return fault === null || fault === faultOf("empty") ? paired() : paired(["nickname-not-set"]);
    case "remove":
      return fault === null || done ? undone(refusedCode) : leaving(refusedCode, "device", { pending: 1 }); // READ
    case "check-removal":
      // The device is gone, and the server says so with a 404, whose body tells nothing more.
      if (fault === null || is(fault, 404) || (fault.seen === "unreadable" && done)) return undone(refusedCode);
      return leaving(refusedCode, "unknown", {});
    default:
      return request satisfies never;
  }
}

/** Of what had gone wrong before: see `after` in the list of requests. */
const lostCode = "network-failed";
const refusedCode = "request-refused";

const is = ({ seen }: Fault, status: number): boolean => typeof seen === "object" && seen.status === status;
/** What a role may not see. */
const isHidden = (fault: Fault): boolean => is(fault, 403) || is(fault, 404);

/** By HTTP class first ("Error codes"). */
function codeOf({ seen }: Fault): ErrorCode {
  if (seen === "unsent" || seen === "lost") return "network-failed";
  if (typeof seen === "string") return "reply-invalid";
  const { status } = seen;
  if (status >= 500) return "server-unavailable";
  if (status < 400) return "reply-invalid";
  return status === 401
    ? "sign-in-refused"
    : status === 403
      ? "not-allowed"
      : status === 429
        ? "rate-limited"
        : "request-refused";
}

/** The token endpoint speaks OAuth: any of its refusals is one of the credential. */
function signInCode(fault: Fault): ErrorCode {
  if (fault.seen === "too-large") return "network-failed";
  const code = codeOf(fault);
  return code === "not-allowed" || code === "request-refused" ? "sign-in-refused" : code;
}

/** No error of the agent is documented: what no API would answer to a POST is another program. */
function agentCode({ seen, isTimeOut }: Fault): ErrorCode {
  if (seen === "unsent") return "agent-missing";
  if (seen === "lost") return isTimeOut === true ? "agent-timed-out" : "agent-connection-lost";
  if (typeof seen === "string") return "agent-not-recognized";
  const { status } = seen;
  return status < 400 || status === 404 || status === 405 ? "agent-not-recognized" : "agent-refused";
}
