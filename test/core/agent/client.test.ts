import { describe, expect, test } from "vitest";
import { type AppError, appErrorSchema } from "../../../src/contract/errors.ts";
import { type AgentPlace, approvalTimeoutMs, register } from "../../../src/core/agent/client.ts";
import { type AgentTrustMode, defaultAgentTrust } from "../../../src/core/agent/trust-settings.ts";
import type { AgentHttp, HttpResult, PortSurvey } from "../../../src/core/ports.ts";
import { answer, failure, gate, inTurn, type Script, tlsFailure } from "../../fakes/http.ts";
import { agentProcess, listening, mallory, surveyOf } from "../../fakes/port-owners.ts";
import { fakePorts } from "../../fakes/ports.ts";
import { jwt } from "./jwt.ts";

const options = jwt({ purpose: "register" });
const attestation = jwt({ sub: "attestation" });
const port = 9410;
const place: AgentPlace = { port, trust: defaultAgentTrust, onDoubt: () => undefined };

async function registered(script: Script, signal = new AbortController().signal) {
  const { ports, agent, logged, pingOne } = fakePorts({ agent: script });
  const outcome = await register(ports, place, "https://app.pingone.eu", options, signal);
  expect(pingOne.requests).toEqual([]);
  return { outcome, requests: agent.requests, logged };
}
const reply = (status: number, body: unknown, type = "application/json") =>
  answer(status, body, { "content-type": type });

test("sends the signed options, and nothing else, once", async () => {
  const { outcome, requests } = await registered(inTurn(reply(200, attestation, "application/jwt")));
  expect(outcome).toEqual({ ok: true, value: attestation });
  expect(requests).toEqual([
    {
      method: "POST",
      url: "http://localhost:9410/register",
      headers: { "content-type": "application/jwt", origin: "https://app.pingone.eu", accept: "*/*" },
      body: options,
      timeoutMs: approvalTimeoutMs,
      maxBytes: 262_144,
      signal: expect.any(AbortSignal),
      address: "127.0.0.1",
      admit: expect.any(Function),
    },
  ]);
});

test("takes the attestation out of JSON, whatever the status of the success and the type say", async () => {
  for (const result of [
    reply(201, { attestation }),
    reply(200, { data: { jwt: attestation } }, "text/plain"),
    reply(202, JSON.stringify(attestation), "text/html"),
  ]) {
    expect((await registered(inTurn(result))).outcome).toEqual({ ok: true, value: attestation });
  }
});

const refused = (status: number, reason?: string): AppError => ({ code: "agent-refused", status, reason });
const stranger = (status: number, contentType = "application/json"): AppError => ({
  code: "agent-not-recognized",
  port,
  status,
  contentType,
});
const page = "<!DOCTYPE html><html><body>It works!</body></html>";

const answers: readonly (readonly [string, HttpResult, AppError])[] = [
  // What the agent may say (assumed: by HTTP class, never by its words).
  ["origin not allowed", reply(403, { error: "origin_not_allowed" }), refused(403, "origin_not_allowed")],
  ["wrong content type", reply(415, { error: "unsupported_media_type" }), refused(415, "unsupported_media_type")],
  ["bad JWT", reply(400, { error: "invalid_request_jwt" }), refused(400, "invalid_request_jwt")],
  ["cancelled by the person", reply(403, { error: "user_cancelled" }), refused(403, "user_cancelled")],
  ["no biometrics", reply(409, { error: "biometric_unavailable" }), refused(409, "biometric_unavailable")],
  ["busy", reply(409, { error: "busy" }), refused(409, "busy")],
  ["too slow", reply(408, { error: "timeout" }), { code: "agent-timed-out", seconds: 120 }],
  ["broken", reply(500, { error: "internal" }), refused(500, "internal")],
  ["broken without words", reply(503, ""), refused(503)],
  ["unauthorised", reply(401, ""), refused(401)],
  ["words of another form", reply(400, { error: { code: 7 } }), refused(400)],
  ["words that are far too long", reply(400, { error: "x".repeat(500) }), refused(400)],
  ["words that could be something else", reply(400, { error: options }), refused(400)],
  // Another program.
  ["no such path", reply(404, { error: "not_found" }), stranger(404)],
  ["no such method", reply(405, ""), stranger(405)],
  ["not implemented", reply(501, ""), stranger(501)],
  ["a redirect", reply(302, "", "text/html"), stranger(302, "text/html")],
  ["not modified", reply(304, ""), stranger(304)],
  ["a page", reply(200, page, "text/html; charset=utf-8"), stranger(200, "text/html; charset=utf-8")],
  ["an error page", reply(500, page, "text/html"), stranger(500, "text/html")],
  ["an error page of no type", reply(403, page, "text/plain"), stranger(403, "text/plain")],
  ["success without a JWT", reply(200, { status: "ok" }), stranger(200)],
  ["success without anything", reply(204, ""), stranger(204)],
  ["an unsigned JWT", reply(200, jwt({}, { alg: "none" }), "application/jwt"), stranger(200, "application/jwt")],
  // Any echo server: what we sent is no answer to it.
  ["our own options", reply(200, options, "application/jwt"), stranger(200, "application/jwt")],
  ["our own options in JSON", reply(200, { received: options }), stranger(200)],
  // No answer.
  ["nobody there", failure("refused", false), { code: "agent-missing", port }],
  ["no such host", failure("unresolved", false), { code: "agent-missing", port }],
  ["gone before the request", failure("reset", false), { code: "agent-missing", port }],
  ["a port that does not even connect", failure("timed-out", false), { code: "agent-missing", port }],
  ["gone after the request", failure("reset", true), { code: "agent-connection-lost", port }],
  ["silence", failure("timed-out", true), { code: "agent-timed-out", seconds: 120 }],
  ["far too much", failure("too-large", true), { code: "agent-not-recognized", port }],
  ["cancelled", failure("cancelled", true), { code: "cancelled" }],
  ["TLS, which cannot be", tlsFailure("x"), { code: "agent-missing", port }],
];

test.each(answers)("%s", async (_case, result, expected) => {
  const { outcome, requests, logged } = await registered(inTurn(result));
  expect(outcome).toEqual({ ok: false, error: expected });
  if (!outcome.ok) expect(appErrorSchema.safeParse(outcome.error).success).toBe(true);
  // At most one request for one JWT, whatever came back.
  expect(requests).toHaveLength(1);
  expect(JSON.stringify([outcome, logged])).not.toContain(options);
});

test("a type that is far too long is cut", async () => {
  const { outcome } = await registered(inTurn(reply(200, "x", `text/${"x".repeat(5_000)}`)));
  if (!outcome.ok) expect(appErrorSchema.safeParse(outcome.error).success).toBe(true);
});

test("tells support what kind of answer it was, not what was in it", async () => {
  const { logged } = await registered(inTurn(reply(200, attestation, "application/jwt")));
  expect(logged).toEqual([
    {
      level: "info",
      event: "agent.answer",
      fields: { status: 200, contentType: "application/jwt", length: attestation.length },
    },
  ]);
});

describe("cancelling", () => {
  test("before: nothing is sent, whatever the adapter would do", async () => {
    const { ports, agent } = fakePorts({ agent: inTurn(reply(200, attestation)) });
    let asked = 0;
    const agentHttp: typeof ports.agentHttp = (request) => {
      asked += 1;
      return ports.agentHttp(request);
    };
    const outcome = await register({ ...ports, agentHttp }, place, "https://x.example", options, AbortSignal.abort());
    expect(outcome).toEqual({ ok: false, error: { code: "cancelled" } });
    expect(asked).toBe(0);
    expect(agent.requests).toEqual([]);
  });

  test("meanwhile: the adapter is told", async () => {
    const abort = new AbortController();
    const aborted = gate<HttpResult>();
    const pending = registered((request) => {
      request.signal?.addEventListener("abort", () => aborted.open(failure("cancelled", true)));
      return aborted.passed;
    }, abort.signal);
    abort.abort();
    expect((await pending).outcome).toEqual({ ok: false, error: { code: "cancelled" } });
  });
});

describe("whose port it is", () => {
  const trusted = surveyOf(listening());
  const stranger = surveyOf(listening({ processes: [agentProcess({ signature: "unsigned" })] }));
  const successor = surveyOf(listening({ processes: [agentProcess({ started: "999999" })] }));
  const silent: PortSurvey = { told: false, problem: "PowerShell did not answer" };

  /** Registers while the look-ups find these one after the other; the last one again and again. */
  async function among(surveys: readonly PortSurvey[], mode: AgentTrustMode = "verify", probe?: "closed") {
    let looks = 0;
    let connections = 0;
    const doubts: string[] = [];
    const { ports, agent } = fakePorts({
      agent: inTurn(reply(200, attestation)),
      ...(probe === undefined ? {} : { probe: async () => probe }),
      agentOwners: async () => {
        const survey = surveys[Math.min(looks, surveys.length - 1)];
        looks += 1;
        if (survey === undefined) throw new Error("Nobody should have looked.");
        return survey;
      },
    });
    // As the real one: asks when the connection stands, and writes only then.
    const agentHttp: AgentHttp = async (request) => {
      connections += 1;
      return (await request.admit?.()) === false ? failure("refused", false) : ports.agentHttp(request);
    };
    const trust = { ...defaultAgentTrust, mode };
    const where: AgentPlace = { port, trust, onDoubt: (doubt) => doubts.push(doubt) };
    const { signal } = new AbortController();
    const outcome = await register({ ...ports, agentHttp }, where, "https://app.pingone.eu", options, signal);
    return { outcome, sent: agent.requests, connections, looks, doubts };
  }
  const untrusted = (problem: string) => ({
    ok: false,
    error: { code: "agent-not-trusted", port, program: "/opt/ping/agent", account: "ada", problem },
  });

  test("is asked three times, and the same program each time gets the pairing", async () => {
    expect(await among([trusted])).toMatchObject({ outcome: { ok: true }, looks: 3, connections: 1, doubts: [] });
  });

  test("a stranger gets nothing, not even a connection", async () => {
    const { outcome, connections, sent } = await among([stranger]);
    expect(outcome).toEqual(untrusted("it is not signed"));
    expect({ connections, sent }).toEqual({ connections: 0, sent: [] });
  });

  test.each([
    ["another program", stranger, "the program on the port changed before the pairing was sent, and it is not signed"],
    ["a successor that is trusted too", successor, "the program on the port changed before the pairing was sent"],
  ])("%s that comes before the first byte gets none", async (_who, second, problem) => {
    const { outcome, sent } = await among([trusted, second]);
    expect(outcome).toEqual(untrusted(problem));
    expect(sent).toEqual([]);
  });

  test("an answer counts only if the same program is still there", async () => {
    const { outcome } = await among([trusted, trusted, successor]);
    expect(outcome).toEqual(untrusted("the program on the port changed while the pairing was under way"));
    expect((await among([trusted, trusted, surveyOf()])).outcome).toMatchObject({
      error: { code: "agent-not-trusted", program: null, account: null },
    });
  });

  test("one that joins on the same socket has to be trusted as well", async () => {
    const helper = agentProcess({ id: 4712 });
    const joined = (more: Parameters<typeof agentProcess>[0]) =>
      surveyOf(listening({ processes: [agentProcess(), { ...helper, ...agentProcess({ ...more, id: 4712 }) }] }));
    expect(await among([trusted, joined({})])).toMatchObject({ outcome: { ok: true } });
    const bad = await among([trusted, joined({ signature: "invalid", path: "/tmp/x", accounts: [mallory] })]);
    expect(bad.sent).toEqual([]);
    expect(bad.outcome).toMatchObject({ error: { code: "agent-not-trusted", program: "/tmp/x", account: "mallory" } });
  });

  test("a look-up that fails is no permission, whenever it fails", async () => {
    for (const surveys of [[silent], [trusted, silent], [trusted, trusted, silent]]) {
      const { outcome, sent } = await among(surveys);
      expect(outcome).toMatchObject({ error: { code: "agent-not-trusted", program: null, account: null } });
      expect(JSON.stringify(outcome)).toContain("PowerShell did not answer");
      expect(sent).toHaveLength(surveys.length === 3 ? 1 : 0);
    }
  });

  test("nobody there is a missing agent; somebody whom nobody sees is not trusted", async () => {
    expect(await among([surveyOf()], "verify", "closed")).toMatchObject({
      outcome: { error: { code: "agent-missing", port } },
      connections: 0,
    });
    const { outcome, connections } = await among([surveyOf()]);
    expect(outcome).toMatchObject({ error: { code: "agent-not-trusted", program: null, account: null } });
    expect(connections).toBe(0);
  });

  test("warn: a stranger gets the pairing, and that is said before", async () => {
    expect(await among([stranger], "warn")).toMatchObject({
      outcome: { ok: true },
      doubts: ["/opt/ping/agent, run by ada: it is not signed"],
    });
    expect(await among([silent], "warn")).toMatchObject({ outcome: { ok: true }, doubts: [expect.any(String)] });
    // What is certain to be wrong is not a doubt.
    expect(await among([stranger, successor], "warn")).toMatchObject({
      outcome: { error: { code: "agent-not-trusted" } },
      sent: [],
    });
  });

  test("off: nobody is looked up, and either address is called", async () => {
    const { outcome, looks, sent } = await among([], "off");
    expect(outcome).toMatchObject({ ok: true });
    expect(looks).toBe(0);
    expect(sent[0]).not.toHaveProperty("address");
  });
});
