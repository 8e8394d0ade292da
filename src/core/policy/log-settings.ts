import type { LogLevel } from "../ports.ts";
import { type Decisions, valueOf } from "./precedence.ts";

/** What the organisation says about the log, with what holds where it says nothing. */
export type LogSettings = {
  /** `null`: the place that each system expects. */
  readonly directory: string | null;
  readonly level: LogLevel;
  /** Nobody else may choose the level. */
  readonly isLevelLocked: boolean;
  readonly keepDays: number;
};

/** Of no policy, and where none counts, as in a demo. */
export const usualLogSettings: LogSettings = { directory: null, level: "info", isLevelLocked: false, keepDays: 30 };

export const logSettings = (decisions: Decisions): LogSettings => ({
  directory: valueOf(decisions, "LogDirectory"),
  level: valueOf(decisions, "LogLevel") ?? usualLogSettings.level,
  isLevelLocked: decisions.get("LogLevel")?.locked === true,
  keepDays: valueOf(decisions, "LogRetentionDays") ?? usualLogSettings.keepDays,
});
