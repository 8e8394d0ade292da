import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compact } from "../../../src/core/pairing/compaction.ts";
import type { PairingState } from "../../../src/core/pairing/machine.ts";
import {
  contentsOf,
  findOwnPairing,
  type JournalLine,
  openPairings,
  readLines,
  standingOf,
  toLine,
} from "../../../src/core/pairing/record.ts";
import { active, states } from "./samples.ts";

const day = 86_400_000;
const now = Date.parse("2026-02-16T12:00:00.000Z");
const at = (daysAgo: number): string => new Date(now - daysAgo * day).toISOString();

const line = (more: Partial<JournalLine> = {}): JournalLine => ({
  version: 1,
  pairingId: "p1",
  kind: "desktop",
  userId: "u1",
  username: "ada",
  environmentId: "e1",
  apiBase: "https://api.pingone.eu/v1",
  hostName: "DESK-7",
  nickname: "DESK-7",
  relyingPartyId: null,
  beganAt: at(0),
  at: at(0),
  sequence: 1,
  knownDeviceIds: [],
  moment: "before",
  state: states.creating,
  ...more,
});
const read = (text: string) => contentsOf(readLines(text));
const text = (...lines: readonly JournalLine[]): string => lines.map(toLine).join("");
const newer = '{"version":2,"pairingId":"n1","at":"2027-01-01T00:00:00.000Z","shape":{"of":"things to come"}}';
const rubbish = [
  "",
  "   ",
  "\0\0\0\0",
  "{",
  "null",
  "[]",
  '{"version":1}',
  '{"version":"1","pairingId":"p1"}',
  text(line()).slice(0, 200),
  text(line({ userId: "../../other" })).trim(),
  text(line({ state: { name: "proving", deviceId: "a/b", cancelled: false } })).trim(),
];

describe("reading", () => {
  test("no other record is lost to rubbish, torn lines, doubles, another order or a later version", () => {
    const names = ["creating", "proving", "activating", "naming", "paired"] as const;
    const history = ["p1", "p2", "p3"].flatMap((pairingId) =>
      names.map((name, index) => toLine(line({ pairingId, sequence: index + 1, state: states[name] })).trim()),
    );
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...history, ...history], { minLength: 2 * history.length }),
        fc.array(fc.tuple(fc.nat(30), fc.oneof(fc.constantFrom(...rubbish, newer), fc.string()))),
        fc.constantFrom("\n", "\r\n", "\n\n"),
        (lines, spoilers, end) => {
          const spoiled: string[] = [...lines];
          for (const [place, spoiler] of spoilers) spoiled.splice(place, 0, spoiler);
          const contents = read(spoiled.join(end));
          expect(contents.pairings.map(({ pairingId }) => pairingId).toSorted()).toEqual(["p1", "p2", "p3"]);
          for (const record of contents.pairings) expect(record.state).toEqual(states.paired);
        },
      ),
    );
  });

  test("what a later version wrote is told, and its pairing is left to it", () => {
    const theirs = newer.replace("n1", "p1");
    const contents = read(`${text(line(), line({ pairingId: "p2" }))}${theirs}\n`);
    expect(contents.newer).toEqual([{ version: 2, pairingId: "p1", at: "2027-01-01T00:00:00.000Z" }]);
    expect(contents.pairings.map(({ pairingId }) => pairingId)).toEqual(["p2"]);
    expect(contents.unreadable).toBe(0);
    expect(read('{"version":3}\n').newer).toEqual([{ version: 3, pairingId: null, at: null }]);
  });

  test("an error that this version does not know costs no record", () => {
    const written = text(line({ state: states.removing })).replace("agent-missing", "of-tomorrow");
    expect(read(written).pairings).toMatchObject([{ state: { name: "removing", error: { code: "interrupted" } } }]);
  });
});

describe("what is open", () => {
  test.each<[PairingState, string]>([
    [states.creating, "open"],
    [states.removing, "open"],
    [states.naming, "open"],
    [states.paired, "paired"],
    [states.failed, "failed"],
    [{ ...states.failed, left: "device", deviceId: "d1" }, "open"],
    [{ ...states.failed, left: "unknown" }, "open"],
  ])("%j", (state, standing) => {
    const [record] = read(text(line({ state }))).pairings;
    expect(record === undefined ? null : standingOf(record)).toBe(standing);
    expect(openPairings(read(text(line({ state }))).pairings)).toHaveLength(standing === "open" ? 1 : 0);
  });
});

describe("our own pairing", () => {
  const place = { environmentId: "e1", apiBase: "https://api.pingone.eu/v1", hostName: "DESK-7" };
  const paired = (pairingId: string, id: string, more: Partial<JournalLine> = {}): JournalLine =>
    line({ pairingId, state: { name: "paired", device: { ...active, id }, warnings: [] }, ...more });

  test("is the last one", () => {
    const records = read(text(paired("p1", "d1"), paired("p2", "d2"), line({ pairingId: "p3" }))).pairings;
    expect(findOwnPairing(records, place, "u1", "desktop")?.state.device.id).toBe("d2");
  });

  test.each<Partial<JournalLine>>([
    { environmentId: "e2" },
    { apiBase: "https://api.pingone.com/v1" },
    { userId: "u2" },
    { kind: "fido2" },
    { hostName: "DESK-8" },
    { state: states.naming },
    { state: states.failed },
  ])("is none with %j", (difference) => {
    const records = read(text({ ...paired("p1", "d1"), ...difference })).pairings;
    expect(records).toHaveLength(1);
    expect(findOwnPairing(records, place, "u1", "desktop")).toBeNull();
  });
});

describe("compaction", () => {
  const compacted = (journal: string): string => compact(journal, readLines(journal), now) ?? journal;
  const over = (count: number, more: Partial<JournalLine> = {}): JournalLine[] =>
    Array.from({ length: count }, (_, index) =>
      line({ pairingId: `over-${index}`, userId: `u${index}`, state: states.failed, ...more }),
    );
  const ids = (journal: string): readonly string[] => read(journal).pairings.map(({ pairingId }) => pairingId);

  test("a small journal stays as it is", () => {
    const journal = text(line(), line({ sequence: 2, state: states.paired }));
    expect(compact(journal, readLines(journal), now)).toBeNull();
  });

  test("the oldest of what is over goes first", () => {
    expect(ids(compacted(text(...over(205))))).toEqual(
      over(205)
        .slice(5)
        .map(({ pairingId }) => pairingId),
    );
    const old = text(line({ pairingId: "old", at: at(91), state: states.failed }), line({ pairingId: "new" }));
    expect(ids(compacted(old))).toEqual(["new"]);
  });

  test("what is open stays, however old, and each with the line that tells most", () => {
    const journal = text(
      line({ pairingId: "open", at: at(900) }),
      line({ pairingId: "open", at: at(900), sequence: 2, state: states.proving }),
      ...over(300),
    );
    expect(read(compacted(journal)).pairings).toContainEqual(
      expect.objectContaining({ pairingId: "open", state: states.proving }),
    );
    expect(compacted(journal).match(/"open"/g)).toHaveLength(1);
  });

  test("the last pairing of a user's workstation stays; of keys nobody asks", () => {
    const old = { at: at(900), state: states.paired };
    const journal = text(
      line({ ...old, pairingId: "replaced" }),
      line({ ...old, pairingId: "own" }),
      line({ ...old, pairingId: "hers", userId: "u2" }),
      line({ ...old, pairingId: "key", kind: "fido2" }),
      ...over(300, { at: at(1) }),
    );
    const kept = ids(compacted(journal));
    expect(kept.slice(0, 2)).toEqual(["own", "hers"]);
    expect(kept).not.toContain("key");
  });

  test("lines of a later version stay as they are, and with them those of their pairings", () => {
    const theirs = newer.replace("n1", "old");
    const journal = `${text(line({ pairingId: "old", at: at(900) }))}${theirs}\n${text(...over(300))}`;
    const [first, second] = compacted(journal).split("\n");
    expect([first, second]).toEqual(journal.split("\n").slice(0, 2));
  });

  test("says the same as before about all that it keeps, and has nothing more to do", () => {
    const states3 = fc.constantFrom(...Object.values(states));
    const lines = fc.array(fc.tuple(fc.nat(400), fc.nat(4), states3, fc.nat(200)), { maxLength: 600 });
    fc.assert(
      fc.property(lines, fc.array(fc.constantFrom(...rubbish, newer)), (some, spoilers) => {
        const journal = `${spoilers.join("\n")}\n${text(
          ...some.map(([pairing, sequence, state, age]) =>
            line({ pairingId: `p${pairing}`, userId: `u${pairing % 5}`, sequence, state, at: at(age) }),
          ),
        )}`;
        const after = compacted(journal);
        const before = new Map(read(journal).pairings.map((record) => [record.pairingId, record]));
        for (const record of read(after).pairings) expect(record).toEqual(before.get(record.pairingId));
        expect(openPairings(read(after).pairings)).toEqual(openPairings([...before.values()]));
        expect(read(after).newer).toEqual(read(journal).newer);
        expect(compact(after, readLines(after), now)).toBeNull();
      }),
      { numRuns: 50 },
    );
  });
});
