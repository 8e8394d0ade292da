import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { compileFunction } from "node:vm";
import type * as Electron from "electron";
import { decode, encode } from "./codec.ts";
import { createEvent, notCovered } from "./coverage.ts";
import { type DevTools, ignoreGone } from "./devtools.ts";
import { asElectron, type Frame, type FrameTree } from "./frames.ts";
import { type Ipc, mainIpc } from "./ipc.ts";
import {
  isolatedWorldName,
  isolatedWorldSource,
  type PreloadScript,
  preloadParameters,
  type ToMain,
  type ToPreload,
} from "./preload-world.ts";
import { mainWorldSource } from "./worlds.ts";

export type Bridge = {
  /** Puts the preload into every document to come. To be called before the page runs. */
  readonly install: () => Promise<void>;
  /** `webContents.send` and `frame.send`: lost when the frame has no preload, as in Electron. */
  readonly send: (frame: Frame, channel: string, args: readonly unknown[]) => void;
};

export type BridgeOptions = {
  readonly devtools: DevTools;
  readonly frames: FrameTree;
  readonly preload: string | undefined;
  readonly contents: () => Electron.WebContents;
  readonly contentsIpc: Ipc;
  readonly onMessage: (event: object, channel: string, args: readonly unknown[]) => void;
  readonly onPreloadError: (file: string, error: Error) => void;
};

/** A preload that does not parse would take the whole injected script with it; it has to fail by itself instead. */
function readPreload(file: string): PreloadScript {
  try {
    const source = readFileSync(file, "utf8");
    compileFunction(source, [...preloadParameters], { filename: file });
    return { file, source };
  } catch (error) {
    return { file, failure: String(error) };
  }
}

/** IPC between the preload's world and the main process, with the event objects that handlers check their caller by. */
export function createBridge(options: BridgeOptions): Bridge {
  const { devtools, frames, contents, contentsIpc } = options;
  // Nobody but the preload's world may find these.
  const secret = randomUUID();
  const binding = `electronStandIn${secret.replaceAll("-", "")}`;

  const deliver = async (worldId: number, message: ToPreload): Promise<void> => {
    await devtools
      .send("Runtime.callFunctionOn", {
        executionContextId: worldId,
        functionDeclaration: "function (name, text) { globalThis[name](text); }",
        arguments: [{ value: binding }, { value: JSON.stringify(message) }],
      })
      .catch(ignoreGone);
  };

  const eventFor = (worldId: number): object =>
    createEvent({
      type: "frame",
      sender: contents(),
      ports: [],
      // Electron gives null as soon as the document that called has been left, hence a look at the time of reading.
      get senderFrame() {
        return asElectron(frames.preloadOwner(worldId)) ?? null;
      },
      get processId(): number {
        throw notCovered("event.processId");
      },
      get frameId(): number {
        throw notCovered("event.frameId");
      },
      reply: (channel: string, ...args: unknown[]) => {
        void deliver(worldId, { kind: "message", channel, args: encode(structuredClone(args)) });
      },
    });

  /** The most particular one first: the frame's own channels, the page's, then those of the process. */
  const listening = (frame: Frame): Ipc[] =>
    [frames.ipcOf(frame), contentsIpc, mainIpc].filter((ipc) => ipc !== undefined);

  const invoke = async (frame: Frame, worldId: number, message: ToMain & { kind: "invoke" }): Promise<void> => {
    const { id, channel } = message;
    try {
      const handler = listening(frame)
        .map((ipc) => ipc.handlerOf(channel))
        .find((found) => found !== undefined);
      if (!handler) throw new Error(`No handler registered for '${channel}'`);
      const event = eventFor(worldId) as Electron.IpcMainInvokeEvent;
      const result: unknown = await handler(event, ...(decode(message.args) as unknown[]));
      await deliver(worldId, { kind: "result", id, value: encode(cloned(result)) });
    } catch (error) {
      console.error(`Error occurred in handler for '${channel}':`, error);
      await deliver(worldId, { kind: "error", id, channel, message: String(error) });
    }
  };

  devtools.on("Runtime.bindingCalled", ({ name, payload, executionContextId: worldId }) => {
    const frame = frames.preloadOwner(worldId);
    if (name !== binding || !frame) return;
    const message = JSON.parse(payload) as ToMain;
    if (message.kind === "preload-error") {
      const error = Object.assign(new Error(message.message), { stack: message.stack });
      options.onPreloadError(message.file, error);
    } else if (message.kind === "invoke") void invoke(frame, worldId, message);
    else {
      const args = decode(message.args) as unknown[];
      const event = eventFor(worldId);
      options.onMessage(event, message.channel, args);
      for (const { ipc } of listening(frame)) ipc.emit(message.channel, event, ...args);
    }
  });

  return {
    install: async () => {
      const facts = { platform: process.platform, arch: process.arch, versions: { ...process.versions } };
      const scripts = [devtools.send("Page.addScriptToEvaluateOnNewDocument", { source: mainWorldSource(secret) })];
      if (options.preload !== undefined) {
        const source = isolatedWorldSource(secret, binding, readPreload(options.preload), facts);
        scripts.push(devtools.send("Page.addScriptToEvaluateOnNewDocument", { source, worldName: isolatedWorldName }));
      }
      const bound = devtools.send("Runtime.addBinding", { name: binding, executionContextName: isolatedWorldName });
      await Promise.all([bound, ...scripts]);
    },
    send: (frame, channel, args) => {
      const packed = encode(cloned(args));
      const worldId = frames.preloadWorld(frame);
      if (worldId !== undefined) void deliver(worldId, { kind: "message", channel, args: packed });
    },
  };
}

function cloned(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    throw new Error("An object could not be cloned.");
  }
}
