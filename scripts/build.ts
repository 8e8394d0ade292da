import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { buildCommandLine } from "./build-cli.ts";
import { buildEnrolment } from "./build-enrolment.ts";
import { root, runNode, tool } from "./processes.ts";

/** Builds the app (main, preload, page) and the command line into `out/`. */
export async function build(): Promise<void> {
  await buildApp();
  await buildCommandLine();
}

async function buildApp(): Promise<void> {
  const code = await runNode([tool("electron-vite/bin/electron-vite.js"), "build", "--logLevel", "warn"], {
    quiet: true,
  });
  if (code !== 0) throw new Error(`electron-vite build failed (exit code ${code}).`);
  await buildEnrolment();
}

/** Builds what is older than the sources. */
export async function ensureBuilt(part: "all" | "command-line" = "all"): Promise<void> {
  const changed = newestSource();
  const stale = (file: string) => !existsSync(join(root, file)) || statSync(join(root, file)).mtimeMs < changed;
  if (stale("out/cli/deskpair.js")) await buildCommandLine();
  if (part === "all" && stale("out/main/index.js")) await buildApp();
}

/** When what is built from was last changed, in milliseconds. */
export const newestSource = (): number =>
  newest([join(root, "src"), join(root, "scripts"), join(root, "package-lock.json")]);

function newest(paths: readonly string[]): number {
  return Math.max(
    ...paths.map((path) => {
      const found = statSync(path);
      if (!found.isDirectory()) return found.mtimeMs;
      return Math.max(0, newest(readdirSync(path).map((name) => join(path, name))));
    }),
  );
}

if (import.meta.main) {
  if (process.argv.includes("--if-stale")) await ensureBuilt();
  else await build();
}
