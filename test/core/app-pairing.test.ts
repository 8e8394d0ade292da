import { describe, expect, test } from "vitest";
import type { HttpResult } from "../../src/core/ports.ts";
import { answer, gate, refusal } from "../fakes/http.ts";
import { person, secrets, userId } from "./pretend-pingone.ts";
import { done, holdAgent, openUser, paired, start, type Window, withSecret } from "./window.ts";

/** Nothing that must not leave main is in the log or in a file. The snapshots are searched as they come. */
function keepsSecrets({ logged, files }: Window): void {
  const text = JSON.stringify([logged, [...files.contents.values()]]);
  for (const secret of Object.values(secrets)) expect(text).not.toContain(secret);
}

test("a whole pairing, from the button to the next user", async () => {
  const window = await openUser();
  const phase = await paired(window);
  expect(phase).toMatchObject({
    name: "paired",
    user: { username: "ada" },
    device: { id: "made-1", status: "ACTIVE", nickname: "DESK-7" },
    warnings: [],
  });
  if (phase.name !== "paired") return;
  expect(phase.steps.map((step) => [step.name, step.outcome])).toEqual([
    ["check-prerequisites", "done"],
    ["create-device", "done"],
    ["register-with-agent", "done"],
    ["activate-device", "done"],
    ["name-device", "done"],
  ]);

  const shown = window.seen.flatMap((snapshot) => (snapshot.phase.name === "pairing" ? [snapshot.phase] : []));
  expect(shown[0]).toMatchObject({ steps: [], cancelling: false });
  expect(new Set(shown.slice(1).map(({ pairingId }) => pairingId))).toEqual(new Set([phase.pairingId]));
  expect(shown.every((snapshot) => !snapshot.cancelling)).toBe(true);
  keepsSecrets(window);

  expect(await window.app.commands["pairing.close"](null)).toEqual(done);
  expect(window.phase()).toMatchObject({ name: "user", devices: [{ id: "made-1", status: "ACTIVE" }] });
  expect(await window.app.commands["user.close"](null)).toEqual(done);
  expect(window.phase()).toEqual({ name: "finding-user", query: "", matches: null });
});

test("policy, name and relying party are those that the operator chose", async () => {
  const window = await openUser();
  await window.app.commands["settings.change"]({ relyingPartyId: "example.com" });
  const policyId = "0f9a7c3e-58d1-4b62-8e0d-91c4b7a2d635";
  window.server.bend("policies", () => answer(403, refusal("ACCESS_FAILED")));
  const phase = await paired(window, { ...start, policyId, nickname: "Front desk" });
  // The pretend PingOne answers for pingone.eu.
  expect(phase).toMatchObject({ name: "failed", error: { code: "relying-party-mismatch" }, left: "nothing" });
  const create = window.pingOne.requests.find(({ method, url }) => method === "POST" && url.endsWith("/devices"));
  expect(JSON.parse(create?.body ?? "")).toMatchObject({
    policy: { id: policyId },
    rp: { id: "example.com", name: "example.com" },
  });
});

describe("a failure", () => {
  test("shows what is left and keeps the user at hand, to try again", async () => {
    const window = await openUser();
    window.server.bend("register", (_healthy, nth) =>
      nth === 1 ? answer(403, { error: "user_cancelled" }) : answer(200, secrets.attestation),
    );
    expect(await paired(window)).toMatchObject({
      name: "failed",
      user: { username: "ada" },
      devices: [],
      policies: { state: "readable" },
      error: { code: "agent-refused", status: 403, reason: "user_cancelled" },
      left: "nothing",
      deviceId: null,
    });
    expect(await paired(window)).toMatchObject({ name: "paired" });
    expect(window.server.devices.size).toBe(1);
    keepsSecrets(window);
  });

  test("before anything was made is one, too", async () => {
    const window = await openUser({ probe: async () => "closed" });
    expect(await paired(window)).toMatchObject({
      name: "failed",
      error: { code: "agent-missing", port: 9410 },
      left: "nothing",
      steps: [{ name: "check-prerequisites", outcome: "failed" }],
    });
    expect(window.server.count("create")).toBe(0);
  });

  test("of our own making ends on a screen, with an incident number, and frees the app", async () => {
    const window = await openUser({
      probe: () => {
        throw new Error("a bug");
      },
    });
    const phase = await paired(window);
    expect(phase).toMatchObject({ name: "failed", error: { code: "internal" }, left: "unknown" });
    const incident = phase.name === "failed" && phase.error.code === "internal" ? phase.error.incidentId : "";
    const logged = window.logged.filter((line) => line.event === "incident");
    expect(logged.map((line) => [line.level, line.fields["incidentId"]])).toEqual([["error", incident]]);
    expect(await window.app.commands["user.refresh"](null)).toEqual(done);
  });

  test("with a server that repeats everything it was sent leaks nothing", async () => {
    const window = await openUser();
    window.server.bend("activate", (_healthy, _nth, request) =>
      answer(
        400,
        refusal("INVALID_DATA", [
          {
            code: "INVALID_VALUE",
            target: `attestation ${secrets.attestation}`,
            message: `${request.headers["authorization"]} sent ${request.body}`,
          },
        ]),
      ),
    );
    window.server.bend("register", (_healthy, _nth, request) =>
      answer(200, { attestation: secrets.attestation, echo: request.body }),
    );
    expect(await paired(window)).toMatchObject({ name: "failed", error: { code: "activation-refused" } });
    keepsSecrets(window);
  });
});

describe("a desktop that the user has already", () => {
  const withDesktop = async (status: string): Promise<Window> => {
    const window = await openUser();
    window.server.devices.set("old", { id: "old", type: "PINGID_DESKTOP_GEN2", status, nickname: "Front desk" });
    await window.app.commands["user.refresh"](null);
    return window;
  };

  test("is a question first, and a warning once it is answered", async () => {
    const window = await withDesktop("ACTIVE");
    expect(await window.app.commands["pairing.start"](start)).toEqual({
      ok: false,
      error: { code: "existing-devices", count: 1 },
    });
    expect(window.phase().name).toBe("user");
    expect(window.server.count("create")).toBe(0);
    expect(await paired(window, { ...start, despiteExisting: true })).toMatchObject({
      name: "paired",
      warnings: [{ code: "existing-desktop-devices", detail: "Front desk" }],
    });
  });

  test("that only waits for its activation is none", async () => {
    expect(await paired(await withDesktop("ACTIVATION_REQUIRED"))).toMatchObject({ name: "paired" });
  });
});

test("a disabled user is not paired", async () => {
  const window = await openUser();
  window.server.users.splice(0, 1, { ...person, enabled: false });
  await window.app.commands["user.refresh"](null);
  expect(await window.app.commands["pairing.start"](start)).toEqual({
    ok: false,
    error: { code: "user-disabled", username: "ada" },
  });
});

describe("while a pairing runs", () => {
  test("everything else is turned away", async () => {
    const window = await openUser();
    const agent = holdAgent(window);
    const ended = window.reaches("paired", "failed");
    await window.app.commands["pairing.start"](start);
    await agent.asked;
    const { commands } = window.app;
    for (const outcome of [
      await commands["pairing.start"](start),
      await commands["pairing.close"](null),
      await commands["user.find"]({ query: "grace" }),
      await commands["user.open"]({ userId }),
      await commands["user.close"](null),
      await commands["user.refresh"](null),
      await commands["device.remove"]({ confirmed: false, deviceId: "made-1" }),
      await commands["session.signIn"](withSecret),
      await commands["session.signOut"](null),
    ]) {
      expect(outcome).toMatchObject({ ok: false, error: { code: "not-now" } });
    }
    // Settings are the operator's own business.
    expect(await commands["settings.change"]({ theme: "dark" })).toEqual(done);
    expect(window.phase()).toMatchObject({ name: "pairing", cancelling: false });
    agent.answer(answer(200, secrets.attestation));
    expect((await ended).phase.name).toBe("paired");
    expect(window.server.count("create")).toBe(1);
  });

  test("neither can one begin while something else runs", async () => {
    const window = await openUser();
    const held = gate<HttpResult>();
    window.server.bend("list", () => held.passed);
    const refreshing = window.app.commands["user.refresh"](null);
    expect(await window.app.commands["pairing.start"](start)).toMatchObject({ error: { code: "not-now" } });
    held.open(answer(200, {}));
    await refreshing;
  });

  test("nor where no user is open", async () => {
    const window = await openUser();
    await window.app.commands["user.close"](null);
    expect(await window.app.commands["pairing.start"](start)).toMatchObject({ error: { code: "not-now" } });
    await window.app.commands["user.open"]({ userId });
    await paired(window);
    // The result is still on the screen.
    expect(await window.app.commands["pairing.start"](start)).toMatchObject({ error: { code: "not-now" } });
  });
});
