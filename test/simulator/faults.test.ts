import { describe, expect, test } from "vitest";
import type { FaultName } from "../../src/simulator/index.ts";
import {
  askAgent,
  at,
  basic,
  callerOf,
  expectRefusal,
  fetchToken,
  formType,
  open,
  type Reply,
  send,
  textAt,
} from "./client.ts";
import { base64urlOf, optionsName as keyOptionsName, readOptions, withKeys } from "./fido2-client.ts";
import { signInTable } from "./sign-in-faults.ts";

type Scene = Awaited<ReturnType<typeof withKeys>>;

const optionsName = "pingIdDesktopCredentialCreationOptions";

const isHtml = (reply: Reply): void => {
  expect(reply.headers.get("content-type")).toContain("text/html");
  expect(reply.body).toBeNull();
};

/** The connection ends without a whole answer. */
const isLost = (request: Promise<Reply>) => expect(request).rejects.toThrow();

const pendingCount = ({ simulator }: Scene): number => simulator.world.pendingDevices().length;

const statusOf = ({ simulator }: Scene, id: string): string | undefined => simulator.world.devices.get(id)?.status;

/** Begins a pairing in good health, then switches the fault on for the activation. */
const activateUnder = async (scene: Scene, name: FaultName) => {
  const { id, answered } = await scene.begin();
  scene.simulator.setFault(name);
  return { id, activated: scene.activate(id, answered.text) };
};

/** Creates a device in good health, then lets the agent answer under the fault. */
const askUnder = async (scene: Scene, name: FaultName) => {
  const options = textAt((await scene.create()).body, optionsName);
  scene.simulator.setFault(name);
  return askAgent(scene.simulator, options);
};

/** The options for a user who has a key already: as they usually are, and as the fault writes them. */
const bothForms = async (scene: Scene, name: FaultName) => {
  await scene.enrol();
  const usual = readOptions(await scene.createKey());
  scene.simulator.setFault(name, 1);
  const created = await scene.createKey();
  return { usual, written: created.body?.[keyOptionsName], id: textAt(created.body, "id") };
};

/** However they are written, they are the options of a pairing that succeeds. */
const succeeds = async (scene: Scene, id: string, options: unknown): Promise<void> => {
  expect((await scene.activateKey(id, scene.answer(options).body)).body).toMatchObject({ status: "ACTIVE" });
};

const unexpected = { code: "UNEXPECTED_ERROR" };

/** What each fault does, as its description promises. */
const table: Readonly<Record<FaultName, (scene: Scene, name: FaultName) => Promise<void>>> = {
  ...signInTable,
  "token-refused": async ({ simulator }, name) => {
    simulator.setFault(name);
    const reply = await send("POST", `${simulator.authUrl}/${simulator.environmentId}/as/token`, {
      text: "grant_type=client_credentials",
      type: formType,
      headers: { authorization: basic(simulator.clientId, simulator.clientSecret) },
    });
    expect([reply.status, at(reply.body, "error")]).toEqual([401, "invalid_client"]);
  },
  "token-expires-at-once": async ({ simulator, call }, name) => {
    simulator.setFault(name);
    expectRefusal(await call("GET", ""), 401, "ACCESS_FAILED", { code: "INVALID_TOKEN" });
    expect(simulator.activeFault()).toBeNull();
    // That token stays refused, a new one works: repeating the request without a new token is no remedy.
    expectRefusal(await call("GET", ""), 401, "ACCESS_FAILED", { code: "INVALID_TOKEN" });
    expect((await callerOf(simulator, await fetchToken(simulator))("GET", "")).status).toBe(200);
  },
  "roles-missing": async ({ simulator, call, create, userId }, name) => {
    simulator.setFault(name);
    for (const reply of [await call("GET", ""), await call("GET", `/users/${userId}`), await create()]) {
      expectRefusal(reply, 403, "ACCESS_FAILED", { code: "INSUFFICIENT_PERMISSIONS" });
    }
  },
  "policies-forbidden": async ({ simulator, call, create }, name) => {
    simulator.setFault(name);
    const forbidden = [
      "/deviceAuthenticationPolicies",
      `/deviceAuthenticationPolicies/${simulator.policyId}`,
      "/fido2Policies",
      "/mfaSettings",
      "/capabilities",
    ];
    for (const path of forbidden) {
      expectRefusal(await call("GET", path), 403, "ACCESS_FAILED", { code: "INSUFFICIENT_PERMISSIONS" });
    }
    for (const path of ["", "/users", "/populations"]) expect((await call("GET", path)).status).toBe(200);
    expect((await create()).status).toBe(201);
  },
  "extra-fields": async (scene, name) => {
    const { simulator, call, devices, userId } = scene;
    simulator.setFault(name);
    const id = await scene.pair();
    const device = await call("GET", `${devices}/${id}`);
    expect(device.body).toMatchObject({ id, status: "ACTIVE", addedLater: {}, os: { type: "MAC", addedLater: {} } });
    expect(at(device.body, "_links.addedLater")).toBeDefined();
    const list = await call("GET", devices);
    expect(at(list.body, "_embedded.devices")).toMatchObject([{ id }, { type: "HOLOGRAM", status: "SUSPENDED" }]);
    const user = await call("GET", `/users/${userId}`);
    expect(user.body).toMatchObject({ username: "ada@example.com", lifecycle: { status: "ACCOUNT_FLOATING" } });
    const refused = await call("GET", `${devices}/x`);
    expectRefusal(refused, 404, "NOT_FOUND");
    expect(refused.body).toHaveProperty("addedLater");
  },
  "user-500": async ({ simulator, call, userId }, name) => {
    simulator.setFault(name);
    for (const path of ["/users", `/users/${userId}`, "/users"]) {
      expectRefusal(await call("GET", path), 500, unexpected.code);
    }
  },
  "user-500-once": async ({ simulator, call, userId }, name) => {
    simulator.setFault(name);
    expectRefusal(await call("GET", `/users/${userId}`), 500, unexpected.code);
    expect((await call("GET", `/users/${userId}`)).status).toBe(200);
    expect(simulator.activeFault()).toBeNull();
  },
  "pairing-disabled": async (scene, name) => {
    scene.simulator.setFault(name);
    expectRefusal(await scene.create(), 400, "INVALID_DATA", { code: "INVALID_VALUE", target: "type" });
    expect(pendingCount(scene)).toBe(0);
  },
  "device-limit": async (scene, name) => {
    scene.simulator.setFault(name);
    const reply = await scene.create();
    expectRefusal(reply, 429, "REQUEST_LIMITED", { code: "LIMIT_EXCEEDED" });
    expect(reply.headers.has("retry-after")).toBe(false);
    expect(pendingCount(scene)).toBe(0);
  },
  "licence-exceeded": async (scene, name) => {
    scene.simulator.setFault(name);
    expectRefusal(await scene.create(), 403, "ACCESS_FAILED", { code: "LICENSE_EXCEEDED" });
    expect(pendingCount(scene)).toBe(0);
  },
  "create-429-retry": async (scene, name) => {
    scene.simulator.setFault(name);
    const reply = await scene.create();
    expectRefusal(reply, 429, "REQUEST_LIMITED");
    expect(reply.headers.get("retry-after")).toBe("1");
    expect(reply.body).not.toHaveProperty("details");
    expect(pendingCount(scene)).toBe(0);
  },
  "create-429-no-header": async (scene, name) => {
    scene.simulator.setFault(name);
    const reply = await scene.create();
    expectRefusal(reply, 429, "REQUEST_LIMITED");
    expect(reply.headers.has("retry-after")).toBe(false);
    expect(reply.body).not.toHaveProperty("details");
    expect(pendingCount(scene)).toBe(0);
  },
  "create-500-html": async (scene, name) => {
    scene.simulator.setFault(name);
    const reply = await scene.create();
    expect(reply.status).toBe(500);
    isHtml(reply);
    expect(reply.headers.has("correlation-id")).toBe(true);
    expect(pendingCount(scene)).toBe(0);
  },
  "create-502": async (scene, name) => {
    scene.simulator.setFault(name);
    const reply = await scene.create();
    expect(reply.status).toBe(502);
    isHtml(reply);
    expect(pendingCount(scene)).toBe(0);
  },
  "create-503-retry": async (scene, name) => {
    scene.simulator.setFault(name);
    const reply = await scene.create();
    expect(reply.status).toBe(503);
    // 12:00:00.500 by the server's clock: one second later, rounded up.
    expect(reply.headers.get("retry-after")).toBe("Sun, 01 Mar 2026 12:00:02 GMT");
    expect(pendingCount(scene)).toBe(0);
  },
  "create-lost-before": async (scene, name) => {
    scene.simulator.setFault(name);
    await isLost(scene.create());
    expect(pendingCount(scene)).toBe(0);
    expect(scene.simulator.world.log.at(-1)).toMatchObject({ status: null, correlationId: null, wrote: false });
  },
  "create-lost": async (scene, name) => {
    scene.simulator.setFault(name);
    await isLost(scene.create());
    expect(pendingCount(scene)).toBe(1);
    expect(scene.simulator.world.log.at(-1)).toMatchObject({ operation: "create-device", status: null, wrote: true });
  },
  "create-cut": async (scene, name) => {
    scene.simulator.setFault(name);
    await isLost(scene.create());
    expect(pendingCount(scene)).toBe(1);
  },
  "create-truncated": async (scene, name) => {
    scene.simulator.setFault(name);
    const reply = await scene.create();
    expect(reply.status).toBe(201);
    expect(reply.text).toMatch(/^\{"_links"/);
    expect(reply.body).toBeNull();
    expect(pendingCount(scene)).toBe(1);
  },
  "create-without-jwt": async (scene, name) => {
    scene.simulator.setFault(name);
    const reply = await scene.create();
    expect(reply.body).toMatchObject({ status: "ACTIVATION_REQUIRED", id: expect.any(String) });
    expect(reply.body).not.toHaveProperty(optionsName);
    expect(pendingCount(scene)).toBe(1);
  },
  "create-not-json": async (scene, name) => {
    scene.simulator.setFault(name);
    const reply = await scene.create();
    expect([reply.status, reply.body]).toEqual([201, null]);
    expect(pendingCount(scene)).toBe(1);
  },
  "create-slow": async (scene, name) => {
    scene.simulator.setFault(name);
    const before = performance.now();
    expect((await scene.create()).status).toBe(201);
    expect(performance.now() - before).toBeGreaterThan(58);
  },
  "device-404": async (scene, name) => {
    const id = await scene.pair();
    scene.simulator.setFault(name, 1);
    expectRefusal(await scene.call("GET", `${scene.devices}/${id}`), 404, "NOT_FOUND");
    expect((await scene.call("GET", `${scene.devices}/${id}`)).status).toBe(200);
  },
  "activate-refused": async (scene, name) => {
    const { id, activated } = await activateUnder(scene, name);
    expectRefusal(await activated, 400, "INVALID_DATA", { code: "INVALID_VALUE", target: "attestation" });
    expect(statusOf(scene, id)).toBe("ACTIVATION_REQUIRED");
  },
  "activate-404": async (scene, name) => {
    const { id, activated } = await activateUnder(scene, name);
    expectRefusal(await activated, 404, "NOT_FOUND");
    expect(statusOf(scene, id)).toBe("ACTIVATION_REQUIRED");
  },
  "activate-500": async (scene, name) => {
    const { id, activated } = await activateUnder(scene, name);
    expectRefusal(await activated, 500, unexpected.code);
    expect(statusOf(scene, id)).toBe("ACTIVATION_REQUIRED");
  },
  "activate-lost": async (scene, name) => {
    const { id, activated } = await activateUnder(scene, name);
    await isLost(activated);
    expect(statusOf(scene, id)).toBe("ACTIVE");
  },
  "activate-lost-before": async (scene, name) => {
    const { id, activated } = await activateUnder(scene, name);
    await isLost(activated);
    expect(statusOf(scene, id)).toBe("ACTIVATION_REQUIRED");
  },
  "delete-500": async (scene, name) => {
    const id = await scene.pair();
    scene.simulator.setFault(name);
    expectRefusal(await scene.call("DELETE", `${scene.devices}/${id}`), 500, unexpected.code);
    expect(statusOf(scene, id)).toBe("ACTIVE");
  },
  "delete-lost": async (scene, name) => {
    const id = await scene.pair();
    scene.simulator.setFault(name);
    await isLost(scene.call("DELETE", `${scene.devices}/${id}`));
    expect(statusOf(scene, id)).toBeUndefined();
  },
  "nickname-500": async (scene, name) => {
    const id = await scene.pair();
    scene.simulator.setFault(name);
    const reply = await scene.call("PUT", `${scene.devices}/${id}/nickname`, { json: { nickname: "x" } });
    expectRefusal(reply, 500, unexpected.code);
    expect(scene.simulator.world.devices.get(id)?.nickname).toBe("PingID Desktop");
  },
  "fido2-options-unsigned": async (scene, name) => {
    const { usual, written, id } = await bothForms(scene, name);
    const options = JSON.parse(String(written));
    const unsigned = (bytes: unknown) => [...Buffer.from(base64urlOf(bytes), "base64url")];
    expect(at(options, "user.id")).toEqual(unsigned(at(usual, "user.id")));
    expect(at(options, "excludeCredentials.0.id")).toEqual(unsigned(at(usual, "excludeCredentials.0.id")));
    expect(at(options, "challenge")).toSatisfy((bytes: number[]) => bytes.every((byte) => byte >= 0 && byte < 256));
    await succeeds(scene, id, options);
  },
  "fido2-options-base64url": async (scene, name) => {
    const { usual, written, id } = await bothForms(scene, name);
    const options = JSON.parse(String(written));
    expect(at(options, "user.id")).toBe(base64urlOf(at(usual, "user.id")));
    expect(at(options, "excludeCredentials.0.id")).toBe(base64urlOf(at(usual, "excludeCredentials.0.id")));
    expect(at(options, "pubKeyCredParams.0")).toEqual({ type: "public-key", alg: -7 });
    await succeeds(scene, id, options);
  },
  "fido2-options-object": async (scene, name) => {
    const { usual, written, id } = await bothForms(scene, name);
    expect(written).toEqual({ ...Object(usual), challenge: expect.any(Array) });
    await succeeds(scene, id, written);
  },
  "fido2-without-options": async (scene, name) => {
    scene.simulator.setFault(name);
    const reply = await scene.createKey();
    expect(reply.body).toMatchObject({ status: "ACTIVATION_REQUIRED", id: expect.any(String) });
    expect(reply.body).not.toHaveProperty(keyOptionsName);
    expect(pendingCount(scene)).toBe(1);
  },
  "fido2-other-rp": async (scene, name) => {
    scene.simulator.setFault(name);
    const reply = await scene.createKey();
    expect(at(reply.body, "rp.id")).toBe("pingone.eu");
    expect(at(readOptions(reply), "rp.id")).toBe("another-company.example");
    // Whoever answers such options all the same is refused.
    const { body } = scene.answer(readOptions(reply), { origin: "https://another-company.example" });
    const activated = await scene.activateKey(textAt(reply.body, "id"), body);
    expectRefusal(activated, 400, "INVALID_DATA", { code: "INVALID_VALUE", target: "origin" });
  },
  "fido2-pairing-disabled": async (scene, name) => {
    scene.simulator.setFault(name);
    expectRefusal(await scene.createKey(), 400, "INVALID_DATA", { code: "INVALID_VALUE", target: "type" });
    expect(pendingCount(scene)).toBe(0);
    await scene.pair();
  },
  "agent-html": async (scene, name) => {
    const reply = await askUnder(scene, name);
    expect(reply.status).toBe(200);
    isHtml(reply);
    // Another program answers whatever is asked.
    isHtml(await send("GET", `${scene.simulator.agentUrl}/`));
  },
  "agent-redirect": async (scene, name) => {
    const reply = await askUnder(scene, name);
    expect(reply.status).toBe(302);
    const target = reply.headers.get("location") ?? "";
    expect(new URL(target).host).toBe(new URL(scene.simulator.agentUrl).host);
    expect(scene.simulator.world.agent.redirectsFollowed).toBe(0);
    await send("GET", target);
    expect(scene.simulator.world.agent.redirectsFollowed).toBe(1);
  },
  "agent-404": async (scene, name) => {
    expect((await askUnder(scene, name)).status).toBe(404);
  },
  "agent-garbage": async (scene, name) => {
    const reply = await askUnder(scene, name);
    expect(reply.status).toBe(200);
    expect(reply.text).not.toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  },
  "agent-silent": async ({ simulator, create }, name) => {
    const options = textAt((await create()).body, optionsName);
    simulator.setFault(name);
    const asked = askAgent(simulator, options);
    await expect.poll(() => simulator.world.log.at(-1)).toMatchObject({ operation: "register", status: null });
    // Only the end of the simulator ends the silence.
    await Promise.all([simulator.close(), isLost(asked)]);
  },
  "agent-reset": async (scene, name) => {
    await isLost(askUnder(scene, name));
    expect(scene.simulator.world.agent.registerCount).toBe(1);
  },
  "agent-bare": async (scene, name) => {
    const { id, answered } = await (scene.simulator.setFault(name), scene.begin());
    expect((await scene.activate(id, answered.text)).status).toBe(200);
  },
  "agent-json": async (scene, name) => {
    const { id, answered } = await (scene.simulator.setFault(name), scene.begin());
    expect(answered.headers.get("content-type")).toContain("application/json");
    expect((await scene.activate(id, textAt(answered.body, "attestation"))).status).toBe(200);
  },
  "agent-user-cancelled": async (scene, name) => {
    const reply = await askUnder(scene, name);
    expect([reply.status, reply.body]).toEqual([403, { error: "user_cancelled" }]);
  },
  "agent-user-too-slow": async (scene, name) => {
    const reply = await askUnder(scene, name);
    expect([reply.status, reply.body]).toEqual([408, { error: "timeout" }]);
  },
  "agent-no-biometrics": async (scene, name) => {
    const reply = await askUnder(scene, name);
    expect([reply.status, reply.body]).toEqual([409, { error: "biometric_unavailable" }]);
  },
  "agent-busy": async (scene, name) => {
    const reply = await askUnder(scene, name);
    expect([reply.status, reply.body]).toEqual([409, { error: "busy" }]);
  },
  "agent-500": async (scene, name) => {
    expect((await askUnder(scene, name)).status).toBe(500);
  },
  "agent-wrong-attestation": async (scene, name) => {
    const { id, answered } = await (scene.simulator.setFault(name), scene.begin());
    expectRefusal(await scene.activate(id, answered.text), 400, "INVALID_DATA", {
      code: "INVALID_VALUE",
      target: "attestation",
      message: "The attestation answers another challenge.",
    });
  },
};

describe("each fault does what its description says", () => {
  test.each(Object.entries(table))("%s", async (name, check) => {
    const scene = await withKeys({ slowMs: 60, now: () => Date.parse("2026-03-01T12:00:00.500Z") });
    const fault = scene.simulator.faults.find((known) => known.name === name);
    if (fault === undefined) throw new Error(`The simulator does not list ${name}.`);
    await check(scene, fault.name);
  });
});

describe("the switch", () => {
  test("lists exactly the faults of this table, each with one sentence", async () => {
    const { faults } = await open();
    expect(faults.map(({ name }) => name).toSorted()).toEqual(Object.keys(table).toSorted());
    for (const { name, description, pairing } of faults) {
      if (name.startsWith("agent-")) expect(pairing).toBe("desktop");
      else expect(pairing === "fido2").toBe(name.startsWith("fido2-"));
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(description).toMatch(/^[A-Z][^.]{15,120}\.$/);
    }
  });

  test("counts only the requests that a fault is about, then is healthy", async () => {
    const scene = await withKeys();
    scene.simulator.setFault("create-500-html", 2);
    expect((await scene.call("GET", "")).status).toBe(200);
    expect((await scene.create()).status).toBe(500);
    expect(scene.simulator.activeFault()).toBe("create-500-html");
    expect((await scene.create()).status).toBe(500);
    expect(scene.simulator.activeFault()).toBeNull();
    expect((await scene.create()).status).toBe(201);
  });

  test("lasts until it is switched off, and then everything works", async () => {
    const scene = await withKeys();
    scene.simulator.setFault("create-502");
    for (let count = 0; count < 4; count += 1) expect((await scene.create()).status).toBe(502);
    scene.simulator.setFault(null);
    await scene.pair();
  });

  test("does not hide what is wrong with the request", async () => {
    const scene = await withKeys();
    scene.simulator.setFault("roles-missing");
    const environment = `${scene.simulator.apiUrl}/environments/${scene.simulator.environmentId}`;
    expectRefusal(await send("GET", environment), 401, "ACCESS_FAILED", { code: "INVALID_TOKEN" });
    expectRefusal(await scene.call("GET", "/nothing"), 404, "NOT_FOUND");
  });
});
