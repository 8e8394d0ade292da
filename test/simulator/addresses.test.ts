import { describe, expect, test } from "vitest";
import { at, expectRefusal, send, signedIn } from "./client.ts";

describe("addresses and methods", () => {
  test("paths with /v1 missing, doubled or in the wrong place are not found", async () => {
    const { simulator, call } = await signedIn();
    const environment = `environments/${simulator.environmentId}`;
    const root = new URL(simulator.apiUrl).origin;
    const paths = [
      `/${environment}`,
      `/v1/v1/${environment}`,
      `/v1/${environment}/`,
      `/v1/${environment}/nothing`,
      "/",
    ];
    for (const path of paths) expectRefusal(await call("GET", `${root}${path}`), 404, "NOT_FOUND");
  });

  test("another method than the resource has is refused, and the right ones are named", async () => {
    const { call, devices } = await signedIn();
    const reply = await call("PATCH", devices);
    expectRefusal(reply, 405, "INVALID_REQUEST");
    expect(reply.headers.get("allow")).toBe("GET, POST, DELETE");
    expectRefusal(await call("DELETE", "/mfaSettings"), 405, "INVALID_REQUEST");
  });

  test("unknown environments, users, devices, policies and populations are not found", async () => {
    const { simulator, call, userId, devices } = await signedIn();
    const unknown = "00000000-0000-4000-8000-000000000000";
    const paths = [
      `${simulator.apiUrl}/environments/${unknown}`,
      `${simulator.apiUrl}/environments/${unknown}/users/${userId}`,
      `/users/${unknown}`,
      `/users/${unknown}/devices`,
      `${devices}/${unknown}`,
      `/deviceAuthenticationPolicies/${unknown}`,
      `/fido2Policies/${unknown}`,
      `/populations/${unknown}`,
    ];
    for (const path of paths) expectRefusal(await call("GET", path), 404, "NOT_FOUND");
  });

  test("a device is found only below its own user", async () => {
    const { simulator, call, pair } = await signedIn();
    const id = await pair();
    const other = simulator.users.find(({ username }) => username === "grace@example.com")?.id;
    expectRefusal(await call("GET", `/users/${other}/devices/${id}`), 404, "NOT_FOUND");
    expectRefusal(await call("DELETE", `/users/${other}/devices/${id}`), 404, "NOT_FOUND");
  });

  test("more headers than 6 KB are refused", async () => {
    const { simulator } = await signedIn();
    const reply = await send("GET", simulator.apiUrl, { headers: { "x-large": "x".repeat(7_000) } });
    expect(reply.status).toBe(431);
  });

  test("a body that is larger than anything PingOne takes is refused", async () => {
    const { call, devices } = await signedIn();
    const reply = await call("POST", devices, { json: { type: "x".repeat(1_100_000) } });
    expect(reply.status).toBe(413);
  });
});

describe("the environment", () => {
  test("shows itself, its capabilities and its population", async () => {
    const { simulator, call } = await signedIn();
    const environment = await call("GET", "");
    expect(environment.headers.get("content-type")).toBe("application/hal+json;charset=utf-8");
    expect(environment.body).toMatchObject({ id: simulator.environmentId, name: expect.any(String), type: "SANDBOX" });
    expect((await call("GET", "/capabilities")).body).toMatchObject({
      canUseMfa: true,
      canUseMfaFido2Devices: true,
      canUsePingIdDesktopGen2: true,
    });
    const populations = await call("GET", "/populations");
    const id = at(populations.body, "_embedded.populations.0.id");
    expect((await call("GET", `/populations/${String(id)}`)).body).toMatchObject({ id, default: true });
  });

  test("has a default MFA policy and one in which no desktop may be paired", async () => {
    const { simulator, call } = await signedIn();
    const list = await call("GET", "/deviceAuthenticationPolicies");
    expect(at(list.body, "_embedded.deviceAuthenticationPolicies")).toMatchObject([
      {
        id: simulator.policyId,
        default: true,
        pingIdDesktopGen2: { pairingDisabled: false, rp: { id: "pingone.eu" } },
      },
      { default: false, pingIdDesktopGen2: { pairingDisabled: true } },
      { default: false, pingIdDesktopGen2: { pairingDisabled: false } },
      { default: false, pingIdDesktopGen2: { pairingDisabled: false } },
      { default: false, pingIdDesktopGen2: { pairingDisabled: false } },
      { default: false, pingIdDesktopGen2: { pairingDisabled: false } },
    ]);
    const one = await call("GET", `/deviceAuthenticationPolicies/${simulator.policyId}`);
    expect(one.body).toEqual(at(list.body, "_embedded.deviceAuthenticationPolicies.0"));
  });

  test("has FIDO policies and MFA settings", async () => {
    const { call } = await signedIn();
    const list = await call("GET", "/fido2Policies");
    expect(at(list.body, "_embedded.fido2Policies")).toHaveLength(5);
    const id = String(at(list.body, "_embedded.fido2Policies.0.id"));
    expect((await call("GET", `/fido2Policies/${id}`)).body).toMatchObject({
      relyingPartyId: "pingone.eu",
      default: true,
    });
    expect((await call("GET", "/mfaSettings")).body).toMatchObject({ pairing: { maxAllowedDevices: 5 } });
  });

  test("of a customer with a domain of its own has that relying party everywhere", async () => {
    const { simulator, call, begin, activate } = await signedIn({ relyingPartyId: "login.customer.example" });
    const policy = await call("GET", `/deviceAuthenticationPolicies/${simulator.policyId}`);
    expect(at(policy.body, "pingIdDesktopGen2.rp.id")).toBe("login.customer.example");
    const { id, answered } = await begin({}, { origin: "https://login.customer.example" });
    const activated = await activate(id, answered.text);
    expect(activated.body).toMatchObject({ status: "ACTIVE", rp: { id: "login.customer.example" } });
  });
});

describe("the log", () => {
  test("has every request in order, without query, body or secret", async () => {
    const { simulator, call, pair, devices } = await signedIn();
    const id = await pair();
    const found = await call("GET", `/users?filter=${encodeURIComponent('username eq "ada@example.com"')}`);
    const operations = simulator.world.log.map(({ server, operation, status, wrote }) => [
      server,
      operation,
      status,
      wrote,
    ]);
    expect(operations).toEqual([
      ["pingone", "issue-token", 200, false],
      ["pingone", "create-device", 201, true],
      ["agent", "register", 200, false],
      ["pingone", "activate-device", 200, true],
      ["pingone", "list-users", 200, false],
    ]);
    const entries = simulator.world.log;
    expect(entries.at(3)).toMatchObject({ method: "POST", path: expect.stringContaining(`${devices}/${id}`) });
    expect(entries.at(2)).toMatchObject({ host: new URL(simulator.agentUrl).host, correlationId: null });
    expect(entries.at(4)?.correlationId).toBe(found.headers.get("correlation-id"));
    const text = JSON.stringify(entries);
    for (const secret of [simulator.clientSecret, "eyJ", "filter"]) expect(text).not.toContain(secret);
  });
});
