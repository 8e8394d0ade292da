import * as z from "zod/mini";
import { doctorReportSchema } from "./doctor.ts";
import { browserReasons, routeNotes } from "./enrolment-words.ts";
import { appErrorSchema, leftSchema, needsSchema, signInReasons } from "./errors.ts";
import { managementSchema } from "./policy-views.ts";
import { recoverySchema } from "./recovery.ts";
import { profileColors, settingsSchema, signInModes } from "./settings.ts";

/**
 * What the page may see. Every object is strict: a field that is not written here cannot leave the main process, so a
 * token that somebody adds to a returned object becomes a failing test instead of a leak.
 */

const text = z.string().check(z.maxLength(1_000));
const time = z.string().check(z.maxLength(40));
/** Milliseconds since 1970, by this machine's clock. */
const instant = z.number();

export const userSchema = z.strictObject({
  id: text,
  username: text,
  email: z.nullable(text),
  name: z.nullable(text),
  enabled: z.boolean(),
  /** `null`: PingOne did not tell. */
  mfaEnabled: z.nullable(z.boolean()),
});
export type User = z.infer<typeof userSchema>;

export const deviceSchema = z.strictObject({
  id: text,
  /** As PingOne names it, e.g. `PINGID_DESKTOP_GEN2`; unknown types are shown as they are. */
  type: text,
  /** `ACTIVE`, `ACTIVATION_REQUIRED`, or whatever PingOne adds one day. */
  status: text,
  nickname: z.nullable(text),
  relyingPartyId: z.nullable(text),
  /** Operating system as the agent reported it, e.g. `MAC 15.7.3`. */
  system: z.nullable(text),
  application: z.nullable(text),
  createdAt: z.nullable(time),
  locked: z.boolean(),
  blocked: z.boolean(),
});
export type Device = z.infer<typeof deviceSchema>;

export const policySchema = z.strictObject({
  id: text,
  name: text,
  isDefault: z.boolean(),
  /** `unknown`: the policy does not say whether PingID Desktop may be paired; PingOne will decide. */
  desktopPairing: z.enum(["allowed", "disabled", "unknown"]),
  fido2Pairing: z.enum(["allowed", "disabled", "unknown"]),
  /** The FIDO policy that this MFA policy names; `null`: the environment's default. */
  fidoPolicyId: z.nullable(text),
});
export type Policy = z.infer<typeof policySchema>;

/** `not-readable`: the role may not read policies, so the operator types the id. */
export const policiesSchema = z.discriminatedUnion("state", [
  z.strictObject({ state: z.literal("readable"), policies: z.array(policySchema) }),
  z.strictObject({ state: z.literal("not-readable") }),
]);
export type Policies = z.infer<typeof policiesSchema>;

/** Which way the enrolment of an authenticator goes on this computer, and what the person has to know beforehand. */
export const routeSchema = z.discriminatedUnion("route", [
  z.strictObject({ route: z.literal("window"), notes: z.array(z.enum(routeNotes)) }),
  /** Through libfido2's tools, which ask for the PIN themselves. */
  z.strictObject({ route: z.literal("tools") }),
  /** Only on the organisation's own PingOne page. */
  z.strictObject({ route: z.literal("browser"), reason: z.enum(browserReasons) }),
  /** The simulator's pretend authenticator answers. */
  z.strictObject({ route: z.literal("simulated") }),
]);
export type Route = z.infer<typeof routeSchema>;

/** What the operator asks for: a security key, or the authenticator built into this computer. */
export const authenticatorKinds = ["key", "platform"] as const;
export type AuthenticatorKind = (typeof authenticatorKinds)[number];

/** For a security key, and for this computer's own authenticator. */
const routesSchema = z.strictObject({ key: routeSchema, platform: routeSchema });
export type Routes = z.infer<typeof routesSchema>;

/** The authenticator that answered a FIDO2 ceremony, as far as it can be known. */
export const authenticatorSchema = z.strictObject({
  /** Which model made the credential; all zeros when it does not say. */
  aaguid: text,
  /** The model's name for people; `null` when it is not known. */
  name: z.nullable(text),
  attachment: z.nullable(z.enum(["platform", "cross-platform"])),
  transports: z.array(text),
  userVerified: z.boolean(),
  /** `true`: the credential may be copied to other devices (a synced passkey). */
  backupEligible: z.boolean(),
  backedUp: z.boolean(),
});
export type Authenticator = z.infer<typeof authenticatorSchema>;

/** In the order in which a person meets them. The names appear in the command line's JSON and are a promise. */
export const stepNames = [
  "check-prerequisites",
  "create-device",
  "find-created-device",
  "register-with-agent",
  "run-ceremony",
  "activate-device",
  "confirm-activation",
  "name-device",
  "remove-device",
] as const;
export type StepName = (typeof stepNames)[number];

export const stepSchema = z.strictObject({
  name: z.enum(stepNames),
  outcome: z.enum(["running", "done", "failed"]),
  startedAt: instant,
  /** Duration so far or in all, in whole milliseconds. `null` while the step runs. */
  ms: z.nullable(z.number()),
  /** When the other side will have taken too long; `null` for steps without a deadline worth showing. */
  deadlineAt: z.nullable(instant),
  correlationId: z.nullable(text),
});
export type Step = z.infer<typeof stepSchema>;

export const warningCodes = [
  "mfa-disabled",
  "existing-desktop-devices",
  "policy-not-chosen",
  "nickname-not-set",
  "journal-not-written",
  /** The detail says which program got the pairing, and what speaks against it. */
  "agent-not-verified",
  /** The clock is off by more than half a minute; the detail says by how much and in which direction. */
  "clock-off",
  "licence-doubtful",
] as const;
export const warningSchema = z.strictObject({ code: z.enum(warningCodes), detail: z.nullable(text) });
export type Warning = z.infer<typeof warningSchema>;

/** A user and everything the operator must know before pairing. */
const openUser = {
  user: userSchema,
  devices: z.array(deviceSchema),
  /** The device of ours that this workstation is paired as, by our own record; `null`: none of them that we know of. */
  ownDeviceId: z.nullable(text),
  policies: policiesSchema,
  /** What would happen on this computer: under the environment's usual policy, and under each readable MFA policy. */
  routes: z.strictObject({
    usual: routesSchema,
    byPolicy: z.array(z.strictObject({ policyId: text, routes: routesSchema })),
  }),
};
const kind = z.enum(["desktop", "fido2"]);

/** What a session needs, in the order in which it is checked. */
export const rightNames = [
  "read-environment",
  "read-users",
  "read-policies",
  "read-devices",
  "create-devices",
  "activate-devices",
  "remove-devices",
  "enable-mfa",
] as const;
/**
 * `not-tested`: only a write could tell, and nothing is written to find out.
 * `needs`: the role or scope that would give it, in PingOne's words; `null` where it is granted or nobody can tell.
 */
export const rightSchema = z.strictObject({
  right: z.enum(rightNames),
  state: z.enum(["granted", "missing", "not-tested"]),
  needs: z.nullable(needsSchema),
});
export type Right = z.infer<typeof rightSchema>;

/** What the person has to do now. */
export const signInStepSchema = z.discriminatedUnion("way", [
  z.strictObject({
    way: z.literal("browser"),
    /** For copying, because opening a browser can fail without a word. Holds no secret. */
    address: z.string().check(z.maxLength(4_000)),
    deadlineAt: instant,
  }),
  z.strictObject({
    way: z.literal("device-code"),
    userCode: text,
    address: text,
    /** The modules of a QR code of the complete address, a row a text of `0` and `1`; empty: there is none. */
    qr: z.array(z.string().check(z.maxLength(200))),
    deadlineAt: instant,
  }),
  /** Nothing: DeskPair and PingOne talk to each other. */
  z.strictObject({ way: z.literal("none") }),
]);
export type SignInStep = z.infer<typeof signInStepSchema>;

/** One member per screen, data only where it means something. */
export const phaseSchema = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("signed-out"),
    /** Why a session that was there is no more; `null`: nobody was signed in, or the person signed out. */
    reason: z.nullable(z.enum(signInReasons)),
  }),
  z.strictObject({ name: z.literal("signing-in"), step: signInStepSchema }),
  /** Signed in, and what that is good for. */
  z.strictObject({ name: z.literal("ready"), rights: z.array(rightSchema) }),
  z.strictObject({
    name: z.literal("finding-user"),
    query: text,
    /** `null` before the first search. More than one: the operator chooses. */
    matches: z.nullable(z.array(userSchema)),
  }),
  z.strictObject({ name: z.literal("user"), ...openUser }),
  z.strictObject({
    name: z.literal("pairing"),
    kind,
    user: userSchema,
    pairingId: text,
    steps: z.array(stepSchema),
    /** The operator asked to stop; what was made is being removed. */
    cancelling: z.boolean(),
  }),
  z.strictObject({
    name: z.literal("watching-browser"),
    user: userSchema,
    startedAt: instant,
    deadlineAt: instant,
    /** Opening a browser can fail without a word, so the page also shows the address, for copying. */
    pageUrl: text,
  }),
  z.strictObject({
    name: z.literal("paired"),
    kind,
    /** `false`: the workstation was paired already, and nothing was done. */
    changed: z.boolean(),
    user: userSchema,
    pairingId: text,
    device: deviceSchema,
    /** `null` for a workstation, and for a key that was enrolled in the browser. */
    authenticator: z.nullable(authenticatorSchema),
    steps: z.array(stepSchema),
    warnings: z.array(warningSchema),
  }),
  z.strictObject({
    name: z.literal("failed"),
    kind,
    ...openUser,
    pairingId: text,
    error: appErrorSchema,
    left: leftSchema,
    deviceId: z.nullable(text),
    steps: z.array(stepSchema),
  }),
]);
export type Phase = z.infer<typeof phaseSchema>;

/** Faults that can be switched on in the simulator, to rehearse what goes wrong. Each is a name and a sentence. */
export const rehearsalSchema = z.strictObject({
  active: z.nullable(text),
  faults: z.array(z.strictObject({ name: text, description: text })),
  users: z.array(z.strictObject({ username: text, note: text })),
});
export type Rehearsal = z.infer<typeof rehearsalSchema>;

/** One tenant in the list of profiles. */
export const profileViewSchema = z.strictObject({
  name: text,
  mode: z.enum(signInModes),
  environmentId: text,
  /** The API host, or the region's; for telling two tenants apart. */
  host: text,
  color: z.nullable(z.enum(profileColors)),
  production: z.boolean(),
  /** Whether something is in the key store with which this profile may sign in without asking. */
  kept: z.boolean(),
  /** A policy has made it: nobody can remove it here. */
  managed: z.boolean(),
});
export type ProfileView = z.infer<typeof profileViewSchema>;

export const operatorSchema = z.strictObject({
  profile: text,
  mode: z.enum(signInModes),
  /** The person's name or username; for a worker application its client id. */
  actor: text,
  clientId: text,
  environmentId: text,
  /** `null`: it may not be read. */
  environmentName: z.nullable(text),
  apiHost: text,
  color: z.nullable(z.enum(profileColors)),
  production: z.boolean(),
  /** Whether the session outlives this start of the app. */
  kept: z.boolean(),
  /** When it ends if nobody touches anything; `null`: it does not. */
  idleAt: z.nullable(instant),
});
export type Operator = z.infer<typeof operatorSchema>;

export const snapshotSchema = z.strictObject({
  /** Rises with every change. The page keeps the higher one, so that nothing is lost between asking and listening. */
  revision: z.number(),
  version: text,
  /** The name of this computer: the nickname that a device gets unless the operator types another. */
  hostName: text,
  /** `null`: a real environment. */
  simulator: z.nullable(rehearsalSchema),
  profiles: z.strictObject({
    /** The profile in use; `null` before there is one. */
    current: z.nullable(text),
    list: z.array(profileViewSchema),
    /** A profile, or the whole file, that cannot be used. Saving a profile sets a broken file aside. */
    problem: z.nullable(z.strictObject({ profile: z.nullable(text), problem: text })),
  }),
  /** Where secrets are kept; see the port. */
  secretStore: z.enum(["system", "memory", "file"]),
  /** What the organisation's policy has decided. */
  management: managementSchema,
  /** `null` when nobody is signed in. */
  operator: z.nullable(operatorSchema),
  /** What main is busy with on behalf of the page, as a request name; `null` when nothing. */
  busy: z.nullable(text),
  /** Of the profile in use, and of the window. */
  settings: settingsSchema,
  /** The last examination; `null`: there was none for those who are signed in now, or one is under way. */
  doctor: z.nullable(doctorReportSchema),
  /** `null`: no pairing was interrupted, or the person has read about it. */
  recovery: z.nullable(recoverySchema),
  phase: phaseSchema,
});
export type Snapshot = z.infer<typeof snapshotSchema>;
