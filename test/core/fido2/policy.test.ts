import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Outcome } from "../../../src/contract/errors.ts";
import type { AuthenticatorKind } from "../../../src/contract/views.ts";
import type { CheckedAuthenticator } from "../../../src/core/fido2/credential.ts";
import { type FidoPolicy, readFidoPolicies, refuseAuthenticator } from "../../../src/core/fido2/policy.ts";
import { answer, failure, inTurn, refusal } from "../../fakes/http.ts";
import { clientOn, environmentUrl } from "../pingone/calls.ts";

const yubiKey = "2fc0579f-8113-47ea-b116-bb5a8db9202a";
const windowsHello = "08987058-cadc-4b81-b6e1-30de50dcbe96";
/** What a policy is taken to want where it does not say. */
const strict = { discoverableCredentials: "required", userVerification: "required" } as const;
const page = (policies: unknown) => answer(200, { _embedded: { fido2Policies: policies } });
const valueOf = <T>(outcome: Outcome<T>): T | string => (outcome.ok ? outcome.value : outcome.error.code);
const read = async (policies: unknown) => valueOf(await readFidoPolicies(clientOn(inTurn(page(policies))).client));

describe("reading", () => {
  test("takes what decides about an enrolment, in the vendor's names", async () => {
    const { client, pingOne } = clientOn(
      inTurn(
        page([
          {
            id: "f1",
            name: "Passkeys",
            default: true,
            relyingPartyId: "pingone.eu",
            deviceDisplayName: "Security key",
            authenticatorAttachment: "BOTH",
            discoverableCredentials: "PREFERRED",
            userVerification: { option: "DISCOURAGED", enforceDuringAuthentication: true },
            attestationRequirements: "NONE",
            mdsAuthenticatorsRequirements: { option: "NONE", enforceDuringAuthentication: false },
          },
          {
            id: "f2",
            name: "Keys only",
            default: false,
            relyingPartyId: "Login.Example.com",
            authenticatorAttachment: "CROSS_PLATFORM",
            mdsAuthenticatorsRequirements: { option: "SPECIFIC", allowedAuthenticators: [yubiKey.toUpperCase()] },
          },
          { id: "f3", relyingPartyId: "pingone.eu", authenticatorAttachment: "PLATFORM" },
        ]),
      ),
    );
    expect(valueOf(await readFidoPolicies(client))).toEqual([
      {
        id: "f1",
        isDefault: true,
        relyingPartyId: "pingone.eu",
        attachment: null,
        allowedAuthenticators: null,
        discoverableCredentials: "preferred",
        userVerification: "discouraged",
      },
      {
        id: "f2",
        isDefault: false,
        relyingPartyId: "login.example.com",
        attachment: "cross-platform",
        allowedAuthenticators: [yubiKey],
        ...strict,
      },
      {
        id: "f3",
        isDefault: false,
        relyingPartyId: "pingone.eu",
        attachment: "platform",
        allowedAuthenticators: null,
        ...strict,
      },
    ]);
    expect(pingOne.requests[0]).toMatchObject({ method: "GET", url: `${environmentUrl}/fido2Policies` });
  });

  test.each([
    ["as text", [yubiKey]],
    ["as objects with an id", [{ id: yubiKey }]],
    ["as objects with another name for it", [{ mdsIdentifier: yubiKey, name: "YubiKey 5 NFC" }]],
    ["among what is none", [yubiKey, 7, null, "YubiKey", { name: "x" }, []]],
  ])("allowed authenticators %s", async (_form, allowedAuthenticators) => {
    const requirements = { option: "SPECIFIC", allowedAuthenticators };
    expect(await read([{ id: "f", relyingPartyId: "x.example", mdsAuthenticatorsRequirements: requirements }])).toEqual(
      [expect.objectContaining({ allowedAuthenticators: [yubiKey] })],
    );
  });

  test.each(["NONE", "AUDIT_ONLY", "GLOBAL", "CERTIFIED", "SOMETHING_NEW", 7, null])(
    "option %j leaves the decision to PingOne",
    async (option) => {
      const requirements = { option, allowedAuthenticators: [yubiKey] };
      expect(
        await read([{ id: "f", relyingPartyId: "x.example", mdsAuthenticatorsRequirements: requirements }]),
      ).toMatchObject([{ allowedAuthenticators: null }]);
    },
  );

  test("a list that names nobody allows nobody", async () => {
    for (const requirements of [{ option: "SPECIFIC" }, { option: "SPECIFIC", allowedAuthenticators: [] }]) {
      expect(
        await read([{ id: "f", relyingPartyId: "x.example", mdsAuthenticatorsRequirements: requirements }]),
      ).toMatchObject([{ allowedAuthenticators: [] }]);
    }
  });

  test("one that cannot be read does not hide the others", async () => {
    expect(
      await read([null, 7, {}, { id: "f0" }, { id: 7, relyingPartyId: "x" }, { id: "f", relyingPartyId: "x.example" }]),
    ).toEqual([expect.objectContaining({ id: "f" })]);
  });

  test("members of a wrong type count as not there", async () => {
    const odd = {
      default: "yes",
      authenticatorAttachment: 7,
      discoverableCredentials: true,
      userVerification: "REQUIRED",
      mdsAuthenticatorsRequirements: "SPECIFIC",
    };
    expect(await read([{ id: "f", relyingPartyId: "x.example", ...odd }])).toEqual([
      {
        id: "f",
        isDefault: false,
        relyingPartyId: "x.example",
        attachment: null,
        allowedAuthenticators: null,
        ...strict,
      },
    ]);
  });

  test.each([
    ["a role that may not", answer(403, refusal("ACCESS_FAILED", [{ code: "INSUFFICIENT_PERMISSIONS" }]))],
    ["an environment without them", answer(404, refusal("NOT_FOUND"))],
  ])("%s: not readable, and PingOne alone decides", async (_case, result) => {
    expect(await readFidoPolicies(clientOn(() => result).client)).toEqual({ ok: true, value: null });
  });

  test.each([
    ["HTML", answer(200, "<html>"), "reply-invalid"],
    ["no list", answer(200, { _embedded: {} }), "reply-invalid"],
    ["a list that is none", page({}), "reply-invalid"],
    ["no network", failure("refused", false), "network-failed"],
    ["a server that stumbles", answer(503), "server-unavailable"],
  ])("%s: a failure, because it must not switch the checks off", async (_case, result, code) => {
    expect(await readFidoPolicies(clientOn(() => result).client)).toMatchObject({ ok: false, error: { code } });
  });

  test("nothing that a server can send makes it throw", async () => {
    const policy = fc.record(
      {
        id: fc.oneof(fc.string(), fc.jsonValue()),
        relyingPartyId: fc.oneof(fc.string(), fc.jsonValue()),
        mdsAuthenticatorsRequirements: fc.record({
          option: fc.constant("SPECIFIC"),
          allowedAuthenticators: fc.jsonValue(),
        }),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(policy, fc.jsonValue())), async (policies) => {
        expect(Array.isArray(await read(policies))).toBe(true);
      }),
    );
  });
});

const authenticator = (changes: Partial<CheckedAuthenticator> = {}): CheckedAuthenticator => ({
  aaguid: yubiKey,
  attachment: "cross-platform",
  transports: ["usb"],
  userVerified: true,
  backupEligible: false,
  backedUp: false,
  attestationFormat: "packed",
  ...changes,
});
const policy = (changes: Partial<FidoPolicy> = {}): FidoPolicy => ({
  id: "f",
  isDefault: true,
  relyingPartyId: "pingone.eu",
  attachment: null,
  allowedAuthenticators: null,
  ...strict,
  ...changes,
});

describe("deciding, before anything is activated", () => {
  const key = authenticator();
  const hello = authenticator({ aaguid: windowsHello, attachment: "platform", transports: ["internal"] });
  const unknown = authenticator({ attachment: null });
  type Case = readonly [string, CheckedAuthenticator, AuthenticatorKind, FidoPolicy | null, object | null];
  const wrong = (wanted: AuthenticatorKind, aaguid: string) => ({ code: "wrong-authenticator", wanted, aaguid });
  const notAllowed = (aaguid: string) => ({ code: "authenticator-not-allowed", aaguid });
  const cases: readonly Case[] = [
    ["a key, as asked", key, "key", null, null],
    ["Windows Hello, as asked", hello, "platform", null, null],
    ["Windows Hello answered, not the key", hello, "key", null, wrong("key", windowsHello)],
    ["a key answered, not this computer", key, "platform", null, wrong("platform", yubiKey)],
    [
      "the wrong one, which the policy would allow",
      hello,
      "key",
      policy({ attachment: "platform" }),
      wrong("key", windowsHello),
    ],
    ["one that does not say what it is", unknown, "key", policy({ attachment: "cross-platform" }), null],
    ["a policy that takes any", key, "key", policy(), null],
    ["a policy that takes keys", key, "key", policy({ attachment: "cross-platform" }), null],
    ["a policy that takes no keys", key, "key", policy({ attachment: "platform" }), notAllowed(yubiKey)],
    ["a model that is listed", key, "key", policy({ allowedAuthenticators: [windowsHello, yubiKey] }), null],
    ["a model that is not", key, "key", policy({ allowedAuthenticators: [windowsHello] }), notAllowed(yubiKey)],
    ["a list of nobody", key, "key", policy({ allowedAuthenticators: [] }), notAllowed(yubiKey)],
    [
      "one that hides its model from a list",
      authenticator({ aaguid: "00000000-0000-0000-0000-000000000000" }),
      "key",
      policy({ allowedAuthenticators: [yubiKey] }),
      notAllowed("00000000-0000-0000-0000-000000000000"),
    ],
  ];
  test.each(cases)("%s", (_what, answered, wanted, by, expected) => {
    expect(refuseAuthenticator(answered, wanted, by)).toEqual(expected);
  });
});
