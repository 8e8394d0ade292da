// Starts one of the scripts in this folder on the project's own Node, after installing what is missing.
// Plain JavaScript for Node 20, because it runs before anything is installed: `node scripts/run.mjs <name> [arguments]`.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [name, ...rest] = process.argv.slice(2);
const script = join(root, "scripts", `${name}.ts`);

/** Node 22.19 is what undici 8 and the type stripping of these scripts need. */
const isRecent = (version) => {
  const [major, minor] = version.split(".").map(Number);
  return major > 22 || (major === 22 && minor >= 19);
};

/** Whether `npm ci` has run since the lockfile last changed: npm leaves its own copy in node_modules. */
function isInstalled() {
  const installed = join(root, "node_modules", ".package-lock.json");
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, "package-lock.json")).mtimeMs;
}

function install() {
  if (isInstalled()) return;
  // stdout belongs to the result of the command that was asked for.
  process.stderr.write("Installing the project's packages (npm ci) …\n");
  const npm = process.env.npm_execpath;
  const [command, args] = npm === undefined ? ["npm", []] : [process.execPath, [npm]];
  const done = spawnSync(command, [...args, "ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: npm === undefined && process.platform === "win32",
  });
  if (done.status !== 0) {
    process.stderr.write("npm ci failed. Check the network and the npm registry, then try again.\n");
    process.exit(1);
  }
}

/** The Node that npm brought along (`tools/node-runtime`), or this one if it is recent enough. */
function findNode() {
  const bundled = join(
    root,
    "node_modules",
    `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`,
  );
  const alternative = join(root, "node_modules", `node-bin-${process.platform}-${process.arch}`);
  for (const folder of [bundled, alternative]) {
    const file = join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
    if (existsSync(file)) return file;
  }
  if (isRecent(process.versions.node)) return process.execPath;
  process.stderr.write(
    `DeskPair's scripts need Node 22.19 or newer; this is ${process.versions.node}, and npm has none for this system.\n`,
  );
  process.exit(1);
}

if (name === undefined || !existsSync(script)) {
  process.stderr.write(`There is no script “${name ?? ""}”.\n`);
  process.exit(2);
}
install();
const node = findNode();
const path = [dirname(node), join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter);
const child = spawn(node, ["--disable-warning=ExperimentalWarning", script, ...rest], {
  // Where the person stands, not where the package is: file arguments are relative to it.
  cwd: process.env.INIT_CWD ?? process.cwd(),
  stdio: "inherit",
  env: { ...process.env, PATH: path },
});
// The terminal sends Ctrl-C to the whole group; the child decides what to do with it, and we wait for its exit code.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  });
}
child.on("exit", (code, signal) => {
  if (signal !== null) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }
  process.exit(code ?? 1);
});
