import { beforeEach, describe, expect, test } from "vitest";
import type { User } from "../../src/contract/views.ts";
import type { PairingChoice } from "../../src/core/pairing/preflight.ts";
import type { PairingProgress } from "../../src/core/pairing/run.ts";
import type { Session } from "../../src/core/session.ts";
import { answer, failure, refusal } from "../fakes/http.ts";
import type { FakePorts } from "../fakes/ports.ts";
import { type Desk, openDesk } from "./desk.ts";
import { endpoints, type Pretend, policyId, secrets, userId } from "./pretend-pingone.ts";

let desk: Desk;
let server: Pretend;
let world: FakePorts;
let session: Session;
let writes: Desk["writes"];

beforeEach(() => {
  desk = openDesk();
  ({ server, world, session, writes } = desk);
});

const ada: User = { id: userId, username: "ada", email: null, name: null, enabled: true, mfaEnabled: true };
const choice: PairingChoice = { kind: "desktop", policyId: null, relyingPartyId: null, nickname: null, force: false };

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
    const { result } = await pair({ policyId: other, force: true });
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
    desk.agentPort = 9999;
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
        desk.listening = false;
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

  test("a key needs its policy: what went wrong with reading it is told, and nothing is created", async () => {
    server.bend("policies", () => failure("reset", true));
    const key: PairingChoice = { ...choice, kind: "fido2", authenticator: "key", relyingPartyId: "pingone.eu" };
    for (const chosen of [null, policyId]) {
      const result = await session.pair(
        ada,
        { ...key, policyId: chosen },
        () => undefined,
        new AbortController().signal,
      );
      expect(result).toMatchObject({ ok: false, error: { code: "network-failed" }, left: "nothing" });
    }
    expect(writes()).toEqual([]);
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
    desk.listening = false;
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

test("the secret is used for the token and found nowhere else", async () => {
  await session.pair(ada, choice, () => undefined, new AbortController().signal);
  const others = world.pingOne.requests.filter((request) => !request.url.endsWith("/as/token"));
  const text = JSON.stringify([others, world.logged, [...world.files.contents.values()]]);
  expect(text).not.toContain(secrets.clientSecret);
  expect(JSON.stringify(world.logged)).not.toContain(secrets.token);
});
