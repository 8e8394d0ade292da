import { startChromium } from "./chromium.ts";
import { chromiumSwitches, commandLine } from "./command-line.ts";
import { fail, notCovered } from "./coverage.ts";
import { type DevTools, ignoreGone } from "./devtools.ts";

export type Page = { readonly targetId: string; readonly devtools: DevTools };
export type Size = { readonly width: number; readonly height: number };

/** The running Chromium, as far as windows and sessions need it. */
export type Browser = {
  readonly devtools: DevTools;
  /** The address for Playwright, when a debugging port was asked for. */
  readonly address: string | undefined;
  readonly version: string;
  /** Opens a page that waits: nothing of it runs before `Runtime.runIfWaitingForDebugger`. */
  readonly openPage: (owner: object, size: Size) => Promise<Page>;
  readonly closePage: (targetId: string) => Promise<void>;
  /** The browser context of a session: its own cookies, storage and permissions. */
  readonly contextOf: (owner: object) => Promise<string | undefined>;
  /** A second conversation with the same page, which keeps its own switched-on domains. */
  readonly attach: (targetId: string) => Promise<DevTools>;
  readonly onPageGone: (listener: (targetId: string) => void) => void;
  readonly onTitle: (listener: (targetId: string, title: string) => void) => void;
  readonly end: () => Promise<void>;
};

/** Starts Chromium. A Chromium that ends by itself ends the process, as in Electron, where both are one program. */
export async function startBrowser(): Promise<Browser> {
  const port = commandLine.hasSwitch("remote-debugging-port")
    ? commandLine.getSwitchValue("remote-debugging-port")
    : undefined;
  const { link, address, end } = await startChromium(chromiumSwitches(), port);
  const devtools = link.browser;
  let ending = false;
  void link.closed.then(() => {
    if (!ending) fail(new Error("electron stand-in: Chromium ended unexpectedly"));
  });

  const { product } = await devtools.send("Browser.getVersion");
  const contextOf = allotContexts(devtools);
  const openPage = await takeOverPages(devtools, link.session, contextOf);
  const denyDownloads = (browserContextId: string | undefined): Promise<unknown> =>
    devtools.send("Browser.setDownloadBehavior", {
      behavior: "deny",
      ...(browserContextId === undefined ? {} : { browserContextId }),
    });

  return {
    devtools,
    address,
    version: product.replace(/^.*\//, ""),
    openPage: async (owner, size) => {
      await denyDownloads(await contextOf(owner));
      return openPage(owner, size);
    },
    closePage: async (targetId) => {
      await devtools.send("Target.closeTarget", { targetId }).catch(ignoreGone);
    },
    contextOf,
    attach: async (targetId) => {
      const { sessionId } = await devtools.send("Target.attachToTarget", { targetId, flatten: true });
      return link.session(sessionId);
    },
    onPageGone: (listener) => devtools.on("Target.targetDestroyed", ({ targetId }) => listener(targetId)),
    onTitle: (listener) =>
      devtools.on("Target.targetInfoChanged", ({ targetInfo }) => listener(targetInfo.targetId, targetInfo.title)),
    end: async () => {
      ending = true;
      await end();
    },
  };
}

/** The first owner gets Chromium's default context, every other one a context that shares nothing with it. */
function allotContexts(devtools: DevTools): Browser["contextOf"] {
  const contexts = new Map<object, Promise<string | undefined>>();
  return (owner) => {
    const known = contexts.get(owner);
    if (known) return known;
    const context =
      contexts.size === 0
        ? Promise.resolve(undefined)
        : devtools
            .send("Target.createBrowserContext", { disposeOnDetach: true })
            .then(({ browserContextId }) => browserContextId as string | undefined);
    contexts.set(owner, context);
    return context;
  };
}

/**
 * Every page is held before it runs anything. One that was opened here is handed over; any other one is a popup of a
 * page, which the app has refused, and is closed without having sent a request.
 */
async function takeOverPages(
  devtools: DevTools,
  session: (id: string) => DevTools,
  contextOf: Browser["contextOf"],
): Promise<Browser["openPage"]> {
  const held = new Map<string, (page: DevTools) => void>();
  const arrived = new Map<string, DevTools>();
  const opening = new Set<Promise<unknown>>();

  const dismiss = (targetId: string, page: DevTools): void => {
    // In this order and without waiting in between: a held page answers nothing, and one that runs before its requests
    // are stopped would send the first. Closing a page that is still held would freeze the page that opened it.
    void page.send("Fetch.enable", { patterns: [{ urlPattern: "*" }] }).catch(ignoreGone);
    void page.send("Runtime.runIfWaitingForDebugger").catch(ignoreGone);
    void devtools.send("Target.closeTarget", { targetId }).catch(ignoreGone);
  };

  devtools.on("Target.attachedToTarget", ({ sessionId, targetInfo, waitingForDebugger }) => {
    if (!waitingForDebugger) return;
    if (targetInfo.type !== "page") {
      fail(notCovered(`a ${targetInfo.type.replace("_", " ")} (${targetInfo.url})`));
      return;
    }
    const { targetId } = targetInfo;
    const page = session(sessionId);
    arrived.set(targetId, page);
    held.get(targetId)?.(page);
    // A page arrives here before the command that opened it has told its id.
    void Promise.allSettled(opening).then(() => {
      if (!held.has(targetId)) dismiss(targetId, page);
      arrived.delete(targetId);
    });
  });
  await devtools.send("Target.setAutoAttach", {
    autoAttach: true,
    waitForDebuggerOnStart: true,
    flatten: true,
    filter: [{ type: "page" }, { type: "service_worker" }, { type: "shared_worker" }, { exclude: true }],
  });
  await devtools.send("Target.setDiscoverTargets", { discover: true });

  return async (owner, { width, height }) => {
    const browserContextId = await contextOf(owner);
    const created = devtools
      .send("Target.createTarget", {
        url: "about:blank",
        width,
        height,
        newWindow: true,
        ...(browserContextId === undefined ? {} : { browserContextId }),
      })
      .then(({ targetId }) => {
        const page = Promise.withResolvers<DevTools>();
        held.set(targetId, page.resolve);
        const early = arrived.get(targetId);
        if (early) page.resolve(early);
        return { targetId, page: page.promise };
      });
    opening.add(created);
    const { targetId, page } = await created.finally(() => opening.delete(created));
    return { targetId, devtools: await page };
  };
}

let running: Browser | undefined;

/** The Chromium of this process. Asking before the app is ready is a mistake of the caller. */
export function browser(): Browser {
  if (!running) throw new Error("electron stand-in: Chromium is not running yet");
  return running;
}

export const setBrowser = (started: Browser): void => {
  running = started;
};

export const browserRunning = (): boolean => running !== undefined;
