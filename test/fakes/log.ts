import type { Log, LogFields, LogLevel } from "../../src/core/ports.ts";

export type LogLine = { readonly level: LogLevel; readonly event: string; readonly fields: LogFields };

/** A log that keeps its lines as the core wrote them, before any adapter redacts them. */
export function recordingLog(): { readonly log: Log; readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  return { log: (level, event, fields = {}) => void lines.push({ level, event, fields }), lines };
}
