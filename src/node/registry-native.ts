import type { PolicyReading } from "../core/policy/ports.ts";
import {
  expandable,
  type Hive,
  ofOtherType,
  placeOf,
  policyKey,
  type RegistryValue,
  readingOf,
} from "./registry-content.ts";
import type { Registry, RegistryKey } from "./registry-library.ts";

/** `winreg.h` and `winnt.h`. */
const predefined: Readonly<Record<Hive, number>> = { HKLM: 0x8000_0002, HKCU: 0x8000_0001 };
const types: readonly string[] = [
  "REG_NONE",
  "REG_SZ",
  "REG_EXPAND_SZ",
  "REG_BINARY",
  "REG_DWORD",
  "REG_DWORD_BIG_ENDIAN",
  "REG_LINK",
  "REG_MULTI_SZ",
  "REG_RESOURCE_LIST",
  "REG_FULL_RESOURCE_DESCRIPTOR",
  "REG_RESOURCE_REQUIREMENTS_LIST",
  "REG_QWORD",
];
/** KEY_READ in the 64-bit view (KEY_WOW64_64KEY): the same whichever program asks. */
const access = 0x2_0019 | 0x100;
const accessDenied = 5;
/** What reg.exe may say at most, too. */
const mostBytes = 4_000_000;

/**
 * The policy of one hive, read within this process. A key that is there and closed to us is unreadable. Throws what is
 * not understood: there is another way to read.
 */
export function readHive(registry: Registry, hive: Hive): PolicyReading {
  const place = placeOf(hive);
  try {
    return withKey(registry, hive, "", (key) => readKey(registry, hive, key)) ?? { state: "absent", place };
  } catch (thrown) {
    if (numberOf(thrown) !== accessDenied) throw thrown;
    return { state: "unreadable", place, problem: "access is denied" };
  }
}

function readKey(registry: Registry, hive: Hive, key: RegistryKey): PolicyReading {
  const place = placeOf(hive);
  const room = { bytes: mostBytes };
  const values = readValues(registry, key, room);
  const lists = new Map<string, readonly RegistryValue[]>();
  for (const name of registry.enumKeyNames(key)) {
    const list = withKey(registry, hive, `\\${name}`, (below) =>
      registry.enumKeyNames(below).length > 0 ? "has keys" : readValues(registry, below, room),
    );
    if (list === "has keys") return { state: "unreadable", place, problem: `there are keys below ${name}` };
    // `null`: removed since. What is there now is read within a minute.
    if (list !== null) lists.set(name, list);
  }
  if (room.bytes < 0) return { state: "unreadable", place, problem: "it is too large" };
  return readingOf(place, { values, lists });
}

function readValues(registry: Registry, key: RegistryKey, room: { bytes: number }): readonly RegistryValue[] {
  return registry.enumValueNames(key).flatMap((name): readonly RegistryValue[] => {
    const data = name === "" ? null : registry.queryValue(key, name);
    if (data === null) return [];
    room.bytes -= data.length;
    return room.bytes < 0 ? [] : [{ name, value: valueOf(types[data.type] ?? `type ${data.type}`, data) }];
  });
}

/** `null`: there is no such key. */
function withKey<T>(registry: Registry, hive: Hive, below: string, work: (key: RegistryKey) => T): T | null {
  const key = registry.openKey(predefined[hive], policyKey + below, 0, access);
  if (key === null) return null;
  try {
    return work(key);
  } finally {
    registry.closeKey(key);
  }
}

function valueOf(type: string, data: Buffer): unknown {
  switch (type) {
    case "REG_SZ":
      return textOf(data) ?? ofOtherType(type);
    case "REG_EXPAND_SZ": {
      const text = textOf(data);
      return text === null ? ofOtherType(type) : expandable(text);
    }
    case "REG_DWORD":
      return data.length === 4 ? data.readUInt32LE() : ofOtherType(type);
    case "REG_MULTI_SZ": {
      const text = wholeText(data);
      // An empty text ends the list.
      return text === null
        ? ofOtherType(type)
        : (text.split("\0\0", 1)[0] ?? "").split("\0").filter((each) => each !== "");
    }
    default:
      return ofOtherType(type);
  }
}

/** A text ends at its first zero for everything on Windows that shows it; whether there is one is up to who wrote it. */
const textOf = (data: Buffer): string | null => wholeText(data)?.split("\0", 1)[0] ?? null;

/** `null`: no UTF-16. */
function wholeText(data: Buffer): string | null {
  if (data.length % 2 !== 0) return null;
  const text = data.toString("utf16le");
  return text.isWellFormed() ? text : null;
}

const numberOf = (thrown: unknown): unknown =>
  thrown instanceof Error && "errno" in thrown ? thrown.errno : undefined;
