/** Lists of hosts that are reached without the proxy. Each system writes them in its own way. */

export type Target = { readonly host: string; readonly port: number };

const bare = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "");

export const targetOf = (url: URL): Target => ({
  host: bare(url.hostname),
  port: Number(url.port) || (url.protocol === "http:" ? 80 : 443),
});

/** `ProxyBypass`: a domain is itself, `.domain` and `*.domain` what lies below it; addresses with or without bits. */
export function isBypassedByPolicy({ host }: Target, entries: readonly string[]): boolean {
  return entries.some((entry) => {
    const text = bare(entry);
    if (/^\*?\./.test(text)) return host.endsWith(text.replace(/^\*/, ""));
    return host === text || isInNetwork(host, text);
  });
}

/** `NO_PROXY` as curl reads it: a name with what lies below it, with or without a port; networks; `*` for everything. */
export function isBypassedByEnvironment({ host, port }: Target, list: string): boolean {
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry === "*") return true;
      const { name, only } = withPort(entry);
      if (only !== null && only !== port) return false;
      const text = bare(name).replace(/^\*?\./, "");
      return text !== "" && (host === text || host.endsWith(`.${text}`) || isInNetwork(host, text));
    });
}

/** Windows' `ProxyOverride`: asterisks anywhere, `<local>` for names without a dot; a scheme and a port are allowed. */
export function isBypassedByWindows({ host, port }: Target, list: string): boolean {
  return list
    .split(/[;\s]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry.toLowerCase() === "<local>") return !host.includes(".") && !host.includes(":");
      const { name, only } = withPort(entry.replace(/^https:\/\//i, ""));
      return (only === null || only === port) && matches(host, bare(name));
    });
}

/** macOS' exceptions: asterisks anywhere, and networks, also short ones such as `169.254/16`. */
export const isBypassedByMac = ({ host }: Target, entries: readonly string[]): boolean =>
  entries.some((entry) => matches(host, bare(entry)) || isInNetwork(host, padded(bare(entry))));

function withPort(entry: string): { readonly name: string; readonly only: number | null } {
  const [, name, port] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
  return name === undefined ? { name: entry, only: null } : { name, only: Number(port) };
}

function matches(host: string, pattern: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return pattern !== "" && new RegExp(`^${parts.join(".*")}$`).test(host);
}

function padded(network: string): string {
  const [, address, bits] = /^(\d+(?:\.\d+){0,2})\/(\d+)$/.exec(network) ?? [];
  if (address === undefined) return network;
  return `${[...address.split("."), "0", "0", "0"].slice(0, 4).join(".")}/${bits}`;
}

/** Asked for and not imported: hardly any list has a network in it, and every start would pay. */
export function isInNetwork(host: string, network: string): boolean {
  const { BlockList, isIP } = process.getBuiltinModule("node:net");
  const kind = isIP(host);
  const [address = "", bits] = network.split("/");
  if (kind === 0 || isIP(address) !== kind) return false;
  const family = kind === 6 ? "ipv6" : "ipv4";
  const list = new BlockList();
  const width = kind === 6 ? 128 : 32;
  const length = bits === undefined ? width : Number(bits);
  if (!Number.isInteger(length) || length < 0 || length > width) return false;
  list.addSubnet(address, length, family);
  return list.check(host, family);
}
