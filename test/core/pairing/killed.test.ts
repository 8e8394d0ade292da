import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FaultName } from "../../../src/simulator/index.ts";
import { holdsNoSecret, openSite, type Site, settled, startsAgain } from "./aftermath.ts";
import { withMoments } from "./moments.ts";
import type { Order, Pairing, Passed } from "./other-process.ts";
import { choices, realPorts, sessionAt } from "./real-desk.ts";

/**
 * Real processes on real sockets and a real disk, killed by the system (SIGKILL) before, in the middle of and after
 * everything that they do, one moment after the other. Afterwards DeskPair is started again.
 */

/** As many as the machine has cores to spare; each worker has a simulator of its own. */
const workers = 2;
let sites: readonly Site[];
let scratch: string;
let program: string;
let kills = 0;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "deskpair-killed-"));
  program = join(scratch, "other-process.mjs");
  // In one file it starts in half the time.
  const input = join(import.meta.dirname, "other-process.ts");
  const bundle = await rolldown({ input, platform: "node", logLevel: "silent" });
  await bundle.write({ file: program, codeSplitting: false });
  await bundle.close();
  sites = await Promise.all(Array.from({ length: workers }, openSite));
}, 60_000);
afterAll(async () => {
  console.log(`Processes killed: ${kills}, each at another moment; after every one DeskPair was started again.`);
  await Promise.all(sites.map(({ simulator }) => simulator.close()));
  await rm(scratch, { recursive: true, force: true });
});

/** `null`: it was killed. */
function run(order: Order): Promise<Passed | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, "obey"], { stdio: ["pipe", "pipe", "pipe"] });
    const out: Buffer[] = [];
    const problems: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => problems.push(chunk));
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (signal === "SIGKILL") {
        kills += 1;
        resolve(null);
      } else if (code === 0) {
        const passed: Passed = JSON.parse(Buffer.concat(out).toString());
        resolve(passed);
      } else reject(new Error(`It ended with ${code ?? signal}: ${Buffer.concat(problems).toString()}`));
    });
    child.stdin.end(JSON.stringify(order));
  });
}

const orderFor = (site: Site, kind: Pairing["kind"], task: Order["task"], folder: string): Order => {
  const { user, simulator } = site.pairing(kind);
  const { apiUrl, authUrl, environmentId, clientId, clientSecret, agentPort } = simulator;
  const where = { apiUrl, authUrl, environmentId, clientId, clientSecret, agentPort };
  return { kind, user, simulator: where, task, folder, killAt: null };
};

/** Does `work` for every moment from `first` to `last`, on all sites at once. */
async function atEach(
  first: number,
  last: number,
  work: (site: Site, moment: number, folder: string) => Promise<void>,
): Promise<void> {
  let next = first;
  await Promise.all(
    sites.map(async (site) => {
      for (let moment = next++; moment <= last; moment = next++) {
        const folder = await mkdtemp(join(scratch, "data-"));
        site.clear();
        await work(site, moment, folder);
        await holdsNoSecret(folder, site.simulator);
      }
    }),
  );
}

type Way = readonly [kind: Pairing["kind"], fault: FaultName | null, from: string];
const ways: readonly Way[] = [
  ["desktop", null, "before lock"],
  ["desktop", "create-lost", "after http POST */devices"],
  ["desktop", "agent-user-cancelled", "after agent POST /register"],
  ["desktop", "activate-lost", "after http POST devices/*"],
  ["desktop", "activate-lost-before", "after http POST devices/*"],
  ["fido2", null, "before lock"],
  ["fido2", "create-lost", "after http POST */devices"],
  ["fido2", "activate-lost", "after http POST devices/*"],
  ["fido2", "activate-refused", "after http POST devices/*"],
];

test.each(ways)(
  "pairing %s, fault %s: killed at every moment from “%s” on",
  async (kind, fault, from) => {
    const [site] = sites;
    if (site === undefined) throw new Error("There is no simulator.");
    site.clear();
    site.simulator.setFault(fault, 1);
    const unharmed = await run(orderFor(site, kind, "pair", await mkdtemp(join(scratch, "data-"))));
    const labels = unharmed?.labels ?? [];
    const first = labels.indexOf(from) + 1;
    expect(first).toBeGreaterThan(0);

    const outcomes = new Set<string>();
    await atEach(first, labels.length, async (at, moment, folder) => {
      at.simulator.setFault(fault, 1);
      expect(await run({ ...orderFor(at, kind, "pair", folder), killAt: moment })).toBeNull();
      at.simulator.setFault(null);
      const { recovered } = await startsAgain(at, kind, realPorts(folder));
      expect(recovered.length).toBeLessThanOrEqual(1);
      for (const { outcome } of recovered) outcomes.add(outcome);
    });
    if (fault === null) expect(outcomes).toEqual(new Set(["paired", "undone"]));
  },
  60_000,
);

/** Where the pairing that is then recovered has ended, and what becomes of it. */
const ends = [
  ["desktop", "after http POST */devices", "locates and removes", "undone"],
  ["desktop", "before agent POST /register", "removes", "undone"],
  ["desktop", "before http POST devices/*", "reads and removes", "undone"],
  ["desktop", "after http POST devices/*", "reads and names", "paired"],
  ["fido2", "after http POST */devices", "locates and removes", "undone"],
  ["fido2", "before ceremony", "removes", "undone"],
  ["fido2", "before http POST devices/*", "reads and removes", "undone"],
  ["fido2", "after http POST devices/*", "reads and names", "paired"],
] as const;

test.each(ends)(
  "recovering a pairing %s from “%s” (it %s): killed at every moment",
  async (kind, end, _what, outcome) => {
    /** Ends at that moment without a process of its own, which takes less time: nothing goes on from there. */
    const interrupt = (site: Site, folder: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const { lock: _none, ...alone } = realPorts(folder);
        const ports = withMoments(alone, async (label) => {
          if (label !== end) return;
          resolve();
          await new Promise(() => undefined);
        });
        const pairing = site.pairing(kind);
        const { signal } = new AbortController();
        sessionAt(ports, pairing)
          .pair(pairing.user, choices[kind], () => undefined, signal)
          .then(({ ok }) => reject(new Error(`It has not ended at “${end}”: ${ok}.`)), reject);
      });
    const [site] = sites;
    if (site === undefined) throw new Error("There is no simulator.");
    const folder = await mkdtemp(join(scratch, "data-"));
    site.clear();
    await interrupt(site, folder);
    const unharmed = await run(orderFor(site, kind, "recover", folder));
    settled(site);
    expect(site.made()).toHaveLength(outcome === "paired" ? 1 : 0);

    await atEach(1, unharmed?.labels.length ?? 0, async (at, moment, place) => {
      await interrupt(at, place);
      expect(await run({ ...orderFor(at, kind, "recover", place), killAt: moment })).toBeNull();
      const { recovered } = await startsAgain(at, kind, realPorts(place));
      for (const again of recovered) expect(again.outcome).toBe(outcome);
      // A workstation has been paired once more meanwhile, a security key has not.
      if (kind === "fido2") expect(at.made()).toHaveLength(outcome === "paired" ? 1 : 0);
    });
  },
  60_000,
);
