import { win32 } from "node:path";
import type { PolicyEntry, PolicyReading, PolicySource } from "../core/policy/ports.ts";
import { type CommandResult, type Environment, type RunCommand, runCommand } from "./port-owner-command.ts";

/**
 * Policy on Windows: `Software\Policies\DeskPair` of the computer and of the user, both of which only administrators can
 * write to. Read by reg.exe, which is part of the system: the npm packages that call the registry want to run a script
 * when they are installed, and none here may.
 *
 * reg.exe writes in the console's code page. A letter that it lacks comes as `?`, one that we cannot decode as U+FFFD,
 * which is reported. So values other than ASCII are better avoided on Windows.
 */

const policyKey = "Software\\Policies\\DeskPair";

/** A key in the 64-bit view: the same whichever program asks. */
type Hive = "HKLM" | "HKCU";
const longNames: Readonly<Record<Hive, string>> = { HKLM: "HKEY_LOCAL_MACHINE", HKCU: "HKEY_CURRENT_USER" };

type Windows = { readonly environment: Environment; readonly run?: RunCommand };

export function createWindowsPolicy({ environment, run = runCommand }: Windows): PolicySource {
  const root = environment["SystemRoot"] || "C:\\Windows";
  const reg = win32.join(root, "System32", "reg.exe");
  const query: Query = (key, all) =>
    run(reg, ["query", key, ...(all ? ["/s"] : []), "/reg:64"], {
      SystemRoot: root,
      PATH: win32.join(root, "System32"),
    });
  return {
    read: async () => {
      const [machine, user] = await Promise.all([readHive("HKLM", query), readHive("HKCU", query)]);
      return { machine, user };
    },
    // Two short processes. There is no cheaper way to ask the registry without native code.
    stamp: async () => {
      const answers = await Promise.all(
        (["HKLM", "HKCU"] as const).map((hive) => query(`${hive}\\${policyKey}`, true)),
      );
      return JSON.stringify(answers.map((answer) => (answer === null ? null : [answer.code, answer.output])));
    },
  };
}

type Query = (key: string, all: boolean) => Promise<CommandResult | null>;

async function readHive(hive: Hive, query: Query): Promise<PolicyReading> {
  const place = `${hive}\\${policyKey}`;
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
 * name, type and data. A key below ours is a list, each value an entry, as Group Policy writes lists.
 */
export function readAnswer(hive: Hive, place: string, output: string): PolicyReading {
  const root = `${longNames[hive]}\\${policyKey}`.toLowerCase();
  const unreadable = (problem: string): PolicyReading => ({ state: "unreadable", place, problem });
  const entries: PolicyEntry[] = [];
  const lists = new Map<string, { readonly number: string; readonly text: unknown }[]>();
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
    if (listName === null) entries.push({ name, value: valueOf(type, data), place });
    else lists.get(listName)?.push({ number: name, text: valueOf(type, data) });
  }
  for (const [name, values] of lists) {
    // Group Policy leaves the key behind when the list is no longer set. A list of nothing is an empty REG_MULTI_SZ.
    if (values.length === 0) continue;
    const ordered = values.toSorted((one, two) => Number(one.number) - Number(two.number) || 0);
    entries.push({ name, value: ordered.map(({ text }) => text), place: `${place}\\${name}` });
  }
  return entries.length === 0 ? { state: "absent", place } : { state: "read", place, form: "registry", entries };
}

/** A type that no policy has becomes something that no policy accepts, so that it is reported under its name. */
function valueOf(type: string, data: string): unknown {
  switch (type) {
    case "REG_SZ":
      return data;
    case "REG_DWORD":
      return /^0x[0-9a-f]{1,8}$/i.test(data) ? Number(data) : { type };
    case "REG_MULTI_SZ":
      // reg.exe puts a backslash and a zero between the texts.
      return data.split("\\0").filter((text) => text !== "");
    default:
      return { type };
  }
}
