import { fromAlias, toAlias } from "./aliases.ts";
import { createEvent } from "./coverage.ts";
import { type DevTools, DevToolsError } from "./devtools.ts";
import type { FrameTree } from "./frames.ts";

export type Navigation = {
  readonly loadURL: (url: string) => Promise<void>;
  readonly reload: () => Promise<void>;
  readonly isLoading: () => boolean;
  /** The page has been closed: what is still loading has failed. */
  readonly abandon: () => void;
  readonly follow: (devtools: DevTools) => void;
};

type Pending = {
  /** Chromium's name for the document; known when the answer to the command is there, often later than its events. */
  loaderId: string | undefined;
  readonly committed: string[];
  readonly finished: string[];
  readonly done: PromiseWithResolvers<void>;
};

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
  const pending = new Set<Pending>();
  let committed: string | undefined;
  let loading = false;
  const statuses = new Map<string, { readonly status: number; readonly statusText: string }>();

  const settle = (load: Pending): void => {
    const { loaderId, committed: documents, done } = load;
    if (loaderId === undefined || !documents.includes(loaderId)) return;
    if (load.finished.includes(loaderId)) done.resolve();
    // Another document took its place before it had finished.
    else if (documents.at(-1) !== loaderId) done.reject(loadError("ERR_ABORTED", frames.main().url));
    else return;
    pending.delete(load);
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
    const mine: Pending = { loaderId: undefined, committed: [], finished: [], done: Promise.withResolvers() };
    // A rejection is only of interest while somebody waits below.
    mine.done.promise.catch(() => undefined);
    pending.add(mine);
    const devtools = await started();
    start();
    const { loaderId, errorText } = await devtools.send("Page.navigate", { url: toAlias(url) });
    if (errorText) {
      pending.delete(mine);
      const error = loadError(errorText, url);
      emit("did-fail-load", createEvent({}), error.errno, error.code, url, true);
      stop();
      throw error;
    }
    // Only the fragment changed: there is no new document to wait for.
    if (loaderId === undefined) {
      pending.delete(mine);
      stop();
      return;
    }
    mine.loaderId = loaderId;
    settle(mine);
    await mine.done.promise;
  };

  return {
    isLoading: () => loading,
    loadURL: (url) => {
      const loaded = load(url).catch((error: unknown) => {
        throw error instanceof DevToolsError ? loadError("ERR_FAILED", url) : error;
      });
      // As in Electron: an app that does not look at the result hears of a failure by the event.
      loaded.catch(() => undefined);
      return loaded;
    },
    abandon: () => {
      for (const { done } of pending) done.reject(loadError("ERR_FAILED", frames.main().url));
      pending.clear();
    },
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
          for (const load of pending) load.committed.push(committed);
          emit("did-navigate", createEvent({}), url, status, statusText);
          for (const load of pending) settle(load);
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
        for (const load of pending) load.finished.push(committed);
        emit("did-finish-load");
        stop();
        for (const load of pending) settle(load);
      });
    },
  };
}
