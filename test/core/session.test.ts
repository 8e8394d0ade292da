import { beforeEach, describe, expect, test } from "vitest";
import type { User } from "../../src/contract/views.ts";
import type { PairingChoice } from "../../src/core/pairing/preflight.ts";
import type { PairingProgress } from "../../src/core/pairing/run.ts";
import { openSession, type Session } from "../../src/core/session.ts";
import { answer, failure, refusal } from "../fakes/http.ts";
import { type FakePorts, fakePorts } from "../fakes/ports.ts";
import {
  endpoints,
  type Pretend,
  person,
  policyId,
  pretendPingOne,
  secrets,
  userId,
  type WireUser,
} from "./pretend-pingone.ts";

let server: Pretend;
let world: FakePorts;
let session: Session;
let agentPort: number;
let listening: boolean;

beforeEach(() => {
  server = pretendPingOne();
  agentPort = 9410;
  listening = true;
  world = fakePorts({
    pingOne: server.pingOne,
    agent: server.agent,
    probe: async () => (listening ? "listening" : "closed"),
  });
  session = openSession(world.ports, {
    endpoints,
    credential: { kind: "client-secret", clientId: "c1", clientSecret: secrets.clientSecret },
    agentPort: () => agentPort,
  });
});

const another = (more: Partial<WireUser>): WireUser => ({
  ...person,
  id: "5eed0000-0000-4000-8000-000000000002",
  username: "grace",
  email: "grace@example.com",
  ...more,
});
const writes = () => world.pingOne.requests.filter(({ method, url }) => method !== "GET" && !url.endsWith("/as/token"));

describe("signing in", () => {
  test("is proved by a token, which later calls use", async () => {
    expect(await session.signIn()).toEqual({ ok: true, value: null });
    await session.readEnvironmentName();
    expect(server.journal).toEqual(["token", "environment"]);
  });

  test("refused", async () => {
    server.bend("token", () => answer(401, { error: "invalid_client" }));
    expect(await session.signIn()).toMatchObject({ ok: false, error: { code: "sign-in-refused" } });
  });
});

describe("resolving one user", () => {
  test.each([
    ["by id", userId, ["read-user"]],
    ["by id with blanks", ` ${userId} `, ["read-user"]],
    ["by username", "ada", ["find-users"]],
    ["by username with blanks", "  ada ", ["find-users"]],
    ["by email", "ada@example.com", ["find-users", "find-users"]],
  ])("%s", async (_case, query, asked) => {
    await session.signIn();
    expect(await session.resolveUser(query)).toMatchObject({ ok: true, value: { id: userId } });
    expect(server.journal.slice(1)).toEqual(asked);
  });

  test("an exact username wins over an equal email of somebody else", async () => {
    server.users.push(another({ username: "reception@example.com", email: "x@example.com" }));
    server.users.push(another({ id: "5eed0000-0000-4000-8000-000000000003", email: "reception@example.com" }));
    expect(await session.resolveUser("reception@example.com")).toMatchObject({
      ok: true,
      value: { username: "reception@example.com" },
    });
  });

  test("an email that several share is refused, with their number", async () => {
    server.users.push(another({ email: "ada@example.com" }));
    expect(await session.resolveUser("ada@example.com")).toEqual({
      ok: false,
      error: { code: "user-ambiguous", query: "ada@example.com", count: 2 },
    });
  });

  test("nobody", async () => {
    expect(await session.resolveUser("nobody")).toEqual({
      ok: false,
      error: { code: "user-not-found", query: "nobody" },
    });
    // An id may also be somebody's username: both were tried.
    const unknown = "5eed0000-0000-4000-8000-00000000ffff";
    expect(await session.resolveUser(unknown)).toMatchObject({
      ok: false,
      error: { code: "user-not-found", query: unknown },
    });
  });

  test.each(["", "   "])("%j is a mistake, and nothing is asked", async (query) => {
    expect(await session.resolveUser(query)).toMatchObject({ ok: false, error: { code: "usage-invalid" } });
    expect(server.journal).toEqual([]);
  });

  test("a user who begins with it is not meant", async () => {
    expect(await session.resolveUser("ad")).toMatchObject({ error: { code: "user-not-found" } });
  });

  test.each([
    [answer(403), "not-allowed"],
    [answer(503), "server-unavailable"],
    [failure("refused", false), "network-failed"],
  ] as const)("a failure is told and not taken for “nobody” (%#)", async (result, code) => {
    for (const operation of ["read-user", "find-users"] as const) server.bend(operation, () => result);
    expect(await session.resolveUser(userId)).toMatchObject({ ok: false, error: { code } });
    expect(await session.resolveUser("ada")).toMatchObject({ ok: false, error: { code } });
    expect(await session.findUsers(userId)).toMatchObject({ ok: false, error: { code } });
    expect(await session.findUsers("ada")).toMatchObject({ ok: false, error: { code } });
  });

  test("whether MFA is on is asked for where the user does not say it", async () => {
    const { mfaEnabled: _left, ...without } = person;
    server.users.splice(0, 1, { ...without });
    server.bend("read-mfa", () => answer(200, { mfaEnabled: false }));
    expect(await session.resolveUser("ada")).toMatchObject({ value: { mfaEnabled: false } });
    expect(await session.resolveUser(userId)).toMatchObject({ value: { mfaEnabled: false } });
    server.bend("read-mfa", () => answer(403));
    expect(await session.readUser(userId)).toMatchObject({ ok: true, value: { mfaEnabled: null } });
  });
});

describe("finding users", () => {
  beforeEach(() => {
    server.users.push(another({}));
    server.users.push(
      another({ id: "5eed0000-0000-4000-8000-000000000003", username: "grant", email: "ada@example.com" }),
    );
  });
  const names = async (query: string): Promise<readonly string[]> => {
    const found = await session.findUsers(query);
    return found.ok ? found.value.map((user) => user.username) : [found.error.code];
  };

  test("exact first, then by the beginning", async () => {
    expect(await names("ada")).toEqual(["ada"]);
    expect(await names("ada@example.com")).toEqual(["ada", "grant"]);
    expect(await names("gra")).toEqual(["grace", "grant"]);
    expect(await names(userId)).toEqual(["ada"]);
    expect(await names("zoe")).toEqual([]);
  });

  test.each(["", "  "])("%j is nobody, not everybody", async (query) => {
    expect(await names(query)).toEqual([]);
    expect(server.count("find-users")).toBe(0);
  });
});

describe("what comes from the page goes into an address", () => {
  test.each(["../policies", "..", "a/b", "x?y", "", "%2e%2e", "a\nb", "x".repeat(65)])("%j is no user", async (id) => {
    expect(await session.readUser(id)).toMatchObject({ ok: false, error: { code: "user-not-found" } });
    expect(await session.listDevices(id)).toMatchObject({ ok: false, error: { code: "user-not-found" } });
    expect(server.journal).toEqual([]);
  });

  test.each(["../../nickname", "", "made-1/nickname"])("%j is no device", async (id) => {
    expect(await session.readDevice(userId, id)).toMatchObject({ error: { code: "device-not-found" } });
    expect(await session.removeDevice(userId, id)).toMatchObject({ error: { code: "device-not-found" } });
    expect(server.journal).toEqual([]);
  });
});

describe("devices", () => {
  const id = "de71ce00-0000-4000-8000-000000000001";

  test("are listed, read and removed; a second removal finds nothing", async () => {
    server.devices.set(id, { id, type: "MOBILE", status: "ACTIVE" });
    expect(await session.listDevices(userId)).toMatchObject({ ok: true, value: [{ id }] });
    expect(await session.readDevice(userId, id)).toMatchObject({ ok: true, value: { id } });
    expect(await session.removeDevice(userId, id)).toEqual({ ok: true, value: { removed: true } });
    expect(await session.removeDevice(userId, id)).toEqual({ ok: true, value: { removed: false } });
  });

  test("one that is not there keeps what support needs", async () => {
    expect(await session.readDevice(userId, id)).toMatchObject({
      error: { code: "device-not-found", deviceId: id, correlationId: "c-404" },
    });
    expect(await session.readUser("5eed0000-0000-4000-8000-00000000ffff")).toMatchObject({
      error: { code: "user-not-found", correlationId: "c-404" },
    });
  });

  test("a removal is planned without a request", () => {
    expect(session.planRemoval(userId, id)).toEqual([
      {
        method: "DELETE",
        url: `${endpoints.apiBase}/environments/${endpoints.environmentId}/users/${userId}/devices/${id}`,
        contentType: null,
        body: null,
      },
    ]);
    expect(server.journal).toEqual([]);
  });
});

const ada: User = { id: userId, username: "ada", email: null, name: null, enabled: true, mfaEnabled: true };
const choice: PairingChoice = { kind: "desktop", policyId: null, relyingPartyId: null, nickname: null };

describe("pairing", () => {
  const pair = async (more: Partial<PairingChoice> = {}, user = ada, abort = new AbortController()) => {
    const progress: PairingProgress[] = [];
    const chosen: PairingChoice = { ...choice, ...more, kind: "desktop" };
    const result = await session.pair(user, chosen, (seen) => progress.push(seen), abort.signal);
    return { result, progress };
  };
  const sent = (): unknown =>
    JSON.parse(world.pingOne.requests.find((r) => r.url.endsWith("/devices") && r.method === "POST")?.body ?? "null");

  test("checks first, then pairs, all under one transaction id", async () => {
    const { result, progress } = await pair();
    expect(result).toMatchObject({ ok: true, device: { status: "ACTIVE", nickname: "DESK-7" }, warnings: [] });
    expect(result.steps.map((step) => step.name)).toEqual([
      "check-prerequisites",
      "create-device",
      "register-with-agent",
      "activate-device",
      "name-device",
    ]);
    expect(progress[0]).toMatchObject({ pairingId: result.pairingId, steps: [{ outcome: "running" }] });
    const ids = world.pingOne.requests
      .filter((request) => !request.url.endsWith("/as/token"))
      .map((request) => request.headers["x-ping-external-transaction-id"]);
    expect(new Set(ids)).toEqual(new Set([result.pairingId]));
    expect(result.pairingId).toMatch(/^[A-Za-z0-9-]{1,100}$/);
  });

  test("two pairings have two ids", async () => {
    expect((await pair()).result.pairingId).not.toBe((await pair()).result.pairingId);
  });

  test("the default policy is used, the chosen one before it, and none where none can be read", async () => {
    await pair();
    expect(sent()).toMatchObject({ policy: { id: policyId } });

    server.bend("policies", () => answer(403, refusal("ACCESS_FAILED")));
    const other = "0f9a7c3e-58d1-4b62-8e0d-91c4b7a2d635";
    const { result } = await pair({ policyId: other });
    expect(result.warnings.map((warning) => warning.code)).not.toContain("policy-not-chosen");
    expect(world.pingOne.requests.some((request) => request.body?.includes(other))).toBe(true);
  });

  test.each([
    ["forbidden", answer(403)],
    ["unreadable", answer(200, "<html>")],
    ["broken", answer(500)],
    ["none is the default", answer(200, { _embedded: { deviceAuthenticationPolicies: [{ id: "p2" }] } })],
  ])("policies %s: pairs all the same, with a warning", async (_case, result) => {
    server.bend("policies", () => result);
    const paired = await pair();
    expect(paired.result).toMatchObject({ ok: true, warnings: [{ code: "policy-not-chosen", detail: null }] });
    expect(sent()).not.toHaveProperty("policy");
  });

  test("desktops that the user has already are warned of by name, with MFA that is off", async () => {
    server.devices.set("a", { id: "a", type: "PINGID_DESKTOP_GEN2", status: "ACTIVE", nickname: "Front desk" });
    server.devices.set("b", { id: "b", type: "PINGID_DESKTOP_GEN2", status: "ACTIVE" });
    server.devices.set("c", { id: "c", type: "PINGID_DESKTOP_GEN2", status: "ACTIVATION_REQUIRED" });
    server.devices.set("d", { id: "d", type: "MOBILE", status: "ACTIVE" });
    const { result } = await pair({}, { ...ada, mfaEnabled: false });
    expect(result.warnings).toEqual([
      { code: "mfa-disabled", detail: null },
      { code: "existing-desktop-devices", detail: "Front desk, b" },
    ]);
  });

  test.each([
    [null, "DESK-7"],
    ["  Büro  ", "Büro"],
    ["x".repeat(150), "x".repeat(100)],
    // Cut between the halves of a pair, it would be no text any more.
    [`x${"😀".repeat(60)}`, `x${"😀".repeat(49)}`],
  ])("the name %j", async (nickname, expected) => {
    const { result } = await pair({ nickname });
    expect(result).toMatchObject({ ok: true, device: { nickname: expected } });
  });

  test("an empty name leaves PingOne's own", async () => {
    expect((await pair({ nickname: " " })).result).toMatchObject({
      ok: true,
      device: { nickname: "given by PingOne" },
    });
  });

  test("the agent's port is asked for at each pairing", async () => {
    agentPort = 9999;
    await pair();
    expect(world.agent.requests[0]?.url).toBe("http://localhost:9999/register");
  });

  test.each<[string, () => Partial<PairingChoice> | User | void, string]>([
    ["the user is disabled", () => ({ ...ada, enabled: false }), "user-disabled"],
    ["the relying party is no domain", () => ({ relyingPartyId: "https://example.com" }), "configuration-invalid"],
    ["the relying party is empty", () => ({ relyingPartyId: "" }), "configuration-invalid"],
    ["the devices cannot be read", () => server.bend("list", () => answer(403)), "not-allowed"],
    ["PingOne is down", () => server.bend("list", () => answer(503)), "server-unavailable"],
    ["the sign-in is refused", () => server.bend("token", () => answer(401)), "sign-in-refused"],
    [
      "no agent is there",
      () => {
        listening = false;
      },
      "agent-missing",
    ],
  ])("%s: nothing is created", async (_case, prepare, code) => {
    const given = prepare();
    const user = given !== undefined && "username" in given ? given : ada;
    const more = given !== undefined && !("username" in given) ? given : {};
    const { result } = await pair(more, user);
    expect(result).toMatchObject({
      ok: false,
      error: { code },
      left: "nothing",
      deviceId: null,
      steps: [{ name: "check-prerequisites", outcome: "failed" }],
    });
    expect(writes()).toEqual([]);
    expect(world.files.contents.size).toBe(0);
    expect(world.agent.requests).toEqual([]);
  });

  test("a check that PingOne refused shows the correlation id with its step", async () => {
    server.bend("list", () => answer(403, "", { "correlation-id": "cor-1" }));
    expect((await pair()).result.steps).toMatchObject([{ correlationId: "cor-1" }]);
  });

  test.each(["list", "policies"] as const)("cancelled while it checks (%s): nothing is created", async (operation) => {
    const abort = new AbortController();
    server.bend(operation, (healthy) => {
      abort.abort();
      return healthy();
    });
    const { result } = await pair({}, ada, abort);
    expect(result).toMatchObject({ ok: false, error: { code: "cancelled" }, left: "nothing" });
    expect(writes()).toEqual([]);
  });

  test("cancelled while it checks, and the check fails: it was cancelled", async () => {
    const abort = new AbortController();
    server.bend("list", () => {
      abort.abort();
      return answer(403);
    });
    expect((await pair({}, ada, abort)).result).toMatchObject({ error: { code: "cancelled" }, left: "nothing" });
  });
});

describe("planning", () => {
  test("reads, and says what would be sent", async () => {
    const planned = await session.planPairing(ada, { ...choice, relyingPartyId: "example.com" });
    const devices = `${endpoints.apiBase}/environments/${endpoints.environmentId}/users/${userId}/devices`;
    expect(planned).toEqual({
      ok: true,
      value: [
        {
          method: "POST",
          url: devices,
          contentType: "application/json",
          body: JSON.stringify({
            type: "PINGID_DESKTOP_GEN2",
            status: "ACTIVATION_REQUIRED",
            rp: { id: "example.com", name: "example.com" },
            policy: { id: policyId },
          }),
        },
        {
          method: "POST",
          url: "http://localhost:9410/register",
          contentType: "application/jwt",
          body: "{signed options of the create reply; Origin https://example.com}",
        },
        {
          method: "POST",
          url: `${devices}/{deviceId}`,
          contentType: "application/vnd.pingidentity.device.activate+json",
          body: '{"attestation":"{attestation from the agent}"}',
        },
        {
          method: "PUT",
          url: `${devices}/{deviceId}/nickname`,
          contentType: "application/json",
          body: '{"nickname":"DESK-7"}',
        },
      ],
    });
    expect(writes()).toEqual([]);
    expect(world.agent.requests).toEqual([]);
    expect(world.files.contents.size).toBe(0);
  });

  test("what a dry run says is what a pairing sends", async () => {
    const planned = await session.planPairing(ada, choice);
    if (!planned.ok) throw new Error("It could not be planned.");
    await session.pair(ada, choice, () => undefined, new AbortController().signal);
    const sent = [...writes()].map(({ method, url, headers, body }) => ({
      method,
      url: url.replace("made-1", "{deviceId}"),
      contentType: headers["content-type"],
      body: body?.replace(secrets.attestation, "{attestation from the agent}"),
    }));
    expect(planned.value.filter(({ url }) => !url.endsWith("/register"))).toEqual(sent);
  });

  test("can be made where no agent is, and without a name", async () => {
    listening = false;
    const planned = await session.planPairing(ada, { ...choice, nickname: "" });
    expect(planned.ok && planned.value.map(({ method }) => method)).toEqual(["POST", "POST", "POST"]);
  });

  test("what would stop the pairing stops the plan", async () => {
    expect(await session.planPairing({ ...ada, enabled: false }, choice)).toMatchObject({
      ok: false,
      error: { code: "user-disabled" },
    });
  });
});

test("the environment's name, and MFA switched on", async () => {
  expect(await session.readEnvironmentName()).toBe("Test");
  server.users.splice(0, 1, { ...person, mfaEnabled: false });
  expect(await session.enableMfa(userId)).toEqual({ ok: true, value: null });
  expect(await session.readUser(userId)).toMatchObject({ value: { mfaEnabled: true } });
});

test("the secret is used for the token and found nowhere else", async () => {
  await session.pair(ada, choice, () => undefined, new AbortController().signal);
  const others = world.pingOne.requests.filter((request) => !request.url.endsWith("/as/token"));
  const text = JSON.stringify([others, world.logged, [...world.files.contents.values()]]);
  expect(text).not.toContain(secrets.clientSecret);
  expect(JSON.stringify(world.logged)).not.toContain(secrets.token);
});
