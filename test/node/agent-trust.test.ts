import { chmodSync } from "node:fs";
import { expect, test } from "vitest";
import { type AgentPlace, register } from "../../src/core/agent/client.ts";
import { type AgentTrustMode, defaultAgentTrust } from "../../src/core/agent/trust-settings.ts";
import type { SurveyPort } from "../../src/core/ports.ts";
import { createLoopbackHttp, probe } from "../../src/node/loopback.ts";
import { createSurveyPort } from "../../src/node/port-owner.ts";
import { attestation, copyOfNode, squatter } from "./squatter.ts";
import { closedPort } from "./wire-server.ts";

// The promise as a whole: real programs that speak the agent's protocol, the real look-up, real sockets.

const options = "eyJhbGciOiJSUzI1NiJ9.b3B0aW9ucw.c2lnbmF0dXJl";
const nothing = { connections: 0, bytes: 0 };

/** @param between what happens to the computer between two look-ups; 1 is before the second */
async function pairWith(
  port: number,
  given: { readonly mode?: AgentTrustMode; readonly between?: (look: number) => Promise<void> } = {},
) {
  const real = createSurveyPort();
  let looks = 0;
  const agentOwners: SurveyPort = async (asked) => {
    if (looks > 0) await given.between?.(looks);
    looks += 1;
    return real(asked);
  };
  const doubts: string[] = [];
  const ports = {
    agentHttp: createLoopbackHttp(),
    agentOwners,
    probeAgent: probe,
    authenticators: { platform: "linux", tools: "not-usable", simulated: false },
    log: () => undefined,
  } as const;
  const trust = { ...defaultAgentTrust, mode: given.mode ?? "verify" };
  const place: AgentPlace = { port, trust, onDoubt: (doubt) => doubts.push(doubt) };
  const outcome = await register(ports, place, "https://app.pingone.eu", options, new AbortController().signal);
  return { outcome, doubts, looks };
}

/** Right protocol, wrong process: anybody could have put another program in its place. */
async function wrongProcess(more: Parameters<typeof squatter>[0] = {}) {
  const { path } = copyOfNode();
  const running = await squatter({ ...more, program: path });
  chmodSync(path, 0o757);
  return { ...running, path };
}
const untrusted = (program: string | null, problem: string) => ({
  ok: false,
  error: { code: "agent-not-trusted", program, problem },
});

test("the right process gets the JWT, once", async () => {
  const agent = await squatter();
  expect(await pairWith(agent.port)).toMatchObject({ outcome: { ok: true, value: attestation }, doubts: [], looks: 3 });
  expect((await agent.tally()).connections).toBe(1);
  expect((await agent.tally()).bytes).toBeGreaterThan(options.length);
});

test.each([["127.0.0.1"], ["0.0.0.0"], ["::1"], ["::"]])(
  "a squatter on %s gets no byte and no connection",
  async (host) => {
    const stranger = await wrongProcess({ host });
    expect((await pairWith(stranger.port)).outcome).toMatchObject(
      untrusted(stranger.path, `others may change ${stranger.path}`),
    );
    expect(await stranger.tally()).toEqual(nothing);
  },
);

test("a squatter on the other address gets none either, while the right process gets the JWT", async () => {
  const stranger = await wrongProcess({ host: "127.0.0.1" });
  const agent = await squatter({ host: "::1", port: stranger.port });
  expect((await pairWith(agent.port)).outcome).toEqual({ ok: true, value: attestation });
  expect(await stranger.tally()).toEqual(nothing);
});

test("a squatter beside the right process, on the very same address, stops both", async () => {
  const agent = await squatter({ reusePort: true });
  const stranger = await wrongProcess({ reusePort: true, port: agent.port });
  expect((await pairWith(agent.port)).outcome).toMatchObject(
    untrusted(stranger.path, `others may change ${stranger.path}`),
  );
  expect([await agent.tally(), await stranger.tally()]).toEqual([nothing, nothing]);
});

test("the agent dies while the connection waits, and another takes its port: no byte for either", async () => {
  const agent = await squatter();
  const heirs: Awaited<ReturnType<typeof squatter>>[] = [];
  const { outcome } = await pairWith(agent.port, {
    between: async () => {
      await agent.kill();
      heirs.push(await squatter({ port: agent.port }));
    },
  });
  expect(outcome).toMatchObject(
    untrusted(process.execPath, "the program on the port changed before the pairing was sent"),
  );
  expect(await heirs[0]?.tally()).toEqual(nothing);
});

test("the agent is replaced after it answered: its answer does not count, and the heir saw nothing", async () => {
  const agent = await squatter();
  const heirs: Awaited<ReturnType<typeof squatter>>[] = [];
  const { outcome } = await pairWith(agent.port, {
    between: async (look) => {
      if (look !== 2) return;
      await agent.kill();
      heirs.push(await squatter({ port: agent.port }));
    },
  });
  expect(outcome).toMatchObject(
    untrusted(process.execPath, "the program on the port changed while the pairing was under way"),
  );
  expect(await heirs[0]?.tally()).toEqual(nothing);
});

test("nobody listens: the agent is missing", async () => {
  const port = await closedPort();
  expect((await pairWith(port)).outcome).toEqual({ ok: false, error: { code: "agent-missing", port } });
});

test("warn and off let a squatter have it, and only warn says so", async () => {
  const stranger = await wrongProcess();
  const warned = await pairWith(stranger.port, { mode: "warn" });
  expect(warned.outcome).toEqual({ ok: true, value: attestation });
  expect(warned.doubts).toEqual([expect.stringContaining(`others may change ${stranger.path}`)]);
  expect(await pairWith(stranger.port, { mode: "off" })).toMatchObject({ outcome: { ok: true }, doubts: [], looks: 0 });
});
