import { describe, expect, test } from "vitest";
import { objection, rules } from "./boundaries.ts";
import { importsOf, parse, readSources } from "./source.ts";

const sources = readSources();
const objections = (path: string, text: string): readonly string[] =>
  importsOf(parse(path, text)).flatMap((each) => objection(each) ?? []);

describe("every import of the sources", () => {
  test("keeps to the table", () => {
    expect(sources.flatMap(importsOf).flatMap((each) => objection(each) ?? [])).toEqual([]);
  });

  test("was read: every folder has files, and the files have imports", () => {
    const folders = new Set(sources.map(({ path }) => path.split("/")[0]));
    const ruled = new Set(Object.keys(rules).map((name) => name.split("/")[0]));
    expect(folders).toEqual(ruled);
    expect(sources.flatMap(importsOf).length).toBeGreaterThan(200);
    expect(sources.flatMap(importsOf).filter(({ kind }) => kind === "type").length).toBeGreaterThan(50);
  });

  test("names a module by a text that can be read, but for the loader, which passes on what the sources say", () => {
    const computed = sources.flatMap(importsOf).filter(({ to }) => to === "(computed)");
    expect(computed.map(({ from }) => from)).toEqual(["cli/executable/loader.ts"]);
  });

  test("of a file of ours is written with its ending", () => {
    const bare = sources
      .flatMap(importsOf)
      .filter(({ to }) => /^[a-z]+\/.*(?<!\.(ts|tsx|css|svg))$/.test(to) && (to.split("/")[0] ?? "") in rules);
    expect(bare).toEqual([]);
  });
});

describe("what is loaded with a program, before anybody has asked for anything", () => {
  const imports = sources.flatMap(importsOf).filter(({ kind }) => kind === "value");

  /** Every module that comes with this file: ours by path, others by name. */
  function loadedWith(entry: string): ReadonlySet<string> {
    const loaded = new Set([entry]);
    for (const path of loaded) {
      for (const { from, to } of imports) if (from === path) loaded.add(to);
    }
    return loaded;
  }
  const simulation = (path: string): boolean => path.startsWith("simulator/") || path.startsWith("@simplewebauthn");

  test.each(["main/index.ts", "cli/index.ts", "cli/main.ts"])("%s comes without the simulator", (entry) => {
    const loaded = [...loadedWith(entry)];
    expect(loaded.length).toBeGreaterThan(1);
    expect(loaded.filter(simulation)).toEqual([]);
  });

  test("the page comes without the validator, the core and Node", () => {
    const loaded = [...loadedWith("renderer/main.tsx")];
    expect(loaded.length).toBeGreaterThan(20);
    expect(loaded.filter((path) => /^(zod|core\/|node\/|node:|electron$|simulator\/)/.test(path))).toEqual([]);
  });

  test("the preload comes with the names and Electron", () => {
    expect([...loadedWith("preload/index.ts")].toSorted()).toEqual(
      ["contract/channels.ts", "electron", "preload/index.ts"].toSorted(),
    );
  });
});

describe("the test sees a planted import", () => {
  const forms = [
    (to: string) => `import { x } from "${to}";`,
    (to: string) => `import type { X } from "${to}";`,
    (to: string) => `import { type X } from "${to}";`,
    (to: string) => `import "${to}";`,
    (to: string) => `export { x } from "${to}";`,
    (to: string) => `export * from "${to}";`,
    (to: string) => `export type { X } from "${to}";`,
    (to: string) => `const x = await import("${to}");`,
    (to: string) => `type X = import("${to}").X;`,
    (to: string) => `const x = require("${to}");`,
    (to: string) => `const x = import.meta.resolve("${to}");`,
    (to: string) => `const x = process.getBuiltinModule("${to}");`,
  ];
  const forbidden: readonly (readonly [string, string])[] = [
    ["contract/channels.ts", "./errors.ts"],
    ["contract/views.ts", "../core/ports.ts"],
    ["contract/views.ts", "zod"],
    ["core/app.ts", "node:fs"],
    ["core/app.ts", "fs"],
    ["core/app.ts", "electron"],
    ["core/app.ts", "undici"],
    ["core/pingone/client.ts", "../../node/http-undici.ts"],
    ["core/app.ts", "../simulator/index.ts"],
    ["core/app.ts", "../main/start-up.ts"],
    ["node/files.ts", "electron"],
    ["node/files.ts", "../core/app.ts"],
    ["node/files.ts", "../renderer/store.ts"],
    ["simulator/index.ts", "../core/pingone/wire.ts"],
    ["simulator/index.ts", "electron"],
    ["simulator/world.ts", "node:http"],
    ["main/window.ts", "../renderer/store.ts"],
    ["main/window.ts", "../preload/index.ts"],
    ["preload/index.ts", "../contract/ipc.ts"],
    ["preload/index.ts", "zod/mini"],
    ["preload/index.ts", "node:fs"],
    ["renderer/App.tsx", "../core/ports.ts"],
    ["renderer/App.tsx", "electron"],
    ["renderer/App.tsx", "zod/mini"],
    ["renderer/App.tsx", "node:fs"],
    ["cli/index.ts", "electron"],
    ["cli/index.ts", "../renderer/text.ts"],
    ["cli/index.ts", "../main/compose.ts"],
  ];
  test.each(forbidden)("%s does not import %s, in whatever form", (from, to) => {
    for (const form of forms) expect([form(to), objections(from, form(to))]).toEqual([form(to), [expect.any(String)]]);
  });

  test("types may come from further than values", () => {
    const type = 'import type { Snapshot } from "../contract/views.ts";';
    expect(objections("renderer/store.ts", type)).toEqual([]);
    expect(objections("renderer/store.ts", type.replace("import type", "import"))).toHaveLength(1);
    // Looks like a type, stays in the page, and brings the validator with it.
    expect(objections("renderer/store.ts", 'import { type Snapshot } from "../contract/views.ts";')).toHaveLength(1);
    expect(objections("main/window.ts", 'import type { BrowserWindow } from "electron";')).toEqual([]);
    expect(objections("main/window.ts", 'import { BrowserWindow } from "electron";')).toHaveLength(1);
  });

  test("the simulator comes by a dynamic import, from two places", () => {
    const dynamic = 'const { startSimulator } = await import("../simulator/index.ts");';
    const fixed = 'import { startSimulator } from "../simulator/index.ts";';
    expect(objections("main/compose.ts", dynamic)).toEqual([]);
    expect(objections("main/compose.ts", fixed)).toHaveLength(1);
    expect(objections("main/start-up.ts", dynamic)).toHaveLength(1);
    expect(objections("cli/demo.ts", dynamic)).toEqual([]);
    expect(objections("cli/demo.ts", fixed)).toHaveLength(1);
  });

  test("a computed import, and a folder that nobody thought of", () => {
    expect(objections("core/app.ts", "await import(name)")).toHaveLength(1);
    expect(objections("helpers/a.ts", 'import "./b.ts";')).toHaveLength(1);
  });
});
