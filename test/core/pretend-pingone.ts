import { desktopDeviceType } from "../../src/core/pingone/devices.ts";
import type { HttpRequest, HttpResult } from "../../src/core/ports.ts";
import { answer, refusal, type Script } from "../fakes/http.ts";
import { jwt } from "./agent/jwt.ts";

/**
 * A PingOne and a desktop agent of a few lines, as scripts for the scripted `Http`: just enough state to see what a
 * pairing leaves behind. Each operation can be replaced or bent by a test. Knows nothing of the simulator, so that the
 * two cannot agree on a mistake.
 */

export const environmentId = "abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6";
export const endpoints = {
  apiBase: "https://api.pingone.eu/v1",
  authBase: "https://auth.pingone.eu",
  environmentId,
  issuer: `https://auth.pingone.eu/${environmentId}/as`,
};
export const userId = "5eed0000-0000-4000-8000-000000000001";
export const policyId = "6f1d0c52-0e5b-4a7e-9a53-2f8f0a5b7c11";

/** Planted everywhere, to be searched for afterwards. */
export const secrets = {
  clientSecret: "planted-client-secret",
  token: jwt({ planted: "access-token" }),
  options: jwt({ planted: "signed-options" }),
  attestation: jwt({ planted: "attestation" }),
};

export type Operation =
  | "token"
  | "environment"
  | "find-users"
  | "read-user"
  | "read-mfa"
  | "enable-mfa"
  | "policies"
  | "fido-policies"
  | "capabilities"
  | "settings"
  | "list"
  | "create"
  | "read"
  | "activate"
  | "name"
  | "remove"
  | "register";

const routes: readonly (readonly [Operation, string, RegExp])[] = [
  ["token", "POST", /\/as\/token$/],
  ["find-users", "GET", /\/users\?/],
  ["read-mfa", "GET", /\/users\/[^/]+\/mfaEnabled$/],
  ["enable-mfa", "PUT", /\/users\/[^/]+\/mfaEnabled$/],
  ["policies", "GET", /\/deviceAuthenticationPolicies$/],
  ["fido-policies", "GET", /\/fido2Policies$/],
  ["capabilities", "GET", /\/capabilities$/],
  ["settings", "GET", /\/mfaSettings$/],
  ["list", "GET", /\/devices$/],
  ["create", "POST", /\/devices$/],
  ["name", "PUT", /\/devices\/[^/]+\/nickname$/],
  ["read", "GET", /\/devices\/[^/]+$/],
  ["activate", "POST", /\/devices\/[^/]+$/],
  ["remove", "DELETE", /\/devices\/[^/]+$/],
  ["read-user", "GET", /\/users\/[^/]+$/],
  ["environment", "GET", /\/environments\/[^/]+$/],
  ["register", "POST", /\/register$/],
];

export type WireDevice = { readonly id: string; readonly type: string; readonly status: string; nickname?: string };
export type WireUser = {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly enabled: boolean;
  mfaEnabled?: boolean;
};

/** Bends an operation: `healthy` does what a healthy server would, `nth` counts this operation's requests from 1. */
export type Bend = (healthy: () => HttpResult, nth: number, request: HttpRequest) => HttpResult | Promise<HttpResult>;

export const person: WireUser = {
  id: userId,
  username: "ada",
  email: "ada@example.com",
  enabled: true,
  mfaEnabled: true,
};

export type Pretend = {
  readonly pingOne: Script;
  readonly agent: Script;
  readonly devices: Map<string, WireDevice>;
  readonly users: WireUser[];
  /** What was asked for, in order; the test may add what it sees itself. */
  readonly journal: string[];
  readonly bend: (operation: Operation, bend: Bend) => void;
  readonly count: (operation: Operation) => number;
};

export function pretendPingOne(): Pretend {
  const devices = new Map<string, WireDevice>();
  const users: WireUser[] = [person];
  const journal: string[] = [];
  const bends = new Map<Operation, Bend>();
  const counts = new Map<Operation, number>();
  let made = 0;

  const healthy = (operation: Operation, request: HttpRequest): HttpResult => {
    const id = /\/devices\/([^/]+)/.exec(request.url)?.[1] ?? "";
    const body: unknown = request.body?.startsWith("{") === true ? JSON.parse(request.body) : undefined;
    const found = devices.get(id);
    switch (operation) {
      case "token":
        return answer(200, { access_token: secrets.token, token_type: "Bearer", expires_in: 3_600 });
      case "environment":
        return answer(200, { id: environmentId, name: "Test" });
      case "find-users": {
        const { searchParams } = new URL(request.url);
        const filter = searchParams.get("filter");
        const named = users.filter((user) => filter === null || matches(filter, user));
        return answer(200, { _embedded: { users: named.slice(0, Number(searchParams.get("limit"))) } });
      }
      case "read-user": {
        const user = users.find((candidate) => request.url.endsWith(`/users/${candidate.id}`));
        return user === undefined ? answer(404, refusal("NOT_FOUND")) : answer(200, user);
      }
      case "read-mfa":
      case "enable-mfa": {
        const user = users.find((candidate) => request.url.includes(`/users/${candidate.id}/`));
        if (user !== undefined && operation === "enable-mfa") user.mfaEnabled = true;
        return answer(200, { mfaEnabled: user?.mfaEnabled ?? false });
      }
      case "policies":
        return answer(200, {
          _embedded: { deviceAuthenticationPolicies: [{ id: policyId, name: "Everyone", default: true }] },
        });
      case "fido-policies":
        return answer(200, { _embedded: { fido2Policies: [] } });
      case "capabilities":
        return answer(200, { canUseMfa: true, canUsePingIdDesktopGen2: true, canUseMfaFido2Devices: true });
      case "settings":
        return answer(200, { pairing: { maxAllowedDevices: 5 } });
      case "list":
        return answer(200, { _embedded: { devices: [...devices.values()] } });
      case "create": {
        made += 1;
        const device: WireDevice = { id: `made-${made}`, type: desktopDeviceType, status: "ACTIVATION_REQUIRED" };
        devices.set(device.id, device);
        const rp = { id: "pingone.eu", name: "pingone.eu" };
        return answer(201, { ...device, rp, pingIdDesktopCredentialCreationOptions: secrets.options });
      }
      case "register":
        return answer(200, secrets.attestation, { "content-type": "application/jwt" });
      case "activate": {
        if (found === undefined) return answer(404, refusal("NOT_FOUND"));
        const proven = typeof body === "object" && body !== null && "attestation" in body;
        if (!proven || body.attestation !== secrets.attestation || found.status !== "ACTIVATION_REQUIRED") {
          return answer(400, refusal("INVALID_DATA", [{ code: "INVALID_VALUE", target: "attestation" }]));
        }
        const device = { ...found, status: "ACTIVE", nickname: "given by PingOne" };
        devices.set(id, device);
        return answer(200, device);
      }
      case "name": {
        if (found === undefined) return answer(404, refusal("NOT_FOUND"));
        const nickname = typeof body === "object" && body !== null && "nickname" in body ? String(body.nickname) : "";
        devices.set(id, { ...found, nickname });
        return answer(200, { ...found, nickname });
      }
      case "read":
        return found === undefined ? answer(404, refusal("NOT_FOUND")) : answer(200, found);
      case "remove":
        return devices.delete(id) ? answer(204) : answer(404, refusal("NOT_FOUND"));
      default:
        return operation satisfies never;
    }
  };

  const serve: Script = (request) => {
    const operation = routes.find(([, method, path]) => method === request.method && path.test(request.url))?.[0];
    if (operation === undefined) throw new Error(`The test did not expect ${request.method} ${request.url}.`);
    const nth = (counts.get(operation) ?? 0) + 1;
    counts.set(operation, nth);
    journal.push(operation);
    const bend = bends.get(operation) ?? ((usual: () => HttpResult) => usual());
    return bend(() => healthy(operation, request), nth, request);
  };

  return {
    pingOne: serve,
    agent: serve,
    devices,
    users,
    journal,
    bend: (operation, bend) => void bends.set(operation, bend),
    count: (operation) => counts.get(operation) ?? 0,
  };
}

/** The few filters that the core sends. */
function matches(filter: string, user: WireUser): boolean {
  return filter.split(" or ").some((part) => {
    const [, attribute, operator, value] = /^(\S+) (eq|sw) "(.*)"$/.exec(part) ?? [];
    const actual = attribute === "username" ? user.username : attribute === "email" ? user.email : undefined;
    return operator === "eq" ? actual === value : (actual?.startsWith(value ?? "") ?? false);
  });
}
