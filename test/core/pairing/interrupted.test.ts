import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { fail } from "../../../src/contract/errors.ts";
import type { PairingResult } from "../../../src/core/pairing/run.ts";
import type { Files, HttpFailure, Ports } from "../../../src/core/ports.ts";
import { createFiles } from "../../../src/node/files.ts";
import type { FaultName } from "../../../src/simulator/index.ts";
import { holdsNoSecret, openSite, type Site, settled, startsAgain } from "./aftermath.ts";
import type { Pairing } from "./other-process.ts";
import { choices, realPorts, sessionAt } from "./real-desk.ts";

/**
 * The process lives, and something else ends in the middle: the network at every request, the disk at every line. What
 * is told then must be true, and at the next start, when both are there again, everything comes to its end.
 */

let site: Site;
let scratch: string;
let cuts = 0;
let fullDisks = 0;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "deskpair-interrupted-"));
  site = await openSite();
});
afterEach(() => site.clear());
afterAll(async () => {
  console.log(`Networks cut: ${cuts}. Disks full: ${fullDisks}. After every one DeskPair was started again.`);
  await site.simulator.close();
  await rm(scratch, { recursive: true, force: true });
});

const pair = (ports: Ports, kind: Pairing["kind"]): Promise<PairingResult> => {
  const pairing = site.pairing(kind);
  return sessionAt(ports, pairing).pair(pairing.user, choices[kind], () => undefined, new AbortController().signal);
};

/** What is said to be left must be what is there. */
function tellsTheTruth(result: PairingResult): void {
  const made = site.made();
  if (result.ok) expect(made).toMatchObject([{ id: result.device.id, status: "ACTIVE" }]);
  else if (result.left === "nothing") expect(made).toEqual([]);
  else if (result.left === "device") expect(made).toMatchObject([{ id: result.deviceId }]);
  else if (result.deviceId !== null && made.length > 0) expect(made).toMatchObject([{ id: result.deviceId }]);
}

/** Every request from `cutAt` on fails; `answered`: that one still reaches PingOne, and its answer is lost. */
function cutNetwork(ports: Ports, cutAt: number, answered: boolean): Ports & { readonly sent: () => number } {
  let sent = 0;
  const failed = (failure: HttpFailure) => ({ ok: false, failure }) as const;
  return {
    ...ports,
    sent: () => sent,
    http: async (request) => {
      sent += 1;
      if (sent > cutAt || (sent === cutAt && !answered)) return failed({ kind: "refused", sent: false });
      const result = await ports.http(request);
      return sent === cutAt ? failed({ kind: "reset", sent: true }) : result;
    },
  };
}

const ways: readonly (readonly [Pairing["kind"], FaultName | null])[] = [
  ["desktop", null],
  ["desktop", "agent-user-cancelled"],
  ["desktop", "activate-lost-before"],
  ["fido2", null],
  ["fido2", "create-lost"],
];

test.each(ways)(
  "pairing %s, fault %s: the network is cut at every request",
  async (kind, fault) => {
    for (const answered of [false, true]) {
      for (let cutAt = 1, over = false; !over; cutAt += 1) {
        site.clear();
        site.simulator.setFault(fault, 1);
        const folder = await mkdtemp(join(scratch, "data-"));
        const ports = cutNetwork(realPorts(folder), cutAt, answered);
        const result = await pair(ports, kind);
        over = ports.sent() < cutAt;
        if (!over) cuts += 1;
        tellsTheTruth(result);
        site.simulator.setFault(null);
        if (!result.ok && !over) {
          // Still cut: a recovery can do nothing, and loses nothing.
          const none = cutNetwork(realPorts(folder), 0, false);
          await sessionAt(none, site.pairing(kind)).recoverPairings(() => undefined, new AbortController().signal);
        }
        await startsAgain(site, kind, realPorts(folder));
        await holdsNoSecret(folder, site.simulator);
      }
    }
  },
  60_000,
);

/** From the `fullAt`th write on the disk is full; `torn`: of that one a half is written. */
function fillDisk(folder: string, fullAt: number, torn: boolean): Files & { readonly writes: () => number } {
  const files = createFiles(folder);
  const full = fail({ code: "storage-failed", operation: "write", problem: "the disk is full" });
  let writes = 0;
  return {
    ...files,
    writes: () => writes,
    append: async (name, text) => {
      writes += 1;
      if (writes === fullAt && torn) await files.append(name, text.slice(0, text.length / 2));
      return writes >= fullAt ? full : files.append(name, text);
    },
    replace: async (name, text) => (writes >= fullAt ? full : files.replace(name, text)),
  };
}

test.each(ways)(
  "pairing %s, fault %s: the disk is full at every write",
  async (kind, fault) => {
    for (const torn of [false, true]) {
      for (let fullAt = 1, over = false; !over; fullAt += 1) {
        site.clear();
        site.simulator.setFault(fault, 1);
        const folder = await mkdtemp(join(scratch, "data-"));
        const files = fillDisk(folder, fullAt, torn);
        const result = await pair(realPorts(folder, files), kind);
        over = files.writes() < fullAt;
        if (!over) fullDisks += 1;
        tellsTheTruth(result);
        settled(site);
        site.simulator.setFault(null);
        await startsAgain(site, kind, realPorts(folder));
        // What was told as paired stays paired.
        if (result.ok) expect(site.made().map(({ id }) => id)).toEqual([result.device.id]);
        await holdsNoSecret(folder, site.simulator);
      }
    }
  },
  60_000,
);

test("a disk that is full while DeskPair recovers is no obstacle", async () => {
  const folder = await mkdtemp(join(scratch, "data-"));
  // Without a network the device stays.
  const ports = realPorts(folder);
  site.simulator.setFault("agent-user-cancelled", 1);
  const gone = cutNetwork(ports, 6, false);
  expect(await pair(gone, "desktop")).toMatchObject({ ok: false, left: "device" });
  expect(site.made()).toHaveLength(1);
  site.simulator.setFault(null);
  const full = sessionAt(realPorts(folder, fillDisk(folder, 1, true)), site.pairing("desktop"));
  expect(await full.recoverPairings(() => undefined, new AbortController().signal)).toMatchObject({
    value: { recovered: [{ outcome: "undone" }] },
  });
  expect(site.made()).toEqual([]);
  await startsAgain(site, "desktop", realPorts(folder));
});
