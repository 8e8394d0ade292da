import { describe, expect, test } from "vitest";
import type { SoftwareCredential } from "../../src/simulator/software-authenticator.ts";
import { expectRefusal, origin, textAt } from "./client.ts";
import { type Answering, withKeys } from "./fido2-client.ts";

const invalid = (target: string, message?: string) => ({
  code: "INVALID_VALUE",
  target,
  ...(message === undefined ? {} : { message }),
});
const notAnObject = "The attestation is not a JSON object.";
const lacking = "The attestation lacks a member or has one of the wrong type.";

describe("the body of an activation", () => {
  test("needs an origin and an attestation, both as text", async () => {
    const { simulator, beginKey, answer, activateKey } = await withKeys();
    const { id, options } = await beginKey();
    const { credential, body } = answer(options);
    const { attestation } = body;
    const required = (target: string) => ({ code: "REQUIRED_VALUE", target });
    expectRefusal(await activateKey(id, { origin }), 400, "INVALID_DATA", required("attestation"));
    expectRefusal(await activateKey(id, { attestation }), 400, "INVALID_DATA", required("origin"));
    expectRefusal(await activateKey(id, { origin, attestation: credential }), 400, "INVALID_DATA", {
      code: "INVALID_VALUE",
      target: "attestation",
      message: "The attestation must be a string.",
    });
    expectRefusal(await activateKey(id, { origin: [origin], attestation }), 400, "INVALID_DATA", invalid("origin"));
    // None of these was an attestation, so none has counted towards the lock.
    expect(simulator.world.devices.get(id)?.failures).toBe(0);
    expect((await activateKey(id, { origin, attestation })).status).toBe(200);
  });

  test.each<[string, (attestation: Record<string, unknown>) => unknown]>([
    ["has no id", ({ id: _id, ...rest }) => rest],
    ["has no rawId", ({ rawId: _rawId, ...rest }) => rest],
    ["has no response", ({ response: _response, ...rest }) => rest],
    ["has a response without client data", (all) => ({ ...all, response: { attestationObject: "AAAA" } })],
    ["has an id that is no base64", (all) => ({ ...all, id: "?" })],
    ["has a rawId that is one letter too short", (all) => ({ ...all, rawId: "AAAAA" })],
    ["has extension results that are a list", (all) => ({ ...all, clientExtensionResults: 7 })],
  ])("is refused when its attestation %s", async (_name, change) => {
    const { beginKey, answer, activateKey } = await withKeys();
    const { id, options } = await beginKey();
    const attestation = JSON.stringify(change(JSON.parse(answer(options).body.attestation)));
    expectRefusal(await activateKey(id, { origin, attestation }), 400, "INVALID_DATA", invalid("attestation", lacking));
  });

  test.each(["", "null", "{", "[]", "eyJhbGciOiJFUzI1NiJ9.e30.c2ln"])(
    "is refused with the attestation %j",
    async (attestation) => {
      const { beginKey, activateKey } = await withKeys();
      const { id } = await beginKey();
      expectRefusal(
        await activateKey(id, { origin, attestation }),
        400,
        "INVALID_DATA",
        invalid("attestation", notAnObject),
      );
    },
  );
});

describe("the check of the attestation", () => {
  test.each<[string, Answering, string, string?]>([
    ["another challenge", { clientData: { challenge: "b3RoZXI" } }, "The attestation answers another challenge."],
    ["an assertion", { clientData: { type: "webauthn.get" } }, "The client data are not those of a registration."],
    ["client data without origin", { clientData: { origin: undefined } }, "The client data cannot be read."],
    [
      "another origin than it says",
      { clientData: { origin: "https://other.pingone.eu" } },
      "The origin is not the one in the client data.",
      "origin",
    ],
    ["an origin without TLS", { origin: "http://app.pingone.eu" }, "The origin is not an https address.", "origin"],
    [
      "an origin of another domain",
      { origin: "https://evilpingone.eu" },
      "The origin is not within the relying party.",
      "origin",
    ],
    [
      "an origin with a path",
      { origin: "https://app.pingone.eu/" },
      "The origin is not within the relying party.",
      "origin",
    ],
    [
      "a page inside another page",
      { clientData: { crossOrigin: true } },
      "The credential was made inside a page of another origin.",
    ],
    ["another relying party", { relyingPartyId: "pingone.com" }, "The attestation is for another relying party."],
    ["nobody present", { userPresent: false }, "Nobody was present at the authenticator."],
    ["no verified user", { userVerified: false }, "The FIDO policy requires that the user is verified."],
    ["an algorithm that was not offered", { algorithm: -8 }, "The key is of an algorithm that was not offered."],
    ["a backup that cannot be", { backedUp: true }, "The credential claims a backup that it cannot have."],
  ])("refuses %s in its own words", async (_name, answering, message, target = "attestation") => {
    const { simulator, enrol } = await withKeys();
    const { id, activated } = await enrol("Everyone", answering);
    expectRefusal(activated, 400, "INVALID_DATA", invalid(target, message));
    expect(simulator.world.devices.get(id)).toMatchObject({ status: "ACTIVATION_REQUIRED", failures: 1 });
  });

  test.each<[string, Answering]>([
    ["ES256 with self attestation", {}],
    ["RS256", { algorithm: -257 }],
    ["no attestation at all", { attestation: "none" }],
    ["the relying party itself as origin", { origin: "https://pingone.eu" }],
    ["a port in the origin", { origin: "https://app.pingone.eu:8443" }],
  ])("passes %s", async (_name, answering) => {
    const { enrol } = await withKeys();
    expect((await enrol("Everyone", answering)).activated.body).toMatchObject({ status: "ACTIVE" });
  });

  /** The answer to good options with some members of the attestation changed. */
  const refusalOf = async (change: (credential: SoftwareCredential) => object) => {
    const { beginKey, answer, activateKey } = await withKeys();
    const { id, options } = await beginKey();
    const attestation = JSON.stringify(change(answer(options).credential));
    return activateKey(id, { origin, attestation });
  };
  const changed = (base64url: string, change: (bytes: Buffer) => Buffer): string =>
    change(Buffer.from(base64url, "base64url")).toString("base64url");

  test("refuses what is not a public key", async () => {
    const reply = await refusalOf((all) => ({ ...all, type: "password" }));
    expectRefusal(reply, 400, "INVALID_DATA", invalid("attestation", "The attestation is not that of a public key."));
  });

  test.each(["id", "rawId"])("refuses another %s than the authenticator's", async (name) => {
    const reply = await refusalOf((all) => ({ ...all, [name]: Buffer.alloc(32).toString("base64url") }));
    expectRefusal(reply, 400, "INVALID_DATA", invalid("attestation", "The id is not that of the credential."));
  });

  test("refuses client data that were changed after signing", async () => {
    const reply = await refusalOf(({ response, ...all }) => ({
      ...all,
      response: {
        ...response,
        clientDataJSON: changed(response.clientDataJSON, (bytes) => Buffer.concat([bytes, Buffer.from(" ")])),
      },
    }));
    const message = "The signature of the attestation does not match its key.";
    expectRefusal(reply, 400, "INVALID_DATA", invalid("attestation", message));
  });

  test("refuses client data that are not JSON", async () => {
    const reply = await refusalOf(({ response, ...all }) => ({
      ...all,
      response: { ...response, clientDataJSON: "e30x" },
    }));
    expectRefusal(reply, 400, "INVALID_DATA", invalid("attestation", "The client data cannot be read."));
  });

  test.each<[string, (bytes: Buffer) => Buffer]>([
    ["empty", () => Buffer.alloc(0)],
    ["no CBOR", () => Buffer.from("attestation")],
    ["a number", () => Buffer.from([0x07])],
    ["an empty map", () => Buffer.from([0xa0])],
    ["cut in the middle", (bytes) => bytes.subarray(0, bytes.length / 2)],
  ])("refuses an attestation object that is %s", async (_name, change) => {
    const reply = await refusalOf(({ response, ...all }) => ({
      ...all,
      response: { ...response, attestationObject: changed(response.attestationObject, change) },
    }));
    expectRefusal(reply, 400, "INVALID_DATA", invalid("attestation", "The attestation object cannot be read."));
  });

  test("refuses a statement of a format that nobody knows, with the verifier's reason", async () => {
    const reply = await refusalOf(({ response, ...all }) => ({
      ...all,
      response: {
        ...response,
        attestationObject: changed(response.attestationObject, (bytes) =>
          Buffer.from(bytes.toString("latin1").replace("packed", "parked"), "latin1"),
        ),
      },
    }));
    expectRefusal(reply, 400, "INVALID_DATA", {
      code: "INVALID_VALUE",
      target: "attestation",
      message: expect.stringMatching(/^The attestation statement is not valid: .*parked/),
    });
  });

  test("refuses the answer to another pending device, and the answer that has been used", async () => {
    const { beginKey, answer, activateKey } = await withKeys();
    const [first, second] = [await beginKey(), await beginKey()];
    const { body } = answer(first.options);
    expect((await activateKey(first.id, body)).status).toBe(200);
    const another = invalid("attestation", "The attestation answers another challenge.");
    expectRefusal(await activateKey(second.id, body), 400, "INVALID_DATA", another);
    expectRefusal(await activateKey(first.id, body), 400, "INVALID_DATA", invalid("status"));
  });

  test("refuses a credential that is registered already, for this user or another", async () => {
    const { simulator, enrol, call, devices } = await withKeys();
    const { id, credential } = await enrol();
    const credentialId = Buffer.from(credential.id, "base64url");
    const already = invalid("attestation", "The credential is registered already.");
    expectRefusal((await enrol("Everyone", { credentialId })).activated, 400, "INVALID_DATA", already);
    const foreign = [...simulator.world.devices.values()].find(({ nickname }) => nickname === "Black key");
    const taken = Buffer.from(textAt(foreign, "typeFields.credentialId"), "base64url");
    expectRefusal((await enrol("Everyone", { credentialId: taken })).activated, 400, "INVALID_DATA", already);
    // Gone with the device, it may be registered again.
    expect((await call("DELETE", `${devices}/${id}`)).status).toBe(204);
    expect((await enrol("Everyone", { credentialId })).activated.status).toBe(200);
  });

  test("locks the device after three refusals, for two minutes or until it is unlocked", async () => {
    let now = Date.parse("2026-03-01T12:00:00.000Z");
    const { call, devices, beginKey, answer, activateKey } = await withKeys({ now: () => now });
    const { id, options } = await beginKey();
    const good = answer(options).body;
    const bad = { ...good, origin: "https://evil.example" };
    for (let count = 0; count < 3; count += 1) {
      expectRefusal(await activateKey(id, bad), 400, "INVALID_DATA", invalid("origin"));
    }
    expectRefusal(await activateKey(id, good), 400, "INVALID_DATA", invalid("lock.status"));
    expect((await call("GET", `${devices}/${id}`)).body).toMatchObject({
      lock: { status: "LOCKED", expiresAt: "2026-03-01T12:02:00.000Z" },
    });
    now += 120_000;
    expect((await activateKey(id, good)).status).toBe(200);
  });

  test("is not for the other kind of device", async () => {
    const { begin, beginKey, answer, activate, activateKey } = await withKeys();
    const desktop = await begin();
    const key = await beginKey();
    const { body } = answer(key.options);
    const noJwt = invalid("attestation", "The attestation is not a JWT.");
    expectRefusal(await activateKey(desktop.id, body), 400, "INVALID_DATA", noJwt);
    expectRefusal(await activate(key.id, desktop.answered.text), 400, "INVALID_DATA", {
      code: "REQUIRED_VALUE",
      target: "origin",
    });
  });
});
