import { isBypassedByMac } from "./bypass.ts";
import { type RunCommand, runCommand } from "./port-owner-command.ts";
import { parseProxy } from "./route.ts";
import type { SystemSettings } from "./system-proxy.ts";

/** What scutil(8), which is part of macOS, tells about the proxies of the network in use. Automatic detection is not done. */
export async function readMacProxy(run: RunCommand = runCommand): Promise<SystemSettings | null> {
  const answer = await run("/usr/sbin/scutil", ["--proxy"], { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" });
  return answer?.code === 0 ? readProxies(answer.output) : null;
}

/** A dictionary as scutil writes it: `name : value` a line, the entries of a list below their name with their number. */
export function readProxies(output: string): SystemSettings | null {
  const lines = output.split("\n").map((line) => /^\s*(\w+) : (.*?)\s*$/.exec(line));
  const values = new Map(lines.flatMap((line) => (line === null ? [] : [[line[1] ?? "", line[2] ?? ""]])));
  const except = /ExceptionsList : <array> \{([^}]*)\}/.exec(output)?.[1] ?? "";
  const exceptions = [...except.matchAll(/^\s*\d+ : (.*?)\s*$/gm)].map((match) => match[1] ?? "");
  const isOn = (name: string): boolean => values.get(name) === "1";

  const pac = isOn("ProxyAutoConfigEnable") ? values.get("ProxyAutoConfigURLString") || null : null;
  const host = isOn("HTTPSEnable") ? values.get("HTTPSProxy") : undefined;
  const socks = isOn("SOCKSEnable") ? values.get("SOCKSProxy") : undefined;
  const proxy =
    host !== undefined && host !== ""
      ? (parseProxy(`http://${host.includes(":") ? `[${host}]` : host}:${values.get("HTTPSPort") ?? "80"}`) ?? {
          problem: "HTTPSProxy is not the address of a proxy",
        })
      : socks !== undefined && socks !== ""
        ? { unspoken: `socks://${socks}:${values.get("SOCKSPort") ?? "1080"}` }
        : null;
  if (pac === null && proxy === null) return null;
  const exceptSimple = isOn("ExcludeSimpleHostnames");
  return {
    pac,
    proxy,
    bypasses: (target) => (exceptSimple && !target.host.includes(".")) || isBypassedByMac(target, exceptions),
    from: "the settings of macOS",
  };
}
