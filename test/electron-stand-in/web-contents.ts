import type * as Electron from "electron";
import { fromAlias } from "./aliases.ts";
import { createBridge } from "./bridge.ts";
import { browser, type Page, type Size } from "./browser.ts";
import { forwardConsole } from "./console.ts";
import { createEvent, emitterWith, fail, notCovered } from "./coverage.ts";
import { createDebugger } from "./debugger.ts";
import { type DevTools, ignoreGone } from "./devtools.ts";
import { createFrameTree, type Frame } from "./frames.ts";
import { createIpc } from "./ipc.ts";
import { createImage } from "./native-image.ts";
import { createNavigation } from "./navigation.ts";
import { guardPopups } from "./popups.ts";
import { note } from "./record.ts";
import { interceptRequests } from "./requests.ts";
import { reportDownload, type SessionParts } from "./session.ts";
import { forgetPage, themePage } from "./theme.ts";
import { createViewport } from "./viewport.ts";

const events = [
  "blur",
  "console-message",
  "destroyed",
  "did-fail-load",
  "did-finish-load",
  "did-frame-navigate",
  "did-navigate",
  "did-navigate-in-page",
  "did-start-loading",
  "did-stop-loading",
  "dom-ready",
  "focus",
  "ipc-message",
  "page-title-updated",
  "preload-error",
  "render-process-gone",
  "will-frame-navigate",
  "will-navigate",
  "will-redirect",
  // Never sent by the stand-in: it refuses a window with webviews, and Chromium checks certificates by itself.
  "certificate-error",
  "did-attach-webview",
  "login",
  "responsive",
  "select-bluetooth-device",
  "select-client-certificate",
  "unresponsive",
  "will-attach-webview",
] as const;

/** What a page needs of the window around it. */
export type PageHost = {
  readonly id: number;
  readonly size: Size;
  readonly preload: string | undefined;
  readonly parts: SessionParts;
  readonly close: () => void;
  /** The first document has been laid out. */
  readonly onShowable: () => void;
  readonly onTitle: (title: string) => void;
  /** Chromium closed the page: a script of the page did, or Playwright. */
  readonly onGone: () => void;
  readonly onCrash: (contents: Electron.WebContents, details: object) => void;
};

/** The page of a window, with what only the window may do to it. */
export type HostedPage = {
  readonly contents: Electron.WebContents;
  readonly resize: (size: Size) => void;
  readonly targetId: () => string | undefined;
  readonly destroy: () => void;
};

/** A page in Chromium behind Electron's `webContents`. It is there at once and catches up with Chromium by itself. */
export function createWebContents(host: PageHost): HostedPage {
  const { parts } = host;
  const ipc = createIpc("webContents.ipc");
  let page: Page | undefined;
  let setOpenHandler: ReturnType<typeof guardPopups> | undefined;
  let openHandler: Parameters<Electron.WebContents["setWindowOpenHandler"]>[0] | undefined;
  let bridge: ReturnType<typeof createBridge> | undefined;
  let title = "";
  let destroyed = false;

  const emit = (event: string, ...args: readonly unknown[]): void => {
    if (!destroyed) emitter.emit(event, ...args);
  };
  const frames = createFrameTree({
    send: (frame, channel, args) => bridge?.send(frame, channel, args),
    execute: (code, userGesture, worldId) => execute(code, userGesture, worldId),
  });
  const viewport = createViewport(() => page?.devtools, host.size);
  const navigation = createNavigation(async () => (await started).devtools, frames, emit);

  const execute = async (code: string, userGesture: boolean, contextId?: number): Promise<unknown> => {
    const { devtools } = await started;
    const { result, exceptionDetails } = await devtools.send("Runtime.evaluate", {
      expression: code,
      awaitPromise: true,
      returnByValue: true,
      userGesture,
      ...(contextId === undefined ? {} : { contextId }),
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value as unknown;
  };

  const members = {
    id: host.id,
    session: parts.session,
    ipc: ipc.ipc,
    debugger: createDebugger(async () => (await started).targetId),
    get mainFrame() {
      return frames.main() as Electron.WebFrameMain;
    },
    getType: () => "window",
    loadURL: (url, options) => {
      if (options !== undefined) throw notCovered("webContents.loadURL with options");
      return navigation.loadURL(url);
    },
    reload: () => {
      navigation.reload().catch(ignoreGone);
    },
    getURL: () => frames.main().url,
    getTitle: () => title,
    isLoading: navigation.isLoading,
    isDestroyed: () => destroyed,
    send: (channel, ...args: unknown[]) => bridge?.send(frames.main(), channel, args),
    setWindowOpenHandler: (handler) => {
      openHandler = handler;
      setOpenHandler?.(handler);
    },
    executeJavaScript: (code, userGesture = false) => execute(code, userGesture),
    capturePage: async (...area: readonly unknown[]) => {
      if (area.length > 0) throw notCovered("webContents.capturePage of a part");
      const { devtools } = await started;
      const { data } = await devtools.send("Page.captureScreenshot", { format: "png" });
      return createImage(Buffer.from(data, "base64"));
    },
    get zoomFactor() {
      return viewport.zoomFactor();
    },
    set zoomFactor(factor) {
      viewport.zoom(factor);
    },
    get zoomLevel() {
      return viewport.zoomLevel();
    },
    set zoomLevel(level) {
      viewport.zoomToLevel(level);
    },
    getZoomFactor: viewport.zoomFactor,
    setZoomFactor: viewport.zoom,
    getZoomLevel: viewport.zoomLevel,
    setZoomLevel: viewport.zoomToLevel,
    setVisualZoomLevelLimits: async (...limits) => note("webContents.setVisualZoomLevelLimits", ...limits),
    openDevTools: (...args) => note("webContents.openDevTools", ...args),
    closeDevTools: () => note("webContents.closeDevTools"),
    isDevToolsOpened: () => false,
    focus: () => note("webContents.focus"),
    close: () => host.close(),
  } satisfies Partial<Electron.WebContents>;
  const emitter = emitterWith("webContents", members, events);
  const contents = emitter as unknown as Electron.WebContents;

  const start = async (): Promise<Page> => {
    const opened = await browser().openPage(parts.session, host.size);
    const { devtools, targetId } = opened;
    frames.follow(devtools, targetId);
    navigation.follow(devtools);
    forwardConsole(devtools, frames, emit);
    interceptRequests({ devtools, frames, parts, contents: () => contents, emit });
    setOpenHandler = guardPopups(devtools);
    if (openHandler) setOpenHandler(openHandler);
    bridge = createBridge({
      devtools,
      frames,
      preload: host.preload,
      contents: () => contents,
      contentsIpc: ipc,
      onMessage: (event, channel, args) => emit("ipc-message", event, channel, ...args),
      onPreloadError: (file, error) => emit("preload-error", createEvent({}), file, error),
    });
    followPage(devtools, targetId);
    page = opened;
    await Promise.all([
      devtools.send("Page.enable"),
      devtools.send("Runtime.enable"),
      // Bodies are never asked for, so none need be kept.
      devtools.send("Network.enable", { maxTotalBufferSize: 0, maxResourceBufferSize: 0 }),
      devtools.send("Log.enable"),
      devtools.send("Inspector.enable"),
      devtools.send("Fetch.enable", { patterns: [{ urlPattern: "*" }] }),
      devtools.send("Emulation.setFocusEmulationEnabled", { enabled: true }),
      viewport.apply(),
      themePage(devtools),
      bridge.install(),
    ]);
    await devtools.send("Runtime.runIfWaitingForDebugger");
    return opened;
  };

  const followPage = (devtools: DevTools, targetId: string): void => {
    devtools.on("Page.frameNavigated", ({ frame }) => {
      if (frames.isMain(frame.id)) void themePage(devtools);
    });
    devtools.on("Page.loadEventFired", () => {
      if (frames.main().url !== "") host.onShowable();
    });
    devtools.on("Page.javascriptDialogOpening", ({ type }) => fail(notCovered(`a dialog of the page (${type})`)));
    devtools.on("Inspector.targetCrashed", () => {
      const details = { reason: "crashed", exitCode: 139 };
      emit("render-process-gone", createEvent({}), details);
      host.onCrash(contents, details);
    });
    browser().onPageGone((id) => {
      if (id === targetId && !destroyed) host.onGone();
    });
    browser().onTitle((id, next) => {
      // Until a page has a title of its own Chromium gives its address.
      if (id !== targetId || next === title || next.includes(".electron-stand-in.invalid")) return;
      title = next;
      emit("page-title-updated", createEvent({}), title, true);
      host.onTitle(title);
    });
    devtools.on("Page.downloadWillBegin", ({ frameId, url, suggestedFilename }) => {
      const frame: Frame | undefined = frames.find(frameId);
      if (!frame) return;
      try {
        reportDownload(
          parts,
          { url: fromAlias(url), fileName: suggestedFilename },
          contents,
          frame as Electron.WebFrameMain,
        );
      } catch (error) {
        fail(error);
      }
    });
  };

  const started = start();
  started.catch((error: unknown) => {
    if (!destroyed) fail(error);
  });

  return {
    contents,
    resize: viewport.resize,
    targetId: () => page?.targetId,
    destroy: () => {
      if (destroyed) return;
      emit("destroyed");
      destroyed = true;
      navigation.abandon();
      void started.then(
        async ({ devtools, targetId }) => {
          forgetPage(devtools);
          await browser().closePage(targetId);
        },
        () => undefined,
      );
    },
  };
}
