import { describe, expect, test } from "vitest";
import { defaultSettings, type Settings } from "../../src/contract/settings.ts";
import { loadSettings, saveSettings, settingsFile } from "../../src/core/settings.ts";
import { memoryFiles } from "../fakes/files.ts";
import { recordingLog } from "../fakes/log.ts";

const stored = (text: string) => {
  const files = memoryFiles({ [settingsFile]: text });
  return { files, ...recordingLog() };
};
const changed: Settings = {
  ...defaultSettings,
  region: "EU",
  environmentId: "abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6",
  clientId: "c1",
  agentPort: 9411,
  relyingPartyId: "example.com",
  theme: "dark",
};

test("what was saved comes back", async () => {
  const at = { files: memoryFiles(), ...recordingLog() };
  expect(await saveSettings(at, changed)).toEqual({ ok: true, value: null });
  expect(await loadSettings(at)).toEqual(changed);
  expect(at.lines).toEqual([]);
});

test("nothing saved: the defaults, and nothing is written", async () => {
  const at = { files: memoryFiles(), ...recordingLog() };
  expect(await loadSettings(at)).toEqual(defaultSettings);
  expect(at.files.contents.size).toBe(0);
});

test("a file of an earlier version, with fewer settings, is completed by the defaults", async () => {
  const at = stored(JSON.stringify({ version: 1, settings: { region: "CA", clientId: "c1" } }));
  expect(await loadSettings(at)).toEqual({ ...defaultSettings, region: "CA", clientId: "c1" });
});

describe("a file that cannot be understood", () => {
  test.each([
    ["nothing in it", ""],
    ["half a file", '{"version":1,"settings":{"region"'],
    ["no object", "[]"],
    ["another version", JSON.stringify({ version: 2, settings: {} })],
    ["no version", JSON.stringify({ settings: {} })],
    ["an unknown region", JSON.stringify({ version: 1, settings: { region: "MARS" } })],
    ["an impossible port", JSON.stringify({ version: 1, settings: { agentPort: 70_000 } })],
    ["a setting that we do not know", JSON.stringify({ version: 1, settings: { colour: "red" } })],
    ["a secret that somebody put there", JSON.stringify({ version: 1, settings: {}, clientSecret: "x" })],
  ])("%s: set aside whole, and the defaults are used", async (_case, text) => {
    const at = stored(text);
    expect(await loadSettings(at)).toEqual(defaultSettings);
    expect(at.files.aside).toEqual([{ name: settingsFile, text }]);
    expect(at.lines.map((line) => line.event)).toEqual(["settings.set-aside"]);
  });

  test("nothing of it is repeated in the log", async () => {
    const at = stored('{"clientSecret":"hunter2"');
    await loadSettings(at);
    expect(JSON.stringify(at.lines)).not.toContain("hunter2");
  });
});

test("a folder that cannot be read: the defaults, and the file stays where it is", async () => {
  const at = stored(JSON.stringify({ version: 1, settings: changed }));
  at.files.broken.add("read");
  expect(await loadSettings(at)).toEqual(defaultSettings);
  expect(at.files.aside).toEqual([]);
  expect(at.files.contents.size).toBe(1);
});

test("a failure to save is told", async () => {
  const files = memoryFiles();
  files.broken.add("replace");
  expect(await saveSettings({ files }, changed)).toMatchObject({ ok: false, error: { code: "storage-failed" } });
});
