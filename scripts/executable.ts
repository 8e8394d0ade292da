import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { inject } from "postject";
import { rolldown } from "rolldown";
import { keyringLibrary } from "../src/cli/executable/parts.ts";
import { startSimulator } from "../src/simulator/index.ts";
import { newestSource } from "./build.ts";
import { codeSplitting, sources } from "./build-cli.ts";
import { blobName, formatOf, segmentName, sentinel, withoutCertificates } from "./executable-format.ts";
import {
  host,
  isTarget,
  keyringOf,
  licenceOf,
  nodeIn,
  preparingNode,
  programName,
  runtimeFolder,
  type Target,
  targets,
} from "./executable-targets.ts";
import { root } from "./processes.ts";

/** Where the executable of a system lies when it is built. */
export const executableFile = (target: Target): string => join(root, "release/executable", target, programName(target));

/** Builds this machine's executable when it is older than the sources; `null` on a system that gets none. */
export async function ensureExecutable(): Promise<string | null> {
  if (host === null) return null;
  const file = executableFile(host);
  if (!existsSync(file) || statSync(file).mtimeMs < newestSource()) await buildExecutable(host);
  return file;
}

/**
 * Builds `release/executable/<system>/deskpair`: Node, the command line and the library of the key store in one file, and
 * the licence texts of Node beside it. Throws with a sentence when it cannot.
 */
export async function buildExecutable(target: Target): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), "deskpair-executable-"));
  try {
    const runtime = runtimeFolder(target);
    const parts = join(work, "parts");
    await bundle(work, parts);
    copyFileSync(keyringOf(target), join(parts, keyringLibrary));
    // V8 takes compiled code only from the same build of itself.
    if (target === host) await compile(parts, nodeIn(runtime, target));
    const blob = prepare(work, parts, target);

    const node = readFileSync(nodeIn(runtime, target));
    const fresh = join(work, programName(target));
    writeFileSync(fresh, target.startsWith("win-") ? withoutCertificates(node) : node);
    await injectInto(fresh, blob);
    check(fresh, target);
    chmodSync(fresh, 0o755);
    const file = executableFile(target);
    mkdirSync(dirname(file), { recursive: true });
    copyFileSync(licenceOf(target), join(dirname(file), "LICENSE.node.txt"));
    put(fresh, file);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The parts of the command line, and the small script that loads them. CommonJS: the one form that Node 24 takes here. */
async function bundle(work: string, parts: string): Promise<void> {
  const command = await rolldown({
    ...sources("main", "main.ts"),
    resolve: { alias: { "@napi-rs/keyring": join(root, "src/cli/executable/keyring.ts") } },
  });
  await command.write({
    dir: parts,
    format: "cjs",
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
    codeSplitting,
    minify: true,
    // The parts lie in no folder from which Node could import.
    dynamicImportInCjs: false,
  });
  await command.close();
  const entry = await rolldown(sources("deskpair", "executable/index.ts"));
  await entry.write({ dir: work, format: "cjs", entryFileNames: "[name].js", minify: true });
  await entry.close();
}

/** Pairs once, with the simulator, so that what a pairing calls is compiled when the executable starts. */
async function compile(parts: string, node: string): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "deskpair-home-"));
  const simulator = await startSimulator({ port: 0, agentPort: 0 });
  try {
    const secret = join(home, "secret");
    writeFileSync(secret, simulator.clientSecret, { mode: 0o600 });
    const pairing = ["pair", "desktop", "--user", simulator.users[0]?.username ?? "", "--output", "json"];
    const warm = ["--disable-warning=ExperimentalWarning", join(root, "scripts/executable-warm.ts"), parts];
    const { PATH = "", SystemRoot = "" } = process.env;
    const child = spawn(node, [...warm, ...pairing], {
      stdio: ["ignore", "ignore", "inherit"],
      env: {
        PATH,
        SystemRoot,
        HOME: home,
        LOCALAPPDATA: home,
        DESKPAIR_API_URL: simulator.apiUrl,
        DESKPAIR_AUTH_URL: simulator.authUrl,
        DESKPAIR_ENVIRONMENT_ID: simulator.environmentId,
        DESKPAIR_CLIENT_ID: simulator.clientId,
        DESKPAIR_CLIENT_SECRET_FILE: secret,
        DESKPAIR_AGENT_PORT: String(simulator.agentPort),
        DESKPAIR_DATA_DIR: join(home, "data"),
      },
    });
    const code = await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", resolve);
    });
    if (code !== 0) throw new Error(`The pairing that the executable is compiled with ended with ${String(code)}.`);
  } finally {
    await simulator.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Node's own form of a script with assets: nodejs.org/api/single-executable-applications.html. */
function prepare(work: string, parts: string, target: Target): Buffer {
  const config = {
    // From the folder that it is prepared in: as a whole path it would stand in the executable.
    main: "deskpair.js",
    output: "blob",
    disableExperimentalSEAWarning: true,
    // SECURITY: NODE_OPTIONS could load other code into the process that reads the secrets.
    execArgvExtension: "none",
    // SECURITY: without code of its own, Node takes that of the small script from where NODE_COMPILE_CACHE says.
    useCodeCache: target === host,
    assets: Object.fromEntries(readdirSync(parts).map((name) => [name, join(parts, name)])),
  };
  writeFileSync(join(work, "sea.json"), JSON.stringify(config));
  const args = ["--experimental-sea-config", "sea.json"];
  const done = spawnSync(preparingNode(target), args, { cwd: work, encoding: "utf8" });
  if (done.status !== 0) throw new Error(`Node could not prepare the executable: ${done.stderr}`);
  return readFileSync(join(work, config.output));
}

async function injectInto(file: string, blob: Buffer): Promise<void> {
  // It warns on stderr about sections that it need not understand.
  const { warn } = console;
  console.warn = () => undefined;
  try {
    await inject(file, blobName, blob, { sentinelFuse: sentinel, machoSegmentName: segmentName });
  } finally {
    console.warn = warn;
  }
}

/** Most of these files cannot be started here, so each is read once more before it counts as built. */
function check(file: string, target: Target): void {
  const format = formatOf(readFileSync(file));
  const [system = "", arch] = target.split("-");
  const kind = { linux: "elf", darwin: "mach-o", win: "pe" }[system];
  if (format === null || format.kind !== kind || format.arch !== arch) throw new Error(`That is none for ${target}.`);
  if (!format.filled || !format.told) throw new Error(`Node would not find the command line in it (${target}).`);
  if (format.console === false) throw new Error("On Windows it would not be a console program.");
}

/** Renamed, so that a program that runs from the old file, or starts meanwhile, finds a whole one. */
function put(fresh: string, file: string): void {
  copyFileSync(fresh, `${file}.fresh`);
  chmodSync(`${file}.fresh`, 0o755);
  renameSync(`${file}.fresh`, file);
}

async function buildFor(wanted: readonly Target[]): Promise<number> {
  let failed = 0;
  for (const target of wanted) {
    try {
      await buildExecutable(target);
      const size = (statSync(executableFile(target)).size / 1024 / 1024).toFixed(0);
      const unsigned = target.startsWith("linux-") ? "" : ", to be signed before it is given away";
      process.stdout.write(`${target}: ${executableFile(target)} (${size} MB${unsigned})\n`);
    } catch (error) {
      failed += 1;
      process.stderr.write(`${target}: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
  return failed;
}

if (import.meta.main) {
  const given = process.argv.slice(2);
  const wanted = given.includes("--all") ? Object.keys(targets) : given.length > 0 ? given : [host ?? "this system"];
  const unknown = wanted.filter((name) => !isTarget(name));
  if (unknown.length > 0) {
    process.stderr.write(
      `No executable is made for ${unknown.join(", ")}. Usage: npm run executable [-- --all | ${Object.keys(targets).join(" | ")}]\n`,
    );
    process.exitCode = 2;
  } else {
    process.exitCode = (await buildFor(wanted.filter(isTarget))) === 0 ? 0 : 1;
  }
}
