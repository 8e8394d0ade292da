import { contextBridge, ipcRenderer } from "electron";
import { enrolmentBridgeName, enrolmentChannels } from "../contract/enrolment-channels.ts";

/**
 * The bridge of the enrolment window: two functions, each of which forwards one message. It checks nothing, because
 * main must not believe a check that the page's process has made.
 *
 * SECURITY: checklist 21, 22.
 */
contextBridge.exposeInMainWorld(enrolmentBridgeName, {
  options: (): Promise<unknown> => ipcRenderer.invoke(enrolmentChannels.options),
  result: (result: unknown): Promise<unknown> => ipcRenderer.invoke(enrolmentChannels.result, result),
});
