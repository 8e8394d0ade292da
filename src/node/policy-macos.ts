import { lstat } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import type { PolicyReading, PolicySource } from "../core/policy/ports.ts";
import { stampOfFiles } from "./policy-stamp.ts";
import { type RunCommand, runCommand } from "./port-owner-command.ts";

/**
 * Policy on a Mac: what configuration profiles force, which the system writes as property lists into a folder of root's.
 * Not the user's own preferences, although the system's call for preferences would mix both: `defaults write` forges them.
 *
 * plutil(1) is part of the system and reads binary lists. JSON knows neither dates nor data, so it fails at these.
 */

const usualFolder = "/Library/Managed Preferences";
const plutil = "/usr/bin/plutil";
const environment = { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" };
const mostBytes = 1_000_000;
const groupOrOthersWrite = 0o022;

/** The payload type of a configuration profile, and the app's bundle id: both must be the same. */
const macPreferenceDomain = "com.deskpair.DeskPair";

type Mac = {
  readonly folder?: string;
  readonly ownerId?: number;
  /** The short name of the user who is signed in. */
  readonly user?: string;
  readonly run?: RunCommand;
};

export function createMacPolicy(mac: Mac = {}): PolicySource {
  const { folder = usualFolder, ownerId = 0, user = userInfo().username, run = runCommand } = mac;
  const file = `${macPreferenceDomain}.plist`;
  const machine = join(folder, file);
  // The name becomes part of a path, and a directory service may have given it.
  const own = /^[^/\0]+$/.test(user) && user !== "." && user !== ".." ? join(folder, user, file) : null;
  const read = (path: string): Promise<PolicyReading> => readPropertyList(path, ownerId, run);
  return {
    read: async () => ({
      machine: await read(machine),
      user: own === null ? { state: "absent", place: folder } : await read(own),
    }),
    stamp: () => stampOfFiles(own === null ? [machine] : [machine, own]),
  };
}

/** Only root can write to the folder, so between looking and reading nobody else can put another file there. */
async function readPropertyList(place: string, ownerId: number, run: RunCommand): Promise<PolicyReading> {
  const unreadable = (problem: string): PolicyReading => ({ state: "unreadable", place, problem });
  const facts = await lstat(place).catch((error: unknown) => {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    return code === "ENOENT" ? ("none" as const) : ("unreadable" as const);
  });
  if (facts === "none") return { state: "absent", place };
  if (facts === "unreadable") return unreadable("this user may not read it");
  if (!facts.isFile()) return unreadable("it is not a regular file");
  if (facts.uid !== ownerId) return unreadable(`it belongs to user ${facts.uid}, not to root`);
  if ((facts.mode & groupOrOthersWrite) !== 0) return unreadable("others than its owner may write to it");
  if (facts.size > mostBytes) return unreadable("it is larger than 1 MB");
  const result = await run(plutil, ["-convert", "json", "-o", "-", "--", place], environment);
  if (result === null) return unreadable("plutil could not be run");
  if (result.code !== 0) return unreadable("plutil could not turn it into JSON; dates and data cannot be in it");
  const json = parse(result.output);
  if (typeof json !== "object" || json === null || Array.isArray(json)) return unreadable("it is not a dictionary");
  const entries = Object.entries(json)
    // What the profile itself carries is not the app's (Apple, "Configuration Profile Reference": payload keys).
    .filter(([name]) => !name.startsWith("Payload"))
    .map(([name, value]: [string, unknown]) => ({ name, value, place }));
  return { state: "read", place, form: "typed", entries };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
