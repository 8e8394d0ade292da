import { contextBridge, ipcRenderer } from "electron";
import { bridgeName, eventNames, requestNames } from "../contract/channels.ts";

/**
 * Forwards the contract's names and does nothing else. It checks nothing, because main must not believe a check that
 * the page's process has made; and it never hands the page an Electron object.
 *
 * SECURITY: checklist 21, 22, 26.
 */

const known: readonly string[] = eventNames;

const requests = Object.fromEntries(
  requestNames.map((name) => [name, (input: unknown): Promise<unknown> => ipcRenderer.invoke(name, input)]),
);

/** Calls `listener` with the payload alone; returns the function that ends it. Throws for a name that is not ours. */
function on(name: string, listener: (payload: unknown) => void): () => void {
  if (!known.includes(name)) throw new Error("There is no such event.");
  const forward = (_event: unknown, payload: unknown): void => listener(payload);
  ipcRenderer.on(name, forward);
  return () => {
    ipcRenderer.removeListener(name, forward);
  };
}

contextBridge.exposeInMainWorld(bridgeName, { ...requests, on });
