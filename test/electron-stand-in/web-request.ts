import type * as Electron from "electron";
import { covered, notCovered } from "./coverage.ts";

export type RequestDetails = Electron.OnBeforeRequestListenerDetails;
type Listener = (details: RequestDetails, callback: (response: Electron.CallbackResponse) => void) => void;

/** The request listeners of one session. Only `onBeforeRequest` is covered. */
export type WebRequests = {
  readonly webRequest: Pick<Electron.WebRequest, "onBeforeRequest">;
  readonly watching: () => boolean;
  /** What the app's listener says; an empty answer lets the request go on. */
  readonly ask: (details: RequestDetails) => Promise<Electron.CallbackResponse>;
};

export function createWebRequests(): WebRequests {
  let listener: Listener | null = null;
  let matches = (_details: RequestDetails): boolean => true;

  function onBeforeRequest(filter: Electron.WebRequestFilter, listener: Listener | null): void;
  function onBeforeRequest(listener: Listener | null): void;
  function onBeforeRequest(first: Electron.WebRequestFilter | Listener | null, second?: Listener | null): void {
    // One listener per session: a later one replaces it, null removes it.
    const filter = typeof first === "object" && first !== null ? first : undefined;
    listener = filter ? (second ?? null) : (first as Listener | null);
    matches = filter ? filterMatcher(filter) : () => true;
  }

  return {
    webRequest: covered("session.webRequest", { onBeforeRequest }),
    watching: () => listener !== null,
    ask: (details) =>
      new Promise((resolve) => {
        if (listener && matches(details)) listener(details, resolve);
        else resolve({});
      }),
  };
}

function filterMatcher({
  urls,
  excludeUrls = [],
  types,
}: Electron.WebRequestFilter): (details: RequestDetails) => boolean {
  if (urls.length === 0) throw notCovered("a webRequest filter without urls");
  const wanted = urls.map(urlPattern);
  const excluded = excludeUrls.map(urlPattern);
  return ({ url, resourceType }) =>
    wanted.some((pattern) => pattern.test(url)) &&
    !excluded.some((pattern) => pattern.test(url)) &&
    (types === undefined || (types as readonly string[]).includes(resourceType));
}

/** https://developer.chrome.com/docs/extensions/develop/concepts/match-patterns */
function urlPattern(pattern: string): RegExp {
  if (pattern === "<all_urls>") return /^/;
  const parts = /^(\*|[a-z][a-z0-9+.-]*):\/\/(\*|(?:\*\.)?[^/*]*)(\/.*)$/i.exec(pattern);
  if (!parts) throw new Error(`Invalid url pattern ${pattern}`);
  const [, scheme = "", host = "", path = ""] = parts;
  const literal = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
  const schemes = scheme === "*" ? "(?:https?|wss?)" : literal(scheme);
  const hosts =
    host === "*" ? "[^/]*" : host.startsWith("*.") ? `(?:[^/]+\\.)?${literal(host.slice(2))}` : literal(host);
  return new RegExp(`^${schemes}://${hosts}(?::\\d+)?${literal(path).replaceAll("*", ".*")}$`, "i");
}
