import { type Codec, makeCodec } from "./codec.ts";
import { makeSide, type Side } from "./worlds.ts";

/** The name that DevTools shows for it in the real Electron, too. */
export const isolatedWorldName = "Electron Isolated Context";

/** What the isolated world tells the main process, as JSON through the binding. */
export type ToMain =
  | { readonly kind: "send"; readonly channel: string; readonly args: string }
  | { readonly kind: "invoke"; readonly id: number; readonly channel: string; readonly args: string }
  | { readonly kind: "preload-error"; readonly file: string; readonly message: string; readonly stack: string };

/** What the main process tells the isolated world. */
export type ToPreload =
  | { readonly kind: "message"; readonly channel: string; readonly args: string }
  | { readonly kind: "result"; readonly id: number; readonly value: string }
  | { readonly kind: "error"; readonly id: number; readonly channel: string; readonly message: string };

type Preload = (require: unknown, process: unknown, exports: unknown, module: unknown) => void;

/**
 * The isolated world of the top frame: what a sandboxed preload finds there, and the preload itself.
 * Sent as source text, see worlds.ts. https://www.electronjs.org/docs/latest/tutorial/sandbox#preload-scripts
 */
function enterIsolatedWorld(
  secret: string,
  binding: string,
  makeSide: (secret: string, me: "isolated") => Side,
  makeCodec: () => Codec,
  file: string,
  preload: Preload,
  facts: object,
): void {
  if (window !== window.top) return;
  type Listener = ((...args: unknown[]) => void) & { listener?: Listener };
  const world = globalThis as unknown as Record<string, unknown>;
  const tellMain = world[binding] as (text: string) => void;
  const codec: Codec = makeCodec();
  const side = makeSide(secret, "isolated");
  const missing = (what: string): Error => new Error(`electron stand-in: ${what} is not covered`);
  const strict = <T extends object>(name: string, members: T): T =>
    new Proxy(members, {
      get(target, key) {
        if (typeof key === "symbol" || key in target || key === "then") return Reflect.get(target, key);
        throw missing(`${name}.${key} in a preload`);
      },
    });

  class EventEmitter {
    private readonly registered = new Map<string, Listener[]>();
    on(event: string, listener: Listener): this {
      this.registered.set(event, [...(this.registered.get(event) ?? []), listener]);
      return this;
    }
    once(event: string, listener: Listener): this {
      const once: Listener = (...args) => {
        this.off(event, once);
        listener(...args);
      };
      once.listener = listener;
      return this.on(event, once);
    }
    off(event: string, listener: Listener): this {
      const listeners = [...(this.registered.get(event) ?? [])];
      const at = listeners.findLastIndex((known) => known === listener || known.listener === listener);
      if (at >= 0) listeners.splice(at, 1);
      this.registered.set(event, listeners);
      return this;
    }
    addListener(event: string, listener: Listener): this {
      return this.on(event, listener);
    }
    removeListener(event: string, listener: Listener): this {
      return this.off(event, listener);
    }
    removeAllListeners(event?: string): this {
      if (event === undefined) this.registered.clear();
      else this.registered.delete(event);
      return this;
    }
    listenerCount(event: string): number {
      return this.registered.get(event)?.length ?? 0;
    }
    emit(event: string, ...args: unknown[]): boolean {
      const listeners = this.registered.get(event) ?? [];
      for (const listener of listeners) listener(...args);
      return listeners.length > 0;
    }
  }

  const calls = new Map<number, PromiseWithResolvers<unknown>>();
  let lastCall = 0;
  const pack = (args: unknown[]): string => {
    let clone: unknown;
    try {
      clone = structuredClone(args);
    } catch {
      throw new Error("An object could not be cloned.");
    }
    return codec.encode(clone);
  };
  const ownMembers = {
    send: (channel: string, ...args: unknown[]) => {
      tellMain(JSON.stringify({ kind: "send", channel, args: pack(args) }));
    },
    invoke: async (channel: string, ...args: unknown[]) => {
      const packed = pack(args);
      lastCall += 1;
      const id = lastCall;
      const call = Promise.withResolvers<unknown>();
      calls.set(id, call);
      tellMain(JSON.stringify({ kind: "invoke", id, channel, args: packed }));
      return call.promise;
    },
  };
  const ipcRenderer = strict("ipcRenderer", Object.assign(new EventEmitter(), ownMembers));
  // The same name back: what main calls to reach this world.
  world[binding] = (text: string) => {
    const message = JSON.parse(text) as ToPreload;
    if (message.kind === "message") {
      const event = { sender: ipcRenderer, ports: [] };
      ipcRenderer.emit(message.channel, event, ...(codec.decode(message.args) as unknown[]));
      return;
    }
    const call = calls.get(message.id);
    calls.delete(message.id);
    if (message.kind === "result") call?.resolve(codec.decode(message.value));
    else call?.reject(new Error(`Error invoking remote method '${message.channel}': ${message.message}`));
  };

  const contextBridge = strict("contextBridge", {
    exposeInMainWorld: (key: string, api: unknown) => {
      const { err } = side.ask("expose", { key, api: side.wrap(api) });
      if (err) throw side.unwrap(err);
    },
  });
  // Everything else of `electron` in a preload, and every other module, does not exist in a sandboxed preload or is
  // not covered here.
  const modules = new Map<string, unknown>([
    ["electron", strict("electron", { contextBridge, ipcRenderer })],
    ["events", Object.assign(EventEmitter, { EventEmitter })],
    ["timers", { setTimeout, setInterval, clearTimeout, clearInterval }],
    ["url", { URL, URLSearchParams }],
  ]);
  const require = (name: string): unknown => {
    const found = modules.get(name.replace(/^node:/, "").replace(/^electron\/(renderer|common)$/, "electron"));
    if (found === undefined) throw new Error(`module not found: ${name}`);
    return found;
  };
  const process = strict("process", { ...facts, contextIsolated: true, sandboxed: true, type: "renderer" });
  const module = { exports: {} };
  try {
    preload(require, process, module.exports, module);
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    console.error(`Unable to load preload script: ${file}`);
    console.error(`${stack}`);
    tellMain(JSON.stringify({ kind: "preload-error", file, message, stack: stack ?? "" }));
  }
}

export type PreloadScript =
  | { readonly file: string; readonly source: string }
  /** The file could not be read or parsed: it fails in each document, as in Electron. */
  | { readonly file: string; readonly failure: string };

/** A sandboxed preload is a CommonJS function, whatever the page's own globals are. */
export const preloadParameters = ["require", "process", "exports", "module"] as const;

/** The script for the isolated world. `binding` is the name under which main and this world call each other. */
export function isolatedWorldSource(secret: string, binding: string, preload: PreloadScript, facts: object): string {
  const run =
    "source" in preload
      ? `(function (${preloadParameters.join(", ")}) {${preload.source}\n})`
      : `(function () { throw new Error(${JSON.stringify(preload.failure)}) })`;
  const values = [
    JSON.stringify(secret),
    JSON.stringify(binding),
    makeSide,
    makeCodec,
    JSON.stringify(preload.file),
    run,
    JSON.stringify(facts),
  ];
  return `(${String(enterIsolatedWorld)})(${values.join(", ")})`;
}
