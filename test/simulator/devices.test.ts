import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { at, desktopRequest, expectRefusal, signedIn, textAt, userNamed } from "./client.ts";

const sample = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../samples/${name}.json`, import.meta.url), "utf8"));

const describeValue = (value: unknown): unknown => {
  if (Array.isArray(value)) return "array";
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, describeValue(member)]));
};

const invalid = (target: string, code = "INVALID_VALUE") => ({ code, target });

describe("the vendor's own requests", () => {
  test.each(["create-pingid-desktop", "create-fido2"])("%s gives a reply of the documented shape", async (name) => {
    const { simulator, call, devices, userId } = await signedIn();
    const reply = await call("POST", devices, { json: sample(`${name}.request`) });
    expect(reply.status).toBe(201);
    // The same members with the same types, and no others: `policy` above all is never returned.
    expect(describeValue(reply.body)).toEqual(describeValue(sample(`${name}.response`)));
    expect(reply.body).toMatchObject({
      status: "ACTIVATION_REQUIRED",
      type: sample(`${name}.request`)["type"],
      user: { id: userId },
      environment: { id: simulator.environmentId },
    });
    const self = textAt(reply.body, "_links.self.href");
    expect(self).toBe(
      `${simulator.apiUrl}/environments/${simulator.environmentId}${devices}/${textAt(reply.body, "id")}`,
    );
    expect(self.match(/\/v1/g)).toHaveLength(1);
    expect(reply.headers.get("location")).toBe(self);
    expect(reply.headers.get("content-type")).toBe("application/hal+json;charset=utf-8");
  });

  test("FIDO2 options are a string of JSON in the documented forms", async () => {
    const { call, devices } = await signedIn();
    const reply = await call("POST", devices, { json: sample("create-fido2.request") });
    const read = (body: unknown): unknown => JSON.parse(textAt(body, "publicKeyCredentialCreationOptions"));
    const options = read(reply.body);
    expect(describeValue(options)).toEqual(describeValue(read(sample("create-fido2.response"))));
    for (const bytes of [at(options, "challenge"), at(options, "user.id")]) {
      expect(bytes).toHaveLength(32);
      expect(bytes).toSatisfy((list: number[]) => list.every((byte) => byte >= -128 && byte <= 127));
    }
    expect(at(options, "pubKeyCredParams.0")).toEqual({ type: "public-key", alg: "-7" });
  });

  test("the creation options are shown once", async () => {
    const { call, create, devices } = await signedIn();
    const id = textAt((await create()).body, "id");
    const read = await call("GET", `${devices}/${id}`);
    expect(read.body).toMatchObject({ id, status: "ACTIVATION_REQUIRED", os: {}, model: {} });
    for (const absent of ["pingIdDesktopCredentialCreationOptions", "lock", "block", "policy", "nickname"]) {
      expect(read.body).not.toHaveProperty(absent);
    }
    expect(at(read.body, "_links")).toHaveProperty(["device.activate"]);
  });
});

describe("creating a device", () => {
  const rp = { id: "pingone.com", name: "PingOne" };
  test.each([
    ["no type", { type: undefined }, invalid("type", "REQUIRED_VALUE")],
    ["an unknown type", { type: "PINGID_DESKTOP" }, invalid("type")],
    ["a type that is paired by other means", { type: "SMS" }, invalid("type")],
    ["no status", { status: undefined }, invalid("status", "REQUIRED_VALUE")],
    ["another status", { status: "ACTIVE" }, invalid("status")],
    ["an unknown policy", { policy: { id: "00000000-0000-4000-8000-000000000000" } }, invalid("policy.id")],
    ["a policy without id", { policy: {} }, invalid("policy.id")],
    ["a policy that is a text", { policy: "Everyone" }, invalid("policy.id")],
    ["a relying party that is no object", { rp: "pingone.eu" }, invalid("rp")],
    ["a relying party without id", { rp: { name: "PingOne" } }, invalid("rp.id", "REQUIRED_VALUE")],
    ["a relying party without name", { rp: { id: "pingone.eu" } }, invalid("rp.name", "REQUIRED_VALUE")],
    ["a relying party that is a URL", { rp: { id: "https://pingone.eu", name: "x" } }, invalid("rp.id")],
    ["a relying party in capitals", { rp: { id: "PingOne.eu", name: "x" } }, invalid("rp.id")],
  ])("refuses %s", async (_name, changes, detail) => {
    const { simulator, create } = await signedIn();
    expectRefusal(await create(changes), 400, "INVALID_DATA", detail);
    expect(simulator.world.pendingDevices()).toEqual([]);
  });

  test.each(["", "{", "null", '"text"', "[]"])("refuses the body %j", async (text) => {
    const { call, devices } = await signedIn();
    expectRefusal(await call("POST", devices, { text, type: "application/json" }), 400, "INVALID_REQUEST");
  });

  test.each([undefined, "text/plain", "application/vnd.pingidentity.device.activate+json", "application/json+x"])(
    "refuses the media type %s",
    async (type) => {
      const { call, devices } = await signedIn();
      const given = type === undefined ? { text: "" } : { text: JSON.stringify(desktopRequest), type };
      const reply = await call("POST", devices, given);
      expectRefusal(reply, 415, "INVALID_REQUEST");
      expect(at(reply.body, "details.0.innerError.allowedValues")).toContain("application/json");
    },
  );

  test("takes a media type with parameters and in capitals, and fields that it does not know", async () => {
    const { call, devices } = await signedIn();
    const json = { ...desktopRequest, policy: { id: "6f1d0c52-0e5b-4a7e-9a53-2f8f0a5b7c11", type: "x" }, later: {} };
    expect((await call("POST", devices, { json, type: "Application/JSON; charset=UTF-8" })).status).toBe(201);
  });

  test("takes the relying party of the policy, or that of the request", async () => {
    const { create } = await signedIn();
    expect(at((await create()).body, "rp")).toEqual({ id: "pingone.eu", name: "pingone.eu" });
    const rpGiven = { id: "customer.example", name: "Customer" };
    expect(at((await create({ rp: rpGiven })).body, "rp")).toEqual(rpGiven);
  });

  test("is refused by a policy in which the pairing is disabled", async () => {
    const { simulator, create } = await signedIn();
    const restricted = simulator.world.policies.find(({ desktop }) => desktop.pairingDisabled);
    const policy = { id: restricted?.id };
    expectRefusal(await create({ policy }), 400, "INVALID_DATA", invalid("type"));
    // That policy is about desktops only.
    expect((await create({ policy, type: "FIDO2", rp })).status).toBe(201);
  });

  test("is refused for a disabled user", async () => {
    const { create } = await signedIn({}, "alan@example.com");
    expectRefusal(await create(), 400, "REQUEST_FAILED", { code: "ACCOUNT_NOT_USABLE" });
  });

  test("works while MFA is off", async () => {
    const { create } = await signedIn({}, "grace@example.com");
    expect((await create()).status).toBe(201);
  });

  test("is refused for a user with the allowed number of active devices, until one is deleted", async () => {
    const { simulator, call, create, devices, userId } = await signedIn({}, "katherine@example.com");
    const reply = await create();
    expectRefusal(reply, 429, "REQUEST_LIMITED", { code: "LIMIT_EXCEEDED" });
    expect(reply.headers.has("retry-after")).toBe(false);
    const [first] = simulator.world.devicesOf(userId);
    expect((await call("DELETE", `${devices}/${first?.id}`)).status).toBe(204);
    expect((await create()).status).toBe(201);
  });

  test("is refused for a user with 50 devices that wait, also when requests arrive together", async () => {
    const { simulator, create } = await signedIn();
    const replies = await Promise.all(Array.from({ length: 53 }, () => create()));
    const statuses = replies.map(({ status }) => status).toSorted((left, right) => left - right);
    expect(statuses).toEqual([...Array.from({ length: 50 }, () => 201), 429, 429, 429]);
    expect(simulator.world.pendingDevices()).toHaveLength(50);
    const refused = replies.find(({ status }) => status === 429);
    expect(at(refused?.body, "details.0.code")).toBe("LIMIT_EXCEEDED");
    expect(refused?.headers.has("retry-after")).toBe(false);
  });
});

describe("a device", () => {
  test("that waits for activation is gone after 24 hours, an active one is not", async () => {
    let now = Date.parse("2026-03-01T12:00:00.000Z");
    const { simulator, create, pair } = await signedIn({ now: () => now });
    const active = await pair();
    const waiting = textAt((await create()).body, "id");
    now += 24 * 60 * 60 * 1000 - 1;
    await create({ type: "none" });
    expect(simulator.world.devices.has(waiting)).toBe(true);
    now += 1;
    await create({ type: "none" });
    expect(simulator.world.devices.has(waiting)).toBe(false);
    expect(simulator.world.devices.has(active)).toBe(true);
  });

  test("is listed, and by its status when asked", async () => {
    const { simulator, call, create, devices, pair } = await signedIn();
    const id = await pair();
    await create();
    const all = await call("GET", devices);
    expect(all.body).toMatchObject({ count: 2, size: 2, _embedded: { devices: [{ id, status: "ACTIVE" }, {}] } });
    expect(all.body).not.toHaveProperty("order");
    const active = await call("GET", `${devices}?filter=${encodeURIComponent('(status eq "ACTIVE")')}`);
    expect(at(active.body, "_embedded.devices")).toMatchObject([{ id }]);
    const hedy = `/users/${userNamed(simulator, "hedy@example.com")}/devices`;
    expect(at((await call("GET", hedy)).body, "_embedded.devices")).toMatchObject([
      { type: "PINGID_DESKTOP_GEN2", unitId: simulator.world.agent.unitId },
    ]);
    expectRefusal(await call("GET", `${devices}?filter=status`), 400, "INVALID_DATA", { code: "INVALID_FILTER" });
    expectRefusal(await call("GET", `${devices}?expand=user`), 400, "INVALID_DATA", invalid("expand"));
  });

  test("has a nickname of up to 100 characters, cleared by an empty text", async () => {
    const { call, devices, pair } = await signedIn();
    const path = `${devices}/${await pair()}`;
    const name = (nickname: unknown) => call("PUT", `${path}/nickname`, { json: { nickname } });
    expect((await name("x".repeat(100))).body).toMatchObject({ nickname: "x".repeat(100), status: "ACTIVE" });
    expectRefusal(await name("x".repeat(101)), 400, "INVALID_DATA", invalid("nickname", "SIZE_LIMIT_EXCEEDED"));
    expectRefusal(await name(7), 400, "INVALID_DATA", invalid("nickname"));
    expectRefusal(await name(undefined), 400, "INVALID_DATA", invalid("nickname", "REQUIRED_VALUE"));
    expect((await name("")).status).toBe(200);
    expect((await call("GET", path)).body).not.toHaveProperty("nickname");
  });

  test("is deleted once", async () => {
    const { simulator, call, devices, pair } = await signedIn();
    const path = `${devices}/${await pair()}`;
    const deleted = await call("DELETE", path);
    expect([deleted.status, deleted.text]).toEqual([204, ""]);
    expect(deleted.headers.get("correlation-id")).not.toBeNull();
    expectRefusal(await call("DELETE", path), 404, "NOT_FOUND");
    expectRefusal(await call("GET", path), 404, "NOT_FOUND");
    expect(simulator.world.devicesOf(userNamed(simulator, "ada@example.com"))).toEqual([]);
  });

  test("is blocked and unblocked", async () => {
    const { call, devices, pair } = await signedIn();
    const path = `${devices}/${await pair()}`;
    const act = (what: string) =>
      call("POST", path, { text: "", type: `application/vnd.pingidentity.device.${what}+json` });
    expect((await act("block")).body).toMatchObject({ block: { status: "BLOCKED", blockedAt: expect.any(String) } });
    expect((await act("unblock")).body).toMatchObject({ block: { status: "UNBLOCKED" } });
    expect((await act("unlock")).body).toMatchObject({ lock: { status: "UNLOCKED" } });
    expectRefusal(await act("sendActivationCode"), 400, "INVALID_DATA", invalid("type"));
    expectRefusal(await act("explode"), 415, "INVALID_REQUEST");
  });

  test("sends logs when it is a mobile one", async () => {
    const { simulator, call, devices, pair } = await signedIn();
    const desktop = `${devices}/${await pair()}/logs`;
    const katherine = userNamed(simulator, "katherine@example.com");
    const phone = simulator.world.devicesOf(katherine).find(({ type }) => type === "MOBILE");
    const mobile = `/users/${katherine}/devices/${phone?.id}/logs`;
    expect((await call("PUT", mobile, { json: { status: "PENDING" } })).body).toMatchObject({ status: "PENDING" });
    expectRefusal(await call("PUT", mobile, { json: { status: "DONE" } }), 400, "INVALID_DATA", invalid("status"));
    expectRefusal(await call("PUT", desktop, { json: { status: "PENDING" } }), 400, "INVALID_DATA", invalid("type"));
  });
});

describe("the order of devices", () => {
  const reorder = "application/vnd.pingidentity.devices.reorder+json";
  const remove = "application/vnd.pingidentity.devices.order.remove+json";

  test("is that of activation until another is set, and again when that is removed", async () => {
    const { call, devices, pair } = await signedIn();
    const ids = [await pair(), await pair(), await pair()];
    const order = async () => {
      const list = at((await call("GET", `${devices}?expand=order`)).body, "order");
      return Array.isArray(list) ? list.map((entry) => at(entry, "id")) : [];
    };
    expect(await order()).toEqual(ids);
    const wanted = [ids[2], ids[0]].map((id) => ({ id }));
    expect((await call("POST", devices, { json: { order: wanted }, type: reorder })).status).toBe(200);
    // What the request does not name follows behind.
    expect(await order()).toEqual([ids[2], ids[0], ids[1]]);
    expect((await call("DELETE", `${devices}/${ids[2]}`)).status).toBe(204);
    expect(await order()).toEqual([ids[0], ids[1]]);
    expect((await call("POST", devices, { json: { devices: [{ id: ids[1] }] }, type: reorder })).status).toBe(200);
    expect(await order()).toEqual([ids[1], ids[0]]);
    expect((await call("DELETE", devices, { text: "", type: remove })).status).toBe(204);
    expect(await order()).toEqual([ids[0], ids[1]]);
    expect((await call("POST", devices, { text: "", type: remove })).status).toBe(204);
  });

  test("refuses what is no list of the user's active devices", async () => {
    const { call, create, devices, pair } = await signedIn();
    const id = await pair();
    const pending = textAt((await create()).body, "id");
    const set = (json: unknown) => call("POST", devices, { json, type: reorder });
    expectRefusal(await set({}), 400, "INVALID_DATA", invalid("order", "REQUIRED_VALUE"));
    for (const order of ["x", [id], [{ id: pending }], [{ id }, { id }]]) {
      expectRefusal(await set({ order }), 400, "INVALID_DATA", invalid("order"));
    }
    expectRefusal(await call("DELETE", devices), 415, "INVALID_REQUEST");
  });
});
