import { join } from "node:path";
import type { DemoSignIn } from "./demo.ts";

/**
 * How the app was started. Pure: read once, before anything else, and decided here rather than where it matters.
 */
export type Launch = {
  /** A simulated PingOne inside the app, and a profile of its own. */
  readonly demo: false | DemoSignIn;
  /** Where the page comes from while it is being written; `null` for everybody else. */
  readonly developmentServer: string | null;
};

export type LaunchGiven = {
  readonly arguments: readonly string[];
  readonly isPackaged: boolean;
  /** `ELECTRON_RENDERER_URL`, set by the development server. */
  readonly rendererUrl: string | undefined;
};

export function readLaunch(given: LaunchGiven): Launch {
  return { demo: demo(given.arguments), developmentServer: developmentServer(given) };
}

/** `--demo`, or `--demo=browser` and `--demo=device-code` for a demo in which a person signs in. */
function demo(given: readonly string[]): Launch["demo"] {
  if (given.includes("--demo=browser")) return "browser";
  if (given.includes("--demo=device-code")) return "device-code";
  return given.includes("--demo") ? "worker" : false;
}

/** Only on this machine, and never for an installed app, whatever its environment says. */
function developmentServer({ isPackaged, rendererUrl }: LaunchGiven): string | null {
  if (isPackaged || rendererUrl === undefined || !URL.canParse(rendererUrl)) return null;
  const url = new URL(rendererUrl);
  const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  return url.protocol === "http:" && loopback ? url.href : null;
}

/**
 * Switches that hand the whole app, the page and what is typed into it to another program. Chromium understands them
 * and no fuse turns them off, so an installed app that is started with one does not start.
 */
const remoteControlSwitches = ["remote-debugging-port", "remote-debugging-pipe"] as const;

export function isRemotelyControlled(app: {
  readonly isPackaged: boolean;
  readonly commandLine: { readonly hasSwitch: (name: string) => boolean };
}): boolean {
  return app.isPackaged && remoteControlSwitches.some((name) => app.commandLine.hasSwitch(name));
}

/** The folders of one profile. `data` is ours alone, and shared with the command line: one journal, one lock. */
export type Profile = { readonly userData: string; readonly data: string; readonly logs: string };

/** The demo lives in a folder inside, so that nothing of the real profile is read, changed or locked by it. */
export function profileFor(launch: Launch, folders: Profile): Profile {
  if (launch.demo === false) return folders;
  const userData = join(folders.userData, "demo");
  return { userData, data: join(userData, "data"), logs: join(userData, "logs") };
}
