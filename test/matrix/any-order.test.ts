import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSimulator, type User } from "../../src/simulator/index.ts";
import { type Bench, runOn, type Seen } from "./bench.ts";
import { type FaultName, faultNames, faultOf } from "./faults.ts";
import { startGateway } from "./gateway.ts";
import { type Flow, flows } from "./requests.ts";
import { limitMs, runs, tell } from "./runs.ts";

/** Any order of faults, and a cancel at any moment, on real sockets. */

let bench: Bench;
let user: User;

beforeAll(async () => {
  const simulator = await startSimulator({ port: 0, agentPort: 0 });
  bench = { simulator, gateway: await startGateway(simulator) };
  const [first] = simulator.world.users.values();
  if (first === undefined) throw new Error("The simulator has no user.");
  user = first;
});
afterAll(async () => {
  await bench.gateway.close();
  await bench.simulator.close();
});

/** Time-outs are left out because each takes its time; what they leave behind is what a reset leaves behind. */
const quick = faultNames.filter((name) => faultOf(name).isTimeOut !== true);

type Story = {
  readonly flow: Flow;
  /** One for each request, in the order in which they are sent; afterwards all is well. */
  readonly picks: readonly (FaultName | null)[];
  readonly cancelAt: number | null;
};
const story: fc.Arbitrary<Story> = fc.record({
  flow: fc.constantFrom(...flows),
  // Mostly well, or hardly any pairing would get further than its sign-in.
  picks: fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, fc.constantFrom(...quick)), { maxLength: 20 }),
  cancelAt: fc.option(fc.integer({ min: 1, max: 14 })),
});

async function play({ flow, picks, cancelAt }: Story): Promise<Seen> {
  let request = 0;
  const seen = await runOn(bench, {
    flow,
    user,
    ...(cancelAt === null ? {} : { cancelAt }),
    faultAt: (kind) => {
      const fault = picks[request] ?? null;
      request += 1;
      // A server that denies, when it is asked, a device that it has: nobody could see through that.
      return kind === "check-removal" && fault === "status-404" ? null : fault;
    },
  });
  for (const device of bench.simulator.world.devicesOf(user.id)) bench.simulator.world.devices.delete(device.id);
  return seen;
}

test("never two devices, never pending without saying so, never a secret out", { timeout: limitMs }, async () => {
  const ends = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(story, async (told) => {
      const seen = await play(told);
      const { outcome, left, pending, active, sent } = seen;
      expect(pending + active).toBeLessThanOrEqual(1);
      expect(sent.get("register") ?? 0).toBeLessThanOrEqual(1);
      if (outcome === "paired") expect({ pending, active }).toEqual({ pending: 0, active: 1 });
      else if (left === "device") expect(pending + active).toBe(1);
      else if (left !== "unknown") expect({ pending, active }).toEqual({ pending: 0, active: 0 });

      // The next start cleans up.
      expect(seen.pendingAfterwards).toBe(0);
      expect(seen.activeAfterwards).toBeLessThanOrEqual(1);

      expect(seen.toldSecrets).toEqual([]);
      ends.set(`${outcome} ${left ?? ""}`, (ends.get(`${outcome} ${left ?? ""}`) ?? 0) + 1);
    }),
    { numRuns: runs, endOnFailure: runs > 500 },
  );
  expect(bench.gateway.strayed()).toBe(0);
  tell("any order of faults and any moment of cancel");
  // The stories would prove nothing if all of them ended in the same way.
  expect(ends.size).toBeGreaterThanOrEqual(4);
});
