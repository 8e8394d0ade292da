import { hostname } from "node:os";
import { describe, expect, test } from "vitest";
import { clock, configurationFolder, dataFolder, hostName, logFolder, random } from "../../src/node/host.ts";

describe("folders", () => {
  test.each([
    ["linux", { HOME: "/home/ada" }, "/home/ada/.local/share/deskpair", "/home/ada/.config/deskpair"],
    ["linux", { HOME: "/h", XDG_DATA_HOME: "/d", XDG_CONFIG_HOME: "/c" }, "/d/deskpair", "/c/deskpair"],
    [
      "darwin",
      { HOME: "/Users/ada" },
      "/Users/ada/Library/Application Support/DeskPair/Data",
      "/Users/ada/Library/Application Support/DeskPair",
    ],
    ["win32", { LOCALAPPDATA: "/local", APPDATA: "/roaming" }, "/local/DeskPair/Data", "/roaming/DeskPair"],
    ["win32", { USERPROFILE: "/u" }, "/u/AppData/Local/DeskPair/Data", "/u/AppData/Roaming/DeskPair"],
    ["linux", { HOME: "/home/ada", DESKPAIR_DATA_DIR: "/chosen" }, "/chosen", "/home/ada/.config/deskpair"],
    [
      "linux",
      { HOME: "/h", DESKPAIR_DATA_DIR: "", XDG_DATA_HOME: "" },
      "/h/.local/share/deskpair",
      "/h/.config/deskpair",
    ],
  ] as const)("on %s with %j", (platform, environment, data, configuration) => {
    expect(dataFolder(environment, platform)).toBe(data);
    expect(configurationFolder(environment, platform)).toBe(configuration);
  });

  test.each([
    ["linux", { HOME: "/home/ada" }, "/home/ada/.local/state/deskpair/logs"],
    ["linux", { HOME: "/home/ada", XDG_STATE_HOME: "/state" }, "/state/deskpair/logs"],
    ["darwin", { HOME: "/Users/ada" }, "/Users/ada/Library/Logs/DeskPair"],
    ["win32", { LOCALAPPDATA: "/local", APPDATA: "/roaming" }, "/local/DeskPair/logs"],
    ["win32", { USERPROFILE: "/u" }, "/u/AppData/Local/DeskPair/logs"],
  ] as const)("the log on %s with %j", (platform, environment, folder) => {
    expect(logFolder(environment, platform)).toBe(folder);
  });
});

describe("clock", () => {
  test("waits, and measures the wait", async () => {
    const before = clock.monotonic();
    await clock.wait(20);
    expect(clock.monotonic() - before).toBeGreaterThanOrEqual(19);
    const [early, now, late] = [Date.now(), clock.now(), Date.now()];
    expect([early, now, late]).toEqual([early, now, late].toSorted((a, b) => a - b));
  });

  test("an abort ends the wait at once, before or during it, without a rejection", async () => {
    const controller = new AbortController();
    const waiting = clock.wait(1_000_000, controller.signal);
    controller.abort();
    await waiting;
    await clock.wait(1_000_000, controller.signal);
  });
});

test("randomness has the promised form", () => {
  expect(random.uuid()).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  const fraction = random.fraction();
  expect(fraction).toBeGreaterThanOrEqual(0);
  expect(fraction).toBeLessThan(1);
});

test("the computer's name has no domain", () => {
  expect(hostname().startsWith(hostName())).toBe(true);
  expect(hostName()).not.toBe("");
});
