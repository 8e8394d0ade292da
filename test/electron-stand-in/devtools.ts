import { EventEmitter } from "node:events";
import type { Readable, Writable } from "node:stream";
import type { CDPSession } from "@playwright/test";

// The protocol's types are Playwright's, which uses them in this class but does not export them by name.
declare const typed: CDPSession;

export type Method = Parameters<CDPSession["send"]>[0];
export type Params<M extends Method> = Parameters<typeof typed.send<M>>[1];
export type Reply<M extends Method> = Awaited<ReturnType<typeof typed.send<M>>>;
export type Payload<E extends EventName> = Parameters<Parameters<typeof typed.on<E>>[1]>[0];

/** The events that the stand-in listens to. */
export type EventName =
  | "Fetch.requestPaused"
  | "Inspector.targetCrashed"
  | "Log.entryAdded"
  | "Network.responseReceived"
  | "Network.webSocketCreated"
  | "Page.domContentEventFired"
  | "Page.downloadWillBegin"
  | "Page.frameAttached"
  | "Page.frameDetached"
  | "Page.frameNavigated"
  | "Page.frameRequestedNavigation"
  | "Page.javascriptDialogOpening"
  | "Page.loadEventFired"
  | "Page.navigatedWithinDocument"
  | "Page.windowOpen"
  | "Runtime.bindingCalled"
  | "Runtime.consoleAPICalled"
  | "Runtime.exceptionThrown"
  | "Runtime.executionContextCreated"
  | "Runtime.executionContextDestroyed"
  | "Runtime.executionContextsCleared"
  | "Target.attachedToTarget"
  | "Target.targetDestroyed"
  | "Target.targetInfoChanged";

/** One conversation with Chromium: with the browser itself, or with one page. */
export type DevTools = {
  send<M extends Method>(method: M, params?: Params<M>): Promise<Reply<M>>;
  on<E extends EventName>(event: E, listener: (payload: Payload<E>) => void): void;
  /** Every event of this conversation, for `webContents.debugger`. */
  onAny(listener: (method: string, params: unknown) => void): void;
};

/** Chromium refused a command, or the page or browser that should have carried it out has gone. */
export class DevToolsError extends Error {}

/** Forgets a refusal by Chromium (what a command was about has gone meanwhile) and lets every other error through. */
export function ignoreGone(error: unknown): void {
  if (!(error instanceof DevToolsError)) throw error;
}

export type Link = {
  readonly browser: DevTools;
  readonly session: (id: string) => DevTools;
  /** Resolves when Chromium has closed its end, which it only does when it ends. */
  readonly closed: Promise<void>;
};

type Message = {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
};

type Waiting = {
  readonly sessionId: string | undefined;
  readonly method: string;
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
};

/**
 * Speaks the DevTools protocol over Chromium's pipe (`--remote-debugging-pipe`): JSON, each message ended by a zero
 * byte. https://chromedevtools.github.io/devtools-protocol/
 */
export function openLink(input: Writable, output: Readable): Link {
  const waiting = new Map<number, Waiting>();
  const sessions = new Map<string, EventEmitter>();
  let lastId = 0;
  let open = true;

  const conversation = (sessionId: string | undefined): DevTools => {
    const emitter = new EventEmitter();
    emitter.setMaxListeners(0);
    sessions.set(sessionId ?? "", emitter);
    return {
      send: (method, params) => {
        const { promise, resolve, reject } = Promise.withResolvers<Reply<typeof method>>();
        if (!open) reject(new DevToolsError(`${method}: Chromium has ended`));
        else if (!sessions.has(sessionId ?? "")) reject(new DevToolsError(`${method}: the page has been closed`));
        else {
          lastId += 1;
          waiting.set(lastId, { sessionId, method, resolve, reject });
          input.write(`${JSON.stringify({ id: lastId, method, params: params ?? {}, sessionId })}\0`);
        }
        return promise;
      },
      on: (event, listener) => {
        emitter.on(event, listener);
      },
      onAny: (listener) => {
        emitter.on("any", ({ method, params }: { method: string; params: unknown }) => listener(method, params));
      },
    };
  };

  const receive = (text: string): void => {
    const message = JSON.parse(text) as Message;
    if (message.id !== undefined) {
      const command = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) command?.reject(new DevToolsError(`${command.method}: ${message.error.message}`));
      else command?.resolve(message.result as never);
      return;
    }
    // Chromium leaves the commands of a page unanswered that is closed meanwhile.
    if (message.method === "Target.detachedFromTarget") forget((message.params as { sessionId: string }).sessionId);
    const emitter = sessions.get(message.sessionId ?? "");
    if (!emitter || message.method === undefined) return;
    emitter.emit(message.method, message.params);
    emitter.emit("any", { method: message.method, params: message.params });
  };

  const forget = (sessionId: string): void => {
    sessions.delete(sessionId);
    for (const [id, command] of waiting) {
      if (command.sessionId !== sessionId) continue;
      waiting.delete(id);
      command.reject(new DevToolsError(`${command.method}: the page has been closed`));
    }
  };

  const { promise: closed, resolve: reportClosed } = Promise.withResolvers<void>();
  const close = (): void => {
    open = false;
    for (const { method, reject } of waiting.values()) reject(new DevToolsError(`${method}: Chromium has ended`));
    waiting.clear();
    reportClosed();
  };

  splitAtZero(output, receive);
  output.once("close", close);
  output.once("error", close);
  input.once("error", close);
  return { browser: conversation(undefined), session: conversation, closed };
}

/** Collects the parts of a message before joining them: a screenshot arrives in hundreds of parts. */
function splitAtZero(output: Readable, receive: (text: string) => void): void {
  let parts: Buffer[] = [];
  output.on("data", (data: Buffer) => {
    let from = 0;
    for (let end = data.indexOf(0); end >= 0; end = data.indexOf(0, from)) {
      parts.push(data.subarray(from, end));
      const text = Buffer.concat(parts).toString("utf8");
      parts = [];
      from = end + 1;
      receive(text);
    }
    if (from < data.length) parts.push(data.subarray(from));
  });
}
