import { connect } from "node:net";
import type { DoctorPorts, Place, Route } from "../core/doctor/ports.ts";
import { classifyNetworkError } from "./network-errors.ts";

/** Whether a server can be reached, and which way requests to it take. */

/** Shorter than the doctor waits, so that a firewall that drops everything is told as such. */
const connectMs = 2_000;

type Unreached = Extract<Awaited<ReturnType<DoctorPorts["reach"]>>, { ok: false }>["reason"];

/** What is left of a network error for a connection over which nothing is sent. */
export function unreachedBy(error: unknown): Unreached {
  const { kind } = classifyNetworkError(error);
  return kind === "tls" || kind === "too-large" ? "reset" : kind;
}

/** All addresses of the name are tried, as the requests do; the first that answers is told. */
export const reach: DoctorPorts["reach"] = ({ host, port }: Place, signal) =>
  new Promise((resolve) => {
    const socket = connect({ host, port, autoSelectFamily: true });
    const settle = (result: Awaited<ReturnType<DoctorPorts["reach"]>>): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
      socket.destroy();
      resolve(result);
    };
    const giveUp = (): void => settle({ ok: false, reason: "timed-out" });
    const timer = setTimeout(giveUp, connectMs);
    signal.addEventListener("abort", giveUp, { once: true });
    socket.once("connect", () => settle({ ok: true, address: socket.remoteAddress ?? host }));
    socket.on("error", (error) => settle({ ok: false, reason: unreachedBy(error) }));
    if (signal.aborted) giveUp();
  });

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Requests to PingOne are made straight, whatever the environment says; a proxy that it names is told all the same,
 * because on a network that lets nothing else out it is the reason why nothing works.
 */
export function createRoute(environment: Environment): DoctorPorts["route"] {
  return async (url): Promise<Route> => {
    const { hostname, protocol } = new URL(url);
    return { via: "direct", unused: isExcepted(hostname, environment) ? null : proxyFor(protocol, environment) };
  };
}

/** SECURITY: host and port only. A proxy's address may hold a password. */
function proxyFor(protocol: string, environment: Environment): string | null {
  const names = protocol === "http:" ? ["http_proxy"] : ["https_proxy", "HTTPS_PROXY"];
  const given = [...names, "all_proxy", "ALL_PROXY"].map((name) => environment[name]).find((value) => value);
  if (given === undefined) return null;
  return URL.parse(given.includes("://") ? given : `http://${given}`)?.host || null;
}

/** `NO_PROXY` as curl reads it: names, which also cover what lies below them, or `*`. */
function isExcepted(hostname: string, environment: Environment): boolean {
  const list = environment["no_proxy"] || environment["NO_PROXY"] || "";
  const names = list.split(/[\s,]+/).map((name) => name.toLowerCase().replace(/^\*?\./, ""));
  return names.some((name) => name === "*" || (name !== "" && (hostname === name || hostname.endsWith(`.${name}`))));
}
