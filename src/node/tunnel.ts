import type { Socket } from "node:net";
import type { ProxyFailure } from "../core/ports.ts";
import { classifyNetworkError } from "./network-errors.ts";
import { nameOfProxy, type Proxy } from "./route.ts";

/** A connection that leads through a proxy to one place, silent on both ends, or why there is none. */
export type Tunnel = { readonly socket: Socket } | { readonly failure: ProxyFailure };

/** What carries a proxy's refusal through an HTTP client to whoever asked it. */
export class TunnelError extends Error {
  readonly failure: ProxyFailure;
  constructor(failure: ProxyFailure) {
    super("There is no way through the proxy.");
    this.failure = failure;
  }
}

type Limits = { readonly connectMs: number; readonly answerMs: number };
/** A proxy is near; what lies behind it may be far, and it may have to look up the name first. */
const usualLimits: Limits = { connectMs: 5_000, answerMs: 15_000 };
/** An answer to CONNECT is a few lines. */
const mostBytes = 16_384;

const net = () => process.getBuiltinModule("node:net");
const tls = () => process.getBuiltinModule("node:tls");

/**
 * Asks a proxy for a tunnel (CONNECT: RFC 9110, 9.3.6). The name of the target goes to the proxy, which looks it up.
 * Nothing of a request is sent, so every failure means that the server cannot have seen it.
 *
 * SECURITY: credentials go to the proxy that they belong to and nowhere else; over `http://` they are readable on the
 * way to it, as all Basic authentication to such a proxy is.
 *
 * @param signal of whoever waits for it; `null` when nobody can give up
 */
export function openTunnel(
  proxy: Proxy,
  target: { readonly host: string; readonly port: number },
  signal: AbortSignal | null,
  limits: Limits = usualLimits,
): Promise<Tunnel> {
  return new Promise((resolve) => {
    const name = nameOfProxy(proxy);
    const { host, port } = proxy;
    const socket: Socket = proxy.secure
      ? tls().connect({ host, port, ...serverName(host), ALPNProtocols: ["http/1.1"] })
      : net().connect({ host, port, autoSelectFamily: true });
    let reached = false;
    let received = Buffer.alloc(0);

    let settled = false;

    const settle = (tunnel: Tunnel): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", giveUp);
      socket.off("readable", read);
      if ("failure" in tunnel) socket.destroy();
      resolve(tunnel);
    };
    const fail = (failure: ProxyFailure): void => settle({ failure });
    const giveUp = (): void => fail({ kind: "proxy", proxy: name, reason: reached ? "silent" : "timed-out" });
    let timer = setTimeout(giveUp, limits.connectMs);
    signal?.addEventListener("abort", giveUp, { once: true });

    const ask = (): void => {
      reached = true;
      clearTimeout(timer);
      timer = setTimeout(giveUp, limits.answerMs);
      const place = `${target.host.includes(":") ? `[${target.host}]` : target.host}:${target.port}`;
      const { credentials } = proxy;
      const basic =
        credentials === null
          ? ""
          : `Proxy-Authorization: Basic ${Buffer.from(`${credentials.user}:${credentials.password}`, "utf8").toString("base64")}\r\n`;
      socket.write(`CONNECT ${place} HTTP/1.1\r\nHost: ${place}\r\n${basic}\r\n`);
    };
    // Not by `data`: with that the stream would flow on when nobody listens any more, and lose what comes next.
    const read = (): void => {
      const chunk: unknown = socket.read();
      if (!Buffer.isBuffer(chunk)) return;
      received = Buffer.concat([received, chunk]);
      const judged = judge(received, name, proxy.credentials !== null);
      if (judged === "more") return;
      settle(judged === "open" ? { socket } : { failure: judged });
    };
    socket.on("readable", read);
    socket.once(proxy.secure ? "secureConnect" : "connect", ask);
    socket.on("error", (error) => {
      const { kind } = classifyNetworkError(error);
      const reason = kind === "too-large" ? "reset" : kind;
      fail({ kind: "proxy", proxy: name, reason: reached && reason !== "tls" ? "reset" : reason });
    });
    socket.once("end", () => fail({ kind: "proxy", proxy: name, reason: "reset" }));
    socket.once("close", () => fail({ kind: "proxy", proxy: name, reason: "reset" }));
    if (signal?.aborted === true) giveUp();
  });
}

/** An address is no server name (RFC 6066, 3). */
export const serverName = (host: string): { readonly servername?: string } =>
  net().isIP(host) === 0 ? { servername: host } : {};

function judge(received: Buffer, proxy: string, given: boolean): "more" | "open" | ProxyFailure {
  const text = received.toString("latin1");
  if (!"HTTP/1.".startsWith(text.slice(0, 7))) return { kind: "proxy", proxy, reason: "answered" };
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return received.length < mostBytes ? "more" : { kind: "proxy", proxy, reason: "answered" };
  const [first = "", ...lines] = text.slice(0, end).split("\r\n");
  const status = Number(/^HTTP\/1\.\d (\d{3})(?: |$)/.exec(first)?.[1] ?? Number.NaN);
  if (Number.isNaN(status)) return { kind: "proxy", proxy, reason: "answered" };
  const headers = lines.map((line) => /^([^:\s]+):\s*(.*?)\s*$/.exec(line)).filter((line) => line !== null);
  if (status === 407) {
    const asked = headers.filter(([, name]) => name?.toLowerCase() === "proxy-authenticate");
    const offered = asked.flatMap(([, , value]) => schemesOf(value ?? ""));
    return { kind: "proxy-credentials", proxy, given, offered: [...new Set(offered)] };
  }
  const isPage = headers.some(([, name, value]) => name?.toLowerCase() === "content-type" && /html/i.test(value ?? ""));
  // In a tunnel the client speaks first: whatever comes now, or calls itself a page, is the proxy's own.
  const isOpen = status >= 200 && status < 300 && !isPage && received.length === end + 4;
  return isOpen ? "open" : { kind: "proxy", proxy, reason: "answered", status };
}

/** `Negotiate, NTLM`, `Basic realm="a, b"`: a scheme is a word at the beginning or after a comma, followed by no `=`. */
function schemesOf(header: string): readonly string[] {
  const unquoted = header.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  return unquoted.split(",").flatMap((part) => {
    const [, scheme] = /^\s*([A-Za-z][A-Za-z0-9-]{0,30})(?=\s|$)(?!\s*=)/.exec(part) ?? [];
    return scheme === undefined ? [] : [scheme.toLowerCase()];
  });
}
