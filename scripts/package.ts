import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build, ensureBuilt } from "./build.ts";
import { loadBuilder } from "./package/builder.ts";
import { configuration } from "./package/configuration.ts";
import { layOut } from "./package/stage.ts";
import { root, runNode } from "./processes.ts";

const usage = `npm run package -- [options]

  --linux, --win, --mac       for which system (default: this one)
  --arch x64|arm64            for which processor (default: this one)
  --target deb,rpm,zip,…      what kinds (default: msi and nsis, pkg, deb and rpm)
  --dir                       only the folder that would be packaged
  --output FOLDER             where to (default: release/packages)
  --unsigned                  for Windows and macOS: without certificates, to try things out
  --without-command-line      without the program deskpair
  --executables FOLDER        takes that program from FOLDER/linux-x64, win-x64 … instead of building it
  --electron FOLDER           takes Electron from FOLDER/linux-x64, win32-x64 … instead of downloading it
  --fast                      does not compress, and builds only what is older than the sources
`;

const systems = [
  { option: "linux", platform: "linux", program: "deskpair", folder: "linux" },
  { option: "win", platform: "win32", program: "deskpair.exe", folder: "win" },
  { option: "mac", platform: "darwin", program: "deskpair", folder: "darwin" },
] as const;

/** `npm run package`: builds the app, lays out what belongs in it, and lets electron-builder make the packages. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      linux: { type: "boolean", default: false },
      win: { type: "boolean", default: false },
      mac: { type: "boolean", default: false },
      arch: { type: "string", default: process.arch },
      target: { type: "string", default: "" },
      dir: { type: "boolean", default: false },
      output: { type: "string", default: join(root, "release/packages") },
      unsigned: { type: "boolean", default: false },
      "without-command-line": { type: "boolean", default: false },
      executables: { type: "string" },
      electron: { type: "string" },
      fast: { type: "boolean", default: false },
    },
  });
  const { arch } = values;
  if (arch !== "x64" && arch !== "arm64") throw new Error(`--arch is x64 or arm64, not ${arch}.`);
  const asked = systems.filter(({ option }) => values[option]);
  const chosen = asked.length > 0 ? asked : systems.filter(({ platform }) => platform === process.platform);
  const targets = values.dir ? ["dir"] : values.target.split(",").filter((each) => each !== "");
  const output = resolve(values.output);

  // What is packaged must not depend on the umask of whoever packages it.
  process.umask(0o022);
  const builder = await loadBuilder();
  await (values.fast ? ensureBuilt() : build());

  const artefacts: string[] = [];
  for (const { option, program, folder: system } of chosen) {
    // Outside the repository: electron-builder looks upwards for a project, and must find none.
    const folder = mkdtempSync(join(tmpdir(), "deskpair-package-"));
    try {
      const executable = values["without-command-line"]
        ? null
        : await commandLine(`${system}-${arch}`, program, values.executables);
      const stage = layOut(folder, executable);
      const made = await builder.build({
        projectDir: stage.app,
        publish: "never",
        [option]: targets,
        [arch]: true,
        config: configuration({
          stage,
          output,
          unsigned: values.unsigned,
          compression: values.fast ? "store" : "normal",
          ...(values.electron === undefined ? {} : { electronFolders: resolve(values.electron) }),
        }),
      });
      artefacts.push(...made);
      mkdirSync(output, { recursive: true });
      const bill = join(output, `DeskPair-${stage.version}.cdx.json`);
      copyFileSync(join(stage.resources, "bill-of-materials.cdx.json"), bill);
      if (!artefacts.includes(bill)) artefacts.push(bill);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  writeChecksums(output, artefacts);
}

/** The folder of the command line's executable for a system. Throws where there is none: nobody ships half a product. */
async function commandLine(target: string, program: string, given: string | undefined): Promise<string> {
  if (given === undefined) {
    const code = await runNode([join(root, "scripts/executable.ts"), target]);
    if (code !== 0)
      throw new Error(`deskpair for ${target} was not built. Say --without-command-line to do without it.`);
  }
  const file = join(resolve(given ?? join(root, "release/executable")), target, program);
  if (!existsSync(file)) throw new Error(`The program ${file} is not there.`);
  return dirname(file);
}

/** A file for `sha256sum --check`, with everything that is handed out. */
function writeChecksums(output: string, files: readonly string[]): void {
  const lines = files
    .filter((file) => !file.endsWith(".blockmap"))
    .map((file) => `${createHash("sha256").update(readFileSync(file)).digest("hex")}  ${basename(file)}\n`);
  writeFileSync(join(output, "SHA256SUMS"), lines.toSorted().join(""));
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  const isUsage = error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  if (isUsage) process.stderr.write(`\n${usage}`);
  process.exitCode = 1;
}
