import { describe, expect, test } from "vitest";
import { createWindowsPolicy } from "../../src/node/policy-windows.ts";
import type { Registry, RegistryKey } from "../../src/node/registry-library.ts";
import { loadRegistry } from "../../src/node/registry-library.ts";

type Value = readonly [name: string, type: number, data: Buffer];
/** What a key holds, or why it cannot be opened. */
type Key = readonly Value[] | Error;
type Keys = Readonly<Record<string, Key>>;

/** A registry in memory with the library's own manners: names in any letters, `null` for what is missing. */
function registryOf(keys: Keys) {
  const hives: Readonly<Record<number, string>> = { 0x8000_0002: "HKLM", 0x8000_0001: "HKCU" };
  const known = new Map(Object.entries(keys).map(([path, key]) => [path.toLowerCase(), { path, key }]));
  const open = new Map<RegistryKey, string>();
  const opened: { readonly path: string; readonly access: number }[] = [];
  const at = (key: RegistryKey): readonly Value[] => {
    const path = open.get(key);
    const found = path === undefined ? undefined : known.get(path)?.key;
    if (found === undefined || found instanceof Error) throw new Error("HKEY already closed");
    return found;
  };
  const registry: Registry = {
    openKey: (hive, below, _options, access) => {
      const path = `${hives[hive]}\\${below}`;
      opened.push({ path, access });
      const found = known.get(path.toLowerCase());
      if (found === undefined) return null;
      if (found.key instanceof Error) throw found.key;
      const key: RegistryKey = {};
      open.set(key, path.toLowerCase());
      return key;
    },
    enumKeyNames: (key) => {
      at(key);
      const above = `${open.get(key)}\\`;
      return [...known.values()]
        .map(({ path }) => path)
        .filter((path) => path.toLowerCase().startsWith(above) && !path.slice(above.length).includes("\\"))
        .map((path) => path.slice(above.length));
    },
    enumValueNames: (key) => at(key).map(([name]) => name),
    queryValue: (key, name) => {
      const [, type, data] = at(key).find(([each]) => each === name) ?? [];
      return type === undefined || data === undefined ? null : Object.assign(Buffer.from(data), { type });
    },
    closeKey: (key) => void open.delete(key),
  };
  return { registry, opened, stillOpen: () => open.size };
}

const text = (value: string): Buffer => Buffer.from(`${value}\0`, "utf16le");
const hex = (value: string): Buffer => Buffer.from(value, "hex");
const machineKey = "HKLM\\Software\\Policies\\DeskPair";
const denied = Object.assign(new Error("Access is denied."), { errno: 5, syscall: "RegOpenKeyExW" });
const odd = Object.assign(new Error("Illegal operation attempted on a registry key"), { errno: 1018 });

/** As the library gave it for keys that it had written itself, Node 22 for Windows, under Wine. */
const recorded: Keys = {
  [machineKey]: [
    ["", 1, hex("640065006600610075006c0074000000")],
    ["AgentPort", 4, hex("c2240000")],
    ["AgentTrust", 1, hex("7600650072006900660079000000")],
    ["HelpText", 1, hex("47007200fc006e002000226f575b0000")],
    ["IdleMinutes", 11, hex("0500000000000000")],
    ["LogDirectory", 2, text("%ProgramData%\\DeskPair")],
    ["Region", 2, hex("450055000000")],
    ["RelyingPartiesAllowed", 7, text("login.example.com\0sso.example.com\0")],
    ["SignInModesAllowed", 7, hex("0000")],
  ],
  [`${machineKey}\\AgentPublishers`]: [
    ["1", 1, text("Ping Identity Corporation")],
    ["10", 1, text("Ten Ltd")],
    ["2", 1, text("Two Ltd")],
  ],
  [`${machineKey}\\ProxyBypass`]: [],
};

function windows(keys: Keys) {
  const made = registryOf(keys);
  const asked: string[] = [];
  const source = createWindowsPolicy({
    environment: {},
    load: () => made.registry,
    run: async (_file, args) => {
      asked.push(args[1] ?? "");
      return {
        code: 0,
        output: "HKEY_LOCAL_MACHINE\\Software\\Policies\\DeskPair\r\n    Region    REG_SZ    CA\r\n",
        complaint: "",
      };
    },
  });
  return { ...made, source, asked };
}
const read = async (keys: Keys) => (await windows(keys).source.read()).machine;
const only = async (type: number, data: Buffer): Promise<unknown> => {
  const reading = await read({ [machineKey]: [["X", type, data]] });
  return reading.state === "read" ? reading.entries[0]?.value : reading;
};

describe("what the registry says, read within the process", () => {
  test("values in every letter, lists in the order of their numbers, nothing of a list that is left empty", async () => {
    const { source, opened, stillOpen, asked } = windows(recorded);
    const { machine, user } = await source.read();
    expect(machine).toMatchObject({ state: "read", form: "registry", place: machineKey });
    const values = machine.state === "read" ? machine.entries.map(({ name, value }) => [name, value]) : [];
    expect(values).toEqual([
      ["AgentPort", 9410],
      ["AgentTrust", "verify"],
      ["HelpText", "Grün 漢字"],
      ["IdleMinutes", { type: "REG_QWORD" }],
      ["LogDirectory", { type: "REG_EXPAND_SZ" }],
      ["Region", "EU"],
      ["RelyingPartiesAllowed", ["login.example.com", "sso.example.com"]],
      ["SignInModesAllowed", []],
      ["AgentPublishers", ["Ping Identity Corporation", "Two Ltd", "Ten Ltd"]],
    ]);
    expect(user).toEqual({ state: "absent", place: "HKCU\\Software\\Policies\\DeskPair" });
    // KEY_READ | KEY_WOW64_64KEY, and every key closed again.
    expect(new Set(opened.map(({ access }) => access))).toEqual(new Set([0x20119]));
    expect([stillOpen(), asked]).toEqual([0, []]);
  });

  test("the key in other letters, and a key with nothing in it", async () => {
    expect(await read({ "HKLM\\SOFTWARE\\Policies\\deskpair": [["Region", 1, text("EU")]] })).toMatchObject({
      state: "read",
    });
    expect(await read({ [machineKey]: [] })).toEqual({ state: "absent", place: machineKey });
  });

  test.each<[string, number, Buffer, unknown]>([
    ["a text without its zero", 1, text("EU").subarray(0, 4), "EU"],
    ["a text with something behind its zero", 1, text("EU\0APAC"), "EU"],
    ["half a letter", 1, hex("41"), { type: "REG_SZ" }],
    ["half a pair of surrogates", 1, hex("00d80000"), { type: "REG_SZ" }],
    ["a list with something behind its end", 7, text("a\0b\0\0c"), ["a", "b"]],
    ["a list without its zeros", 7, Buffer.from("a\0b", "utf16le"), ["a", "b"]],
    ["a number of two bytes", 4, hex("c224"), { type: "REG_DWORD" }],
    ["a number the other way round", 5, hex("000024c2"), { type: "REG_DWORD_BIG_ENDIAN" }],
    ["bytes", 3, hex("00"), { type: "REG_BINARY" }],
    ["a type that nobody knows", 4711, hex("00"), { type: "type 4711" }],
  ])("%s", async (_, type, data, value) => {
    expect(await only(type, data)).toEqual(value);
  });

  test.each<[string, Keys, RegExp]>([
    ["a key that is there and closed to us", { [machineKey]: denied }, /access is denied/],
    ["a list that is closed to us", { ...recorded, [`${machineKey}\\ProxyBypass`]: denied }, /access is denied/],
    ["keys below a list", { ...recorded, [`${machineKey}\\AgentPublishers\\x`]: [] }, /keys below AgentPublishers/],
    ["megabytes", { [machineKey]: [["X", 1, Buffer.alloc(5_000_000, "x")]] }, /too large/],
  ])("%s is not the same as nothing, and reg.exe would say no more", async (_, keys, problem) => {
    const { source, stillOpen, asked } = windows(keys);
    expect((await source.read()).machine).toMatchObject({
      state: "unreadable",
      problem: expect.stringMatching(problem),
    });
    expect([stillOpen(), asked]).toEqual([0, []]);
  });

  test("the stamp changes with every value, list and right", async () => {
    const stamps = await Promise.all(
      [
        {},
        recorded,
        { ...recorded, [`${machineKey}\\ProxyBypass`]: [["1", 1, text(".x")]] as const },
        { [machineKey]: denied },
      ].map((keys: Keys) => windows(keys).source.stamp()),
    );
    expect(new Set(stamps).size).toBe(4);
    expect(await windows(recorded).source.stamp()).toBe(stamps[1]);
  });
});

describe("reg.exe takes its place", () => {
  test("for the hive that fails in a way that is not understood", async () => {
    const { source, asked } = windows({ [machineKey]: odd });
    expect(await source.read()).toMatchObject({
      machine: { state: "read", entries: [{ name: "Region", value: "CA" }] },
      user: { state: "absent" },
    });
    expect(asked).toEqual([machineKey]);
  });

  test("where the library cannot be loaded, which is tried once", async () => {
    let loads = 0;
    const source = createWindowsPolicy({
      environment: {},
      load: () => {
        loads += 1;
        return null;
      },
      run: async () => ({ code: 1, output: "", complaint: "" }),
    });
    expect((await source.read()).machine).toMatchObject({
      state: "unreadable",
      problem: expect.stringMatching(/reg\.exe/),
    });
    await source.stamp();
    expect(loads).toBe(1);
  });
});

test.skipIf(process.platform === "win32")(
  "there is no such library but on Windows, and asking for it harms nobody",
  () => {
    expect(loadRegistry()).toBeNull();
  },
);
