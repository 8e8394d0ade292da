import { fromAlias, toAlias } from "./aliases.ts";
import { createEvent } from "./coverage.ts";
import { type DevTools, DevToolsError } from "./devtools.ts";
import type { FrameTree } from "./frames.ts";

export type Navigation = {
  readonly loadURL: (url: string) => Promise<void>;
  readonly reload: () => Promise<void>;
  readonly isLoading: () => boolean;
  readonly follow: (devtools: DevTools) => void;
};

type Pending = { loaderId: string | undefined; readonly done: PromiseWithResolvers<void> };

// https://source.chromium.org/chromium/chromium/src/+/main:net/base/net_error_list.h
const errorNumbers: Readonly<Record<string, number>> = {
  ERR_FAILED: -2,
  ERR_ABORTED: -3,
  ERR_BLOCKED_BY_CLIENT: -20,
  ERR_BLOCKED_BY_RESPONSE: -27,
  ERR_CONNECTION_RESET: -101,
  ERR_CONNECTION_REFUSED: -102,
  ERR_NAME_NOT_RESOLVED: -105,
  ERR_CERT_COMMON_NAME_INVALID: -200,
  ERR_CERT_DATE_INVALID: -201,
  ERR_CERT_AUTHORITY_INVALID: -202,
  ERR_INVALID_URL: -300,
  ERR_UNKNOWN_URL_SCHEME: -302,
  ERR_EMPTY_RESPONSE: -324,
};

/** The error that `loadURL` rejects with, in Electron's words. */
export function loadError(reason: string, url: string): Error & { errno: number; code: string; url: string } {
  const code = reason.replace(/^net::/, "");
  const errno = errorNumbers[code] ?? -2;
  return Object.assign(new Error(`${code} (${errno}) loading '${url}'`), { errno, code, url });
}

/** Loading: what the app asks for, and the events that tell about every load, whoever asked for it. */
export function createNavigation(
  started: () => Promise<DevTools>,
  frames: FrameTree,
  emit: (event: string, ...args: readonly unknown[]) => void,
): Navigation {
  let pending: Pending | undefined;
  let committed: string | undefined;
  let finished: string | undefined;
  let loading = false;
  const statuses = new Map<string, { readonly status: number; readonly statusText: string }>();

  const settle = (): void => {
    if (!pending?.loaderId || !committed) return;
    if (pending.loaderId === finished) pending.done.resolve();
    // Another document took its place before it had finished.
    else if (pending.loaderId !== committed) pending.done.reject(loadError("ERR_ABORTED", frames.main().url));
    else return;
    pending = undefined;
  };

  const start = (): void => {
    loading = true;
    emit("did-start-loading", createEvent({}));
  };
  const stop = (): void => {
    loading = false;
    emit("did-stop-loading", createEvent({}));
  };

  const load = async (url: string): Promise<void> => {
    const devtools = await started();
    start();
    pending?.done.reject(loadError("ERR_ABORTED", url));
    const mine: Pending = { loaderId: undefined, done: Promise.withResolvers() };
    // Rejecting it is only of interest while somebody waits below.
    mine.done.promise.catch(() => undefined);
    pending = mine;
    const { loaderId, errorText } = await devtools.send("Page.navigate", { url: toAlias(url) });
    if (errorText) {
      if (pending === mine) pending = undefined;
      const error = loadError(errorText, url);
      emit("did-fail-load", createEvent({}), error.errno, error.code, url, true);
      stop();
      throw error;
    }
    // Only the fragment changed: there is no new document to wait for.
    if (loaderId === undefined) {
      pending = undefined;
      stop();
      return;
    }
    mine.loaderId = loaderId;
    settle();
    await mine.done.promise;
  };

  return {
    isLoading: () => loading,
    loadURL: (url) =>
      load(url).catch((error: unknown) => {
        // The window was closed while loading. Electron leaves the promise open then.
        if (error instanceof DevToolsError) return new Promise<void>(() => undefined);
        throw error;
      }),
    reload: async () => {
      const devtools = await started();
      start();
      await devtools.send("Page.reload");
    },
    follow: (devtools) => {
      devtools.on("Network.responseReceived", ({ type, frameId, response }) => {
        if (type === "Document" && frameId !== undefined) statuses.set(frameId, response);
      });
      devtools.on("Page.frameNavigated", ({ frame }) => {
        const { status, statusText } = statuses.get(frame.id) ?? { status: -1, statusText: "" };
        statuses.delete(frame.id);
        const isMain = frames.isMain(frame.id);
        const url = fromAlias(frame.url + (frame.urlFragment ?? ""));
        if (isMain) {
          committed = frame.loaderId;
          emit("did-navigate", createEvent({}), url, status, statusText);
          settle();
        }
        emit("did-frame-navigate", createEvent({}), url, status, statusText, isMain);
      });
      devtools.on("Page.navigatedWithinDocument", ({ frameId, url }) => {
        emit("did-navigate-in-page", createEvent({}), fromAlias(url), frames.isMain(frameId));
      });
      devtools.on("Page.domContentEventFired", () => {
        if (committed !== undefined) emit("dom-ready", createEvent({}));
      });
      devtools.on("Page.loadEventFired", () => {
        // The empty page that every window starts with.
        if (committed === undefined) return;
        finished = committed;
        emit("did-finish-load");
        stop();
        settle();
      });
    },
  };
}
