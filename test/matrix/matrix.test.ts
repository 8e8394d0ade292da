import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSimulator } from "../../src/simulator/index.ts";
import { type Bench, runOn, type Seen } from "./bench.ts";
import { type Case, cases, runOf, titleOf, withUsers } from "./cases.ts";
import { expected } from "./expected.ts";
import { startGateway } from "./gateway.ts";
import { report } from "./report.ts";
import { runWhole, type Whole, wholes } from "./whole.ts";

/** Every request of both pairings × every fault, on real sockets. What must come of each is in `expected.ts`. */

let bench: Bench;
let seen: ReadonlyMap<Case, Seen>;
const wholeSeen = new Map<Whole, Seen>();

beforeAll(async () => {
  const simulator = await startSimulator({ port: 0, agentPort: 0 });
  bench = { simulator, gateway: await startGateway(simulator) };
  for (const about of wholes) wholeSeen.set(about, await runWhole(about));
  seen = await withUsers(bench, cases, (about, user) => runOn(bench, runOf(about, user)));
}, 240_000);
afterAll(async () => {
  await bench.gateway.close();
  await bench.simulator.close();
});

const seenOf = (about: Case): Seen => {
  const found = seen.get(about);
  if (found === undefined) throw new Error(`${titleOf(about)} was not run.`);
  return found;
};

describe("each case ends as the rules say", () => {
  test.each(cases.map((about) => [titleOf(about), about] as const))("%s", (_title, about) => {
    const { sent, ...found } = seenOf(about);
    const { outcome, code, left, warnings, pending, active } = found;
    const ended = {
      outcome,
      code,
      left,
      warnings,
      pending,
      active,
      activeAfterwards: found.activeAfterwards,
      sent: sent.get(about.request) ?? 0,
      creates: sent.get("create") ?? 0,
      registers: sent.get("register") ?? 0,
    };
    expect(ended, JSON.stringify(ended)).toEqual(expected(about));

    // Whatever the rules say of the case, these hold of every one.
    expect(found.pendingAfterwards).toBe(0);
    expect(active).toBeLessThanOrEqual(1);
    expect(sent.get("register") ?? 0).toBeLessThanOrEqual(1);
    if (pending > 0) expect(left).not.toBe("nothing");
    expect(found.toldSecrets).toEqual([]);
    // The client secret, the token, and on the way to a paired device the options or the attestation.
    expect(found.secretsSought).toBeGreaterThanOrEqual(outcome === "paired" ? 3 : 1);
  });
});

test("no redirect was followed", () => {
  expect(bench.gateway.strayed()).toBe(0);
});

describe("the whole pairing", () => {
  test.each(wholes.map((about) => [`${about.flow}: ${about.words}`, about] as const))("%s", (_title, about) => {
    const found = wholeSeen.get(about);
    if (found === undefined) throw new Error("It was not run.");
    const { outcome, code, left } = found;
    expect({ outcome, code, left }).toEqual(about.ends);
    expect(found).toMatchObject({
      pending: 0,
      active: outcome === "paired" ? 1 : 0,
      pendingAfterwards: 0,
      toldSecrets: [],
    });
  });
});

test("docs/reliability.md tells what was found; `npm run nightly -- write` writes it anew", async () => {
  process.stdout.write(`fault matrix: ${cases.length + wholes.length} cases\n`);
  const found = cases.map((about) => {
    const { sent, ...result } = seenOf(about);
    return { about, result: { ...result, sent: sent.get(about.request) ?? 0 } };
  });
  const whole = [...wholeSeen].map(([about, result]) => ({ about, result: { ...result, sent: 1 } }));
  await expect(report(found, whole)).toMatchFileSnapshot("../../docs/reliability.md");
});
