import type { Right } from "../contract/views.ts";
import type { Answer, PingOne } from "./pingone/client.ts";
import { listDevices } from "./pingone/devices.ts";
import { needsFor } from "./pingone/needs.ts";
import { readPolicies } from "./pingone/policies.ts";
import { searchUsers } from "./pingone/users.ts";
import type { Actor } from "./session.ts";

type RightName = Right["right"];

/** The words under which the calls are known, see `needs.ts`. */
export const actions: Readonly<Record<RightName, string>> = {
  "read-environment": "read the environment",
  "read-users": "search users",
  "read-policies": "read the MFA policies",
  "read-devices": "list the user's devices",
  "create-devices": "create the device",
  "activate-devices": "activate the device",
  "remove-devices": "remove the device",
  "enable-mfa": "switch MFA on for the user",
};

/**
 * What a session may do. A user's scopes stand in the answer to the sign-in, so everything is known; an administrator's
 * or a worker's roles show only by trying, and only reading is tried.
 */
export async function readRights(pingOne: PingOne, actor: Actor): Promise<readonly Right[]> {
  if (actor.mode === "self-service") return rightsOfScopes(actor.scopes);
  const [environment, users, policies] = await Promise.all([
    pingOne.call({ method: "GET", path: "", action: "read the environment", read: () => ({ value: null }) }),
    searchUsers(pingOne, null),
    readPolicies(pingOne),
  ]);
  const [anybody] = users.ok ? users.value : [];
  const devices = anybody === undefined ? null : await listDevices(pingOne, anybody.id);
  const told = (right: RightName, state: Right["state"]): Right => ({
    right,
    state,
    needs: state === "missing" ? (needsFor(actor.mode, actions[right]) ?? null) : null,
  });
  // Who may not read any device may not write one either; the same role gives both.
  const writing = devices !== null && isRefused(devices) ? "missing" : isRefused(users) ? "missing" : "not-tested";
  const policiesRead = policies.ok && policies.value.state === "readable";
  return [
    told("read-environment", stateOf(environment)),
    told("read-users", stateOf(users)),
    told("read-policies", policiesRead ? "granted" : policies.ok ? "missing" : stateOf(policies)),
    told("read-devices", devices === null ? (isRefused(users) ? "missing" : "not-tested") : stateOf(devices)),
    told("create-devices", writing),
    told("activate-devices", writing),
    told("remove-devices", writing),
    told("enable-mfa", writing),
  ];
}

/** A server that stumbles says nothing about rights. */
function stateOf(answer: Answer<unknown>): Right["state"] {
  if (answer.ok) return "granted";
  return isRefused(answer) ? "missing" : "not-tested";
}

const isRefused = (answer: Answer<unknown>): boolean => !answer.ok && answer.error.code === "not-allowed";

function rightsOfScopes(scopes: readonly string[]): readonly Right[] {
  const own = ["read-devices", "create-devices", "activate-devices", "remove-devices", "enable-mfa"] as const;
  return own.map((right) => {
    const needs = needsFor("self-service", actions[right]) ?? null;
    const granted = needs !== null && scopes.includes(needs.name);
    return { right, state: granted ? "granted" : "missing", needs: granted ? null : needs };
  });
}
