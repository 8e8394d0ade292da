import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { type AgentClaims, createCredential, signAttestation } from "../../src/simulator/attestation.ts";
import { activateType, askAgent, at, expectRefusal, origin, signedIn, textAt } from "./client.ts";

const decode = (jwt: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString("utf8"));

describe("a desktop pairing by hand", () => {
  test("goes from creation through the agent to an active device, is named, and deleted", async () => {
    const { simulator, call, create, devices, activate } = await signedIn();

    const created = await create({ policy: { id: simulator.policyId } });
    const answered = await askAgent(simulator, textAt(created.body, "pingIdDesktopCredentialCreationOptions"));
    expect(answered.status).toBe(200);
    expect(answered.text).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(decode(answered.text)).toMatchObject({ origin, unitId: simulator.world.agent.unitId });

    const id = textAt(created.body, "id");
    const activated = await activate(id, answered.text);
    expect(activated.status).toBe(200);
    expect(activated.body).toEqual({
      _links: {
        self: at(created.body, "_links.self"),
        environment: at(created.body, "_links.environment"),
        user: at(created.body, "_links.user"),
      },
      rp: { id: "pingone.eu", name: "pingone.eu" },
      id,
      environment: at(created.body, "environment"),
      user: at(created.body, "user"),
      type: "PINGID_DESKTOP_GEN2",
      status: "ACTIVE",
      createdAt: at(created.body, "createdAt"),
      updatedAt: expect.any(String),
      nickname: "PingID Desktop",
      lock: { status: "UNLOCKED" },
      block: { status: "UNBLOCKED" },
      os: { type: "MAC", version: "15.7.3" },
      model: {},
      application: { id: expect.any(String), nativeName: "PingID Desktop", version: "1.0.0", pushSandbox: false },
      unitId: simulator.world.agent.unitId,
    });
    expect((await call("GET", `${devices}/${id}`)).body).toEqual(activated.body);

    const named = await call("PUT", `${devices}/${id}/nickname`, { json: { nickname: "Front desk" } });
    expect(named.body).toMatchObject({ id, nickname: "Front desk", status: "ACTIVE" });
    expect((await call("DELETE", `${devices}/${id}`)).status).toBe(204);
    expect(simulator.world.devicesOf(textAt(created.body, "user.id"))).toEqual([]);
    expect(simulator.world.agent.registerCount).toBe(1);
  });

  test("can be done twice from one workstation: same unit, other credentials", async () => {
    const { simulator, userId, pair } = await signedIn();
    await pair();
    await pair();
    const [first, second] = simulator.world.devicesOf(userId);
    expect(first?.typeFields["unitId"]).toBe(second?.typeFields["unitId"]);
    expect(first?.credential?.id).not.toBe(second?.credential?.id);
  });

  test("a device is activated once, even when two requests arrive together", async () => {
    const { begin, activate } = await signedIn();
    const { id, answered } = await begin();
    const replies = await Promise.all([activate(id, answered.text), activate(id, answered.text)]);
    expect(replies.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([200, 400]);
    expectRefusal(await activate(id, answered.text), 400, "INVALID_DATA", { code: "INVALID_VALUE", target: "status" });
  });
});

describe("an activation", () => {
  test("needs its media type, a body, and an attestation that is a string", async () => {
    const { call, devices, begin, activate } = await signedIn();
    const { id, answered } = await begin();
    const path = `${devices}/${id}`;
    const json = { attestation: answered.text };
    expectRefusal(await call("POST", path, { json }), 415, "INVALID_REQUEST");
    expectRefusal(await call("POST", path, { text: answered.text, type: "application/jwt" }), 415, "INVALID_REQUEST");
    expectRefusal(await call("POST", path, { text: "", type: activateType }), 400, "INVALID_REQUEST");
    const target = "attestation";
    expectRefusal(await activate(id, undefined), 400, "INVALID_DATA", { code: "REQUIRED_VALUE", target });
    expectRefusal(await activate(id, { jwt: answered.text }), 400, "INVALID_DATA", { code: "INVALID_VALUE", target });
    expect((await activate(id, answered.text)).status).toBe(200);
  });

  test("of a blocked device is refused", async () => {
    const { call, devices, begin, activate } = await signedIn();
    const { id, answered } = await begin();
    await call("POST", `${devices}/${id}`, { text: "", type: "application/vnd.pingidentity.device.block+json" });
    expectRefusal(await activate(id, answered.text), 400, "INVALID_DATA", {
      code: "INVALID_VALUE",
      target: "block.status",
    });
  });
});

/** Signs an attestation for the options as the agent would, with some claims changed. */
const forge = async (options: string, changes: AgentClaims, now = Date.now()): Promise<string> => {
  const claims = decode(options);
  return signAttestation(
    await createCredential(),
    {
      options: {
        iss: textAt(claims, "iss"),
        jti: textAt(claims, "jti"),
        challenge: textAt(claims, "challenge"),
        rp: { id: textAt(claims, "rp.id") },
        purpose: "register",
      },
      origin,
      unitId: "11111111-2222-4333-8444-555555555555",
      now,
    },
    changes,
  );
};

describe("the check of the attestation", () => {
  test.each<[string, AgentClaims, string]>([
    [
      "another environment",
      { aud: "https://auth.pingone.eu/other/as" },
      "The attestation was made for another environment.",
    ],
    ["other options", { optionsJti: "other" }, "The attestation answers other creation options."],
    ["another challenge", { challenge: "other" }, "The attestation answers another challenge."],
    ["another relying party", { rp: { id: "pingone.com" } }, "The attestation is for another relying party."],
    ["an expiry that is over", { exp: 1 }, "The attestation has expired."],
    [
      "a foreign origin",
      { origin: "https://evilpingone.eu" },
      "The origin of the attestation is not within the relying party.",
    ],
    [
      "an origin without TLS",
      { origin: "http://app.pingone.eu" },
      "The origin of the attestation is not within the relying party.",
    ],
    ["no verified user", { uv: false }, "The user was not verified."],
    ["a missing claim", { unitId: undefined }, "The attestation lacks a claim or has one of the wrong type."],
    ["a claim of the wrong type", { os: "MAC" }, "The attestation lacks a claim or has one of the wrong type."],
  ])("refuses %s in its own words", async (_name, changes, message) => {
    const { simulator, begin, activate } = await signedIn();
    const { id, options } = await begin();
    const reply = await activate(id, await forge(options, changes));
    expectRefusal(reply, 400, "INVALID_DATA", { code: "INVALID_VALUE", target: "attestation", message });
    expect(simulator.world.devices.get(id)?.status).toBe("ACTIVATION_REQUIRED");
  });

  test("passes the same attestation unchanged", async () => {
    const { begin, activate } = await signedIn();
    const { id, options } = await begin();
    expect((await activate(id, await forge(options, {}))).status).toBe(200);
  });

  test("refuses what is no JWT, has no key, is unsigned, or is signed by another key", async () => {
    const { begin, activate, call, devices } = await signedIn();
    const { id, options, answered } = await begin();
    const [header = "", payload = "", signature = ""] = answered.text.split(".");
    const { privateKey } = await generateKeyPair("ES256");
    const other = await exportJWK((await generateKeyPair("ES256")).publicKey);
    const withOtherKey = await new SignJWT(decode(answered.text))
      .setProtectedHeader({ alg: "ES256", jwk: other })
      .sign(privateKey);
    const unsigned = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
    const changed = Buffer.from(JSON.stringify({ ...decode(answered.text), uv: false })).toString("base64url");
    const noJwt = "The attestation is not a JWT.";
    const noKey = "The attestation does not carry an ES256 key in its header.";
    const wrong = "The signature of the attestation does not match its key.";
    const unlock = { text: "", type: "application/vnd.pingidentity.device.unlock+json" };
    for (const [attestation, message] of [
      ["", noJwt],
      ["a.b.c", noJwt],
      [`${header}.${payload}`, noJwt],
      [`${unsigned}.${payload}.`, noKey],
      [options, noKey],
      [withOtherKey, wrong],
      [`${header}.${changed}.${signature}`, wrong],
    ] as const) {
      const reply = await activate(id, attestation);
      expectRefusal(reply, 400, "INVALID_DATA", { code: "INVALID_VALUE", target: "attestation", message });
      expect((await call("POST", `${devices}/${id}`, unlock)).status).toBe(200);
    }
    expect((await activate(id, answered.text)).status).toBe(200);
  });

  test("refuses an attestation of another pending device", async () => {
    const { begin, activate } = await signedIn();
    const [first, second] = [await begin(), await begin()];
    expectRefusal(await activate(first.id, second.answered.text), 400, "INVALID_DATA", { code: "INVALID_VALUE" });
    expect((await activate(first.id, first.answered.text)).status).toBe(200);
  });

  test("refuses options that are older than five minutes, however fresh the attestation", async () => {
    let now = Date.parse("2026-03-01T12:00:00.000Z");
    const { begin, activate } = await signedIn({ now: () => now });
    const { id, options } = await begin();
    now += 300_000;
    const message = "The creation options have expired.";
    expectRefusal(await activate(id, await forge(options, {}, now)), 400, "INVALID_DATA", {
      code: "INVALID_VALUE",
      target: "attestation",
      message,
    });
  });

  test("locks the device after three refusals, for two minutes or until it is unlocked", async () => {
    let now = Date.parse("2026-03-01T12:00:00.000Z");
    const { call, devices, begin, activate } = await signedIn({ now: () => now });
    const { id, answered } = await begin();
    const refused = { code: "INVALID_VALUE", target: "attestation" };
    const locked = { code: "INVALID_VALUE", target: "lock.status" };
    for (let count = 0; count < 3; count += 1) expectRefusal(await activate(id, "x"), 400, "INVALID_DATA", refused);
    expectRefusal(await activate(id, answered.text), 400, "INVALID_DATA", locked);
    expect((await call("GET", `${devices}/${id}`)).body).toMatchObject({
      lock: { status: "LOCKED", expiresAt: "2026-03-01T12:02:00.000Z" },
    });
    now += 120_000;
    expectRefusal(await activate(id, "x"), 400, "INVALID_DATA", refused);
    expect((await activate(id, answered.text)).status).toBe(200);
  });
});
