import type { MenuItemConstructorOptions } from "electron";
import { describe, expect, test } from "vitest";
import { linkNames } from "../../src/contract/ipc.ts";
import { menuTemplate } from "../../src/main/menu.ts";

const items = (template: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
  template.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? items(item.submenu) : [])]);
const roles = (platform: NodeJS.Platform, development = false) =>
  items(
    menuTemplate({ platform, appName: "DeskPair", development, openLink: () => undefined, show: () => undefined }),
  ).flatMap(({ role }) => (role === undefined ? [] : [role]));

describe.each(["darwin", "win32", "linux"] as const)("%s", (platform) => {
  test("8: what is released has no DevTools and no reload", () => {
    expect(roles(platform)).not.toEqual(expect.arrayContaining(["toggleDevTools"]));
    expect(roles(platform).filter((role) => /devtools|reload/i.test(role))).toEqual([]);
    expect(roles(platform, true).filter((role) => /devtools|reload/i.test(role))).toEqual(["reload", "toggleDevTools"]);
  });

  test("everything a person looks for is there: editing, zoom, window, help, about", () => {
    expect(roles(platform)).toEqual(
      expect.arrayContaining(["editMenu", "zoomIn", "zoomOut", "resetZoom", "togglefullscreen", "windowMenu", "help"]),
    );
    expect(roles(platform)).toContain(platform === "darwin" ? "appMenu" : "about");
  });

  test("14: help opens links by name, each of them once", () => {
    const opened: string[] = [];
    const shown: string[] = [];
    const template = menuTemplate({
      platform,
      appName: "DeskPair",
      development: false,
      openLink: (name) => opened.push(name),
      show: (screen) => shown.push(screen),
    });
    for (const { click } of items(template)) click?.({} as Electron.MenuItem, undefined, {});
    // Where the organisation's help is stands where something has failed.
    expect(opened.toSorted()).toEqual(linkNames.filter((name) => name !== "help.organisation").toSorted());
    expect(shown).toEqual(["policy"]);
  });
});

test("labels of our own have no mnemonic on the Mac, which would show it", () => {
  const labels = (platform: NodeJS.Platform) =>
    menuTemplate({
      platform,
      appName: "DeskPair",
      development: false,
      openLink: () => undefined,
      show: () => undefined,
    }).flatMap(({ label }) => (label === undefined ? [] : [label]));
  expect(labels("darwin")).toEqual(["View", "Help"]);
  expect(labels("win32")).toEqual(["&View", "&Help"]);
});
