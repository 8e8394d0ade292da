import { EventEmitter } from "node:events";
import type * as Electron from "electron";
import { covered } from "./coverage.ts";

export type InvokeHandler = Parameters<Electron.IpcMain["handle"]>[1];

/** One set of channels: `ipcMain`, or the `ipc` of a single page or frame. */
export type Ipc = {
  readonly ipc: EventEmitter & Pick<Electron.IpcMain, "handle" | "handleOnce" | "removeHandler">;
  readonly handlerOf: (channel: string) => InvokeHandler | undefined;
};

export function createIpc(name: string): Ipc {
  const handlers = new Map<string, InvokeHandler>();
  const members = {
    handle: (channel, handler) => {
      if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
      if (typeof handler !== "function") {
        throw new TypeError(`Expected handler to be a function, but found type '${typeof handler}'`);
      }
      handlers.set(channel, handler);
    },
    handleOnce: (channel, handler) => {
      members.handle(channel, (event, ...args) => {
        handlers.delete(channel);
        return handler(event, ...args) as unknown;
      });
    },
    removeHandler: (channel) => {
      handlers.delete(channel);
    },
  } satisfies Pick<Electron.IpcMain, "handle" | "handleOnce" | "removeHandler">;
  return {
    ipc: covered(name, Object.assign(new EventEmitter(), members)),
    handlerOf: (channel) => handlers.get(channel),
  };
}

export const mainIpc = createIpc("ipcMain");
export const ipcMain = mainIpc.ipc;
