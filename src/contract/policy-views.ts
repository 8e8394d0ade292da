import * as z from "zod/mini";
import { signInModes } from "./settings.ts";

/** What the page may see of the organisation's policy. Strict, as everything that leaves the main process. */

const text = z.string().check(z.maxLength(1_000));
/** Values and reasons, which main cuts to this. */
export const longestValue = 2_000;
const value = z.string().check(z.maxLength(longestValue));
/** As long as a policy's text can be. */
const policyText = z.string().check(z.maxLength(1_023));

/** What the page offers to change and a policy can fix. */
export const lockableSettings = [
  "mode",
  "region",
  "apiUrl",
  "authUrl",
  "authDomain",
  "environmentId",
  "clientId",
  "clientAuthentication",
  "redirectPort",
  "agentPort",
  "policyId",
  "relyingPartyId",
  "enrolmentPageUrl",
  "production",
  "idleMinutes",
  "signOutOnLock",
] as const;
export type LockableSetting = (typeof lockableSettings)[number];

export const managementSchema = z.strictObject({
  /** Whether there is a policy at all, readable or not. */
  managed: z.boolean(),
  /** What a policy fixes, whichever profile is in use: it is shown, and cannot be changed. */
  locked: z.array(z.enum(lockableSettings)),
  /** `forced`: a policy says which profiles there are, and nothing about them can be changed. */
  profiles: z.enum(["own", "forced"]),
  /** A policy says which profile is in use. */
  profileFixed: z.boolean(),
  /** Ways to sign in that are allowed; `null`: all. */
  signInModes: z.nullable(z.array(z.enum(signInModes))),
  /** What the workstation will be called for the user on the screen; `null`: the operator says, or nobody is on it. */
  nickname: z.nullable(text),
  /** A policy that is not understood, and in whose place nothing can be done; `null`: go on. */
  refused: z.nullable(z.strictObject({ setting: text, place: z.nullable(text), problem: value })),
  /** Settings that will be different after a restart. */
  waiting: z.array(text),
  firstRunSkipped: z.boolean(),
  /** Shown where something has failed. `link`: main knows the whole address; this is what a person sees of it. */
  help: z.strictObject({ text: z.nullable(policyText), link: z.nullable(policyText) }),
});
export type Management = z.infer<typeof managementSchema>;

export const policyScopeSchema = z.strictObject({
  scope: z.enum(["machine", "user"]),
  state: z.enum(["absent", "read", "unreadable"]),
  place: text,
  problem: z.nullable(value),
  /** By name alone: the value may be a secret. The first of them; `unknownCount` counts all. */
  unknown: z.array(z.strictObject({ name: text, place: text, reason: text })),
  unknownCount: z.number(),
});
export type PolicyScopeView = z.infer<typeof policyScopeSchema>;

export const settingInForceSchema = z.strictObject({
  name: text,
  title: text,
  section: text,
  state: z.enum(["in-force", "refused"]),
  shown: value,
  /** Where it comes from, in words. */
  origin: value,
  isDefault: z.boolean(),
  locked: z.boolean(),
  restart: z.boolean(),
  /** What it will be after a restart; `null`: the same. */
  waiting: z.nullable(value),
  problem: z.nullable(value),
  /** What else is set and does not count. The first of them. */
  ignored: z.array(z.strictObject({ origin: value, value: z.nullable(value), reason: value })),
});
export type SettingInForce = z.infer<typeof settingInForceSchema>;

/** Every setting with its value, where it comes from, and what was ignored. */
export const inForceSchema = z.strictObject({
  /** Nothing is refused, unreadable, unknown or wrong. */
  sound: z.boolean(),
  policies: z.array(policyScopeSchema),
  settings: z.array(settingInForceSchema),
});
export type InForce = z.infer<typeof inForceSchema>;
