import { describe, expect, test } from "vitest";
import {
  activateType,
  askAgent,
  callerOf,
  desktopRequest,
  expectRefusal,
  fetchToken,
  open,
  type Reply,
  textAt,
  userNamed,
} from "./client.ts";
import { selfServiceScope, signInAs, signInAsUser } from "./sign-in-client.ts";

type Call = ReturnType<typeof callerOf>;

const isForbidden = (reply: Reply): void =>
  expectRefusal(reply, 403, "ACCESS_FAILED", { code: "INSUFFICIENT_PERMISSIONS" });

const configurationPaths = [
  "",
  "/capabilities",
  "/deviceAuthenticationPolicies",
  "/fido2Policies",
  "/mfaSettings",
] as const;

const blockType = "application/vnd.pingidentity.device.block+json";

const create = (call: Call, userId: string) => call("POST", `/users/${userId}/devices`, { json: desktopRequest });

describe("an administrator", () => {
  const enter = async (username: string) => {
    const simulator = await open();
    const call = callerOf(simulator, (await signInAs(simulator, username)).access);
    return { call, userId: userNamed(simulator, "hedy@example.com"), simulator };
  };

  test("with all roles does what the worker application does", async () => {
    const { call, userId } = await enter("admin");
    for (const path of [...configurationPaths, "/users", "/populations", `/users/${userId}/devices`]) {
      expect((await call("GET", path)).status).toBe(200);
    }
    expect((await create(call, userId)).status).toBe(201);
  });

  test("with Identity Data Admin alone pairs, and may not read policies or the environment", async () => {
    const { call, userId } = await enter("identity.admin");
    for (const path of configurationPaths) isForbidden(await call("GET", path));
    expect((await call("GET", "/users")).status).toBe(200);
    const created = await create(call, userId);
    expect(created.status).toBe(201);
    expect((await call("DELETE", `/users/${userId}/devices/${textAt(created.body, "id")}`)).status).toBe(204);
  });

  test("with roles to read sees everything and changes nothing", async () => {
    const { call, userId } = await enter("auditor");
    for (const path of [...configurationPaths, "/users", `/users/${userId}/devices`, `/users/${userId}/mfaEnabled`]) {
      expect((await call("GET", path)).status).toBe(200);
    }
    isForbidden(await create(call, userId));
    isForbidden(await call("PUT", `/users/${userId}/mfaEnabled`, { json: { mfaEnabled: true } }));
  });

  test("without a role is forbidden everything", async () => {
    const { call, userId } = await enter("no.roles");
    for (const path of [...configurationPaths, "/users", `/users/${userId}`, `/users/${userId}/devices`]) {
      isForbidden(await call("GET", path));
    }
    isForbidden(await create(call, userId));
  });

  test("is told of a path that does not exist, and of a token that is missing, before that", async () => {
    const { call } = await enter("no.roles");
    expectRefusal(await call("GET", "/nothing"), 404, "NOT_FOUND");
    expectRefusal(await call("GET", "", { headers: { authorization: "" } }), 401, "ACCESS_FAILED");
  });
});

describe("a user", () => {
  const enter = async (scope = selfServiceScope) => {
    const simulator = await open();
    const call = callerOf(simulator, (await signInAsUser(simulator, "ada@example.com", scope)).access);
    const own = `/users/${userNamed(simulator, "ada@example.com")}`;
    return { simulator, call, own, other: `/users/${userNamed(simulator, "hedy@example.com")}` };
  };

  test("pairs a device of the own account, from the first call to the last", async () => {
    const { simulator, call, own } = await enter();
    expect((await call("GET", own)).body).toMatchObject({ username: "ada@example.com" });
    expect((await call("PUT", `${own}/mfaEnabled`, { json: { mfaEnabled: true } })).status).toBe(200);
    const created = await call("POST", `${own}/devices`, { json: desktopRequest });
    const attestation = await askAgent(simulator, textAt(created.body, "pingIdDesktopCredentialCreationOptions"));
    const device = `${own}/devices/${textAt(created.body, "id")}`;
    const activated = await call("POST", device, { json: { attestation: attestation.text }, type: activateType });
    expect(activated.body).toMatchObject({ status: "ACTIVE" });
    expect((await call("PUT", `${device}/nickname`, { json: { nickname: "Mine" } })).status).toBe(200);
    expect((await call("GET", `${own}/devices`)).status).toBe(200);
    expect((await call("DELETE", device)).status).toBe(204);
  });

  test("reaches nobody else and nothing of the environment, known or unknown", async () => {
    const { call, other } = await enter();
    const unknown = "/users/00000000-0000-4000-8000-000000000000";
    const paths = [...configurationPaths, "/users", "/populations", other, `${other}/devices`, unknown];
    for (const path of paths) isForbidden(await call("GET", path));
    isForbidden(await call("POST", `${other}/devices`, { json: desktopRequest }));
    isForbidden(await call("PUT", `${other}/mfaEnabled`, { json: { mfaEnabled: false } }));
  });

  test("may not block devices, not even the own ones", async () => {
    const { call, own } = await enter();
    const created = await call("POST", `${own}/devices`, { json: desktopRequest });
    isForbidden(await call("POST", `${own}/devices/${textAt(created.body, "id")}`, { type: blockType, text: "" }));
  });

  test.each([
    ["p1:read:user", "GET", "", undefined],
    ["p1:update:userMfaEnabled", "PUT", "/mfaEnabled", { mfaEnabled: true }],
    ["p1:read:device", "GET", "/devices", undefined],
    ["p1:create:device", "POST", "/devices", desktopRequest],
  ])("needs %s for %s %s", async (scope, method, below, json) => {
    const request = json === undefined ? {} : { json };
    const others = selfServiceScope.split(" ").filter((name) => name !== scope);
    const without = await enter(others.join(" "));
    isForbidden(await without.call(method, `${without.own}${below}`, request));
    const withIt = await enter(`openid ${scope}`);
    expect((await withIt.call(method, `${withIt.own}${below}`, request)).status).toBeLessThan(300);
  });

  test.each([
    ["p1:update:device", "POST", { json: { attestation: "x" }, type: activateType }],
    ["p1:update:device", "PUT", { json: { nickname: "x" } }],
    ["p1:delete:device", "DELETE", {}],
  ])("needs %s for %s of a device", async (scope, method, request) => {
    const others = selfServiceScope.split(" ").filter((name) => name !== scope);
    const { call, own } = await enter(others.join(" "));
    const created = await call("POST", `${own}/devices`, { json: desktopRequest });
    const device = `${own}/devices/${textAt(created.body, "id")}${method === "PUT" ? "/nickname" : ""}`;
    isForbidden(await call(method, device, request));
  });
});

test("both worker applications may do everything that a pairing needs", async () => {
  const simulator = await open();
  const call = callerOf(simulator, await fetchToken(simulator));
  for (const path of [...configurationPaths, "/users"]) expect((await call("GET", path)).status).toBe(200);
  const roles = [simulator.clientId, simulator.workerKeyClientId].map(
    (id) => simulator.world.applications.get(id)?.roles,
  );
  expect(roles[0]).toEqual(roles[1]);
});
