import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { root } from "../processes.ts";

const names = z.optional(z.record(z.string(), z.string()));
const entry = z.object({
  version: z.optional(z.string()),
  license: z.optional(z.string()),
  integrity: z.optional(z.string()),
  dev: z.optional(z.boolean()),
  devOptional: z.optional(z.boolean()),
  optional: z.optional(z.boolean()),
  link: z.optional(z.boolean()),
  dependencies: names,
  optionalDependencies: names,
});

/** A package as `package-lock.json` holds it, with its folder. */
export type LockedPackage = {
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly integrity: string;
  /** For one system only, or not needed to run. */
  readonly optional: boolean;
  /** Paths of the packages that it gets when it asks for its dependencies. */
  readonly dependencies: readonly string[];
};

/**
 * Every package that can be in the product, by its path: what package.json calls dependencies, and what those need. The
 * Node that the command line's executable is made of is among them. Throws when one has no licence or no checksum.
 */
export function productionPackages(): ReadonlyMap<string, LockedPackage> {
  const locked = z
    .object({ packages: z.record(z.string(), entry) })
    .parse(JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"))).packages;
  const found = new Map<string, LockedPackage>();
  for (const [path, each] of Object.entries(locked)) {
    // Links and folders of our own are no packages; what both need, product and tools, is marked neither dev nor optional.
    if (!path.includes("node_modules/") || each.link === true || each.dev === true || each.devOptional === true)
      continue;
    const { version, license, integrity } = each;
    if (version === undefined || license === undefined || integrity === undefined) {
      throw new Error(`package-lock.json has no version, licence or checksum for ${path}.`);
    }
    const wanted = Object.keys({ ...each.dependencies, ...each.optionalDependencies });
    found.set(path, {
      path,
      name: packageName(path),
      version,
      licence: license,
      integrity,
      optional: each.optional === true,
      dependencies: wanted.flatMap((name) => resolveFrom(path, name, locked) ?? []),
    });
  }
  return found;
}

export const packageName = (path: string): string =>
  path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);

/** Where Node finds a package when another one asks for it: beside or above it. `null`: npm has not installed it. */
export function resolveFrom(path: string, name: string, locked: Readonly<Record<string, unknown>>): string | null {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const candidate = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (candidate in locked) return candidate;
    if (folder === "") return null;
  }
}
