import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Snapshot } from "../contract/views.ts";
import { decideBy } from "../core/policy/applied.ts";
import { logSettings, usualLogSettings } from "../core/policy/log-settings.ts";
import type { PolicySource } from "../core/policy/ports.ts";
import { valueOf } from "../core/policy/precedence.ts";
import { refreshPolicy } from "../core/policy/refresh.ts";
import type { Clock, Log, Random } from "../core/ports.ts";
import { appScheme, appSchemes, createAppProtocol, pageUrl } from "./app-protocol.ts";
import type { ComposeOptions, Composition } from "./compose.ts";
import { endForbiddenDemo } from "./demo-policy.ts";
import { askAboutCrash, tellThatStartFailed } from "./dialogs.ts";
import type { ElectronParts } from "./electron-parts.ts";
import { readEnrolmentPage } from "./enrolment-protocol.ts";
import { createCeremony, type EnrolmentParts } from "./enrolment-window.ts";
import { guardApp, guardSession } from "./guards.ts";
import { watchIdle } from "./idle.ts";
import { createIncidentRecorder, type RecordIncident, watchForBugs } from "./incident.ts";
import { publish, serve } from "./ipc.ts";
import { isRemotelyControlled, type Launch, type Profile, profileFor, readLaunch } from "./launch.ts";
import { createLinks, openConfiguredPage } from "./links.ts";
import type { AppLog } from "./log.ts";
import { menuTemplate } from "./menu.ts";
import { watchPolicy } from "./policy-watch.ts";
import { isTrusted } from "./sender.ts";
import { createShutdown } from "./shutdown.ts";
import { type AppWindow, backgroundColors, bringToFront, watchForCrashes, windowOptions } from "./window.ts";

/** What is not Electron's. */
export type Surroundings = {
  /** Where the built main process lies; page and preload lie beside it. */
  readonly folder: string;
  readonly process: Pick<NodeJS.Process, "argv" | "platform"> & {
    readonly rendererUrl: string | undefined;
    on(event: "uncaughtException" | "unhandledRejection", listener: (thrown: unknown) => void): unknown;
  };
  readonly clock: Clock;
  readonly random: Random;
  /** @param folder where the log is if no policy says otherwise */
  readonly createLog: (folder: string) => AppLog;
  readonly logFolder: string;
  readonly policySource: PolicySource;
  /** Both shared with the command line. */
  readonly configurationFolder: string;
  readonly dataFolder: string;
  readonly compose: (options: ComposeOptions) => Promise<Composition>;
};

/** In memory: without `persist:` nothing of the page reaches the disk. */
const partition = "deskpair";
/** Windows groups windows and notifications under this; the installer has to use the same. */
const appUserModelId = "DeskPair.DeskPair";

type Started = {
  readonly launch: Launch;
  readonly profile: Profile;
  readonly log: Log;
  readonly appLog: AppLog;
  readonly recordIncident: RecordIncident;
};

/** The life of the app, phase by phase. Never rejects: what goes wrong is written down, told, and ends the app. */
export async function startUp(electron: ElectronParts, given: Surroundings): Promise<void> {
  const started = beforeReady(electron, given);
  if (started === null) return;
  try {
    await electron.app.whenReady();
    const known = await refreshPolicy(given.policySource, null);
    const isDemo = started.launch.demo !== false;
    // The demo shares nothing with anybody, so no policy is about it but the one that forbids it.
    started.appLog.follow(isDemo ? usualLogSettings : logSettings(decideBy(known.policy)));
    if (isDemo && endForbiddenDemo(electron, known, started.log)) return;
    preparePage(electron, given, started);
    const composition = await given.compose({
      version: electron.app.getVersion(),
      dataFolder: started.profile.data,
      log: started.log,
      logPlace: started.appLog.place,
      demo: started.launch.demo,
      policy: isDemo ? null : { source: given.policySource, known },
      configurationFolder: isDemo ? join(started.profile.data, "configuration") : given.configurationFolder,
      encryption: electron.safeStorage,
      enrolmentWindow: createCeremony(enrolmentParts(electron, given, started)),
      openPage: (address) => openConfiguredPage(electron.shell, address),
      // Of the session that the system's settings hold for, and in which nothing of ours lives.
      resolveProxy: (url) => electron.session.defaultSession.resolveProxy(url),
    });
    await composition.start();
    await openWindow(electron, given, started, composition);
  } catch (thrown) {
    // Nothing may be lost of a start that ends before the policy is known.
    started.appLog.follow(usualLogSettings);
    const incidentId = started.recordIncident("app.start-failed", thrown);
    tellThatStartFailed(electron.dialog, incidentId, started.appLog.place().folder);
    electron.app.exit(70);
  }
}

/**
 * What Electron takes only before it is ready, so nothing in here may wait. `null`: the app does not start.
 * The folder comes before the lock, which lies in it: a demo and the real app run side by side.
 */
function beforeReady(electron: ElectronParts, given: Surroundings): Started | null {
  const { app } = electron;
  if (isRemotelyControlled(app)) {
    app.exit(1);
    return null;
  }
  const launch = readLaunch({
    arguments: given.process.argv,
    isPackaged: app.isPackaged,
    rendererUrl: given.process.rendererUrl,
  });
  const profile = profileFor(launch, {
    userData: app.getPath("userData"),
    // Not Electron's: the command line has to find the same place, and on Windows its logs would roam.
    logs: given.logFolder,
    data: given.dataFolder,
  });
  if (launch.demo !== false) {
    // Electron takes only a folder that exists.
    mkdirSync(profile.userData, { recursive: true, mode: 0o700 });
    app.setPath("userData", profile.userData);
  }
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return null;
  }
  const appLog = given.createLog(profile.logs);
  const { log } = appLog;
  const recordIncident = createIncidentRecorder(log, given.random);
  watchForBugs(given.process, recordIncident);
  app.enableSandbox();
  electron.protocol.registerSchemesAsPrivileged(appSchemes);
  guardApp(app, launch.developmentServer, log);
  app.on("child-process-gone", (_event, { type, reason, exitCode }) =>
    log("error", "app.process-gone", { type, reason, exitCode }),
  );
  if (given.process.platform === "win32") app.setAppUserModelId(appUserModelId);
  log("info", "app.starting", { version: app.getVersion(), demo: launch.demo !== false });
  return { launch, profile, log, appLog, recordIncident };
}

/** The session that the page will live in, closed before anything can be in it. */
function preparePage(electron: ElectronParts, given: Surroundings, { launch, log }: Started): void {
  const pageSession = electron.session.fromPartition(partition, { cache: false });
  guardSession(pageSession, allowedHomes(launch), log);
  // Nothing of ours lives in the default session, so nothing may leave it.
  guardSession(electron.session.defaultSession, [], log);
  pageSession.protocol.handle(appScheme, createAppProtocol(join(given.folder, "../renderer")));
}

/** What the window for security keys is made of, and how it looks: as the app does. */
function enrolmentParts(electron: ElectronParts, given: Surroundings, { log }: Started): EnrolmentParts {
  const { nativeTheme } = electron;
  return {
    ...electron.enrolment,
    appearance: () => ({ theme: nativeTheme.themeSource, dark: nativeTheme.shouldUseDarkColors }),
    readPage: () => readEnrolmentPage(join(given.folder, "../enrolment")),
    preload: join(given.folder, "../preload/enrolment.cjs"),
    platform: given.process.platform,
    clock: given.clock,
    random: given.random,
    log,
  };
}

/** Development relaxes two things, both here: the page's own server, and DevTools, which load themselves. */
function allowedHomes({ developmentServer }: Launch): string[] {
  if (developmentServer === null) return [pageUrl];
  return [developmentServer, developmentServer.replace(/^http:/, "ws:"), "devtools://devtools/"];
}

async function openWindow(
  electron: ElectronParts,
  given: Surroundings,
  { launch, log, appLog, recordIncident }: Started,
  { app, stop }: Composition,
): Promise<void> {
  const { nativeTheme } = electron;
  const home = launch.developmentServer ?? pageUrl;
  const development = launch.developmentServer !== null;
  const quit = (): void => electron.app.quit();
  const openLink = createLinks(electron.shell, () => valueOf(app.policy(), "HelpUrl"));

  nativeTheme.themeSource = app.snapshot().settings.theme;
  electron.menu.setApplicationMenu(
    menuTemplate({
      platform: given.process.platform,
      appName: electron.app.name,
      development,
      openLink: (name) => {
        openLink({ name }).catch((thrown: unknown) => recordIncident("link.not-opened", thrown));
      },
      show: (screen) => publish("app.show", { screen }, [page], recordIncident),
    }),
  );
  const window = new electron.BrowserWindow(
    windowOptions({
      partition,
      preload: join(given.folder, "../preload/index.cjs"),
      dark: nativeTheme.shouldUseDarkColors,
      devTools: development,
    }),
  );
  // Kept, because a window that is gone no longer tells.
  const page = window.webContents;

  serve(electron.ipcMain, {
    handlers: { ...app.commands, "link.open": openLink },
    trusts: (event) => isTrusted(event, { contents: () => (page.isDestroyed() ? [] : [page]), url: home }),
    recordIncident,
    log,
  });
  app.subscribe((snapshot: Snapshot) => {
    if (nativeTheme.themeSource !== snapshot.settings.theme) nativeTheme.themeSource = snapshot.settings.theme;
    appLog.follow(logSettings(app.policy()));
    publish("app.changed", snapshot, [page], recordIncident);
  });
  nativeTheme.on("updated", () => paintBackground(window, nativeTheme.shouldUseDarkColors));
  watchForCrashes(window, { log, quit, ask: () => askAboutCrash(electron.dialog) });
  window.once("ready-to-show", () => window.show());

  const endIdleWatch = watchIdle(app, electron.powerMonitor, given.clock);
  const endPolicyWatch = watchPolicy(app, electron.powerMonitor, given.clock, log);
  const stopAll = (): Promise<void> => {
    endIdleWatch();
    endPolicyWatch();
    return stop();
  };
  const hold = createShutdown({
    mustFinish: app.mustFinish,
    stop: stopAll,
    quit,
    clock: given.clock,
    log,
    recordIncident,
  });
  window.on("close", hold);
  electron.app.on("before-quit", hold);
  electron.app.on("window-all-closed", quit);
  electron.app.on("second-instance", () => bringToFront(window));

  try {
    await window.loadURL(home);
  } catch (thrown) {
    // Closed before it was loaded is not a failure.
    if (!window.isDestroyed()) throw thrown;
  }
}

function paintBackground(window: AppWindow, dark: boolean): void {
  if (!window.isDestroyed()) window.setBackgroundColor(dark ? backgroundColors.dark : backgroundColors.light);
}
