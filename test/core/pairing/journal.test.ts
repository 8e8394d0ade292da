import { expect, test } from "vitest";
import type { Outcome } from "../../../src/contract/errors.ts";
import { type Journal, journalFile, listPairings, openJournal } from "../../../src/core/pairing/journal.ts";
import type { PairingRecord } from "../../../src/core/pairing/record.ts";
import type { Lock, Ports } from "../../../src/core/ports.ts";
import { type FakeFiles, memoryFiles } from "../../fakes/files.ts";
import { fakePorts } from "../../fakes/ports.ts";
import { secrets, states } from "./samples.ts";

type About = Parameters<Journal["write"]>[0];

const about: About = {
  pairingId: "p1",
  kind: "desktop",
  userId: "u1",
  username: "ada",
  environmentId: "abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6",
  apiBase: "https://api.pingone.eu/v1",
  hostName: "DESK-7",
  nickname: "DESK-7",
  relyingPartyId: null,
  beganAt: "2026-02-16T11:51:34.153Z",
  knownDeviceIds: ["old"],
  state: states.creating,
};

const opened = async (ports: Ports): Promise<Journal> => {
  const journal = await openJournal(ports);
  if (!journal.ok) throw new Error(JSON.stringify(journal.error));
  return journal.value;
};
const textOf = (files: FakeFiles): string => files.contents.get(journalFile) ?? "";
const listed = async (ports: Ports): Promise<readonly PairingRecord[]> => {
  const list = await listPairings(ports);
  return list.ok ? list.value.pairings : [];
};

/** One lock for several "processes": each has ports of its own. */
function lockOf(): { readonly lock: Lock; held: boolean } {
  const state = {
    held: false,
    lock: async (): Promise<Outcome<{ release: () => Promise<void> }>> => {
      if (state.held) return { ok: false, error: { code: "not-now", doing: "process 1 works with it" } };
      state.held = true;
      const release = async (): Promise<void> => {
        state.held = false;
      };
      return { ok: true, value: { release } };
    },
  };
  return state;
}

test("one line per step, the version first, with everything that is needed to finish it", async () => {
  const { ports, clock, files } = fakePorts();
  const journal = await opened(ports);
  expect(await journal.write(about, "before")).toEqual({ ok: true, value: null });
  clock.advance(1_500);
  expect(await journal.write({ ...about, state: states.paired }, "after")).toEqual({ ok: true, value: null });
  const [first, second, ...rest] = textOf(files).trimEnd().split("\n");
  expect(rest).toEqual([]);
  expect(first).toMatch(/^\{"version":1,/);
  expect(JSON.parse(first ?? "")).toEqual({ ...about, version: 1, at: about.beganAt, sequence: 1, moment: "before" });
  expect(JSON.parse(second ?? "")).toEqual({
    ...about,
    version: 1,
    at: "2026-02-16T11:51:35.653Z",
    sequence: 2,
    // Its id is known now.
    knownDeviceIds: [],
    moment: "after",
    state: states.paired,
  });
});

test("every state is read as it was written, and none holds what must not be kept", async () => {
  const { ports, files } = fakePorts();
  const journal = await opened(ports);
  for (const [name, state] of Object.entries(states)) {
    const pairingId = name.replaceAll(/[^a-z]/g, "-");
    expect((await journal.write({ ...about, pairingId, state }, "before")).ok).toBe(true);
  }
  expect((await listed(ports)).map(({ state }) => state)).toEqual(Object.values(states));
  expect(journal.contents().pairings).toEqual(await listed(ports));
  for (const secret of secrets) expect(textOf(files)).not.toContain(secret);
});

test("a server's words stay out, and a line break in others breaks no line", async () => {
  const { ports, files } = fakePorts();
  const error = { code: "agent-refused", status: 403, reason: "one\ntwo\r\nthree\u2028four" } as const;
  const serverMessage = "token eyJhbGciOi";
  const journal = await opened(ports);
  await journal.write({ ...about, state: { name: "removing", deviceId: "d1", error } }, "before");
  const told = { code: "not-allowed", action: "a", correlationId: "c1", serverMessage } as const;
  await journal.write(
    { ...about, pairingId: "p2", state: { name: "removing", deviceId: "d1", error: told } },
    "before",
  );
  expect(textOf(files).split("\n")).toHaveLength(3);
  expect(textOf(files)).not.toContain("eyJ");
  expect(await listed(ports)).toMatchObject([
    { state: { error } },
    { state: { error: { code: "not-allowed", correlationId: "c1" } } },
  ]);
});

test("a full disk is told, and what it has torn spoils no later line", async () => {
  const { ports, files } = fakePorts();
  const journal = await opened(ports);
  await journal.write(about, "before");
  files.broken.add("append");
  const failed = await journal.write({ ...about, state: states.paired }, "after");
  expect(failed).toMatchObject({ ok: false, error: { code: "storage-failed", operation: "write" } });
  files.contents.set(journalFile, `${textOf(files)}{"version":1,"pairi`);
  files.broken.clear();
  await journal.write({ ...about, pairingId: "p2" }, "before");
  expect((await listed(ports)).map(({ pairingId, sequence }) => [pairingId, sequence])).toEqual([
    ["p1", 1],
    ["p2", 1],
  ]);
  await journal.close();
});

test("a file that ends in the middle of a line is gone on with on a new one", async () => {
  const files = memoryFiles({ [journalFile]: '{"version":1,"pairi' });
  const { ports, logged } = fakePorts({ files });
  const journal = await opened(ports);
  await journal.write(about, "before");
  expect(await listed(ports)).toMatchObject([{ pairingId: "p1" }]);
  expect(logged).toContainEqual(expect.objectContaining({ event: "journal.unreadable-lines" }));
});

test("an unreadable file is told, and the lock is free again", async () => {
  const shared = lockOf();
  const { ports, files } = fakePorts();
  files.broken.add("read");
  expect(await openJournal({ ...ports, lock: shared.lock })).toMatchObject({ error: { code: "storage-failed" } });
  expect(shared.held).toBe(false);
  expect(await listPairings(ports)).toMatchObject({ error: { code: "storage-failed" } });
});

test("two processes: the second is told to come back, until the first has closed", async () => {
  const shared = lockOf();
  const one = { ...fakePorts().ports, lock: shared.lock };
  const other = { ...fakePorts().ports, lock: shared.lock };
  const first = await opened(one);
  expect(await openJournal(other)).toEqual({
    ok: false,
    error: { code: "not-now", doing: "another DeskPair on this computer is pairing" },
  });
  await first.close();
  const second = await opened(other);
  expect((await openJournal(one)).ok).toBe(false);
  await second.close();
  expect(shared.held).toBe(false);
});

test("two pairings of one process share it; a pairing has one who runs it", async () => {
  const shared = lockOf();
  const ports = { ...fakePorts().ports, lock: shared.lock };
  const [first, second] = await Promise.all([opened(ports), opened(ports)]);
  expect(first.claim("p1")).toBe(true);
  expect(second.claim("p1")).toBe(false);
  await first.write(about, "before");
  expect(second.contents().pairings).toMatchObject([{ pairingId: "p1" }]);
  await first.close();
  expect(shared.held).toBe(true);
  expect(second.claim("p1")).toBe(true);
  // Opened while it is being given back.
  const [, third] = await Promise.all([second.close(), opened(ports)]);
  expect(third.claim("p1")).toBe(true);
  await third.close();
  expect(shared.held).toBe(false);
});

test("it is rewritten when it is opened, not before; a disk that is full is no obstacle", async () => {
  const { ports, files, logged } = fakePorts();
  const first = await opened(ports);
  for (let count = 0; count < 250; count += 1) {
    await first.write({ ...about, kind: "fido2", pairingId: `p${count}`, state: states.paired }, "after");
  }
  await first.close();
  const before = textOf(files);
  files.broken.add("replace");
  await (await opened(ports)).close();
  expect(textOf(files)).toBe(before);
  expect(logged).toContainEqual(expect.objectContaining({ event: "journal.not-compacted" }));
  files.broken.clear();
  await (await opened(ports)).close();
  expect(textOf(files).trimEnd().split("\n")).toHaveLength(200);
  expect((await listed(ports)).at(-1)?.pairingId).toBe("p249");
});
