import type { Log, LogFields, Random } from "../core/ports.ts";

/** Writes down that something happened which should not be possible; returns the number to report it under. */
export type RecordIncident = (event: string, thrown: unknown, fields?: LogFields) => string;

/**
 * A person gets the number, the log gets the kind of error and where it arose. Neither gets the message: whoever threw
 * may have put into it what the page has sent, and that can be a secret.
 */
export function createIncidentRecorder(log: Log, random: Random): RecordIncident {
  return (event, thrown, fields) => {
    const incidentId = random.uuid();
    log("error", event, { ...fields, incidentId, ...describe(thrown) });
    return incidentId;
  };
}

function describe(thrown: unknown): LogFields {
  if (!(thrown instanceof Error)) return { thrown: thrown === null ? "null" : typeof thrown };
  return { thrown: thrown.name, at: frames(thrown) };
}

/** The lines of the stack that name a place. The message stands before them, and may look like one of them. */
function frames(error: Error): string {
  const stack = error.stack ?? "";
  const start = stack.indexOf(error.message);
  const places = error.message !== "" && start >= 0 ? stack.slice(start + error.message.length) : stack;
  return places
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("at "))
    .slice(0, 12)
    .join(" | ");
}

/**
 * Bugs that nobody caught. Without a listener of ours Electron shows its own dialog with a stack in it, and the app goes
 * on behind it; with one, it is written down and the app goes on.
 */
export function watchForBugs(
  process: { on(event: "uncaughtException" | "unhandledRejection", listener: (thrown: unknown) => void): unknown },
  recordIncident: RecordIncident,
): void {
  process.on("uncaughtException", (thrown) => recordIncident("app.uncaught", thrown));
  process.on("unhandledRejection", (thrown) => recordIncident("app.unhandled-rejection", thrown));
}
