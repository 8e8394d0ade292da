import { Script } from "node:vm";
import type { Program } from "../entry.ts";
import { mainPart } from "./parts.ts";

export type Parts = {
  readonly source: (name: string) => string;
  /** What `createCachedData` gave for this very source on this very Node; `null` where there is nothing. */
  readonly compiled: (name: string) => Uint8Array | null;
};

export type Loader = {
  /** Throws when the parts are not those of the command line: the build is broken then. */
  readonly program: () => Program;
  /** Every part that was loaded, for whoever keeps what V8 compiled of it. */
  readonly scripts: ReadonlyMap<string, Script>;
};

/**
 * Loads the parts of the command line, which the build has made CommonJS, from wherever they lie. The module loader of
 * Node takes them from files only, and knows no code that was compiled before.
 */
export function createLoader(parts: Parts): Loader {
  const modules = new Map<string, { exports: unknown }>();
  const scripts = new Map<string, Script>();

  const load = (name: string): unknown => {
    const known = modules.get(name);
    if (known !== undefined) return known.exports;
    const module: { exports: unknown } = { exports: {} };
    // Before it runs: two parts may need each other.
    modules.set(name, module);
    const compiled = parts.compiled(name);
    const script = new Script(`(function (exports, require, module) {${parts.source(name)}\n})`, {
      filename: `deskpair/${name}`,
      // Code of another Node is refused by V8, and compiled anew.
      ...(compiled === null ? {} : { cachedData: compiled }),
    });
    scripts.set(name, script);
    const run: unknown = script.runInThisContext();
    if (typeof run === "function") Reflect.apply(run, undefined, [module.exports, require, module]);
    return module.exports;
  };

  const require = (name: string): unknown =>
    name.startsWith("./") ? load(name.slice("./".length)) : process.getBuiltinModule(name);

  const program = (): Program => {
    const loaded = load(mainPart);
    if (!isProgram(loaded)) throw new Error(`${mainPart} is not the command line.`);
    return loaded;
  };
  return { program, scripts };
}

const isProgram = (loaded: unknown): loaded is Program =>
  typeof loaded === "object" && loaded !== null && "main" in loaded && typeof loaded.main === "function";
