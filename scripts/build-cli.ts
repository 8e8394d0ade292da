import { chmodSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type InputOptions, rolldown } from "rolldown";
import * as z from "zod/mini";
import { embeddedEngine } from "./embedded-engine.ts";
import { root } from "./processes.ts";

/**
 * What every pairing loads. Not in it is what starts it, and what only some commands ask for: signing in as a person, the
 * key store, locks, and the commands that are about those.
 */
const rare = {
  core: "sign-in.(?:browser|device-code|grant|provider|qr|transport|user-tokens)",
  node: "(?:callback|in-turn|key-file|keyring|memory-secrets|open-page|pac|port-owner-|proxy-credentials|secret-file|system-proxy-)",
  cli: "(?:index|entry|cache-folder|executable|kept-sign-in|profile-settings|commands.(?:auth|demo|profiles|simulat))",
};
const programModules = new RegExp(
  `src.(?:contract|core.(?!${rare.core})|node.(?!${rare.node})|cli.(?!${rare.cli}))|node_modules.(?:zod|commander)`,
);

/** One file for all that a pairing needs: each further one costs a millisecond at every start. */
export const codeSplitting = { groups: [{ name: "program", test: programModules }] };

/** What both builds of the command line, the folder and the single executable, say about their sources. */
export function sources(name: string, entry: string): InputOptions {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
  return {
    input: { [name]: join(root, "src/cli", entry) },
    platform: "node",
    plugins: [embeddedEngine],
    transform: { define: { DESKPAIR_VERSION: JSON.stringify(version) } },
    logLevel: "warn",
  };
}

/**
 * Builds the command line into `out/cli`: a small entry, the program beside it, and the simulator in a file of its own
 * that only those load who ask for it. Nothing of node_modules is needed to run it but the library of the key store, and
 * that only to keep a sign-in.
 */
export async function buildCommandLine(): Promise<void> {
  const bundle = await rolldown({
    ...sources("deskpair", "index.ts"),
    // A native library, with a part of its own for each system. Where it is missing there is no key store.
    external: ["@napi-rs/keyring"],
  });
  // Beside it first, so that a build that fails or a command that starts meanwhile finds the old files or the new.
  const fresh = join(root, "out", `cli.${process.pid}`);
  try {
    await bundle.write({
      dir: fresh,
      format: "esm",
      entryFileNames: "[name].js",
      chunkFileNames: "[name]-[hash].js",
      codeSplitting,
      minify: true,
      sourcemap: true,
      banner: (chunk) => (chunk.isEntry ? "#!/usr/bin/env node" : ""),
    });
    chmodSync(join(fresh, "deskpair.js"), 0o755);
    rmSync(join(root, "out/cli"), { recursive: true, force: true });
    renameSync(fresh, join(root, "out/cli"));
  } finally {
    await bundle.close();
    rmSync(fresh, { recursive: true, force: true });
  }
}

if (import.meta.main) await buildCommandLine();
