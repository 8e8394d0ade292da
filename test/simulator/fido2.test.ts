import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { simulatedKey, simulatedPlatform, yubiKey5Nfc } from "../../src/simulator/fido2/models.ts";
import type { SoftwareCredential } from "../../src/simulator/software-authenticator.ts";
import { activateType, at, expectRefusal, origin, textAt, userNamed } from "./client.ts";
import { attestationOf, base64urlOf, optionsName, policyNamed, readOptions, withKeys } from "./fido2-client.ts";

const sample = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../samples/${name}.json`, import.meta.url), "utf8"));

const recorded: {
  readonly origin: string;
  readonly challenge: string;
  readonly aaguid: string;
  readonly credential: SoftwareCredential;
} = JSON.parse(readFileSync(new URL("chromium-credential.json", import.meta.url), "utf8"));

const invalid = (target: string, message?: string) => ({
  code: "INVALID_VALUE",
  target,
  ...(message === undefined ? {} : { message }),
});
const required = (target: string) => ({ code: "REQUIRED_VALUE", target });

describe("a FIDO2 pairing by hand", () => {
  test("goes from the document's create request to an active device, is named, and deleted", async () => {
    const { simulator, call, devices, activateKey, answer } = await withKeys();

    const created = await call("POST", devices, { json: sample("create-fido2.request") });
    expect(created.status).toBe(201);
    const id = textAt(created.body, "id");
    const { credential, body } = answer(readOptions(created), { origin: "https://app.pingone.com" });
    const activated = await activateKey(id, body);

    expect(activated.status).toBe(200);
    expect(activated.body).toEqual({
      _links: {
        self: at(created.body, "_links.self"),
        environment: at(created.body, "_links.environment"),
        user: at(created.body, "_links.user"),
      },
      rp: { id: "pingone.com", name: "PingOne" },
      id,
      environment: at(created.body, "environment"),
      user: at(created.body, "user"),
      type: "FIDO2",
      status: "ACTIVE",
      createdAt: at(created.body, "createdAt"),
      updatedAt: expect.any(String),
      lock: { status: "UNLOCKED" },
      block: { status: "UNBLOCKED" },
      credentialId: credential.id,
      displayName: "Passkey",
      attributes: { transports: ["usb"], isCrossPlatform: true, isResidentKey: true },
      backup: { backupEligibility: false, backupState: false },
      fidoDeviceMetadata: { mdsIdentifier: simulatedKey },
    });
    expect((await call("GET", `${devices}/${id}`)).body).toEqual(activated.body);

    const named = await call("PUT", `${devices}/${id}/nickname`, { json: { nickname: "Blue key" } });
    expect(named.body).toMatchObject({ id, nickname: "Blue key", status: "ACTIVE", credentialId: credential.id });
    expect((await call("DELETE", `${devices}/${id}`)).status).toBe(204);
    expect(simulator.world.devicesOf(textAt(created.body, "user.id"))).toEqual([]);
    expect(simulator.world.agent.registerCount).toBe(0);
  });

  test("is done once, even when two requests arrive together", async () => {
    const { beginKey, answer, activateKey } = await withKeys();
    const { id, options } = await beginKey();
    const { body } = answer(options);
    const replies = await Promise.all([1, 2].map(() => activateKey(id, body)));
    expect(replies.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([200, 400]);
    expectRefusal(await activateKey(id, body), 400, "INVALID_DATA", invalid("status"));
  });

  test("works with what a real browser makes: packed attestation with a certificate", async () => {
    const { simulator, beginKey, activateKey } = await withKeys();
    const { id } = await beginKey();
    const device = simulator.world.devices.get(id);
    if (device === undefined) throw new Error("There is no device.");
    // The recorded answer is to this challenge.
    simulator.world.devices.set(id, { ...device, pending: { kind: "fido2", challenge: recorded.challenge } });
    const attestation = attestationOf(recorded.credential);
    const activated = await activateKey(id, { origin: recorded.origin, attestation });
    expect(activated.body).toMatchObject({
      status: "ACTIVE",
      credentialId: recorded.credential.id,
      fidoDeviceMetadata: { mdsIdentifier: recorded.aaguid },
    });
  });

  test.each([
    ["base64url as browsers give it", (text: string) => text],
    ["padded base64url", (text: string) => text.padEnd(Math.ceil(text.length / 4) * 4, "=")],
    ["padded base64", (text: string) => Buffer.from(text, "base64url").toString("base64")],
    ["base64 without padding", (text: string) => Buffer.from(text, "base64url").toString("base64").replace(/=+$/, "")],
  ])("accepts all bytes in %s", async (_name, write) => {
    const { beginKey, answer, activateKey } = await withKeys();
    const { id, options } = await beginKey();
    // All ones, so that both letters in which the alphabets differ are among them.
    const { credential } = answer(options, { credentialId: new Uint8Array(31).fill(0xff) });
    const { clientDataJSON, attestationObject } = credential.response;
    const attestation = JSON.stringify({
      id: write(credential.id),
      rawId: write(credential.rawId),
      type: "public-key",
      response: { clientDataJSON: write(clientDataJSON), attestationObject: write(attestationObject) },
    });
    expect((await activateKey(id, { origin, attestation })).body).toMatchObject({ credentialId: credential.id });
  });
});

describe("the options", () => {
  test("are those of the vendor's example in everything but what differs each time", async () => {
    const { call, devices } = await withKeys();
    const ours = readOptions(await call("POST", devices, { json: sample("create-fido2.request") }));
    const example = JSON.parse(textAt(sample("create-fido2.response"), optionsName));
    const user = { id: expect.any(Array), displayName: "ada@example.com", name: "ada@example.com" };
    expect(ours).toEqual({ ...example, user, challenge: expect.any(Array) });
    expect(JSON.stringify(Object.keys(Object(ours)))).toBe(JSON.stringify(Object.keys(example)));
    for (const bytes of [at(ours, "challenge"), at(ours, "user.id")]) {
      expect(bytes).toHaveLength(32);
      expect(bytes).toSatisfy((list: number[]) => list.every((byte) => byte >= -128 && byte <= 127));
    }
  });

  test("have a new challenge each time, the same user, and are shown once", async () => {
    const { call, devices, beginKey } = await withKeys();
    const [first, second] = [await beginKey(), await beginKey()];
    expect(at(first.options, "challenge")).not.toEqual(at(second.options, "challenge"));
    expect(at(first.options, "user.id")).toEqual(at(second.options, "user.id"));
    const read = await call("GET", `${devices}/${first.id}`);
    for (const absent of [optionsName, "policy", "lock", "credentialId"]) expect(read.body).not.toHaveProperty(absent);
  });

  test("exclude the keys that the user has for this relying party", async () => {
    const { beginKey, enrol, createKey } = await withKeys({}, "margaret@example.com");
    const { credential } = await enrol();
    const excluded = at((await beginKey()).options, "excludeCredentials");
    expect(excluded).toEqual([
      { type: "public-key", id: expect.any(Array) },
      { type: "public-key", id: expect.any(Array) },
    ]);
    expect(base64urlOf(at(excluded, "1.id"))).toBe(credential.id);
    const elsewhere = await createKey({ rp: { id: "pingone.com", name: "PingOne" } });
    expect(at(readOptions(elsewhere), "excludeCredentials")).toEqual([]);
  });
});

describe("creating a FIDO2 device", () => {
  test.each<[string, object, ReturnType<typeof required>]>([
    ["no relying party", { rp: undefined }, required("rp")],
    ["a relying party that is a text", { rp: "pingone.eu" }, invalid("rp")],
    ["no id of the relying party", { rp: { name: "PingOne" } }, required("rp.id")],
    ["no name of the relying party", { rp: { id: "pingone.eu" } }, required("rp.name")],
    ["a URL as relying party", { rp: { id: "https://pingone.eu", name: "PingOne" } }, invalid("rp.id")],
    ["a relying party of no FIDO policy", { rp: { id: "app.pingone.eu", name: "PingOne" } }, invalid("rp.id")],
    ["no MFA policy", { policy: undefined }, required("policy.id")],
    ["an unknown MFA policy", { policy: { id: "00000000-0000-4000-8000-000000000000" } }, invalid("policy.id")],
    ["a nickname that is too long", { nickname: "x".repeat(101) }, invalid("nickname")],
    ["a nickname that is a number", { nickname: 7 }, invalid("nickname")],
  ])("is refused with %s", async (_name, changes, detail) => {
    const { simulator, createKey } = await withKeys();
    expectRefusal(await createKey(changes), 400, "INVALID_DATA", detail);
    expect(simulator.world.pendingDevices()).toEqual([]);
  });

  test("is refused where the policy does not allow it, while a workstation may still be paired", async () => {
    const { simulator, create, createKey } = await withKeys();
    const policy = { id: policyNamed(simulator, "No new security keys") };
    expectRefusal(await createKey({ policy }), 400, "INVALID_DATA", invalid("type"));
    expect((await create({ policy })).status).toBe(201);
    const other = { id: policyNamed(simulator, "No new desktops") };
    expectRefusal(await create({ policy: other }), 400, "INVALID_DATA", invalid("type"));
    expect((await createKey({ policy: other })).status).toBe(201);
  });

  test("is refused for a disabled user and for one with as many devices as allowed", async () => {
    const alan = await withKeys({}, "alan@example.com");
    expectRefusal(await alan.createKey(), 400, "REQUEST_FAILED", { code: "ACCOUNT_NOT_USABLE" });
    const katherine = await withKeys({}, "katherine@example.com");
    expectRefusal(await katherine.createKey(), 429, "REQUEST_LIMITED", { code: "LIMIT_EXCEEDED" });
  });

  test("is refused for a user with 50 devices that wait, of both types together", async () => {
    const { create, createKey } = await withKeys();
    await Promise.all(Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? create() : createKey())));
    expectRefusal(await createKey(), 429, "REQUEST_LIMITED", { code: "LIMIT_EXCEEDED" });
  });
});

describe("an active FIDO2 device", () => {
  test("has the nickname of its creation, else that of its activation, else none", async () => {
    const { beginKey, answer, activateKey, enrol } = await withKeys();
    const begun = await beginKey("Everyone", { nickname: "Blue key" });
    const blue = answer(begun.options).body;
    expect((await activateKey(begun.id, { ...blue, nickname: "Red key" })).body).toMatchObject({
      nickname: "Blue key",
    });
    const { id, options } = await beginKey();
    const red = answer(options).body;
    expectRefusal(await activateKey(id, { ...red, nickname: 7 }), 400, "INVALID_DATA", invalid("nickname"));
    expect((await activateKey(id, { ...red, nickname: "Red key" })).body).toMatchObject({ nickname: "Red key" });
    expect((await enrol()).activated.body).not.toHaveProperty("nickname");
  });

  test.each([
    [
      "a built-in authenticator",
      { attachment: "platform" },
      { isCrossPlatform: false, transports: ["internal"] },
      simulatedPlatform,
    ],
    ["a known key", { aaguid: yubiKey5Nfc }, { isCrossPlatform: true, transports: ["usb", "nfc"] }, yubiKey5Nfc],
    [
      "Windows Hello",
      { aaguid: "08987058-cadc-4b81-b6e1-30de50dcbe96" },
      { isCrossPlatform: false, transports: ["internal"] },
      "08987058-cadc-4b81-b6e1-30de50dcbe96",
    ],
    [
      "an unknown model",
      { aaguid: "11111111-2222-4333-8444-555555555555" },
      { isCrossPlatform: true, transports: [] },
      "11111111-2222-4333-8444-555555555555",
    ],
  ] as const)("shows %s", async (_name, answering, attributes, mdsIdentifier) => {
    const { enrol } = await withKeys();
    const { activated } = await enrol("Everyone", answering);
    expect(activated.body).toMatchObject({
      attributes: { ...attributes, isResidentKey: true },
      fidoDeviceMetadata: { mdsIdentifier },
    });
  });

  test("shows no model of an authenticator that keeps it to itself", async () => {
    const { enrol } = await withKeys();
    const { activated } = await enrol("Everyone", { aaguid: "0".repeat(32), attestation: "none" });
    expect(activated.body).toMatchObject({ status: "ACTIVE" });
    expect(activated.body).not.toHaveProperty("fidoDeviceMetadata");
  });

  test.each([
    [true, false],
    [true, true],
  ])("shows whether it can be copied (%s) and has been (%s)", async (backupEligible, backedUp) => {
    const { enrol } = await withKeys();
    const { activated } = await enrol("Everyone", { backupEligible, backedUp });
    expect(activated.body).toMatchObject({ backup: { backupEligibility: backupEligible, backupState: backedUp } });
  });

  test("believes a browser that says more than the document asks for", async () => {
    const { beginKey, answer, activateKey } = await withKeys();
    const { id, options } = await beginKey();
    const { credential } = answer(options);
    const attestation = JSON.stringify({
      ...JSON.parse(attestationOf(credential)),
      authenticatorAttachment: "platform",
      clientExtensionResults: { credProps: { rk: false } },
      response: { ...credential.response, transports: ["internal", "hybrid"] },
    });
    expect(at((await activateKey(id, { origin, attestation })).body, "attributes")).toEqual({
      transports: ["internal", "hybrid"],
      isCrossPlatform: false,
      isResidentKey: false,
    });
  });

  test("is listed beside others, without the policy that it was created with", async () => {
    const { simulator, call, devices, pair, enrol } = await withKeys();
    await pair();
    const { id } = await enrol();
    const list = await call("GET", devices);
    expect(at(list.body, "_embedded.devices")).toMatchObject([{ type: "PINGID_DESKTOP_GEN2" }, { id, type: "FIDO2" }]);
    expect(list.text).not.toContain('"policy"');
    const margaret = `/users/${userNamed(simulator, "margaret@example.com")}/devices`;
    const old = at((await call("GET", margaret)).body, "_embedded.devices.0");
    const ours = at(list.body, "_embedded.devices.1");
    // Whoever was there before shows the same members, and a nickname.
    expect(Object.keys(Object(old)).toSorted()).toEqual([...Object.keys(Object(ours)), "nickname"].toSorted());
  });

  test("is activated under its own media type only", async () => {
    const { call, devices, beginKey, answer } = await withKeys();
    const { id, options } = await beginKey();
    const json = answer(options).body;
    expectRefusal(await call("POST", `${devices}/${id}`, { json }), 415, "INVALID_REQUEST");
    expect((await call("POST", `${devices}/${id}`, { json, type: activateType })).status).toBe(200);
  });
});
