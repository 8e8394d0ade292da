/**
 * The module `electron` of the main process, as the app imports it. What is listed as absent throws when it is used;
 * the type at the end makes sure that no export of Electron is forgotten.
 */
import type * as Common from "electron/common";
import type * as Main from "electron/main";
import { app } from "./app.ts";
import { BrowserWindow, webContents } from "./browser-window.ts";
import { absent, covered } from "./coverage.ts";
import { answers, clipboard, dialog, Notification, notifications, powerMonitor, screen, shell } from "./desktop.ts";
import { ipcMain } from "./ipc.ts";
import { Menu, MenuItem } from "./menu.ts";
import { nativeImage } from "./native-image.ts";
import { record } from "./record.ts";
import { safeStorage } from "./safe-storage.ts";
import { protocol, session } from "./session.ts";
import { nativeTheme } from "./theme.ts";

const BaseWindow = absent("BaseWindow");
const BrowserView = absent("BrowserView");
const ClipboardItem = absent("ClipboardItem");
const ImageView = absent("ImageView");
const IpcMainServiceWorker = absent("IpcMainServiceWorker");
const MessageChannelMain = absent("MessageChannelMain");
const ShareMenu = absent("ShareMenu");
const TouchBar = absent("TouchBar");
const Tray = absent("Tray");
const View = absent("View");
const WebContentsView = absent("WebContentsView");
const WebSocket = absent("WebSocket");
const autoUpdater = absent("autoUpdater");
const contentTracing = absent("contentTracing");
const crashReporter = absent("crashReporter");
const desktopCapturer = absent("desktopCapturer");
const globalShortcut = absent("globalShortcut");
const inAppPurchase = absent("inAppPurchase");
const net = absent("net");
const netLog = absent("netLog");
const powerSaveBlocker = absent("powerSaveBlocker");
const pushNotifications = absent("pushNotifications");
const sharedTexture = absent("sharedTexture");
const systemPreferences = absent("systemPreferences");
const utilityProcess = absent("utilityProcess");
const webFrameMain = absent("webFrameMain");

type Exports = keyof typeof Main | keyof typeof Common;

const electron = covered("electron", {
  app,
  autoUpdater,
  BaseWindow,
  BrowserView,
  BrowserWindow,
  clipboard,
  ClipboardItem,
  contentTracing,
  crashReporter,
  desktopCapturer,
  dialog,
  globalShortcut,
  ImageView,
  inAppPurchase,
  ipcMain,
  IpcMainServiceWorker,
  Menu,
  MenuItem,
  MessageChannelMain,
  nativeImage,
  nativeTheme,
  net,
  netLog,
  Notification,
  powerMonitor,
  powerSaveBlocker,
  protocol,
  pushNotifications,
  safeStorage,
  screen,
  session,
  sharedTexture,
  ShareMenu,
  shell,
  systemPreferences,
  TouchBar,
  Tray,
  utilityProcess,
  View,
  webContents,
  WebContentsView,
  webFrameMain,
  WebSocket,
  /** What the app asked of the desktop, for tests. */
  __record: record,
  /** What the user answers in the next dialogs, for tests. */
  __answers: answers,
  /** The notifications that were shown, for tests. */
  __notifications: notifications,
} satisfies Record<Exports, unknown> & Record<string, unknown>);

export {
  app,
  autoUpdater,
  BaseWindow,
  BrowserView,
  BrowserWindow,
  ClipboardItem,
  clipboard,
  contentTracing,
  crashReporter,
  desktopCapturer,
  dialog,
  globalShortcut,
  ImageView,
  IpcMainServiceWorker,
  inAppPurchase,
  ipcMain,
  Menu,
  MenuItem,
  MessageChannelMain,
  Notification,
  nativeImage,
  nativeTheme,
  net,
  netLog,
  powerMonitor,
  powerSaveBlocker,
  protocol,
  pushNotifications,
  ShareMenu,
  safeStorage,
  screen,
  session,
  sharedTexture,
  shell,
  systemPreferences,
  TouchBar,
  Tray,
  utilityProcess,
  View,
  WebContentsView,
  WebSocket,
  webContents,
  webFrameMain,
};

export type StandIn = typeof electron;

// For `require`, which gives the covered object; `import` of a name that does not exist fails by itself. Electron has
// a default export, too.
// oxlint-disable-next-line import/no-default-export
export { electron as "module.exports", electron as default };
