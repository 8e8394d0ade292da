import type { HttpRequest } from "../../src/core/ports.ts";
import type { FaultName } from "./faults.ts";

/** Every request that a pairing sends, from the sign-in to the roll-back, and how a case gets there. */

export type Flow = "desktop" | "fido2";
export const flows: readonly Flow[] = ["desktop", "fido2"];

export const requestKinds = [
  "token",
  "find-user",
  "read-user",
  "list-devices",
  "policies",
  "fido-policies",
  "capabilities",
  "device-limit",
  "create",
  "find-created",
  "register",
  "activate",
  "confirm",
  "nickname",
  "remove",
  "check-removal",
] as const;
export type RequestKind = (typeof requestKinds)[number];

type Described = {
  /** As a reader of the report sees it. */
  readonly words: string;
  readonly method: HttpRequest["method"];
  readonly flows: readonly Flow[];
  /** What must go wrong before, so that this request is sent at all. */
  readonly after?: Partial<Record<RequestKind, FaultName>>;
  /** Only sent for a user who has an ACTIVE device of another kind. */
  readonly needsDevice?: true;
};

const refusedActivation = { activate: "status-400" } as const;

export const requests: Readonly<Record<RequestKind, Described>> = {
  token: { words: "Get a token", method: "POST", flows },
  "find-user": { words: "Find the user by name", method: "GET", flows },
  "read-user": { words: "Read the user by id", method: "GET", flows },
  "list-devices": { words: "List the user's devices, before anything is created", method: "GET", flows },
  policies: { words: "Read the MFA policies", method: "GET", flows },
  "fido-policies": { words: "Read the FIDO policies", method: "GET", flows: ["fido2"] },
  capabilities: { words: "Read what the environment is licensed for", method: "GET", flows },
  "device-limit": {
    words: "Read how many devices a user may have, where the user has one",
    method: "GET",
    flows,
    needsDevice: true,
  },
  create: { words: "Create the device", method: "POST", flows },
  "find-created": {
    words: "List the user's devices, after the answer to the creation was lost",
    method: "GET",
    flows,
    after: { create: "reset-after" },
  },
  register: { words: "Ask the desktop agent", method: "POST", flows: ["desktop"] },
  activate: { words: "Activate the device", method: "POST", flows },
  confirm: {
    words: "Read the device, after the answer to the activation was lost",
    method: "GET",
    flows,
    after: { activate: "reset-after" },
  },
  nickname: { words: "Name the device", method: "PUT", flows },
  remove: {
    words: "Remove the device, after its activation was refused",
    method: "DELETE",
    flows,
    after: refusedActivation,
  },
  "check-removal": {
    words: "Read the device, after the answer to its removal was lost",
    method: "GET",
    flows,
    after: { ...refusedActivation, remove: "reset-after" },
  },
};

const paths: readonly (readonly [RequestKind, HttpRequest["method"], RegExp])[] = [
  ["token", "POST", /\/as\/token$/],
  ["find-user", "GET", /\/users\?filter=/],
  ["read-user", "GET", /\/users\/[^/]+$/],
  ["policies", "GET", /\/deviceAuthenticationPolicies$/],
  ["fido-policies", "GET", /\/fido2Policies$/],
  ["capabilities", "GET", /\/capabilities$/],
  ["device-limit", "GET", /\/mfaSettings$/],
  ["list-devices", "GET", /\/devices$/],
  ["create", "POST", /\/devices$/],
  ["nickname", "PUT", /\/nickname$/],
  ["confirm", "GET", /\/devices\/[^/]+$/],
  ["activate", "POST", /\/devices\/[^/]+$/],
  ["remove", "DELETE", /\/devices\/[^/]+$/],
  ["register", "POST", /\/register$/],
];

/** @param before the kinds that have been sent already, which tell a second look from a first one */
export function kindOf(request: Pick<HttpRequest, "method" | "url">, before: ReadonlySet<RequestKind>): RequestKind {
  const kind = paths.find(([, method, path]) => method === request.method && path.test(request.url))?.[0];
  if (kind === undefined) throw new Error(`No pairing sends ${request.method} ${request.url}.`);
  if (kind === "list-devices" && before.has("create")) return "find-created";
  if (kind === "confirm" && before.has("remove")) return "check-removal";
  return kind;
}
