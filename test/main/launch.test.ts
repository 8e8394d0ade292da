import { describe, expect, test } from "vitest";
import { isRemotelyControlled, profileFor, readLaunch } from "../../src/main/launch.ts";

const launch = (rendererUrl: string | undefined, isPackaged = false) =>
  readLaunch({ arguments: ["electron", "."], isPackaged, rendererUrl }).developmentServer;

describe("3, 16: the development server", () => {
  test.each([
    ["http://localhost:5173", "http://localhost:5173/"],
    ["http://127.0.0.1:5173/", "http://127.0.0.1:5173/"],
    ["http://[::1]:5173/", "http://[::1]:5173/"],
  ])("%s is one", (url, expected) => {
    expect(launch(url)).toBe(expected);
  });
  test.each([
    undefined,
    "",
    "5173",
    "https://localhost:5173",
    "http://example.com:5173",
    "http://localhost.example.com",
    "http://localhost@example.com",
    "file:///index.html",
    "javascript:1",
  ])("%s is none", (url) => {
    expect(launch(url)).toBeNull();
  });
  test("an installed app has none, whatever its environment says", () => {
    expect(launch("http://localhost:5173", true)).toBeNull();
  });
});

describe("an app that another program wants to steer", () => {
  const app = (isPackaged: boolean, ...switches: string[]) => ({
    isPackaged,
    commandLine: { hasSwitch: (name: string) => switches.includes(name) },
  });
  test.each(["remote-debugging-port", "remote-debugging-pipe"])(
    "does not start with --%s once it is installed",
    (name) => {
      expect(isRemotelyControlled(app(true, name))).toBe(true);
      expect(isRemotelyControlled(app(false, name))).toBe(false);
    },
  );
  test("starts with anything else", () => {
    expect(isRemotelyControlled(app(true, "demo", "lang"))).toBe(false);
  });
});

test("the demo has a profile of its own inside the real one", () => {
  const folders = {
    userData: "/home/ada/.config/DeskPair",
    logs: "/home/ada/.local/state/deskpair/logs",
    data: "/home/ada/.local/share/deskpair",
  };
  expect(profileFor({ demo: false, developmentServer: null }, folders)).toEqual({
    userData: "/home/ada/.config/DeskPair",
    data: "/home/ada/.local/share/deskpair",
    logs: "/home/ada/.local/state/deskpair/logs",
  });
  expect(profileFor({ demo: "worker", developmentServer: null }, folders)).toEqual({
    userData: "/home/ada/.config/DeskPair/demo",
    data: "/home/ada/.config/DeskPair/demo/data",
    logs: "/home/ada/.config/DeskPair/demo/logs",
  });
});

test("only the whole argument asks for the demo, and says who signs in to it", () => {
  const demo = (...args: string[]) => readLaunch({ arguments: args, isPackaged: true, rendererUrl: undefined }).demo;
  expect(demo("deskpair", "--demo")).toBe("worker");
  expect(demo("deskpair", "--demo=browser")).toBe("browser");
  expect(demo("deskpair", "--demo=device-code")).toBe("device-code");
  for (const args of [["deskpair"], ["deskpair", "demo"], ["x", "--demonstration"], ["x", "--demo=0"]]) {
    expect(demo(...args)).toBe(false);
  }
});
