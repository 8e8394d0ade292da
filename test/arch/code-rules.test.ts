import { describe, expect, test } from "vitest";
import { calledName, isTree, parse, readSources, type SourceFile, type Tree, walk } from "./source.ts";

const sources = readSources();
const inFolder = (folder: string): readonly SourceFile[] => sources.filter(({ path }) => path.startsWith(`${folder}/`));
const planted = (text: string): SourceFile => parse("core/planted.ts", text);

/** What the core must get through a port, under every name that leads to it. */
const worldly: ReadonlySet<string> = new Set(
  [
    "process Buffer global globalThis window document navigator console performance",
    "setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate fetch",
    "WebSocket EventSource XMLHttpRequest Worker eval Function require module",
    "Date.now Math.random AbortSignal.timeout crypto.randomUUID crypto.getRandomValues",
  ].flatMap((names) => names.split(" ")),
);

/** Every use of the clock, the network, the process and chance. */
function worldlyUses({ path, tree }: SourceFile): readonly string[] {
  const found: string[] = [];
  walk(tree, (node, above) => {
    if (node.type === "Identifier" && isReference(node, above) && worldly.has(String(node["name"]))) {
      found.push(`${path}: ${String(node["name"])}`);
    }
    if (node.type === "MemberExpression" && worldly.has(calledName(node))) found.push(`${path}: ${calledName(node)}`);
    if (node.type === "NewExpression" && calledName(node["callee"]) === "Date") {
      if (Array.isArray(node["arguments"]) && node["arguments"].length === 0) found.push(`${path}: new Date()`);
    }
  });
  return found;
}

/** A name that is read, not a property, a key, or a part of a type. */
function isReference(node: Tree, above: readonly Tree[]): boolean {
  const parent = above[0];
  if (parent === undefined || parent.type.startsWith("TS")) return false;
  if (parent.type === "MemberExpression") return parent["object"] === node || parent["computed"] === true;
  if (parent.type === "Property" && parent["key"] === node) return parent["shorthand"] === true;
  return !["MethodDefinition", "PropertyDefinition", "LabeledStatement", "ImportSpecifier"].includes(parent.type);
}

describe("the core has nothing of its own of the world", () => {
  test("no clock, no network, no process, no chance", () => {
    expect(inFolder("core").length).toBeGreaterThan(15);
    expect([...inFolder("core"), ...inFolder("contract")].flatMap(worldlyUses)).toEqual([]);
  });

  test.each([
    "process.exit(1)",
    "const { env } = process;",
    "const bytes = Buffer.from(text);",
    "const now = Date.now();",
    "const now = Date['now']();",
    "const now = new Date();",
    "setTimeout(run, 1);",
    "const later = { setTimeout };",
    "globalThis.setTimeout(run, 1);",
    "const signal = AbortSignal.timeout(5);",
    "const n = Math.random();",
    "await fetch(url);",
    "console.log(secret);",
    "const id = crypto.randomUUID();",
    "new Function('return 1')();",
  ])("sees %s", (text) => {
    expect(worldlyUses(planted(text)).length).toBeGreaterThan(0);
  });

  test.each([
    "const moment = new Date(clock.now());",
    "clock.fetch(); const a = { process: 1, Buffer: 2 }; type T = { fetch: Fetch };",
    "const ms = Date.parse(text);",
  ])("leaves %s alone", (text) => {
    expect(worldlyUses(planted(text))).toEqual([]);
  });
});

describe("security decisions stand where they can be read", () => {
  const filesWith = (pattern: RegExp): readonly string[] =>
    sources.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

  test("17: one file opens links", () => {
    expect(filesWith(/openExternal|openPath|showItemInFolder/)).toEqual(["main/links.ts"]);
  });

  test("3: nothing is loaded from disk addresses, and no deprecated protocol method is called", () => {
    expect(filesWith(/loadFile|register(File|String|Buffer|Http|Stream)Protocol|intercept\w+Protocol/)).toEqual([]);
    expect(filesWith(/bypassCSP:\s*true|corsEnabled:\s*true|allowServiceWorkers:\s*true/)).toEqual([]);
  });

  test("20, 36: certificates are never waved through", () => {
    expect(filesWith(/setCertificateVerifyProc|rejectUnauthorized|NODE_TLS_REJECT_UNAUTHORIZED/)).toEqual([]);
    expect(filesWith(/ignore-certificate-errors|allow-insecure-localhost/)).toEqual([]);
  });

  test("21: raw channels are touched in preload and main alone, and one way of sending is used", () => {
    expect(filesWith(/ipcRenderer/).filter((path) => !path.startsWith("preload/"))).toEqual([]);
    expect(filesWith(/ipcMain/).filter((path) => !path.startsWith("main/"))).toEqual([]);
    expect(filesWith(/sendSync|ipcMain\.on\b|ipcRenderer\.(send|postMessage|sendToHost)\b/)).toEqual([]);
  });

  /** Every value given to a switch of the window, and whether it is written out. */
  const switches = new Set(
    [
      "sandbox contextIsolation nodeIntegration nodeIntegrationInWorker nodeIntegrationInSubFrames",
      "webSecurity allowRunningInsecureContent experimentalFeatures webviewTag plugins",
      "navigateOnDragDrop disableDialogs spellcheck webgl",
      "standard secure bypassCSP corsEnabled supportFetchAPI",
    ].flatMap((names) => names.split(" ")),
  );
  const computedSwitches = (file: SourceFile): readonly string[] => {
    const found: string[] = [];
    walk(file.tree, (node) => {
      const key = isTree(node["key"]) ? node["key"] : null;
      const name = key === null ? "" : String(key["name"] ?? key["value"]);
      if (node.type !== "Property" || !switches.has(name)) return;
      const value = node["value"];
      if (!isTree(value) || value.type !== "Literal") found.push(`${file.path}: ${name}`);
    });
    return found;
  };

  test("1, 2: every switch of the window is written out, none is computed", () => {
    expect(inFolder("main").flatMap(computedSwitches)).toEqual([]);
    expect(computedSwitches(planted("const o = { sandbox: !test, webSecurity: true };"))).toEqual([
      "core/planted.ts: sandbox",
    ]);
    expect(computedSwitches(planted("const sandbox = test; const o = { sandbox };"))).toHaveLength(1);
  });

  test("1: no feature of the engine is switched on or off", () => {
    expect(filesWith(/(enable|disable)BlinkFeatures|appendSwitch|appendArgument|disableHardwareAcceleration/)).toEqual(
      [],
    );
  });

  test("2, 46: the environment is asked once, for the address of the development server", () => {
    const asked = (file: SourceFile): readonly string[] => {
      const found: string[] = [];
      walk(file.tree, (node) => {
        const name = calledName(node);
        if (name.startsWith("process.env.") || name.startsWith("import.meta.env")) found.push(`${file.path}: ${name}`);
      });
      return found;
    };
    const ours = [...inFolder("main"), ...inFolder("preload"), ...inFolder("contract"), ...inFolder("core")];
    expect(ours.flatMap(asked)).toEqual(["main/index.ts: process.env.ELECTRON_RENDERER_URL"]);
    expect(
      [...ours, ...inFolder("renderer")].filter(({ text }) => /NODE_ENV|VITEST|PLAYWRIGHT|\bCI\b/.test(text)),
    ).toEqual([]);
    expect(asked(planted('const t = process.env["NODE_ENV"]; const u = import.meta.env;'))).toHaveLength(2);
  });

  test("9, 5: the page builds no code and no markup out of text", () => {
    const risky =
      /dangerouslySetInnerHTML|\binnerHTML\b|\bouterHTML\b|insertAdjacentHTML|document\.write|\beval\(|new Function/;
    expect(inFolder("renderer").length).toBeGreaterThan(10);
    expect(inFolder("renderer").filter(({ text }) => risky.test(text))).toEqual([]);
  });

  test("24: no schema of the contract lets an unknown key through", () => {
    const loose = /\bz\.(object|looseObject|record|any|unknown|catchall|custom)\(/;
    expect(inFolder("contract").filter(({ text }) => loose.test(text))).toEqual([]);
    expect(loose.test("z.object({})")).toBe(true);
    expect(loose.test("z.strictObject({})")).toBe(false);
  });

  test("29: secrets are stored by the calls that Electron has kept", () => {
    expect(filesWith(/\b(encryptString|decryptString|isEncryptionAvailable)\b/)).toEqual([]);
  });
});

test("no file has grown past one subject", () => {
  const long = sources.filter(({ text }) => text.split("\n").length > 340).map(({ path }) => path);
  // The exhaustive list of words is one subject, however long.
  expect(long.filter((path) => !["contract/error-words.ts", "renderer/text.ts"].includes(path))).toEqual([]);
});
