import { fail, type Outcome, ok } from "../../contract/errors.ts";
import type { Region } from "../../contract/settings.ts";

/** Where one environment of PingOne is reached. */
export type Endpoints = {
  /** Ends in exactly one `/v1`. */
  readonly apiBase: string;
  /** No `/v1`, no slash at the end. */
  readonly authBase: string;
  /** Who signs the tokens; every address of the sign-in lies below it. No slash at the end. */
  readonly issuer: string;
  readonly environmentId: string;
};

/** Source: PingOne API, "Before You Begin" and "API requests". */
const topLevelDomains: Readonly<Record<Region, string>> = {
  NA: "com",
  CA: "ca",
  EU: "eu",
  AU: "com.au",
  SG: "sg",
  AP: "asia",
};

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** PingOne identifies everything by UUID. Anything else in a path is a mistake or an attack. */
export const isIdentifier = (text: string): boolean => uuid.test(text);
/** The least that an id must be before it goes into an address: unable to change the path. */
export const isPathPart = (text: string): boolean => /^[A-Za-z0-9_-]{1,64}$/.test(text);

/**
 * Turns a region, or addresses as people paste them (with or without scheme, trailing slash or `/v1`), into endpoints.
 * Addresses override the region; either may be given alone, the other then comes from the region.
 * Plain http is accepted for a loopback host only, which is where the simulator lives.
 *
 * @param given.authDomain the environment's custom domain. With it the environment id drops out of the addresses of the
 *   sign-in, and nothing else changes (PingOne's Go client, endpoint construction).
 */
export function resolveEndpoints(given: {
  readonly region: Region | null;
  readonly apiUrl: string | null;
  readonly authUrl: string | null;
  readonly authDomain?: string | null;
  readonly environmentId: string;
}): Outcome<Endpoints> {
  const missing: string[] = [];
  if (given.environmentId.trim() === "") missing.push("environment id");
  const domain = given.region === null ? null : topLevelDomains[given.region];
  if (domain === null && given.apiUrl === null) missing.push("region or API address");
  if (domain === null && given.authUrl === null) missing.push("region or sign-in address");
  if (missing.length > 0) return fail({ code: "configuration-missing", settings: missing });

  const environmentId = given.environmentId.trim().toLowerCase();
  if (!isIdentifier(environmentId)) {
    return fail({
      code: "configuration-invalid",
      setting: "environment id",
      problem: "it must be a UUID, as shown in the PingOne console",
    });
  }
  const api = normalizeBase("API address", given.apiUrl ?? `https://api.pingone.${domain}`);
  if (!api.ok) return api;
  const auth = normalizeBase("sign-in address", given.authUrl ?? `https://auth.pingone.${domain}`);
  if (!auth.ok) return auth;
  const hosts = { apiBase: `${api.value}/v1`, authBase: auth.value, environmentId };
  const authDomain = given.authDomain ?? "";
  if (authDomain.trim() === "") return ok({ ...hosts, issuer: `${auth.value}/${environmentId}/as` });
  const own = normalizeBase("custom domain", authDomain, /^(\/as)?\/*$/);
  return own.ok ? ok({ ...hosts, issuer: `${own.value}/as` }) : own;
}

/**
 * Scheme and host, without a path. The ending that people paste along is taken off; any other path is refused, because
 * it is not PingOne's form.
 */
function normalizeBase(setting: string, text: string, ending = /^(\/v1)?\/*$/): Outcome<string> {
  const invalid = (problem: string) => fail({ code: "configuration-invalid", setting, problem });
  const trimmed = text.trim();
  // A bare `host:port` would parse as a scheme; only what stands before `://` is one. `host//` has none.
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`);
  if (url === null) return invalid("it is not an address");
  if (url.username !== "" || url.password !== "") return invalid("it must not contain a user name or password");
  if (url.search !== "" || url.hash !== "") return invalid("it must not contain ? or #");
  if (!ending.test(url.pathname)) return invalid("it must be a host without a path");
  if (url.protocol === "http:") {
    if (!isLoopbackHost(url.hostname)) return invalid("it must begin with https://; http is for this computer only");
  } else if (url.protocol !== "https:") {
    return invalid("it must begin with https://");
  }
  return ok(`${url.protocol}//${url.host}`);
}

/** A literal loopback address or `localhost`; a name that merely resolves to one does not count. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}
