import type * as Electron from "electron";
import { aliasHeader, fromAlias, originOf, toAlias } from "./aliases.ts";
import { createEvent, fail, notCovered } from "./coverage.ts";
import { type DevTools, DevToolsError, type Payload } from "./devtools.ts";
import { asElectron, type FrameTree } from "./frames.ts";
import type { ProtocolHandler } from "./protocol.ts";
import { note } from "./record.ts";
import type { SessionParts } from "./session.ts";
import type { RequestDetails } from "./web-request.ts";

type Paused = Payload<"Fetch.requestPaused">;

export type RequestsOptions = {
  readonly devtools: DevTools;
  readonly frames: FrameTree;
  readonly parts: SessionParts;
  readonly contents: () => Electron.WebContents;
  readonly emit: (event: string, ...args: readonly unknown[]) => void;
};

const resourceTypes: Readonly<Record<string, RequestDetails["resourceType"]>> = {
  Stylesheet: "stylesheet",
  Script: "script",
  Image: "image",
  Font: "font",
  Media: "media",
  XHR: "xhr",
  Fetch: "xhr",
  EventSource: "xhr",
  Ping: "ping",
  CSPViolationReport: "cspReport",
  WebSocket: "webSocket",
};

const builtIn = new Set(["http", "https"]);
const handledElsewhere = /^(about|blob|data|javascript):/i;
const schemeOf = (url: string): string => url.slice(0, url.indexOf(":")).toLowerCase();
let lastRequest = 0;

/**
 * Stands between the page and the network: every request of the page, its frames and its workers waits here for the
 * app's navigation guards, its request listener and its protocol handlers, in Electron's order.
 */
export function interceptRequests(options: RequestsOptions): void {
  const { devtools, frames, parts, contents, emit } = options;
  /** Where the page itself asked to go. What `loadURL`, `reload` or Playwright asked for is not in here. */
  const wanted = new Set<string>();

  const mayNavigate = (url: string, frameId: string, kind: "start" | "redirect"): boolean => {
    const isMainFrame = frames.isMain(frameId);
    const frame = asElectron(frames.find(frameId)) ?? null;
    const fields = { url, isMainFrame, isSameDocument: false, frame, initiator: frame };
    const prevented = (name: string): boolean => {
      const event = createEvent(fields);
      emit(name, event, url, false, isMainFrame);
      if (event.defaultPrevented) note("navigation prevented", name, url);
      return event.defaultPrevented;
    };
    if (kind === "redirect") return !prevented("will-redirect");
    return !prevented("will-frame-navigate") && !(isMainFrame && prevented("will-navigate"));
  };

  const document = async (paused: Paused, url: string): Promise<boolean> => {
    const { frameId, redirectedRequestId } = paused;
    if (redirectedRequestId !== undefined) {
      if (!mayNavigate(url, frameId, "redirect")) return false;
    } else {
      // The renderer tells DevTools of the page's wish before it asks the browser to navigate, and both go one way
      // (Chromium associates the two interfaces), so the wish is known by now. Asking the renderer again is impossible:
      // DevTools holds commands to it back while a navigation is under way.
      const byPage = wanted.delete(url) || !frames.isMain(frameId);
      if (byPage && !mayNavigate(url, frameId, "start")) return false;
    }
    await parts.permissions.apply({ url, isMainFrame: frames.isMain(frameId), contents: contents() });
    return true;
  };

  const answer = async (paused: Paused): Promise<void> => {
    const { requestId, request, resourceType } = paused;
    const url = fromAlias(request.url);
    const refuse = (errorReason: "Aborted" | "BlockedByClient" | "Failed"): Promise<unknown> =>
      devtools.send("Fetch.failRequest", { requestId, errorReason });

    // Chromium's window asks for an icon; Electron's does not, and the app must not see a request that nobody made.
    if (resourceType === "Other" && request.headers["Accept"]?.startsWith("image/")) {
      await devtools.send("Fetch.fulfillRequest", { requestId, responseCode: 204 });
      return;
    }
    if (resourceType === "Document" && !(await document(paused, url + (request.urlFragment ?? "")))) {
      await refuse("Aborted");
      return;
    }
    const scheme = schemeOf(url);
    const handler = parts.protocols.handlerOf(scheme);
    // A handler for a built-in scheme takes the request before webRequest sees it; one for a scheme of the app after it.
    if (!handler || !builtIn.has(scheme)) {
      const { cancel, redirectURL } = await parts.webRequests.ask(detailsOf(paused, url));
      if (cancel) {
        await refuse("BlockedByClient");
        return;
      }
      if (redirectURL !== undefined) {
        const responseHeaders = [{ name: "Location", value: toAlias(redirectURL) }];
        await devtools.send("Fetch.fulfillRequest", { requestId, responseCode: 307, responseHeaders });
        return;
      }
    }
    if (handler) await respond(devtools, paused, url, handler, initiatorOf(paused));
    // A scheme of the app that this session does not answer: nobody else can.
    else if (toAlias(url) !== url) await refuse("Failed");
    else await devtools.send("Fetch.continueRequest", { requestId });
  };

  const initiatorOf = ({ frameId, resourceType }: Paused): string | undefined => {
    const frame = frames.find(frameId);
    const source = resourceType === "Document" && frame?.parent ? frame.parent : frame;
    return source?.url ? originOf(source.url) : undefined;
  };

  const detailsOf = (paused: Paused, url: string): RequestDetails => {
    const { frameId, request, resourceType } = paused;
    lastRequest += 1;
    const documentType = frames.isMain(frameId) ? "mainFrame" : "subFrame";
    const initiatorOrigin = initiatorOf(paused);
    return {
      id: lastRequest,
      url,
      method: request.method,
      resourceType: resourceType === "Document" ? documentType : (resourceTypes[resourceType] ?? "other"),
      referrer: fromAlias(request.headers["Referer"] ?? ""),
      timestamp: Date.now(),
      uploadData: (request.postDataEntries ?? []).map(({ bytes = "" }) => ({
        type: "rawData",
        bytes: Buffer.from(bytes, "base64"),
      })),
      frame: asElectron(frames.find(frameId)) ?? null,
      webContents: contents(),
      webContentsId: contents().id,
      ...(initiatorOrigin === undefined ? {} : { initiatorOrigin }),
    };
  };

  devtools.on("Fetch.requestPaused", (paused) => {
    answer(paused).catch((error: unknown) => {
      // The page was closed meanwhile; anything else is a fault of the app's handlers or of the stand-in.
      if (!(error instanceof DevToolsError)) fail(error);
    });
  });
  devtools.on("Page.frameRequestedNavigation", ({ frameId, url: alias, disposition }) => {
    if (disposition !== "currentTab" || !frames.isMain(frameId)) return;
    const url = fromAlias(alias);
    wanted.add(url);
    const scheme = schemeOf(url);
    if (builtIn.has(scheme) || toAlias(url) !== url) return;
    // No request will come of this one. Headless Chromium does nothing with `mailto:` and the like, so a guard that
    // prevents it is obeyed; the rest cannot be stopped from here.
    wanted.delete(url);
    const allowed = mayNavigate(url, frameId, "start");
    if (allowed || handledElsewhere.test(url)) fail(notCovered(`a page that navigates to ${url}`));
  });
  devtools.on("Network.webSocketCreated", ({ url }) => {
    if (parts.webRequests.watching()) fail(notCovered(`a WebSocket in a session with webRequest (${url})`));
  });
}

/** Lets the app's handler answer a request. A handler that fails makes the request fail, as in Electron. */
async function respond(
  devtools: DevTools,
  { requestId, request }: Paused,
  url: string,
  handler: ProtocolHandler,
  initiatorOrigin: string | undefined,
): Promise<void> {
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, fromAlias(value)]);
  const parts = (request.postDataEntries ?? []).map(({ bytes = "" }) => Buffer.from(bytes, "base64"));
  if (request.hasPostData && parts.length === 0)
    throw notCovered(`a request whose body is a stream or a file (${url})`);
  const body = request.hasPostData ? { body: Buffer.concat(parts) } : {};
  const asked = new Request(url, { method: request.method, headers, ...body });
  Object.defineProperty(asked, "initiatorOrigin", { value: initiatorOrigin });
  let response: Response;
  let content: Buffer;
  try {
    response = await handler(asked);
    content = Buffer.from(await response.arrayBuffer());
  } catch (error) {
    console.error(`The protocol handler failed for ${url}:`, error);
    await devtools.send("Fetch.failRequest", { requestId, errorReason: "Failed" });
    return;
  }
  // Response.error()
  if (response.status === 0) {
    await devtools.send("Fetch.failRequest", { requestId, errorReason: "Failed" });
    return;
  }
  await devtools.send("Fetch.fulfillRequest", {
    requestId,
    responseCode: response.status,
    responseHeaders: [...response.headers].map(([name, value]) => ({ name, value: aliasHeader(name, value) })),
    body: content.toString("base64"),
  });
}
