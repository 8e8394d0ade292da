import { describe, expect, test } from "vitest";
import { defaultProfileSettings, defaultWindowSettings } from "../../src/contract/settings.ts";
import { configurationFile } from "../../src/core/profiles/file.ts";
import { loadProfiles } from "../../src/core/profiles/store.ts";
import { loadSettings, type Remembered, saveSettings, settingsFile } from "../../src/core/settings.ts";
import { memoryFiles } from "../fakes/files.ts";
import { recordingLog } from "../fakes/log.ts";

const at = (settings: string | null = null, configuration: string | null = null) => ({
  files: memoryFiles(settings === null ? {} : { [settingsFile]: settings }),
  configuration: memoryFiles(configuration === null ? {} : { [configurationFile]: configuration }),
  ...recordingLog(),
});
const nothing: Remembered = { windowSettings: defaultWindowSettings, profile: null, proven: [] };
const changed: Remembered = {
  windowSettings: { theme: "dark", language: "en", idleMinutes: 3, signOutOnLock: true },
  profile: "Production",
  proven: ["Production"],
};

test("what was saved comes back", async () => {
  const place = at();
  expect(await saveSettings(place, changed)).toEqual({ ok: true, value: null });
  expect(await loadSettings(place)).toEqual(changed);
  expect(place.lines).toEqual([]);
});

test("nothing saved: the defaults, and nothing is written", async () => {
  const place = at();
  expect(await loadSettings(place)).toEqual(nothing);
  expect(place.files.contents.size + place.configuration.contents.size).toBe(0);
});

describe("a file of version 1, which held the only connection", () => {
  const first = {
    version: 1,
    settings: {
      region: "EU",
      environmentId: "abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6",
      clientId: "c1",
      agentPort: 9411,
      relyingPartyId: "example.com",
      theme: "dark",
    },
  };
  const migrated = {
    ...defaultProfileSettings,
    mode: "worker",
    region: "EU",
    environmentId: first.settings.environmentId,
    clientId: "c1",
    agentPort: 9411,
    relyingPartyId: "example.com",
  };

  test("becomes a profile, once", async () => {
    const place = at(JSON.stringify(first));
    const loaded = await loadSettings(place);
    expect(loaded).toEqual({
      windowSettings: { ...defaultWindowSettings, theme: "dark" },
      profile: "PingOne",
      proven: [],
    });
    expect((await loadProfiles(place)).list).toMatchObject([{ name: "PingOne", settings: migrated }]);
    expect(await loadSettings(place)).toEqual(loaded);
    expect((await loadProfiles(place)).list).toHaveLength(1);
  });

  test("takes no name that is taken", async () => {
    const place = at(JSON.stringify(first), JSON.stringify({ version: 1, profiles: { PingOne: {}, "PingOne 2": {} } }));
    expect((await loadSettings(place)).profile).toBe("PingOne 3");
    expect((await loadProfiles(place)).list.map(({ name }) => name)).toEqual(["PingOne", "PingOne 2", "PingOne 3"]);
  });

  test("is tried again at the next start when the profile could not be written", async () => {
    const place = at(JSON.stringify(first));
    place.configuration.broken.add("replace");
    expect((await loadSettings(place)).profile).toBeNull();
    expect(place.files.contents.get(settingsFile)).toBe(JSON.stringify(first));
    place.configuration.broken.clear();
    expect((await loadSettings(place)).profile).toBe("PingOne");
  });

  test("without a connection only the look of the window is taken over", async () => {
    const place = at(JSON.stringify({ version: 1, settings: { theme: "dark" } }));
    expect((await loadSettings(place)).windowSettings.theme).toBe("dark");
    expect(place.configuration.contents.size).toBe(0);
  });
});

describe("a file that cannot be understood", () => {
  test.each([
    ["nothing in it", ""],
    ["half a file", '{"version":2,"windowSettings":{"theme"'],
    ["no object", "[]"],
    ["another version", JSON.stringify({ version: 3, windowSettings: {}, profile: null, proven: [] })],
    ["no version", JSON.stringify({ windowSettings: {} })],
    [
      "an impossible idle time",
      JSON.stringify({ version: 2, profile: null, proven: [], windowSettings: { idleMinutes: 0 } }),
    ],
    [
      "a setting that we do not know",
      JSON.stringify({ version: 2, profile: null, proven: [], windowSettings: { colour: 1 } }),
    ],
    ["a secret that somebody put there", JSON.stringify({ version: 1, settings: {}, clientSecret: "x" })],
  ])("%s: set aside whole, and the defaults are used", async (_case, text) => {
    const place = at(text);
    expect(await loadSettings(place)).toEqual(nothing);
    expect(place.files.aside).toEqual([{ name: settingsFile, text }]);
    expect(place.lines.map((line) => line.event)).toEqual(["settings.set-aside"]);
  });

  test("nothing of it is repeated in the log", async () => {
    const place = at('{"clientSecret":"hunter2"');
    await loadSettings(place);
    expect(JSON.stringify(place.lines)).not.toContain("hunter2");
  });
});

test("a folder that cannot be read: the defaults, and the file stays where it is", async () => {
  const place = at(JSON.stringify({ version: 2, ...changed }));
  place.files.broken.add("read");
  expect(await loadSettings(place)).toEqual(nothing);
  expect(place.files.aside).toEqual([]);
  expect(place.files.contents.size).toBe(1);
});

test("a failure to save is told", async () => {
  const files = memoryFiles();
  files.broken.add("replace");
  expect(await saveSettings({ files }, changed)).toMatchObject({ ok: false, error: { code: "storage-failed" } });
});
