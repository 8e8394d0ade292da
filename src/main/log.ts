import type { LogFacts } from "../core/doctor/ports.ts";
import { type LogSettings, usualLogSettings } from "../core/policy/log-settings.ts";
import type { Log } from "../core/ports.ts";
import { createHeldLog } from "../node/log.ts";
import { writeToFolder } from "../node/log-folder.ts";

/** The log of the window. It is there before the policy has been read, and holds its lines until then. */
export type AppLog = {
  readonly log: Log;
  /** Opens the log where the policy says. Called again, it changes the level only: another place needs a restart. */
  readonly follow: (settings: LogSettings) => void;
  readonly place: () => LogFacts;
};

/** @param folder where the log is if no policy says otherwise */
export function createAppLog(folder: string): AppLog {
  let { level } = usualLogSettings;
  let place: LogFacts | null = null;
  const usual: LogFacts = { folder, managed: false, problem: null };
  const { log, open } = createHeldLog({
    level: () => level,
    onFailure: (problem) => {
      place = { ...(place ?? usual), problem };
    },
  });
  return {
    log,
    follow: ({ directory, level: wanted, keepDays }) => {
      level = wanted;
      if (place !== null) return;
      place = directory === null ? usual : { folder: directory, managed: true, problem: null };
      open(writeToFolder({ folder: place.folder, shared: place.managed, program: "app", keepDays }));
    },
    place: () => place ?? usual,
  };
}
