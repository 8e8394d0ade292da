import type * as Electron from "electron";
import { ownArguments } from "./application.ts";
import { covered, notCovered } from "./coverage.ts";

const switches = new Map<string, string>();
const added = new Map<string, string>();

for (const argument of ownArguments) {
  if (argument === "--") break;
  const found = /^--([^=]+)(?:=(.*))?$/s.exec(argument);
  if (found) switches.set((found[1] ?? "").toLowerCase(), found[2] ?? "");
}

export const commandLine = covered("app.commandLine", {
  hasSwitch: (name) => switches.has(name.toLowerCase()),
  getSwitchValue: (name) => switches.get(name.toLowerCase()) ?? "",
  appendSwitch: (name, value = "") => {
    switches.set(name.toLowerCase(), value);
    added.set(name.toLowerCase(), value);
  },
  removeSwitch: (name) => {
    switches.delete(name.toLowerCase());
    added.delete(name.toLowerCase());
  },
  appendArgument: () => {
    throw notCovered("app.commandLine.appendArgument");
  },
} satisfies Electron.CommandLine);

/**
 * The switches for Chromium: what the app (or Playwright's loader) appended before `ready`, and the language. Other
 * arguments of the process are the app's own and would mean nothing to Chromium, or the wrong thing.
 */
export function chromiumSwitches(): ReadonlyMap<string, string> {
  const language = switches.get("lang");
  return language === undefined ? added : new Map([...added, ["lang", language]]);
}
