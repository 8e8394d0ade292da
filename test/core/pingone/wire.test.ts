import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { deviceSchema, policySchema, userSchema } from "../../../src/contract/views.ts";
import {
  collectionReply,
  deviceReply,
  errorReply,
  policyReply,
  toDevice,
  tokenReply,
  toPolicy,
  toUser,
  userReply,
} from "../../../src/core/pingone/wire.ts";

/** Payloads of the vendor's documentation. */
const sample = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../samples/${name}`, import.meta.url), "utf8"));

const deviceOf = (json: unknown) => toDevice(deviceReply.parse(json));
const userOf = (json: unknown) => toUser(userReply.parse(json));
const policyOf = (json: unknown) => toPolicy(policyReply.parse(json));

/** Values of every JSON type, to stand where another type is expected. */
const wrongTypes: readonly unknown[] = [null, true, 7, "", "text", [], ["x"], {}, { id: 7 }];

describe("the vendor's own examples", () => {
  test("the reply to the creation of a desktop device", () => {
    expect(deviceOf(sample("create-pingid-desktop.response.json"))).toEqual({
      id: "0ac16146-5e05-d328-0ac1-61465e05d328",
      type: "PINGID_DESKTOP_GEN2",
      status: "ACTIVATION_REQUIRED",
      nickname: null,
      relyingPartyId: "pingone.eu",
      system: null,
      application: null,
      createdAt: "2026-02-16T11:51:34.153Z",
      locked: false,
      blocked: false,
    });
  });

  test("a device of another type", () => {
    expect(deviceOf(sample("create-fido2.response.json"))).toMatchObject({
      type: "FIDO2",
      status: "ACTIVATION_REQUIRED",
      relyingPartyId: "pingone.com",
    });
  });
});

describe("devices", () => {
  const device = { id: "d1", type: "PINGID_DESKTOP_GEN2", status: "ACTIVE" };

  test("an active device, with what the agent reported", () => {
    expect(
      deviceOf({
        ...device,
        nickname: "Front desk",
        os: { type: "MAC", version: "15.7.3" },
        application: { id: "x", nativeName: "PingID Desktop", version: "1.0.0", pushSandbox: false },
        lock: { status: "LOCKED" },
        block: { status: "BLOCKED", blockedAt: "2026-01-01T00:00:00.000Z" },
      }),
    ).toMatchObject({
      nickname: "Front desk",
      system: "MAC 15.7.3",
      application: "PingID Desktop 1.0.0",
      locked: true,
      blocked: true,
    });
  });

  test.each([
    [{ os: { type: "WINDOWS" } }, "WINDOWS"],
    [{ os: { version: "11" } }, "11"],
    [{ os: { type: "", version: "" } }, null],
    [{ os: { type: 7, version: "11" } }, "11"],
  ])("half an operating system: %j", (fields, system) => {
    expect(deviceOf({ ...device, ...fields }).system).toBe(system);
  });

  test("types and statuses that PingOne adds one day are kept as they are", () => {
    expect(deviceOf({ ...device, type: "PINGID_DESKTOP_GEN9", status: "RESTING" })).toMatchObject({
      type: "PINGID_DESKTOP_GEN9",
      status: "RESTING",
    });
  });

  const optional = ["nickname", "createdAt", "rp", "os", "application", "lock", "block"];
  test.each(optional.flatMap((field) => wrongTypes.map((value) => [field, value] as const)))(
    "%s may be %j",
    (field, value) => {
      expect(deviceSchema.safeParse(deviceOf({ ...device, [field]: value })).success).toBe(true);
    },
  );

  test("no field that we do not know gets through", () => {
    const json = { ...device, pingIdDesktopCredentialCreationOptions: "a.b.c", publicKey: "k", _links: {} };
    expect(Object.keys(deviceReply.parse(json))).toEqual(["id", "type", "status"]);
    expect(deviceSchema.safeParse(deviceOf(json)).success).toBe(true);
  });

  test.each(["id", "type", "status"])("without %s it is no device", (field) => {
    expect(deviceReply.safeParse({ ...device, [field]: undefined }).success).toBe(false);
    expect(deviceReply.safeParse({ ...device, [field]: 7 }).success).toBe(false);
  });

  test.each(["", ".", "..", "../../users", "a/b", "a?b", "a#b", "a b", "%2e%2e", "é", "x".repeat(65)])(
    "an id is put into addresses, so %j is none",
    (id) => {
      expect(deviceReply.safeParse({ ...device, id }).success).toBe(false);
      expect(userReply.safeParse({ id }).success).toBe(false);
    },
  );

  test("text that is far too long is cut to what a screen holds", () => {
    const long = "x".repeat(5_000);
    const everything = {
      type: long,
      status: long,
      nickname: long,
      createdAt: long,
      rp: { id: long },
      os: { type: long, version: long },
      application: { nativeName: long, version: long },
    };
    expect(deviceSchema.safeParse(deviceOf({ ...device, ...everything })).success).toBe(true);
  });
});

describe("users", () => {
  test("everything", () => {
    expect(
      userOf({
        id: "u1",
        username: "ada",
        email: "ada@example.com",
        enabled: true,
        mfaEnabled: false,
        name: { given: "Ada", family: "Lovelace", formatted: "Countess Ada" },
        population: { id: "p" },
      }),
    ).toEqual({
      id: "u1",
      username: "ada",
      email: "ada@example.com",
      name: "Countess Ada",
      enabled: true,
      mfaEnabled: false,
    });
  });

  test("next to nothing", () => {
    expect(userOf({ id: "u1" })).toEqual({
      id: "u1",
      username: "u1",
      email: null,
      name: null,
      enabled: true,
      mfaEnabled: null,
    });
  });

  test("a name is put together from its parts", () => {
    expect(userOf({ id: "u1", name: { given: "Ada", family: "Lovelace" } }).name).toBe("Ada Lovelace");
    expect(userOf({ id: "u1", name: { family: "Lovelace" } }).name).toBe("Lovelace");
    expect(userOf({ id: "u1", name: { given: "", formatted: "" } }).name).toBeNull();
  });

  const optional = ["username", "email", "enabled", "mfaEnabled", "name"];
  test.each(optional.flatMap((field) => wrongTypes.map((value) => [field, value] as const)))(
    "%s may be %j",
    (field, value) => {
      expect(userSchema.safeParse(userOf({ id: "u1", [field]: value })).success).toBe(true);
    },
  );
});

describe("policies: whether desktops may be paired", () => {
  const policy = { id: "p1", name: "Everyone", default: true };
  const pairing = (fields: object) => policyOf({ ...policy, ...fields }).desktopPairing;

  test.each([
    ["nothing about desktops", {}, "unknown"],
    ["only the legacy app's object", { desktop: { enabled: false, pairingDisabled: true } }, "unknown"],
    ["the assumed name", { pingIdDesktopGen2: { enabled: true, pairingDisabled: false } }, "allowed"],
    ["another name", { pingidDesktop: { enabled: true } }, "allowed"],
    ["yet another name", { DESKTOP_GEN2: { pairingDisabled: false } }, "allowed"],
    ["switched off", { pingIdDesktopGen2: { enabled: false } }, "disabled"],
    ["pairing disabled", { pingIdDesktopGen2: { enabled: true, pairingDisabled: true } }, "disabled"],
    ["an object that says neither", { pingIdDesktopGen2: { failure: { count: 3 } } }, "unknown"],
    ["an object with other types", { pingIdDesktopGen2: { enabled: "no", pairingDisabled: 1 } }, "unknown"],
    ["no object", { pingIdDesktopGen2: "on" }, "unknown"],
    ["null", { pingIdDesktopGen2: null }, "unknown"],
    [
      "a text about desktops before the object",
      { desktopHint: "x", pingIdDesktopGen2: { enabled: false } },
      "disabled",
    ],
    ["an object that says nothing before the one that does", { aDesktop: {}, bDesktop: { enabled: true } }, "allowed"],
  ])("%s", (_case, fields, expected) => {
    expect(pairing(fields)).toBe(expected);
  });

  test("only `default: true` makes it the default", () => {
    expect(policyOf(policy).isDefault).toBe(true);
    for (const value of [undefined, false, "true", 1, null]) {
      expect(policyOf({ ...policy, default: value }).isDefault).toBe(false);
    }
  });

  test("a policy without a name shows its id, and members that we do not know do not leak into the view", () => {
    const view = policyOf({ id: "p1", sms: { enabled: true }, pingIdDesktopGen2: { enabled: true } });
    expect(view.name).toBe("p1");
    expect(policySchema.safeParse(view).success).toBe(true);
  });
});

describe("collections, tokens and errors", () => {
  test.each([[{}], [{ _embedded: null }], [{ _links: 7, _embedded: "x" }], [{ _links: { next: { href: 7 } } }]])(
    "%j is an empty last page",
    (json) => {
      const page = collectionReply.parse(json);
      expect(page._links?.next).toBeUndefined();
      expect(page._embedded).toBeUndefined();
    },
  );

  test.each([null, 7, "text", []])("%j is no page", (json) => {
    expect(collectionReply.safeParse(json).success).toBe(false);
  });

  test("a lifetime of another type counts as absent, a token of another type does not", () => {
    expect(tokenReply.parse({ access_token: "t", expires_in: "3600" }).expires_in).toBeUndefined();
    expect(tokenReply.safeParse({ access_token: 7 }).success).toBe(false);
  });

  test("one odd detail does not hide the others", () => {
    const { details } = errorReply.parse({ details: ["text", null, { code: "LIMIT_EXCEEDED", target: 7 }] });
    expect(details?.map((detail) => detail.code)).toEqual([undefined, undefined, "LIMIT_EXCEEDED"]);
  });
});
