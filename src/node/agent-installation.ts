import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join, win32 } from "node:path";
import type { AgentInstallation, DoctorPorts, Installation } from "../core/doctor/ports.ts";
import { type Environment, type RunCommand, runCommand } from "./port-owner-command.ts";

/**
 * Looks for the PingID Desktop app among the installed programs, and for its processes and their ports.
 *
 * Assumed: that its name holds "PingID". Where it is installed, and what its programs are called, is not documented;
 * and the older app of the same name cannot be told from it.
 */
export function createAgentInstallation(
  environment: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
  run: RunCommand = runCommand,
): DoctorPorts["agentInstallation"] {
  switch (platform) {
    case "win32":
      return () => lookOnWindows(environment, run);
    case "darwin":
      return () => lookOnMac(run, ["/Applications", join(environment["HOME"] || homedir(), "Applications")]);
    default:
      return () => Promise.resolve({ told: false, problem: "the PingID Desktop app is made for Windows and macOS" });
  }
}

const notTold = (problem: string): AgentInstallation => ({ told: false, problem });

/** Node hands it over as one argument between double quotes: so there is none in it. */
const script = [
  "$ErrorActionPreference = 'Stop'",
  "try { [Console]::OutputEncoding = [Text.Encoding]::UTF8 } catch { }",
  "$roots = 'HKLM:\\Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\*', 'HKLM:\\Software\\WOW6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\*', 'HKCU:\\Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\*'",
  "$installed = @(Microsoft.PowerShell.Management\\Get-ItemProperty -Path $roots -ErrorAction SilentlyContinue | Where-Object { $_.DisplayName -like '*PingID*' } | ForEach-Object { @{ name = $_.DisplayName; version = $_.DisplayVersion; path = $_.InstallLocation } })",
  "$folders = @($installed | ForEach-Object { $_.path } | Where-Object { $_ })",
  "$running = @(CimCmdlets\\Get-CimInstance Win32_Process | Where-Object { $p = $_.ExecutablePath; $p -and (($_.Name -like 'PingID*') -or @($folders | Where-Object { $p.StartsWith($_, 'OrdinalIgnoreCase') }).Count -gt 0) } | ForEach-Object {",
  "  $id = $_.ProcessId",
  "  @{ path = $_.ExecutablePath; ports = @(NetTCPIP\\Get-NetTCPConnection -State Listen -OwningProcess $id -ErrorAction SilentlyContinue | ForEach-Object { [int]$_.LocalPort }) } })",
  "@{ installed = $installed; running = $running } | ConvertTo-Json -Depth 4 -Compress",
].join("\n");

async function lookOnWindows(environment: Environment, run: RunCommand): Promise<AgentInstallation> {
  const systemRoot = environment["SystemRoot"] || "C:\\Windows";
  const folder = win32.join(systemRoot, "System32", "WindowsPowerShell", "v1.0");
  const args = ["-NoLogo", "-NoProfile", "-NonInteractive", "-Command", script];
  const result = await run(win32.join(folder, "powershell.exe"), args, {
    SystemRoot: systemRoot,
    windir: systemRoot,
    // The system's modules only: a PSModulePath from PowerShell 7 would load modules that do not fit.
    PSModulePath: win32.join(folder, "Modules"),
  });
  if (result === null) return notTold("PowerShell did not answer");
  if (result.code !== 0) return notTold(`PowerShell failed with ${result.code}`);
  return readWindowsPrograms(result.output) ?? notTold("PowerShell answered something else");
}

/** What the script wrote; `null`: it is not that. */
export function readWindowsPrograms(output: string): AgentInstallation | null {
  const answer = parse(output.replace(/^\uFEFF/, ""));
  if (!isRecord(answer)) return null;
  const installed = listIn(answer["installed"]).map(
    (each): Installation => ({
      name: textOf(each["name"]) ?? "PingID",
      version: textOf(each["version"]),
      path: textOf(each["path"]),
    }),
  );
  const running = listIn(answer["running"]).flatMap((each) => {
    const path = textOf(each["path"]);
    return path === null ? [] : [{ path, ports: numbersIn(each["ports"]) }];
  });
  return { told: true, installed, running };
}

type Json = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Json => typeof value === "object" && value !== null;
const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

/** Windows PowerShell writes a list of one as the one, and a wrapped list as an object around it. */
function unwrapped(value: unknown): readonly unknown[] {
  const list: unknown = isRecord(value) && "value" in value ? value["value"] : value;
  if (list === null || list === undefined) return [];
  return Array.isArray(list) ? list : [list];
}
const listIn = (value: unknown): readonly Json[] => unwrapped(value).filter(isRecord);
const numbersIn = (value: unknown): readonly number[] =>
  unwrapped(value).filter((entry): entry is number => typeof entry === "number");

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** In English, and with nothing of ours. */
const plain = { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" };

async function lookOnMac(run: RunCommand, folders: readonly string[]): Promise<AgentInstallation> {
  const paths = (await Promise.all(folders.map(appsIn))).flat();
  const installed = await Promise.all(
    paths.map(async (path): Promise<Installation> => {
      const info = join(path, "Contents", "Info.plist");
      const args = ["-extract", "CFBundleShortVersionString", "raw", "-o", "-", info];
      const told = await run("/usr/bin/plutil", args, plain);
      const name = (path.split("/").at(-1) ?? path).replace(/\.app$/, "");
      return { name, version: told?.code === 0 ? textOf(told.output.trim()) : null, path };
    }),
  );
  const listed = await run("/bin/ps", ["-axo", "pid=,comm="], plain);
  if (listed?.code !== 0) return { told: true, installed, running: null };
  const processes = readProcesses(listed.output).filter(({ path }) => paths.some((app) => path.startsWith(`${app}/`)));
  if (processes.length === 0) return { told: true, installed, running: [] };
  const ids = processes.map(({ id }) => id).join(",");
  // Ends with 1 when none of them listens.
  const sockets = await run("/usr/sbin/lsof", ["-nP", "-a", "-p", ids, "-iTCP", "-sTCP:LISTEN", "-Fpn"], plain);
  const ports = readPorts(sockets?.output ?? "");
  const running = processes.map(({ id, path }) => ({ path, ports: ports.get(id) ?? [] }));
  return { told: true, installed, running };
}

const appsIn = async (folder: string): Promise<readonly string[]> => {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /pingid.*\.app$/i.test(name)).map((name) => join(folder, name));
};

/** What `ps -o pid=,comm=` wrote. */
export const readProcesses = (output: string): readonly { readonly id: number; readonly path: string }[] =>
  output.split("\n").flatMap((line) => {
    const [, id, path] = /^\s*(\d+)\s+(\S.*?)\s*$/.exec(line) ?? [];
    return id === undefined || path === undefined ? [] : [{ id: Number(id), path }];
  });

/** What `lsof -F pn` wrote: `p` begins a process, `n` is an address with its port. */
export function readPorts(output: string): ReadonlyMap<number, readonly number[]> {
  const ports = new Map<number, number[]>();
  let processId = 0;
  for (const line of output.split("\n")) {
    const port = /^n.*:(\d+)$/.exec(line)?.[1];
    if (line.startsWith("p")) processId = Number(line.slice(1));
    else if (port !== undefined) ports.set(processId, [...(ports.get(processId) ?? []), Number(port)]);
  }
  return ports;
}
