import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  nativeTheme,
  powerMonitor,
  protocol,
  safeStorage,
  session,
  shell,
} from "electron";
import { clock, configurationFolder, dataFolder, logFolder, random } from "../node/host.ts";
import { createPolicySource } from "../node/policy-source.ts";
import { compose } from "./compose.ts";
import { createAppLog } from "./log.ts";
import { startUp } from "./start-up.ts";

/** Hands the world to the app. The only file that takes Electron's objects; what happens with them is in start-up. */
void startUp(
  {
    app,
    BrowserWindow,
    dialog,
    ipcMain,
    nativeTheme,
    powerMonitor,
    protocol,
    safeStorage,
    session,
    shell,
    // The app has one window, and during a ceremony the one in which it happens: the first is the app's.
    enrolment: { BrowserWindow, session, parent: () => BrowserWindow.getAllWindows()[0] ?? null },
    menu: { setApplicationMenu: (template) => Menu.setApplicationMenu(Menu.buildFromTemplate(template)) },
  },
  {
    folder: import.meta.dirname,
    process: {
      argv: process.argv,
      platform: process.platform,
      rendererUrl: process.env["ELECTRON_RENDERER_URL"],
      on: (event, listener) => process.on(event, listener),
    },
    clock,
    random,
    createLog: createAppLog,
    logFolder: logFolder(process.env),
    policySource: createPolicySource(process.env),
    configurationFolder: configurationFolder(process.env),
    dataFolder: dataFolder(process.env),
    compose,
  },
);
