import { fromAlias } from "./aliases.ts";
import { createEvent } from "./coverage.ts";
import type { DevTools, Payload } from "./devtools.ts";
import { asElectron, type FrameTree } from "./frames.ts";

type Level = "debug" | "info" | "warning" | "error";

const levels: Readonly<Record<string, Level>> = {
  verbose: "debug",
  debug: "debug",
  warning: "warning",
  error: "error",
  assert: "error",
};

/** A value as the console would show it: primitives as they are, everything else by Chromium's description. */
const textOf = ({ value, description, type }: Payload<"Runtime.consoleAPICalled">["args"][number]): string =>
  description ?? (typeof value === "string" ? value : (JSON.stringify(value) ?? type));

/** Sends `console-message` for what scripts log, for errors nobody caught and for what Chromium itself reports. */
export function forwardConsole(
  devtools: DevTools,
  frames: FrameTree,
  emit: (event: string, ...args: readonly unknown[]) => void,
): void {
  const send = (level: string, message: string, sourceId = "", lineNumber = 0): void => {
    const fields = { level: levels[level] ?? "info", message, sourceId: fromAlias(sourceId), lineNumber };
    emit("console-message", createEvent({ ...fields, frame: asElectron(frames.main()) }));
  };
  devtools.on("Runtime.consoleAPICalled", ({ type, args, stackTrace }) => {
    const at = stackTrace?.callFrames[0];
    const text = args.map((arg) => textOf(arg)).join(" ");
    send(type, text, at?.url, (at?.lineNumber ?? -1) + 1);
  });
  devtools.on("Runtime.exceptionThrown", ({ exceptionDetails: { text, exception, url, lineNumber } }) => {
    send("error", `${text} ${exception?.description ?? ""}`.trim(), url, lineNumber + 1);
  });
  devtools.on("Log.entryAdded", ({ entry: { level, text, url, lineNumber } }) => {
    send(level, fromAlias(text), url, (lineNumber ?? -1) + 1);
  });
}
