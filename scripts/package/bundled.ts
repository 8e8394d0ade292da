import { globSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import type { Plugin } from "vite";
import * as z from "zod/mini";
import { embeddedPackage } from "../embedded-engine.ts";
import { root } from "../processes.ts";

/**
 * Notes which npm packages a build has really taken code from, in `bundled-<part>.json` beside the part's folder: the
 * licences of these must be shipped.
 */
export function noteBundled(part: string): Plugin {
  return {
    name: "note-bundled",
    writeBundle({ dir }, bundle) {
      if (dir === undefined) return;
      const modules = Object.values(bundle).flatMap((each) => (each.type === "chunk" ? each.moduleIds : []));
      writeFileSync(join(dirname(dir), `bundled-${part}.json`), JSON.stringify(packagesOf(modules)));
    },
  };
}

/** The folders of npm packages, as the lockfile names them, that these files belong to. */
function packagesOf(files: readonly string[]): readonly string[] {
  const folders = files.flatMap((file) => {
    // Greedy: of a package inside a package it is the inner one.
    const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file.replaceAll("\\", "/")) ?? [];
    return folder === undefined ? [] : [folder.slice(folder.indexOf("node_modules/"))];
  });
  return [...new Set(folders)].toSorted();
}

/** The packages in the app and in the command line that are in `out`. Throws where a build has left no note. */
export function bundledPackages(out: string): readonly string[] {
  const ofApp = ["main", "preload", "renderer"].flatMap((part) =>
    z.array(z.string()).parse(JSON.parse(readFileSync(join(out, `bundled-${part}.json`), "utf8"))),
  );
  // The command line is built by itself, with maps that name its sources.
  const folder = join(out, "cli");
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith(".map"))
    .flatMap((name) => sourceMap.parse(JSON.parse(readFileSync(join(folder, name), "utf8"))).sources);
  if (sources.length === 0) throw new Error(`${relative(root, folder).split(sep).join("/")} has no source maps.`);
  return [...new Set([...ofApp, ...packagesOf(sources), ...carried(), embeddedPackage])].toSorted();
}

/**
 * The library of the key store is not bundled but carried as it is, by the executable of the command line. The part for a
 * system, which npm installs for this one alone, names what it is made of.
 */
const carried = (): readonly string[] =>
  globSync("node_modules/@napi-rs/keyring*/LICENSE*", { cwd: root }).map((file) => dirname(file).split(sep).join("/"));

const sourceMap = z.object({ sources: z.array(z.string()) });
