import { randomUUID } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from "jose";
import { describe, expect, test } from "vitest";
import { createAgent } from "../../src/simulator/agent.ts";
import { signCreationOptions, signRequestOptions } from "../../src/simulator/credentials.ts";
import { createKeys } from "../../src/simulator/keys.ts";
import { originBelongsTo } from "../../src/simulator/relying-party.ts";
import { workerKeys } from "../../src/simulator/sign-in/worker-keys.ts";
import { createWorld } from "../../src/simulator/world.ts";
import { askAgent, at, fetchToken, origin, send, signedIn, textAt } from "./client.ts";

const optionsOf = async (create: () => Promise<{ body: unknown }>): Promise<string> =>
  textAt((await create()).body, "pingIdDesktopCredentialCreationOptions");

describe("the agent's /register", () => {
  test("answers signed options with an attestation by a new key", async () => {
    const { simulator, create } = await signedIn();
    const options = await optionsOf(create);
    const reply = await askAgent(simulator, options);
    expect(reply.status).toBe(200);
    const { alg, jwk } = decodeProtectedHeader(reply.text);
    expect(alg).toBe("ES256");
    expect(jwk).not.toHaveProperty("d");
    const { payload } = await jwtVerify(reply.text, await importJWK(jwk ?? {}, "ES256"));
    const asked = decodeJwt(options);
    expect(payload).toMatchObject({
      iss: "pingid-desktop-agent",
      aud: asked.iss,
      optionsJti: asked.jti,
      challenge: asked["challenge"],
      rp: { id: "pingone.eu" },
      origin,
      unitId: simulator.world.agent.unitId,
      uv: true,
    });
  });

  test("takes the options with white space around them, and a media type with parameters", async () => {
    const { simulator, create } = await signedIn();
    const options = await optionsOf(create);
    const reply = await askAgent(simulator, `\n${options}\n`, { type: "application/jwt; charset=utf-8" });
    expect(reply.status).toBe(200);
  });

  test.each(["text/plain", "application/json", "application/x-www-form-urlencoded"])(
    "refuses the media type %s",
    async (type) => {
      const { simulator, create } = await signedIn();
      const reply = await askAgent(simulator, await optionsOf(create), { type });
      expect([reply.status, reply.body]).toEqual([415, { error: "unsupported_media_type" }]);
    },
  );

  test.each([
    "null",
    "pingone.eu",
    "http://app.pingone.eu",
    "https://pingone.com",
    "https://evilpingone.eu",
    "https://app.pingone.eu.evil.example",
    "https://app.pingone.eu/register",
    "https://user@app.pingone.eu",
  ])("refuses the origin %s, and the options stay good", async (wrong) => {
    const { simulator, create } = await signedIn();
    const options = await optionsOf(create);
    const reply = await askAgent(simulator, options, { headers: { origin: wrong } });
    expect([reply.status, reply.body]).toEqual([403, { error: "origin_not_allowed" }]);
    expect((await askAgent(simulator, options)).status).toBe(200);
  });

  test("refuses a request without origin", async () => {
    const { simulator, create } = await signedIn();
    const extras = { text: await optionsOf(create), type: "application/jwt" };
    const reply = await send("POST", `${simulator.agentUrl}/register`, extras);
    expect([reply.status, reply.body]).toEqual([403, { error: "origin_not_allowed" }]);
  });

  test("accepts the relying party itself as origin", async () => {
    const { simulator, create } = await signedIn();
    const reply = await askAgent(simulator, await optionsOf(create), { headers: { origin: "https://pingone.eu" } });
    expect(reply.status).toBe(200);
  });

  test("refuses what PingOne has not signed for it", async () => {
    const { simulator, create } = await signedIn();
    const options = await optionsOf(create);
    const { create: createElsewhere } = await signedIn();
    const [header, payload] = options.split(".");
    const wrong = [
      "",
      "rubbish",
      `${header}.${payload}.`,
      options.slice(0, -10),
      await fetchToken(simulator),
      await optionsOf(createElsewhere),
    ];
    for (const jwt of wrong) {
      const reply = await askAgent(simulator, jwt);
      expect([reply.status, reply.body]).toEqual([400, { error: "invalid_request_jwt" }]);
    }
  });

  test("refuses options after five minutes", async () => {
    let now = Date.parse("2026-03-01T12:00:00.000Z");
    const { simulator, create } = await signedIn({ now: () => now });
    const options = await optionsOf(create);
    now += 300_000;
    expect((await askAgent(simulator, options)).status).toBe(400);
  });

  test("answers the same options once, and counts every call", async () => {
    const { simulator, create } = await signedIn();
    const options = await optionsOf(create);
    expect((await askAgent(simulator, options)).status).toBe(200);
    expect((await askAgent(simulator, options)).status).toBe(400);
    expect(simulator.world.agent.registerCount).toBe(2);
  });

  test("waits for the user to approve", async () => {
    const { simulator, create } = await signedIn({ approvalMs: 60 });
    const options = await optionsOf(create);
    const before = performance.now();
    expect((await askAgent(simulator, options)).status).toBe(200);
    // Timers count whole milliseconds, so one may end a little early.
    expect(performance.now() - before).toBeGreaterThan(58);
  });

  test("is the only thing there: other paths and methods are not found", async () => {
    const { simulator } = await signedIn();
    for (const [method, path] of [
      ["GET", "/register"],
      ["PUT", "/register"],
      ["POST", "/"],
      ["POST", "/register/"],
      ["GET", "/"],
    ] as const) {
      expect((await send(method, `${simulator.agentUrl}${path}`)).status).toBe(404);
    }
    expect(simulator.world.agent.registerCount).toBe(0);
  });
});

describe("the agent as a function, without a socket", () => {
  const start = async () => {
    const world = createWorld("pingone.eu", await workerKeys());
    const keys = await createKeys();
    const agent = createAgent({ world, keys, now: Date.now }, { name: null, left: 0 }, 0);
    const ask = async (path: string, body: string) => {
      const headers = { "content-type": "application/jwt", origin };
      const { answer } = await agent({ method: "POST", path, query: new URLSearchParams(), headers, body });
      if (answer.kind !== "reply") throw new Error("The agent has sent no reply.");
      return answer.reply;
    };
    const subject = () => ({
      issuer: "https://auth.pingone.eu/environment/as",
      environmentId: world.environmentId,
      user: { id: "user", username: "ada@example.com" },
      relyingParty: { id: "pingone.eu", name: "pingone.eu" },
      challenge: randomUUID(),
      id: randomUUID(),
    });
    return { world, keys, ask, subject };
  };

  test("registers, and then authenticates with what it has registered", async () => {
    const { world, keys, ask, subject } = await start();
    const registered = await ask("/register", await signCreationOptions(keys, subject(), "device", Date.now()));
    const { sub = "" } = decodeJwt(registered.body);
    const key = await importJWK(decodeProtectedHeader(registered.body).jwk ?? {}, "ES256");

    const about = subject();
    const allowed = { id: randomUUID(), allowCredentials: [sub] };
    const asserted = await ask("/authenticate", await signRequestOptions(keys, about, allowed, Date.now()));
    expect(asserted.status).toBe(200);
    const { payload, protectedHeader } = await jwtVerify(asserted.body, key);
    expect(protectedHeader.kid).toBe(sub);
    expect(payload).toMatchObject({ challenge: about.challenge, optionsJti: about.id, origin });
    expect(payload).not.toHaveProperty("os");
    expect(world.agent).toMatchObject({ registerCount: 1, authenticateCount: 1 });
  });

  test("refuses to authenticate without a credential of its own, and with options for the other purpose", async () => {
    const { keys, ask, subject } = await start();
    const request = await signRequestOptions(keys, subject(), { id: "x", allowCredentials: ["foreign"] }, Date.now());
    expect((await ask("/authenticate", request)).status).toBe(400);
    const forOther = await ask("/register", request);
    expect(at(JSON.parse(forOther.body), "error")).toBe("invalid_request_jwt");
  });
});

test.each([
  ["https://pingone.eu", true],
  ["https://app.pingone.eu", true],
  ["https://a.b.pingone.eu:8443", true],
  ["https://app.pingone.eu/", false],
  ["https://APP.pingone.eu", false],
  ["https://xpingone.eu", false],
  ["https://pingone.eu.example", false],
  ["http://pingone.eu", false],
  ["file:///pingone.eu", false],
  ["", false],
])("the origin %j belongs to pingone.eu: %s", (given, expected) => {
  expect(originBelongsTo(given, "pingone.eu")).toBe(expected);
});
