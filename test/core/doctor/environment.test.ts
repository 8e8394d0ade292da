import { describe } from "vitest";
import { type AppError, fail, ok } from "../../../src/contract/errors.ts";
import {
  type Device,
  type Policies,
  type Policy,
  type Right,
  rightNames,
  type User,
} from "../../../src/contract/views.ts";
import {
  judgeCapabilities,
  judgeMfaPolicy,
  judgePairingAllowed,
  judgePermissions,
  judgeRelyingParty,
  judgeSignIn,
} from "../../../src/core/doctor/environment.ts";
import type { Reading } from "../../../src/core/doctor/readings.ts";
import { judgeDeviceLimit, judgeUser } from "../../../src/core/doctor/user.ts";
import type { FidoPolicy } from "../../../src/core/fido2/policy.ts";
import { judged } from "./verdicts.ts";

const down: AppError = { code: "server-unavailable", status: 503 };
const forbidden = (action: string): AppError => ({ code: "not-allowed", action });

describe("sign-in", () =>
  judged([
    ["a token", judgeSignIn(ok("t"), "the worker application"), "pass", /the worker application/],
    [
      "refused",
      judgeSignIn(fail({ code: "sign-in-refused", reason: "invalid_client" }), ""),
      "fail",
      /./,
      "sign-in-refused",
    ],
    ["nobody", judgeSignIn(fail({ code: "sign-in-required" }), ""), "not-tested", /not signed in/],
    [
      "nothing is configured",
      judgeSignIn(fail({ code: "configuration-missing", settings: ["client id"] }), ""),
      "fail",
      /client id/,
      "configuration-missing",
    ],
    [
      "wrongly configured",
      judgeSignIn(fail({ code: "configuration-invalid", setting: "environment id", problem: "it is no UUID" }), ""),
      "fail",
      /UUID/,
      "configuration-invalid",
    ],
  ]));

const role = { kind: "role", name: "Identity Data Admin" } as const;
const rights = (missing: readonly Right["right"][], other: Right["state"] = "granted"): readonly Right[] =>
  rightNames.map((right) => ({
    right,
    state: missing.includes(right) ? "missing" : other,
    needs: missing.includes(right) ? role : null,
  }));
describe("permissions", () =>
  judged([
    ["all", judgePermissions(rights([])), "pass", /read-environment.*enable-mfa\.$/],
    [
      "some only show by writing",
      judgePermissions(rights([]).map((r) => (r.right === "create-devices" ? { ...r, state: "not-tested" } : r))),
      "pass",
      /1 more/,
    ],
    [
      "what a pairing needs is missing",
      judgePermissions(rights(["read-policies", "read-devices"])),
      "fail",
      /Identity Data Admin.*Missing: read-policies, read-devices/,
      "not-allowed",
    ],
    ["only the policies", judgePermissions(rights(["read-policies"])), "warn", /Missing: read-policies.*works without/],
    ["nobody could tell", judgePermissions(rights([], "not-tested")), "not-tested", /did not answer/],
  ]));

const read = <T>(value: T): Reading<T> => ({ state: "read", value });
const flags = (given: Readonly<Record<string, boolean>>) => read(new Map(Object.entries(given)));
const unread = { state: "not-readable" } as const;
describe("capabilities", () =>
  judged([
    [
      "all",
      judgeCapabilities(flags({ canUseMfa: true, canUsePingIdDesktopGen2: true }), read(5)),
      "pass",
      /MFA, the PingID Desktop app\. A user may have 5/,
    ],
    [
      "one is off",
      judgeCapabilities(flags({ canUseMfa: true, canUsePingIdDesktopGen2: false }), unread),
      "warn",
      /canUsePingIdDesktopGen2 is false/,
    ],
    [
      "MFA is off",
      judgeCapabilities(flags({ canUseMfa: false, canUsePingIdDesktopGen2: true }), unread),
      "warn",
      /canUseMfa is false/,
    ],
    [
      "MFA for a workforce",
      judgeCapabilities(flags({ canUseMfa: false, canUseMfaWf: true, canUsePingIdDesktopGen2: true }), unread),
      "pass",
      /the PingID Desktop app\.$/,
    ],
    [
      "neither kind",
      judgeCapabilities(flags({ canUsePingIdDesktopGen2: false, canUseMfaFido2Devices: false }), unread),
      "warn",
      /canUsePingIdDesktopGen2 is false.*canUseMfaFido2Devices is false/,
    ],
    ["none is known", judgeCapabilities(flags({ canFly: true }), unread), "not-tested", /no flag/],
    ["forbidden", judgeCapabilities(unread, unread), "not-tested", /may not read/],
    ["no answer", judgeCapabilities({ state: "failed", error: down }, unread), "not-tested", /503/],
  ]));

const policy = (more: Partial<Policy> = {}): Policy => ({
  id: "p-1",
  name: "Standard",
  isDefault: true,
  desktopPairing: "allowed",
  fido2Pairing: "allowed",
  fidoPolicyId: null,
  ...more,
});
const readable = (...policies: Policy[]) => ok<Policies>({ state: "readable", policies });
const hidden = ok<Policies>({ state: "not-readable" });
describe("MFA policy", () =>
  judged([
    ["the default", judgeMfaPolicy(readable(policy()), null), "pass", /Standard.*default/],
    [
      "the profile's",
      judgeMfaPolicy(readable(policy(), policy({ id: "p-2", name: "Strict", isDefault: false })), "p-2"),
      "pass",
      /Strict”\.$/,
    ],
    ["the profile's is not there", judgeMfaPolicy(readable(policy()), "p-2"), "fail", /p-2/, "policy-unknown"],
    ["no default", judgeMfaPolicy(readable(policy({ isDefault: false })), null), "warn", /default/],
    ["not readable", judgeMfaPolicy(hidden, null), "not-tested", /takes its default/],
    ["not readable, one is named", judgeMfaPolicy(hidden, "p-2"), "not-tested", /p-2/],
    ["no answer", judgeMfaPolicy(fail(down), null), "not-tested", /503/],
  ]));
describe("pairing allowed", () =>
  judged([
    ["both", judgePairingAllowed(readable(policy()), null), "pass", /workstations and security keys/],
    [
      "one, and the other is unknown",
      judgePairingAllowed(readable(policy({ desktopPairing: "unknown" })), null),
      "pass",
      /does not speak of workstations/,
    ],
    [
      "one only",
      judgePairingAllowed(readable(policy({ desktopPairing: "disabled" })), null),
      "warn",
      /does not allow workstations/,
    ],
    [
      "none",
      judgePairingAllowed(readable(policy({ desktopPairing: "disabled", fido2Pairing: "disabled" })), null),
      "fail",
      /does not allow workstations and security keys/,
      "pairing-not-allowed",
    ],
    [
      "unknown",
      judgePairingAllowed(readable(policy({ desktopPairing: "unknown", fido2Pairing: "unknown" })), null),
      "not-tested",
      /PingOne decides/,
    ],
    ["no policy", judgePairingAllowed(hidden, null), "not-tested", /PingOne decides/],
    ["no answer", judgePairingAllowed(fail(down), null), "not-tested", /503/],
  ]));

const fido = (relyingPartyId: string): FidoPolicy => ({
  id: "f-1",
  isDefault: true,
  relyingPartyId,
  attachment: null,
  allowedAuthenticators: null,
  userVerification: "required",
  discoverableCredentials: "required",
});
const fidoPolicies = (...ids: readonly string[]) => ok(ids.map(fido));
const host = "api.pingone.eu";
describe("relying party", () =>
  judged([
    [
      "of the FIDO policy",
      judgeRelyingParty(null, fidoPolicies("pingone.eu"), policy(), host),
      "pass",
      /pingone\.eu, from the FIDO policy/,
    ],
    [
      "of the profile",
      judgeRelyingParty("example.com", fidoPolicies("example.com"), policy(), host),
      "pass",
      /from the profile/,
    ],
    [
      "the console's proposal, in another region",
      judgeRelyingParty(null, fidoPolicies("pingone.com"), policy(), host),
      "warn",
      /region of pingone\.eu/,
    ],
    [
      "in no FIDO policy",
      judgeRelyingParty("example.com", fidoPolicies("pingone.eu"), policy(), host),
      "warn",
      /security keys are refused/,
    ],
    [
      "no domain",
      judgeRelyingParty("https://example.com", ok(null), null, host),
      "fail",
      /lower-case domain/,
      "configuration-invalid",
    ],
    ["not known", judgeRelyingParty(null, ok(null), null, host), "not-tested", /decides/],
    ["no answer", judgeRelyingParty(null, fail(down), null, host), "not-tested", /503/],
    ["of the simulator", judgeRelyingParty(null, fidoPolicies("pingone.eu"), null, "127.0.0.1"), "pass", /pingone\.eu/],
  ]));

const ada: User = { id: "u", username: "ada", email: null, name: null, enabled: true, mfaEnabled: true };
describe("user", () =>
  judged([
    ["ready", judgeUser(ok(ada)), "pass", /ada is enabled, and MFA is on/],
    ["MFA off", judgeUser(ok({ ...ada, mfaEnabled: false })), "warn", /MFA is off/],
    ["MFA not told", judgeUser(ok({ ...ada, mfaEnabled: null })), "pass", /may not be read/],
    ["disabled", judgeUser(ok({ ...ada, enabled: false })), "fail", /ada/, "user-disabled"],
    ["nobody", judgeUser(fail({ code: "user-not-found", query: "adda" })), "fail", /adda/, "user-not-found"],
    ["several", judgeUser(fail({ code: "user-ambiguous", query: "ada", count: 2 })), "fail", /2/, "user-ambiguous"],
    ["forbidden", judgeUser(fail(forbidden("search users"))), "fail", /search users/, "not-allowed"],
    ["no answer", judgeUser(fail(down)), "not-tested", /503/],
  ]));

const devices = (active: number, pending = 0): readonly Device[] =>
  Array.from({ length: active + pending }, (_, index) => ({
    id: `d-${index}`,
    type: "FIDO2",
    status: index < active ? "ACTIVE" : "ACTIVATION_REQUIRED",
    nickname: null,
    relyingPartyId: null,
    system: null,
    application: null,
    createdAt: null,
    locked: false,
    blocked: false,
  }));
describe("device limit", () =>
  judged([
    ["room", judgeDeviceLimit(ok(devices(2, 1)), read(5)), "pass", /2 of 5 devices\. 1 more wait/],
    ["full", judgeDeviceLimit(ok(devices(5)), read(5)), "fail", /5 of 5/, "device-limit-reached"],
    ["too many that wait", judgeDeviceLimit(ok(devices(0, 50)), read(5)), "fail", /50/, "device-limit-reached"],
    [
      "the limit is not readable, room by the usual one",
      judgeDeviceLimit(ok(devices(4)), unread),
      "pass",
      /usually it is 5/,
    ],
    [
      "the limit is not readable, full by the usual one",
      judgeDeviceLimit(ok(devices(5)), unread),
      "not-tested",
      /5 devices/,
    ],
    [
      "forbidden",
      judgeDeviceLimit(fail(forbidden("list the user's devices")), read(5)),
      "fail",
      /list the user's devices/,
      "not-allowed",
    ],
    ["no answer", judgeDeviceLimit(fail(down), read(5)), "not-tested", /503/],
  ]));
