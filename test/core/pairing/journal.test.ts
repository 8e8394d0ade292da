import { expect, test } from "vitest";
import { journalFile, openJournal } from "../../../src/core/pairing/journal.ts";
import { fakeClock } from "../../fakes/clock.ts";
import { memoryFiles } from "../../fakes/files.ts";
import { endpoints } from "../pretend-pingone.ts";
import { request, secrets, states } from "./samples.ts";

test("one JSON object per line, added to what is there", async () => {
  const files = memoryFiles({ [journalFile]: '{"version":1,"pairingId":"earlier"}\n' });
  const clock = fakeClock();
  const journal = openJournal({ files, clock }, endpoints, request);
  expect(await journal.write("before", states.creating)).toEqual({ ok: true, value: null });
  clock.advance(1_500);
  expect(await journal.write("after", states.paired)).toEqual({ ok: true, value: null });

  const text = files.contents.get(journalFile) ?? "";
  expect(text.endsWith("\n")).toBe(true);
  const [earlier, first, second, ...rest] = text
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  expect(rest).toEqual([]);
  expect(earlier).toEqual({ version: 1, pairingId: "earlier" });
  const place = {
    version: 1,
    pairingId: "p1",
    apiBase: endpoints.apiBase,
    environmentId: endpoints.environmentId,
    userId: "u1",
    kind: "desktop",
  };
  expect(first).toEqual({
    ...place,
    at: "2026-02-16T11:51:34.153Z",
    moment: "before",
    state: states.creating,
    knownDeviceIds: ["old"],
  });
  expect(second).toEqual({ ...place, at: "2026-02-16T11:51:35.653Z", moment: "after", state: states.paired });
});

test("every state can be written, and none holds what must not be kept", async () => {
  const files = memoryFiles();
  const journal = openJournal({ files, clock: fakeClock() }, endpoints, request);
  for (const state of Object.values(states)) expect((await journal.write("before", state)).ok).toBe(true);
  const lines = (files.contents.get(journalFile) ?? "").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line).state)).toEqual(Object.values(states));
  for (const secret of secrets) expect(lines.join()).not.toContain(secret);
});

test("a line break in a server's words does not break the line", async () => {
  const files = memoryFiles();
  const journal = openJournal({ files, clock: fakeClock() }, endpoints, request);
  await journal.write("after", {
    name: "failed",
    error: { code: "not-allowed", action: "a", serverMessage: "one\ntwo\r\nthree\u2028four" },
    left: "nothing",
    deviceId: null,
  });
  expect((files.contents.get(journalFile) ?? "").split("\n")).toHaveLength(2);
});

test("a full disk is told", async () => {
  const files = memoryFiles();
  files.broken.add("append");
  const journal = openJournal({ files, clock: fakeClock() }, endpoints, request);
  expect(await journal.write("before", states.creating)).toMatchObject({
    ok: false,
    error: { code: "storage-failed", operation: "write" },
  });
});
