import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { User } from "../../../src/contract/views.ts";
import type { PairingChoice } from "../../../src/core/pairing/preflight.ts";
import type { Http, HttpResponse } from "../../../src/core/ports.ts";
import { type Simulator, startSimulator } from "../../../src/simulator/index.ts";
import { requests, type Workplace, workplace } from "./workplace.ts";

/** What the environment and its policies do not allow stops both pairings before anything is created. */

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator({ port: 0, agentPort: 0 });
});
afterEach(() => simulator.close());

const choices = {
  desktop: { kind: "desktop", relyingPartyId: null, policyId: null, nickname: null, force: false },
  fido2: {
    kind: "fido2",
    authenticator: "key",
    relyingPartyId: "pingone.eu",
    policyId: null,
    nickname: null,
    force: false,
  },
} as const satisfies Record<string, PairingChoice>;
type Kind = keyof typeof choices;

async function userNamed({ session }: Workplace, username: string): Promise<User> {
  const found = await session.resolveUser(username);
  if (!found.ok) throw new Error(found.error.code);
  return found.value;
}

type Given = { readonly username?: string; readonly policyId?: string };

async function pair(at: Workplace, kind: Kind, { username = "ada@example.com", policyId }: Given = {}) {
  const choice: PairingChoice = { ...choices[kind], policyId: policyId ?? null };
  return at.session.pair(await userNamed(at, username), choice, () => undefined, new AbortController().signal);
}

const policyNamed = (name: string): string => simulator.world.policies.find((each) => each.name === name)?.id ?? "";

const refused = (flag: string) => () => {
  simulator.world.capabilities.set(flag, false);
  return {};
};
const stops: readonly (readonly [string, Kind, () => Given, object])[] = [
  [
    "the user has all devices",
    "desktop",
    () => ({ username: "katherine@example.com" }),
    { code: "device-limit-reached" },
  ],
  [
    "the user has all devices",
    "fido2",
    () => ({ username: "katherine@example.com" }),
    { code: "device-limit-reached" },
  ],
  ...(["desktop", "fido2"] as const).map((kind) => {
    const policyId = "00000000-0000-4000-8000-000000000000";
    return [
      "the policy is none of the environment",
      kind,
      () => ({ policyId }),
      { code: "policy-unknown", policyId },
    ] as const;
  }),
  [
    "the policy takes no workstations",
    "desktop",
    () => ({ policyId: policyNamed("No new desktops") }),
    { code: "pairing-not-allowed" },
  ],
  [
    "the policy takes no keys",
    "fido2",
    () => ({ policyId: policyNamed("No new security keys") }),
    { code: "pairing-not-allowed" },
  ],
];

describe("nothing is created, and the dry run says the same", () => {
  test.each(stops)("%s: %s", async (_case, kind, prepare, error) => {
    const given = prepare();
    const at = workplace(simulator);
    const before = simulator.world.devices.size;
    expect(await pair(at, kind, given)).toMatchObject({
      ok: false,
      error,
      left: "nothing",
      deviceId: null,
      steps: [{ name: "check-prerequisites", outcome: "failed" }],
    });
    const user = await userNamed(at, given.username ?? "ada@example.com");
    const planned = await at.session.planPairing(user, { ...choices[kind], policyId: given.policyId ?? null });
    expect(planned).toEqual({ ok: false, error });
    const { log } = simulator.world;
    expect(log.filter(({ wrote }) => wrote)).toEqual([]);
    expect(log.filter(({ method, operation }) => method !== "GET" && operation !== "issue-token")).toEqual([]);
    expect(simulator.world.devices.size).toBe(before);
    expect(at.files.contents.size).toBe(0);
  });
});

describe("goes on", () => {
  test.each([
    ["the app", "desktop", "canUsePingIdDesktopGen2", "the PingID Desktop app"],
    ["keys", "fido2", "canUseMfaFido2Devices", "security keys"],
    ["MFA", "desktop", "canUseMfa", "MFA"],
  ] as const)(
    "the licence seems to be without %s: it is told, and PingOne decides",
    async (_what, kind, flag, name) => {
      refused(flag)();
      const result = await pair(workplace(simulator), kind);
      // Nobody is there with a key.
      expect(result).toMatchObject(kind === "desktop" ? { ok: true } : { error: { code: "ceremony-unavailable" } });
      expect(result.warnings).toContainEqual({ code: "licence-doubtful", detail: name });
    },
  );

  test.each([
    ["the licence is without the other kind", "desktop", () => void refused("canUseMfaFido2Devices")()],
    [
      "the licence names MFA for a workforce",
      "desktop",
      () => {
        refused("canUseMfa")();
        simulator.world.capabilities.set("canUseMfaWf", true);
      },
    ],
    ["the licence names nothing that is known", "desktop", () => simulator.world.capabilities.clear()],
    ["nothing of it may be read", "desktop", () => simulator.setFault("policies-forbidden", 1_000)],
  ] as const satisfies readonly (readonly [string, Kind, () => void])[])("%s: %s", async (_case, kind, prepare) => {
    prepare();
    expect(await pair(workplace(simulator), kind)).toMatchObject({ ok: true });
  });

  /** Answers this instead of what the server says to one path. */
  const instead =
    (path: string, response: Partial<HttpResponse>, seen: string[]) =>
    (send: Http): Http =>
    async (request) => {
      if (!request.url.endsWith(path)) return send(request);
      seen.push(path);
      return { ok: true, response: { status: 200, headers: {}, body: "", ...response } };
    };
  test.each([
    ["/capabilities", { status: 503 }],
    ["/capabilities", { body: "[]" }],
    ["/capabilities", { body: JSON.stringify({ canUsePingIdDesktopGen2: "false", canUseMfa: null }) }],
    ["/mfaSettings", { status: 500 }],
    ["/mfaSettings", { body: JSON.stringify({ pairing: { maxAllowedDevices: "2" } }) }],
    ["/deviceAuthenticationPolicies", { status: 502 }],
  ])("%s answers %j: it is asked once and no more", async (path, response) => {
    const seen: string[] = [];
    const at = workplace(simulator, { around: instead(path, response, seen) });
    // She has devices, so that the limit is asked for.
    const given = { username: "margaret@example.com", policyId: simulator.policyId };
    expect(await pair(at, "desktop", given)).toMatchObject({ ok: true });
    expect(seen).toEqual([path]);
  });
});

describe("what is asked for", () => {
  /** Answers nothing before all of these have been asked for, which hangs where one waits for another. */
  const together =
    (paths: readonly string[]) =>
    (send: Http): Http => {
      const all = Promise.withResolvers<void>();
      const missing = new Set(paths);
      return async (request) => {
        const path = paths.find((each) => request.url.endsWith(each));
        if (path !== undefined && request.method === "GET") {
          missing.delete(path);
          if (missing.size === 0) all.resolve();
          await all.promise;
        }
        return send(request);
      };
    };
  const policies = ["/devices", "/deviceAuthenticationPolicies", "/capabilities"];
  test.each([
    ["desktop", policies],
    ["fido2", [...policies, "/fido2Policies"]],
  ] as const)("at the same time: %s", async (kind, paths) => {
    const at = workplace(simulator, { around: together(paths) });
    const user = await userNamed(at, "ada@example.com");
    expect(await at.session.planPairing(user, choices[kind])).toMatchObject({ ok: true });
    // Without a device there is no limit to reach.
    expect(requests(simulator, "read-mfa-settings")).toBe(0);
  });

  test("nothing but the devices, where the workstation is paired already", async () => {
    const at = workplace(simulator);
    expect(await pair(at, "desktop")).toMatchObject({ ok: true, changed: true });
    simulator.world.log.length = 0;
    expect(await pair(at, "desktop")).toMatchObject({ ok: true, changed: false });
    expect(simulator.world.log.map(({ operation }) => operation)).toEqual(["list-users", "list-devices"]);
  });
});
