import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { defaultProfileSettings, type ProfileSettings } from "../../../src/contract/settings.ts";
import type { Files } from "../../../src/core/ports.ts";
import { configurationFile, type FileProfile } from "../../../src/core/profiles/file.ts";
import {
  changeSettingsOf,
  loadProfiles,
  preferProfile,
  removeProfile,
  saveProfile,
  saveSettingsOf,
} from "../../../src/core/profiles/store.ts";
import { createFiles } from "../../../src/node/files.ts";
import { type FakeFiles, memoryFiles } from "../../fakes/files.ts";
import { recordingLog } from "../../fakes/log.ts";

const done = { ok: true, value: null } as const;
const eu: FileProfile = { mode: "worker", region: "EU", clientSecretFile: "eu.txt" };
const ca: FileProfile = { region: "CA" };

function store(content?: unknown) {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  const files = memoryFiles(content === undefined ? {} : { [configurationFile]: text });
  const { log, lines } = recordingLog();
  return { configuration: files, log, lines, text };
}
const two = () => store({ version: 1, profile: "Zürich", profiles: { Zürich: eu, Athens: ca } });
const written = (files: FakeFiles): { profile?: string; profiles: Record<string, FileProfile> } =>
  JSON.parse(files.contents.get(configurationFile) ?? "null");
const set =
  (profile: FileProfile) =>
  (before: FileProfile): FileProfile => ({ ...before, ...profile });

describe("loading", () => {
  test("no file: no profiles, and nothing is wrong", async () => {
    expect(await loadProfiles(store())).toEqual({ preferred: null, list: [], problems: [] });
  });

  test("profiles that cannot be used are named, the others are there", async () => {
    const place = store({ version: 1, profile: "gone", profiles: { good: eu, bad: { region: "US" }, also: ca } });
    const { preferred, list, problems } = await loadProfiles(place);
    expect([preferred, list.map(({ name }) => name)]).toEqual(["gone", ["good", "also"]]);
    expect(problems).toEqual([{ profile: "bad", problem: "region: it must be one of NA, CA, EU, AU, SG, AP" }]);
    expect(list[0]).toMatchObject({ file: eu, settings: { region: "EU", mode: "worker" } });
  });

  test.each(["{", '{"version":2}'])("a file that cannot be read (%s) is named and left alone", async (text) => {
    const { configuration } = store(text);
    const { list, problems } = await loadProfiles({ configuration });
    expect([list, problems.length, problems[0]?.profile]).toEqual([[], 1, null]);
    expect([configuration.contents.get(configurationFile), configuration.aside]).toEqual([text, []]);
  });

  test("a disk that cannot be read", async () => {
    const place = two();
    place.configuration.broken.add("read");
    expect(await loadProfiles(place)).toEqual({
      preferred: null,
      list: [],
      problems: [{ profile: null, problem: "the disk is full" }],
    });
  });
});

describe("saving", () => {
  test("a new one comes last, a changed one stays where it is, a renamed one too", async () => {
    const place = two();
    expect(await saveProfile(place, "  New  ", null, set({ region: "AU" }))).toEqual(done);
    expect(await saveProfile(place, "Zürich", "Zürich", set({ agentPort: 1 }))).toEqual(done);
    expect(await saveProfile(place, "Bern", "Zürich", set({}))).toEqual(done);
    expect(written(place.configuration)).toEqual({
      version: 1,
      profile: "Bern",
      profiles: { Bern: { ...eu, agentPort: 1 }, Athens: ca, New: { region: "AU" } },
    });
    expect(Object.keys(written(place.configuration).profiles)).toEqual(["Bern", "Athens", "New"]);
  });

  test("the window's settings leave alone what only the command line knows", async () => {
    const place = two();
    const settings: ProfileSettings = { ...defaultProfileSettings, mode: "worker", region: "EU", agentPort: 9_500 };
    expect(await saveSettingsOf(place, "Bern", "Zürich", settings)).toEqual(done);
    expect(written(place.configuration).profiles["Bern"]).toEqual({
      mode: "worker",
      region: "EU",
      agentPort: 9_500,
      clientSecretFile: "eu.txt",
    });
  });

  test.each<[string, Partial<ProfileSettings>]>([
    ["region", { region: "CA" }],
    ["API address", { apiUrl: "https://api.example.com" }],
    ["sign-in address", { authUrl: "https://auth.example.com" }],
    ["custom domain", { authDomain: "login.example.com" }],
    ["environment", { environmentId: "another" }],
    ["application", { clientId: "another" }],
    ["mode", { mode: "technician" }],
  ])("a secret's place does not follow the profile to another %s", async (_name, change) => {
    const place = two();
    const settings: ProfileSettings = { ...defaultProfileSettings, mode: "worker", region: "EU", ...change };
    expect(await saveSettingsOf(place, "Zürich", "Zürich", settings)).toEqual(done);
    expect(written(place.configuration).profiles["Zürich"]).not.toHaveProperty("clientSecretFile");
  });

  test.each(["Athens", " Athens "])("a name that another has (%s) is refused", async (name) => {
    const place = two();
    const refused = { code: "configuration-invalid", setting: "profile name", problem: "another profile has it" };
    expect(await saveProfile(place, name, null, set({}))).toEqual({ ok: false, error: refused });
    expect(await saveProfile(place, name, "Zürich", set({}))).toEqual({ ok: false, error: refused });
    expect(place.configuration.contents.get(configurationFile)).toBe(place.text);
  });

  test.each(["", "  ", "a\u0000b", "a\nb", "x".repeat(101), "__proto__"])("%j is no name", async (name) => {
    const place = two();
    expect(await saveProfile(place, name, null, set({}))).toMatchObject({
      ok: false,
      error: { code: "configuration-invalid", setting: "profile name" },
    });
    expect(place.configuration.contents.get(configurationFile)).toBe(place.text);
  });

  test.each(["constructor", "toString", "hasOwnProperty"])("%s is one", async (name) => {
    const place = two();
    expect(await removeProfile(place, name)).toEqual({ ok: false, error: { code: "profile-unknown", profile: name } });
    expect(await saveProfile(place, name, null, set({ region: "SG" }))).toEqual(done);
    expect((await loadProfiles(place)).list.at(-1)).toMatchObject({ name, settings: { region: "SG" } });
    expect(await preferProfile(place, name)).toEqual(done);
    expect(await removeProfile(place, name)).toEqual(done);
    expect(written(place.configuration)).toEqual({ version: 1, profiles: { Zürich: eu, Athens: ca } });
  });

  test("what cannot be understood is set aside first", async () => {
    const place = store('{"version":1,"profiles":{"Zürich":{"regoin":"EU"}}}');
    expect(await saveProfile(place, "New", null, set(ca))).toEqual(done);
    expect(place.configuration.aside).toEqual([{ name: configurationFile, text: place.text }]);
    expect(written(place.configuration)).toEqual({ version: 1, profiles: { New: ca } });
    expect(place.lines).toMatchObject([{ level: "warn", event: "configuration.set-aside" }]);
  });

  test("a profile that is named __proto__ is not lost with the next save", async () => {
    const place = store('{"version":1,"profiles":{"__proto__":{"region":"EU"}}}');
    expect(await saveProfile(place, "New", null, set(ca))).toEqual(done);
    expect(place.configuration.aside).toEqual([{ name: configurationFile, text: place.text }]);
  });

  test("what cannot be set aside, or read, is not written over", async () => {
    const broken = store("{");
    broken.configuration.broken.add("setAside");
    expect(await saveProfile(broken, "New", null, set(ca))).toMatchObject({ error: { code: "storage-failed" } });
    expect(broken.configuration.contents.get(configurationFile)).toBe("{");
    const unreadable = two();
    unreadable.configuration.broken.add("read");
    expect(await saveProfile(unreadable, "New", null, set(ca))).toMatchObject({ error: { operation: "read" } });
    expect(unreadable.configuration.contents.get(configurationFile)).toBe(unreadable.text);
  });

  test("the file of a newer version stays, and says so", async () => {
    const place = store({ version: 2, tenants: { Zürich: {} } });
    const newer = {
      ok: false,
      error: {
        code: "configuration-invalid",
        setting: "configuration file",
        problem: "its version is 2; this DeskPair reads version 1",
      },
    };
    expect(await saveProfile(place, "New", null, set(ca))).toEqual(newer);
    expect(await removeProfile(place, "Zürich")).toEqual(newer);
    expect(await preferProfile(place, "Zürich")).toEqual(newer);
    expect([place.configuration.contents.get(configurationFile), place.configuration.aside]).toEqual([place.text, []]);
  });

  test("a full disk changes nothing", async () => {
    const place = two();
    place.configuration.broken.add("replace");
    expect(await saveProfile(place, "New", null, set(ca))).toMatchObject({ error: { code: "storage-failed" } });
    expect((await loadProfiles(place)).list).toHaveLength(2);
  });
});

describe("changing some settings", () => {
  test("leaves the others as they stand in the file now", async () => {
    const place = two();
    expect(await changeSettingsOf(place, "Zürich", { agentPort: 9_500, relyingPartyId: "example.com" })).toEqual(done);
    expect(await changeSettingsOf(place, "Zürich", { relyingPartyId: null })).toEqual(done);
    expect(written(place.configuration).profiles).toEqual({ Zürich: { ...eu, agentPort: 9_500 }, Athens: ca });
    expect(Object.keys(written(place.configuration).profiles)).toEqual(["Zürich", "Athens"]);
  });

  test("a profile that is gone does not come back, and one that is broken is not mended silently", async () => {
    const place = store({ version: 1, profiles: { bad: { region: "US" } } });
    expect(await changeSettingsOf(place, "gone", { agentPort: 9_500 })).toEqual({
      ok: false,
      error: { code: "profile-unknown", profile: "gone" },
    });
    expect(await changeSettingsOf(place, "bad", { agentPort: 9_500 })).toMatchObject({ error: { setting: "region" } });
    expect(place.configuration.contents.get(configurationFile)).toBe(place.text);
  });
});

describe("removing", () => {
  test("takes the preference along, and only its own", async () => {
    const place = two();
    expect(await removeProfile(place, "Athens")).toEqual(done);
    expect(written(place.configuration)).toEqual({ version: 1, profile: "Zürich", profiles: { Zürich: eu } });
    expect(await removeProfile(place, "Zürich")).toEqual(done);
    expect(written(place.configuration)).toEqual({ version: 1, profiles: {} });
  });

  test("one that is not there", async () => {
    const place = store();
    expect(await removeProfile(place, "x")).toEqual({ ok: false, error: { code: "profile-unknown", profile: "x" } });
    expect(await preferProfile(place, "x")).toEqual({ ok: false, error: { code: "profile-unknown", profile: "x" } });
    expect(place.configuration.contents.size).toBe(0);
  });
});

describe("somebody else changes the file, too", () => {
  /** Another process that writes after the n-th read, as often as it is told. */
  function disturbed(place: ReturnType<typeof store>, others: readonly object[]) {
    const left = [...others];
    const configuration: Files = {
      ...place.configuration,
      read: async (name) => {
        const read = await place.configuration.read(name);
        const other = left.shift();
        if (other !== undefined) place.configuration.contents.set(name, JSON.stringify(other));
        return read;
      },
    };
    return { ...place, configuration };
  }
  const others = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      version: 1,
      profiles: { Zürich: eu, Athens: ca, [`Other ${index}`]: ca },
    }));

  test("between the read and the write: both changes stay", async () => {
    const place = two();
    expect(await saveProfile(disturbed(place, others(1)), "New", null, set(ca))).toEqual(done);
    expect(Object.keys(written(place.configuration).profiles)).toEqual(["Zürich", "Athens", "Other 0", "New"]);
  });

  test("and has taken the name: refused by what is there now", async () => {
    const place = two();
    expect(await saveProfile(disturbed(place, others(1)), "Other 0", null, set(eu))).toMatchObject({
      error: { problem: "another profile has it" },
    });
    expect(written(place.configuration).profiles["Other 0"]).toEqual(ca);
  });

  test("and breaks it, or replaces it by a newer one: nothing of that is lost", async () => {
    const broken = two();
    expect(await saveProfile(disturbed(broken, [["rubbish"]]), "New", null, set(ca))).toEqual(done);
    expect(broken.configuration.aside).toEqual([{ name: configurationFile, text: '["rubbish"]' }]);
    const newer = two();
    expect(await saveProfile(disturbed(newer, [{ version: 2 }]), "New", null, set(ca))).toMatchObject({
      error: { code: "configuration-invalid" },
    });
    expect(newer.configuration.contents.get(configurationFile)).toBe('{"version":2}');
  });

  test("all the time: gives up, and writes nothing", async () => {
    const place = two();
    expect(await saveProfile(disturbed(place, others(50)), "New", null, set(ca))).toEqual({
      ok: false,
      error: { code: "not-now", doing: "another program keeps changing the configuration file" },
    });
    expect(Object.keys(written(place.configuration).profiles)).not.toContain("New");
  });

  test("in this process: changes at the same time all stay, and one that fails does not hold up the next", async () => {
    const folder = await mkdtemp(join(tmpdir(), "deskpair-profiles-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const place = { configuration: createFiles(folder), log: recordingLog().log };
    const names = Array.from({ length: 20 }, (_, index) => `Tenant ${index}`);
    const outcomes = await Promise.all([
      ...names.map((name) => saveProfile(place, name, null, set({ region: "EU" }))),
      removeProfile(place, "nobody"),
      saveProfile(place, "Tenant 3", "Tenant 3", set({ agentPort: 3 })),
      saveProfile(place, "Tenant 3", "Tenant 3", set({ policyId: "p3" })),
    ]);
    expect(outcomes.filter((outcome) => !outcome.ok)).toHaveLength(1);
    const { list } = await loadProfiles(place);
    expect(list.map(({ name }) => name)).toEqual(names);
    expect(list[3]?.file).toEqual({ region: "EU", agentPort: 3, policyId: "p3" });
    expect(await readdir(folder)).toEqual([configurationFile]);
  });

  test("by hand, between two changes: both are there", async () => {
    const folder = await mkdtemp(join(tmpdir(), "deskpair-profiles-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const place = { configuration: createFiles(folder), log: recordingLog().log };
    await saveProfile(place, "One", null, set(eu));
    const path = join(folder, configurationFile);
    await writeFile(path, (await readFile(path, "utf8")).replace('"EU"', '"eu"'));
    expect(await saveProfile(place, "Two", null, set(ca))).toEqual(done);
    const { list } = await loadProfiles(place);
    expect(list.map(({ name, settings }) => [name, settings.region])).toEqual([
      ["One", "EU"],
      ["Two", "CA"],
    ]);
  });
});
