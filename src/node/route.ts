/** Ways to a server, as data. */

export type ProxyCredentials = { readonly user: string; readonly password: string };

export type Proxy = {
  /** TLS to the proxy itself, around all that goes through it. */
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  readonly credentials: ProxyCredentials | null;
};

/** One way. `unspoken`: through something that is no HTTP proxy, named for messages. */
export type Hop = "direct" | Proxy | { readonly unspoken: string };

/** The ways in the order in which they are to be tried; `from` completes "… (from …)", for people. */
export type Found =
  | { readonly ok: true; readonly hops: readonly Hop[]; readonly from: string; readonly note?: string }
  /** It is not known which way is meant, so none is taken. `problem` completes "{setting}: …". */
  | { readonly ok: false; readonly setting: string; readonly problem: string };

/** Never rejects. Loopback is direct, whatever else is set. */
export type FindRoute = (url: URL) => Promise<Found>;

export const direct = (from: string): Found => ({ ok: true, hops: ["direct"], from });

/** In place of an answer that broke: not knowing the way is no leave to take any. */
export const unasked: Found = { ok: false, setting: "system proxy", problem: "it could not be asked" };

/** For what must never go through a proxy, and for tests. */
export const alwaysDirect: FindRoute = async () => direct("nothing else is set");

/** SECURITY: host and port only, for messages; the credentials stay behind. */
export const nameOfProxy = ({ host, port }: Proxy): string => `${host.includes(":") ? `[${host}]` : host}:${port}`;

/** Names that lead nowhere but here (RFC 6761, 6.3) and the addresses of RFC 1122 and RFC 4291. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.toLowerCase();
  return host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * A proxy as people write it: `host:port`, `http://user:password@host:port`, `https://…`. Without a port: that of the
 * scheme. `null`: it is none. SOCKS is understood and not spoken.
 */
export function parseProxy(text: string): Hop | null {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null) return null;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (url.protocol.startsWith("socks")) return { unspoken: `${url.protocol}//${url.host}` };
  if ((url.protocol !== "http:" && url.protocol !== "https:") || host === "") return null;
  const secure = url.protocol === "https:";
  const user = decoded(url.username);
  const password = decoded(url.password);
  if (user === null || password === null) return null;
  const credentials = user === "" && password === "" ? null : { user, password };
  return { secure, host, port: Number(url.port) || (secure ? 443 : 80), credentials };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/**
 * What a PAC script answers, and Electron's `resolveProxy`: `PROXY a:8080; HTTPS b:443; DIRECT`. What is not understood
 * is passed over, as browsers do; nothing is left when nothing was understood.
 */
export function parsePacAnswer(answer: string): readonly Hop[] {
  return answer.split(";").flatMap((part): readonly Hop[] => {
    const [, kind, place] = /^\s*(\w+)(?:\s+(\S+))?\s*$/.exec(part) ?? [];
    switch (kind?.toUpperCase()) {
      case "DIRECT":
        return ["direct"];
      case "PROXY":
      case "HTTP":
        return hopTo("http", place);
      case "HTTPS":
        return hopTo("https", place);
      case "SOCKS":
      case "SOCKS4":
      case "SOCKS5":
        // SECURITY: the name of what is not spoken is shown to people, and there may be a password before the "@".
        return place === undefined || place.includes("@") ? [] : [{ unspoken: `${kind?.toLowerCase()}://${place}` }];
      default:
        return [];
    }
  });
}

function hopTo(scheme: "http" | "https", place: string | undefined): readonly Hop[] {
  const hop = place === undefined || place.includes("@") ? null : parseProxy(`${scheme}://${place}`);
  return hop === null ? [] : [hop];
}
