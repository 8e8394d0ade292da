import type * as Electron from "electron";
import { browser } from "./browser.ts";
import { createEvent, emitterWith } from "./coverage.ts";
import type { DevTools } from "./devtools.ts";

/**
 * `webContents.debugger`: a DevTools conversation of the app's own with the page, apart from the stand-in's. It sees
 * the aliases of custom schemes.
 */
export function createDebugger(targetId: () => Promise<string>) {
  let conversation: Promise<DevTools> | undefined;
  const members = {
    attach: () => {
      if (conversation) throw new Error("Debugger is already attached to the target");
      const opened = targetId()
        .then((id) => browser().attach(id))
        .then((devtools) => {
          devtools.onAny((method, params) => {
            if (conversation === opened) emitter.emit("message", createEvent({}), method, params, "");
          });
          return devtools;
        });
      opened.catch(() => undefined);
      conversation = opened;
    },
    detach: () => {
      conversation = undefined;
      emitter.emit("detach", createEvent({}), "target closed");
    },
    isAttached: () => conversation !== undefined,
    sendCommand: async (method, params): Promise<unknown> => {
      if (!conversation) throw new Error("No target available");
      const devtools = await conversation;
      // Electron takes any command by name; Chromium answers for those that it does not know.
      return devtools.send(method as "Page.enable", params);
    },
  } satisfies Pick<Electron.Debugger, "attach" | "detach" | "isAttached" | "sendCommand">;
  const emitter = emitterWith("webContents.debugger", members, ["message", "detach"]);
  return emitter;
}
