import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bridgeName, eventNames, requestNames } from "../../src/contract/channels.ts";
import { root } from "./source.ts";

/** Reads what a build of the sources as they are now really contains. */

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "deskpair-build-"));
  // As from the shell: under the test runner's own environment the page would be built for development.
  const { NODE_ENV: _mode, VITEST: _runner, ...environment } = process.env;
  const command = join(root, "node_modules/electron-vite/bin/electron-vite.js");
  const given = [command, "build", "--outDir", folder, "--logLevel", "silent"];
  await promisify(execFile)(process.execPath, given, { cwd: root, env: environment });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const files = (part: string): readonly string[] =>
  readdirSync(join(folder, part), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, part).length + 1));
const read = (...path: readonly string[]): string => readFileSync(join(folder, ...path), "utf8");

describe("the preload", () => {
  test("22: is one small CommonJS file that requires Electron and nothing else, for every window", () => {
    expect(files("preload")).toContain("index.cjs");
    for (const name of files("preload")) {
      expect(name).toMatch(/^[a-z]+\.cjs$/);
      const code = read("preload", name);
      expect(code.match(/require\([^)]*\)/g)).toEqual(['require("electron")']);
      expect(code).not.toMatch(/\bimport\b/);
      expect(code.length).toBeLessThan(2_048);
    }
  });

  /** Runs the built file with nothing around it but the two objects of Electron that it may use. */
  function load() {
    const exposed: [string, Record<string, (...given: never[]) => unknown>][] = [];
    const invoked: unknown[][] = [];
    const listeners: [string, (...values: unknown[]) => void][] = [];
    const electron = {
      contextBridge: {
        exposeInMainWorld: (name: string, bridge: Record<string, () => unknown>) => exposed.push([name, bridge]),
      },
      ipcRenderer: {
        invoke: async (...given: unknown[]) => {
          invoked.push(given);
          return { ok: true, value: null };
        },
        on: (name: string, listener: () => void) => listeners.push([name, listener]),
        removeListener: (name: string, listener: () => void) => {
          const index = listeners.findIndex(([known, each]) => known === name && each === listener);
          if (index >= 0) listeners.splice(index, 1);
        },
      },
    };
    const sandbox = createContext({
      require: (name: string) => {
        if (name !== "electron") throw new Error(`module not found: ${name}`);
        return electron;
      },
      exports: {},
      module: { exports: {} },
    });
    const before = new Set(Object.keys(sandbox));
    runInContext(read("preload", "index.cjs"), sandbox);
    const left = Object.keys(sandbox).filter((name) => !before.has(name));
    const bridge = exposed[0]?.[1] ?? {};
    return { exposed, left, invoked, listeners, bridge };
  }

  test("21: exposes the contract's names under one name, and nothing else", () => {
    const { exposed, bridge } = load();
    expect(exposed.map(([name]) => name)).toEqual([bridgeName]);
    expect(Object.keys(bridge).toSorted()).toEqual([...requestNames, "on"].toSorted());
    for (const each of Object.values(bridge)) expect(each).toBeTypeOf("function");
  });

  test("21: sends one message under the name, and drops what is given besides", async () => {
    const { bridge, invoked } = load();
    for (const name of requestNames) {
      await bridge[name]?.(...(["input", "more", "and more"] as never[]));
    }
    expect(invoked).toEqual(requestNames.map((name) => [name, "input"]));
  });

  test("26: a listener gets the payload, never the event, and its undo ends it alone", () => {
    const { bridge, listeners } = load();
    for (const name of eventNames) {
      const first: unknown[][] = [];
      const second: unknown[][] = [];
      const undo = bridge["on"]?.(...([name, (...given: unknown[]) => first.push(given)] as never[]));
      bridge["on"]?.(...([name, (...given: unknown[]) => second.push(given)] as never[]));
      const publish = (payload: unknown): void => {
        for (const [, listener] of listeners) listener({ sender: "the Electron event" }, payload, "more");
      };
      publish("one");
      expect((undo as () => unknown)()).toBeUndefined();
      publish("two");
      expect([first, second]).toEqual([[["one"]], [["one"], ["two"]]]);
      listeners.length = 0;
    }
  });

  test("21: an event that is not ours throws, and nothing listens", () => {
    const { bridge, listeners } = load();
    for (const name of ["app.changed ", "session.signIn", "ELECTRON_INTERNAL", "", "constructor", undefined]) {
      expect(() => bridge["on"]?.(...([name, () => undefined] as never[]))).toThrow("There is no such event.");
    }
    expect(listeners).toEqual([]);
  });
});

describe("the page", () => {
  const scripts = (): string =>
    files("renderer")
      .filter((name) => name.endsWith(".js"))
      .map((name) => read("renderer", name))
      .join("\n");

  test("9: holds no validator, and nothing that builds code out of text", () => {
    expect(scripts().length).toBeGreaterThan(50_000);
    // Names that survive minification: keys of zod's own objects and errors.
    expect(scripts()).not.toMatch(/_zod|ZodError|invalid_union|unrecognized_keys|jitless/);
    expect(scripts()).not.toMatch(/\bnew Function\(|\beval\(/);
  });

  test("25: knows nothing of what is said between main, PingOne and the agent", () => {
    const wire =
      /client_secret|access_token|refresh_token|id_token|\bBearer\b|\bAuthorization\b|[Aa]ttestation|CredentialCreation/;
    expect(scripts().match(new RegExp(wire, "g"))).toBeNull();
    // The one secret that a person types: its field, what is said about it, and the message that takes it to main.
    const typed = scripts().match(/\w*[sS]ecret\w*/g) ?? [];
    const ours = [...new Set(typed)].filter((word) => !word.startsWith("__SECRET_INTERNALS"));
    expect(
      ours.filter((word) => !/^(clientSecret\w*|secret|Secret|secretMissing|keepSecret|secretStore)$/.test(word)),
    ).toEqual([]);
  });

  test("1: knows nothing of Node and Electron", () => {
    expect(scripts()).not.toMatch(/\brequire\(|ipcRenderer|process\.versions|node:[a-z]+["']/);
  });

  test("5: loads its own files and nothing inline, so that the strict policy fits", () => {
    const html = read("renderer", "index.html");
    expect(
      [...html.matchAll(/(?:src|href)="([^"]*)"/g)]
        .map(([, address]) => address)
        .filter((address) => !address?.startsWith("./")),
    ).toEqual([]);
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>|<style|\son\w+=|style="/i);
    const styles = files("renderer")
      .filter((name) => name.endsWith(".css"))
      .map((name) => read("renderer", name));
    for (const style of styles) expect(style).not.toMatch(/url\(\s*["']?(?!\.|\/)(?:https?:|data:|\/\/)|@import/);
  });

  test("44: has no source map and only kinds of files that are served", () => {
    expect(files("renderer").filter((name) => !/\.(html|js|css|svg|png|woff2)$/.test(name))).toEqual([]);
    expect(scripts()).not.toContain("sourceMappingURL");
  });

  test("is at most 150 KB of compressed JavaScript", () => {
    expect(gzipSync(scripts()).length).toBeLessThanOrEqual(150 * 1024);
  });
});

describe("the main process", () => {
  test("does not carry the simulator with it: that is loaded when the demo is asked for", () => {
    const entry = read("main", "index.js");
    expect(entry).not.toContain("pretend-secret-for-the-simulator-only");
    expect(
      files("main").filter((name) => read("main", name).includes("pretend-secret-for-the-simulator-only")).length,
    ).toBeGreaterThan(0);
  });

  test("imports Electron and what Node brings, nothing that would have to be shipped beside it", () => {
    const specifiers = files("main")
      .filter((name) => name.endsWith(".js"))
      .flatMap((name) =>
        [...read("main", name).matchAll(/^import\b[^;'"]*["']([^"']+)["']/gm)].map(([, specifier]) => specifier ?? ""),
      );
    const foreign = specifiers.filter(
      (specifier) => !specifier.startsWith("node:") && !specifier.startsWith(".") && specifier !== "electron",
    );
    expect(foreign.filter((specifier) => !builtin.has(specifier))).toEqual([]);
    expect(specifiers).toContain("electron");
  });
});

const builtin: ReadonlySet<string> = new Set((await import("node:module")).builtinModules);
