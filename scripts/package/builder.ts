import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../processes.ts";

/** What we use of electron-builder, which is not there for the type check. */
export type Builder = {
  readonly build: (options: {
    readonly projectDir: string;
    readonly config: object;
    readonly publish: "never";
    readonly win?: readonly string[];
    readonly mac?: readonly string[];
    readonly linux?: readonly string[];
    readonly x64?: boolean;
    readonly arm64?: boolean;
  }) => Promise<readonly string[]>;
};

export const builderFolder = join(root, "packaging");

/**
 * Loads electron-builder, after installing it if that is missing: it is in a folder of its own, because only packaging
 * needs its hundreds of packages. Rejects, in one sentence, when it cannot be installed.
 */
export async function loadBuilder(): Promise<Builder> {
  installBuilder();
  const module: { readonly default: Builder } = await import(
    pathToFileURL(join(builderFolder, "node_modules/electron-builder/out/index.js")).href
  );
  return module.default;
}

/** Makes it ready without loading it. Throws as `loadBuilder` rejects. */
export function installBuilder(): void {
  const installed = join(builderFolder, "node_modules/.package-lock.json");
  const lockfile = join(builderFolder, "package-lock.json");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs) return;
  process.stderr.write("Installing electron-builder (npm ci in packaging) …\n");
  const npm = process.env["npm_execpath"];
  const [command, args] = npm === undefined ? ["npm", []] : [process.execPath, [npm]];
  const done = spawnSync(command, [...args, "ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: builderFolder,
    stdio: ["ignore", 2, 2],
    shell: npm === undefined && process.platform === "win32",
  });
  if (done.status !== 0) {
    throw new Error("electron-builder cannot be installed: npm ci in the folder packaging has failed.");
  }
}
