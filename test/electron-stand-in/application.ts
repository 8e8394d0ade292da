import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

/** The app to run, as Electron's own start program finds it from the command line. */
export type Application = {
  readonly path: string;
  readonly entry: string;
  readonly name: string;
  readonly version: string;
  /** Modules to load before the app (`-r`): Playwright's loader, which holds `ready` back until it is attached. */
  readonly preloads: readonly string[];
};

type Manifest = { name?: string; productName?: string; version?: string; main?: string };

const readManifest = (file: string): Manifest =>
  existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Manifest) : {};

export const electronVersion = (
  JSON.parse(readFileSync(createRequire(import.meta.url).resolve("electron/package.json"), "utf8")) as {
    version: string;
  }
).version;

/** Takes the arguments after the executable. A folder stands for its package.json, a file for itself. */
export function readApplication(args: readonly string[]): Application {
  const preloads: string[] = [];
  let named: string | undefined;
  for (let index = 0; index < args.length && named === undefined; index += 1) {
    const argument = args[index] ?? "";
    if (argument === "-r" || argument === "--require") {
      index += 1;
      preloads.push(args[index] ?? "");
    } else if (!argument.startsWith("-")) named = argument;
  }
  const target = resolve(named ?? ".");
  if (!existsSync(target)) throw new Error(`electron stand-in: unable to find an app at ${target}`);
  const folder = statSync(target).isDirectory() ? target : undefined;
  const manifest = readManifest(join(folder ?? dirname(target), "package.json"));
  const entry = folder === undefined ? target : join(folder, manifest.main ?? "index.js");
  if (!existsSync(entry)) throw new Error(`electron stand-in: ${entry} is missing. Is the app built?`);
  return {
    path: folder ?? dirname(target),
    entry,
    name: manifest.productName ?? manifest.name ?? "Electron",
    version: manifest.version ?? electronVersion,
    preloads,
  };
}

/** This process's own arguments, without Node and the start script. */
export const ownArguments: readonly string[] = process.argv.slice(2);

export const application = readApplication(ownArguments);
