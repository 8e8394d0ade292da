import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import * as z from "zod/mini";
import { root } from "./processes.ts";

/** A package of npm in one version, held by the hash that the registry must answer with. */
export type Package = { readonly name: string; readonly version: string; readonly integrity: string };

const lockfile = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.optional(z.string()), integrity: z.optional(z.string()), os: z.optional(z.unknown()) }),
  ),
});

/** A package of the lockfile. Throws for one that is not in it: what is built must be what was locked. */
export function locked(name: string): Package {
  const { packages } = lockfile.parse(JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")));
  const { version, integrity } = packages[`node_modules/${name}`] ?? {};
  if (version === undefined || integrity === undefined) throw new Error(`${name} is not in package-lock.json.`);
  return { name, version, integrity };
}

/**
 * The folder of a package: as `npm ci` has installed it for this system, or else fetched for this purpose, checked and
 * kept. Throws with a sentence when npm cannot get it or gets something else.
 */
export function folderOf(wanted: Package): string {
  const installed = join(root, "node_modules", wanted.name);
  if (versionIn(installed) === wanted.version) return installed;
  const kept = join(root, "node_modules/.cache/packages", `${wanted.name.replace("/", "+")}-${wanted.version}`);
  if (!existsSync(kept)) fetchInto(kept, wanted);
  return kept;
}

function versionIn(folder: string): string | null {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return z.object({ version: z.string() }).parse(manifest).version;
  } catch {
    return null;
  }
}

/** Unpacked beside its place and moved there at the end, so that a run that is ended leaves nothing half done. */
function fetchInto(folder: string, { name, version, integrity }: Package): void {
  process.stderr.write(`Fetching ${name} ${version} from npm …\n`);
  mkdirSync(dirname(folder), { recursive: true });
  const place = mkdtempSync(join(dirname(folder), `.${basename(folder)}.`));
  try {
    runNpm(["pack", `${name}@${version}`, "--silent", "--ignore-scripts", "--pack-destination", place]);
    const [archive] = readdirSync(place);
    if (archive === undefined) throw new Error(`npm got nothing for ${name} ${version}.`);
    const hash = createHash("sha512")
      .update(readFileSync(join(place, archive)))
      .digest("base64");
    if (`sha512-${hash}` !== integrity) throw new Error(`${name} ${version} is not the package that was locked.`);
    // Named without its path: on Windows, tar takes what stands before a colon for the name of a host.
    const unpacked = spawnSync("tar", ["-xzf", archive], { cwd: place, encoding: "utf8" });
    if (unpacked.status !== 0) throw new Error(`${name} ${version} could not be unpacked: ${unpacked.stderr}`);
    renameSync(join(place, "package"), folder);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function runNpm(args: readonly string[]): void {
  const npm = process.env["npm_execpath"];
  const [command, first] = npm === undefined ? ["npm", []] : [process.execPath, [npm]];
  const shell = npm === undefined && process.platform === "win32";
  const done = spawnSync(command, [...first, ...args], { cwd: root, encoding: "utf8", shell });
  if (done.status !== 0) throw new Error(`npm ${args.join(" ")} failed: ${done.stderr || String(done.error)}`);
}
