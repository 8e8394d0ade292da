import { win32 } from "node:path";
import { isBypassedByWindows } from "./bypass.ts";
import { type Environment, type RunCommand, runCommand } from "./port-owner-command.ts";
import { parseProxy } from "./route.ts";
import type { SystemSettings } from "./system-proxy.ts";

/**
 * Windows' Internet Settings, which browsers and most programs follow: of the user, or of the computer where Group
 * Policy says so (*Make proxy settings per-machine*). Automatic detection (WPAD) is not done here; the window, whose
 * browser knows it, does.
 */

const settingsKey = "Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings";
const policyKey = "Software\\Policies\\Microsoft\\Windows\\CurrentVersion\\Internet Settings";

export async function readWindowsProxy(
  environment: Environment,
  run: RunCommand = runCommand,
): Promise<SystemSettings | null> {
  const root = environment["SystemRoot"] || "C:\\Windows";
  const folder = win32.join(root, "System32");
  const query = async (key: string): Promise<ReadonlyMap<string, string>> => {
    const answer = await run(win32.join(folder, "reg.exe"), ["query", key, "/reg:64"], {
      SystemRoot: root,
      PATH: folder,
    });
    return readValues(answer?.code === 0 ? answer.output : "");
  };
  const [user, policy] = await Promise.all([query(`HKCU\\${settingsKey}`), query(`HKLM\\${policyKey}`)]);
  const isPerMachine = policy.get("proxysettingsperuser") === "0x0";
  return settingsOf(isPerMachine ? await query(`HKLM\\${settingsKey}`) : user);
}

/** What `reg query` wrote about one key: names in lower case. */
export function readValues(output: string): ReadonlyMap<string, string> {
  const lines = output.split(/\r?\n/).map((line) => /^ {4}(.*?) {4}REG_[A-Z_]+ {4}(.*)$/.exec(line));
  return new Map(lines.flatMap((line) => (line === null ? [] : [[line[1]?.toLowerCase() ?? "", line[2] ?? ""]])));
}

export function settingsOf(values: ReadonlyMap<string, string>): SystemSettings | null {
  const isOn = values.get("proxyenable") === "0x1";
  const server = isOn ? serverFor(values.get("proxyserver") ?? "") : null;
  const pac = values.get("autoconfigurl") || null;
  if (server === null && pac === null) return null;
  const override = values.get("proxyoverride") ?? "";
  return {
    pac,
    // SECURITY: not quoted, because the value may hold a password.
    proxy: server === null ? null : (parseProxy(server) ?? { problem: "ProxyServer is not the address of a proxy" }),
    bypasses: (target) => isBypassedByWindows(target, override),
    from: "the settings of Windows",
  };
}

/**
 * `host:port`, or one for each scheme: `http=a:80;https=b:80;socks=c:1080`. SOCKS comes last, and as an address that says
 * so: it stands for every scheme that has no proxy of its own.
 */
function serverFor(text: string): string | null {
  const parts = text.split(/[;\s]+/).filter((part) => part !== "");
  const given = (scheme: string): string | null =>
    parts.find((part) => part.toLowerCase().startsWith(`${scheme}=`))?.slice(scheme.length + 1) || null;
  const forAll = parts.find((part) => !part.includes("="));
  const socks = given("socks");
  return given("https") ?? forAll ?? (socks === null || socks.includes("://") ? socks : `socks://${socks}`);
}
