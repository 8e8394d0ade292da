import { describe, expect, test } from "vitest";
import { type AgentTrustMode, defaultAgentTrust } from "../../../src/core/agent/trust-settings.ts";
import { openJournal } from "../../../src/core/pairing/journal.ts";
import { preflight } from "../../../src/core/pairing/preflight.ts";
import { runPairing } from "../../../src/core/pairing/run.ts";
import { createPingOne } from "../../../src/core/pingone/client.ts";
import { createTokens } from "../../../src/core/pingone/tokens.ts";
import type { PortSurvey } from "../../../src/core/ports.ts";
import { agentProcess, listening, surveyOf } from "../../fakes/port-owners.ts";
import { fakePorts } from "../../fakes/ports.ts";
import { endpoints, pretendPingOne, secrets } from "../pretend-pingone.ts";
import { request, user } from "./scene.ts";

const trusted = surveyOf(listening());
const stranger = surveyOf(listening({ processes: [agentProcess({ id: 6666, signature: "unsigned" })] }));

/** A pairing on a computer where the look-ups find these one after the other; the last one again and again. */
function desk(...surveys: readonly PortSurvey[]) {
  const server = pretendPingOne();
  let looks = 0;
  const world = fakePorts({
    pingOne: server.pingOne,
    agent: server.agent,
    agentOwners: async () => {
      const survey = surveys[Math.min(looks, surveys.length - 1)];
      looks += 1;
      return survey ?? { told: false, problem: "nobody should have looked" };
    },
  });
  const { ports } = world;
  const credential = { kind: "secret-basic", clientId: "c1", clientSecret: secrets.clientSecret } as const;
  const pingOne = createPingOne(
    ports,
    { endpoints, tokens: createTokens(ports, endpoints, credential), mode: "worker" },
    "p1",
  );
  const clients = { forward: pingOne, undo: pingOne };
  const { signal } = new AbortController();
  const choice = { kind: "desktop", policyId: null, relyingPartyId: null, nickname: null, force: false } as const;
  const agent = (mode: AgentTrustMode) => ({ port: 9410, trust: { ...defaultAgentTrust, mode } });
  return {
    world,
    looks: () => looks,
    run: async (mode: AgentTrustMode = defaultAgentTrust.mode) => {
      const journal = await openJournal(ports);
      if (!journal.ok) throw new Error(JSON.stringify(journal.error));
      const { value: pages } = journal;
      const result = await runPairing(ports, clients, agent(mode), pages, user, request, [], () => undefined, signal);
      await pages.close();
      return result;
    },
    prepare: (mode: AgentTrustMode) => preflight(ports, pingOne, "p1", user, choice, agent(mode), null),
    writes: () => world.pingOne.requests.filter(({ method, url }) => method !== "GET" && !url.endsWith("/as/token")),
  };
}

describe("a program that is not trusted", () => {
  test("stops the preflight: nothing is created", async () => {
    const at = desk(stranger);
    expect(await at.prepare("verify")).toMatchObject({ ok: false, error: { code: "agent-not-trusted", port: 9410 } });
    expect(at.writes()).toEqual([]);
    expect((await at.prepare("warn")).ok).toBe(true);
    const before = at.looks();
    expect((await at.prepare("off")).ok).toBe(true);
    expect(at.looks()).toBe(before);
  });

  test("that came after the preflight gets nothing, and the device is removed again", async () => {
    const at = desk(stranger);
    expect(await at.run()).toMatchObject({
      ok: false,
      error: { code: "agent-not-trusted", program: "/opt/ping/agent", account: "ada", problem: "it is not signed" },
      left: "nothing",
      deviceId: null,
    });
    expect(at.world.agent.requests).toEqual([]);
    expect(at.writes().map(({ method }) => method)).toEqual(["POST", "DELETE"]);
  });

  test("that came while the person approved makes the answer worthless: the device is removed again", async () => {
    const at = desk(trusted, stranger);
    expect(await at.run()).toMatchObject({
      ok: false,
      error: { code: "agent-not-trusted", problem: expect.stringContaining("changed") },
      left: "nothing",
    });
    expect(at.writes().map(({ method }) => method)).toEqual(["POST", "DELETE"]);
  });

  test("is paired with in warn, and the result says which it was", async () => {
    expect(await desk(stranger).run("warn")).toMatchObject({
      ok: true,
      warnings: [{ code: "agent-not-verified", detail: "/opt/ping/agent, run by ada: it is not signed" }],
    });
  });

  test("is not even looked for in off", async () => {
    const at = desk(stranger);
    expect(await at.run("off")).toMatchObject({ ok: true, warnings: [] });
    expect(at.looks()).toBe(0);
  });
});

test("a trusted one is paired with, without a word", async () => {
  expect(await desk(trusted).run()).toMatchObject({ ok: true, warnings: [] });
});
