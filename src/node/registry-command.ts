import { win32 } from "node:path";
import type { PolicyReading } from "../core/policy/ports.ts";
import { type CommandResult, type Environment, type RunCommand, runCommand } from "./port-owner-command.ts";
import {
  expandable,
  type Hive,
  ofOtherType,
  placeOf,
  policyKey,
  type RegistryValue,
  readingOf,
} from "./registry-content.ts";

/**
 * The registry by reg.exe, which is part of the system, for where the library cannot be loaded. It is forbidden where
 * registry tools are, and writes in the console's code page: a letter that this lacks comes as `?`, one that we cannot
 * decode as U+FFFD, which is reported.
 */
export type RegistryCommand = {
  readonly read: (hive: Hive) => Promise<PolicyReading>;
  /** Changes when what `read` would say may have changed. */
  readonly stamp: (hive: Hive) => Promise<unknown>;
};

const longNames: Readonly<Record<Hive, string>> = { HKLM: "HKEY_LOCAL_MACHINE", HKCU: "HKEY_CURRENT_USER" };

export function createRegistryCommand(environment: Environment, run: RunCommand = runCommand): RegistryCommand {
  const root = environment["SystemRoot"] || "C:\\Windows";
  const reg = win32.join(root, "System32", "reg.exe");
  // The 64-bit view: the same whichever program asks.
  const query: Query = (key, all) =>
    run(reg, ["query", key, ...(all ? ["/s"] : []), "/reg:64"], {
      SystemRoot: root,
      PATH: win32.join(root, "System32"),
    });
  return {
    read: (hive) => readHive(hive, query),
    stamp: async (hive) => {
      const answer = await query(placeOf(hive), true);
      return answer === null ? null : [answer.code, answer.output];
    },
  };
}

type Query = (key: string, all: boolean) => Promise<CommandResult | null>;

async function readHive(hive: Hive, query: Query): Promise<PolicyReading> {
  const place = placeOf(hive);
  const answer = await query(place, true);
  if (answer?.code === 0) return readAnswer(hive, place, answer.output);
  if (await isMissing(hive, policyKey, query)) return { state: "absent", place };
  const problem = answer === null ? "reg.exe could not be run" : "reg.exe may not read the registry here";
  return { state: "unreadable", place, problem };
}

/**
 * Whether a key is certainly not there. reg.exe gives one exit number for "missing" and for "forbidden", and says which
 * in the language of the system; so the key above is asked for what lies in it.
 */
async function isMissing(hive: Hive, path: string, query: Query): Promise<boolean> {
  const cut = path.lastIndexOf("\\");
  if (cut < 0) return false;
  const above = path.slice(0, cut);
  const answer = await query(`${hive}\\${above}`, false);
  if (answer?.code !== 0) return isMissing(hive, above, query);
  const wanted = `${longNames[hive]}\\${path}`.toLowerCase();
  return !answer.output.split(/\r?\n/).some((line) => line.trim().toLowerCase() === wanted);
}

const valueLine = /^ {4}(.*?) {4}(REG_[A-Z_]+)(?: {4}(.*))?$/;

/**
 * What `reg query /s` wrote: the name of a key at the start of a line, then its values, each with four blanks before
 * name, type and data.
 */
function readAnswer(hive: Hive, place: string, output: string): PolicyReading {
  const root = `${longNames[hive]}\\${policyKey}`.toLowerCase();
  const unreadable = (problem: string): PolicyReading => ({ state: "unreadable", place, problem });
  const values: RegistryValue[] = [];
  const lists = new Map<string, RegistryValue[]>();
  let listName: string | null = null;
  for (const line of output.split(/\r?\n/)) {
    if (line.trim() === "") continue;
    if (line.includes("\uFFFD")) return unreadable("it has letters that the console's code page cannot show");
    if (line.toLowerCase().startsWith("hkey_")) {
      const below = line.trim().slice(root.length + 1);
      if (!`${line.trim().toLowerCase()}\\`.startsWith(`${root}\\`))
        return unreadable("reg.exe answered for another key");
      if (below.includes("\\")) return unreadable(`there are keys below ${below.split("\\")[0]}`);
      listName = below === "" ? null : below;
      if (listName !== null) lists.set(listName, []);
      continue;
    }
    const [, name = "", type = "", data = ""] = valueLine.exec(line) ?? [];
    // A text with line breaks in it; what follows could look like a value of its own.
    if (type === "") return unreadable("one of its values has more than one line");
    // The unnamed value, whose name is in the language of the system: `(Default)`.
    if (/^\(.+\)$/.test(name)) continue;
    (listName === null ? values : lists.get(listName))?.push({ name, value: valueOf(type, data) });
  }
  return readingOf(place, { values, lists });
}

function valueOf(type: string, data: string): unknown {
  switch (type) {
    case "REG_SZ":
      return data;
    case "REG_EXPAND_SZ":
      return expandable(data);
    case "REG_DWORD":
      return /^0x[0-9a-f]{1,8}$/i.test(data) ? Number(data) : ofOtherType(type);
    case "REG_MULTI_SZ":
      // reg.exe puts a backslash and a zero between the texts.
      return data.split("\\0").filter((text) => text !== "");
    default:
      return ofOtherType(type);
  }
}
