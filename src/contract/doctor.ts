import * as z from "zod/mini";
import { appErrorSchema } from "./errors.ts";

/** The doctor: every prerequisite of a pairing, checked by reading only, with evidence and the way to put it right. */

const words = z.string().check(z.maxLength(1_000));

/**
 * In the order in which they are shown, from the computer outwards. The names appear in the command line's JSON and in
 * support articles: a promise, so none is ever renamed or given another meaning.
 */
export const doctorCheckNames = [
  "network",
  "proxy",
  "tls",
  "clock",
  "key-store",
  "journal",
  "data-folder",
  "log",
  "policy",
  "sign-in",
  "permissions",
  "capabilities",
  "mfa-policy",
  "pairing-allowed",
  "relying-party",
  "agent-installed",
  "agent-running",
  "agent-port",
  "agent-identity",
  "agent-healthy",
  "user",
  "device-limit",
] as const;
export type DoctorCheckName = (typeof doctorCheckNames)[number];

export const doctorStates = ["pass", "warn", "fail", "not-tested"] as const;
export type DoctorState = (typeof doctorStates)[number];

export const doctorCheckSchema = z.strictObject({
  name: z.enum(doctorCheckNames),
  state: z.enum(doctorStates),
  /** What was seen; for `not-tested` why nothing was. One sentence or two, never a secret. */
  evidence: words,
  /** What to do, in one line; `null`: nothing. */
  fix: z.nullable(words),
  /** What a pairing would fail with. There for `fail`, else `null`. */
  error: z.nullable(appErrorSchema),
  /** Time taken, in whole milliseconds. */
  ms: z.number(),
});
export type DoctorCheck = z.infer<typeof doctorCheckSchema>;

export const doctorReportSchema = z.strictObject({
  /** Every name once, in the order of `doctorCheckNames`. */
  checks: z.array(doctorCheckSchema),
  /** Milliseconds since 1970, by this computer's clock. */
  startedAt: z.number(),
  ms: z.number(),
  /** `fail` outranks `warn`, `warn` outranks `not-tested`, and `pass` means that everything passed. */
  worst: z.enum(doctorStates),
});
export type DoctorReport = z.infer<typeof doctorReportSchema>;
