import * as z from "zod/mini";
import type { EventName, RequestName } from "./channels.ts";
import type { Outcome } from "./errors.ts";
import { inForceSchema } from "./policy-views.ts";
import { profileSettingsSchema, settingsChangeSchema } from "./settings.ts";
import { authenticatorKinds, snapshotSchema } from "./views.ts";

/**
 * The contract between page and main process: for each name what goes in and what comes out. The bridge, main's
 * registration, the fakes and the table of the contract tests are all derived from these two objects.
 *
 * Commands answer with `null`: what changed arrives as the next snapshot.
 */

const nothing = z.null();
const id = z.string().check(z.minLength(1), z.maxLength(64));

/**
 * Links go by name, and main owns the addresses. The one address that the page can change is the organisation's enrolment
 * page, in the settings; main opens it as https only. `help.organisation` is the one that a policy names, if any.
 */
export const linkNames = ["help.pairing", "help.roles", "help.agent", "help.organisation"] as const;

/** Screens that the menu opens. */
export const menuScreens = ["policy"] as const;

const profileName = z.string().check(z.minLength(1), z.maxLength(100));

/**
 * How to sign in to the profile in use: in the system's browser, with a code that is typed on another device, with what
 * was kept from last time, or with the secret of a worker application.
 */
export const signInSchema = z.discriminatedUnion("way", [
  z.strictObject({ way: z.literal("browser"), keep: z.boolean() }),
  z.strictObject({ way: z.literal("device-code"), keep: z.boolean() }),
  z.strictObject({ way: z.literal("kept") }),
  z.strictObject({
    way: z.literal("secret"),
    /** Never in a snapshot, a log or a file; in the key store when `keep` says so. `null`: the profile names a key file. */
    clientSecret: z.nullable(z.string().check(z.minLength(1), z.maxLength(1_000))),
    keep: z.boolean(),
  }),
]);
export type SignIn = z.infer<typeof signInSchema>;

/** A profile that the person made or changed. `formerName`: the profile that it replaces; `null`: a new one. */
export const profileSaveSchema = z.strictObject({
  name: profileName,
  formerName: z.nullable(profileName),
  settings: profileSettingsSchema,
});
export type ProfileSave = z.infer<typeof profileSaveSchema>;

const pairingChoice = {
  /** `null`: send no policy and let PingOne take its default. */
  policyId: z.nullable(id),
  /** `null`: a workstation is named after this computer, a key keeps the name that PingOne gives. */
  nickname: z.nullable(z.string().check(z.maxLength(100))),
};

export const pairingStartSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("desktop"),
    ...pairingChoice,
    /** The operator has seen the user's desktop devices and wants another one all the same. */
    despiteExisting: z.boolean(),
  }),
  z.strictObject({ kind: z.literal("fido2"), ...pairingChoice, authenticator: z.enum(authenticatorKinds) }),
]);
export type PairingStart = z.infer<typeof pairingStartSchema>;

export const requests = {
  "app.snapshot": { input: nothing, output: snapshotSchema },
  /** Saves a profile and makes it the one in use. */
  "profile.save": { input: profileSaveSchema, output: nothing },
  /** Signs out of the profile in use, if somebody is signed in, and takes another. */
  "profile.choose": { input: z.strictObject({ name: profileName }), output: nothing },
  "profile.remove": { input: z.strictObject({ name: profileName }), output: nothing },
  /** Answers when the sign-in is over. Meanwhile the snapshot shows what the person has to do. */
  "session.signIn": { input: signInSchema, output: nothing },
  "session.cancelSignIn": { input: nothing, output: nothing },
  /** Opens the page of the running browser sign-in again. */
  "session.openSignInPage": { input: nothing, output: nothing },
  /** From the list of what the session may do to its work. */
  "session.begin": { input: nothing, output: nothing },
  /** Somebody is here: starts the idle time anew. */
  "session.touch": { input: nothing, output: nothing },
  "session.signOut": { input: nothing, output: nothing },
  "user.find": {
    input: z.strictObject({ query: z.string().check(z.minLength(1), z.maxLength(200)) }),
    output: nothing,
  },
  "user.open": { input: z.strictObject({ userId: id }), output: nothing },
  "user.close": { input: nothing, output: nothing },
  "user.refresh": { input: nothing, output: nothing },
  "user.enableMfa": { input: nothing, output: nothing },
  "device.remove": {
    input: z.strictObject({
      deviceId: id,
      /** The person was told that the environment is marked as production, and wants it all the same. */
      confirmed: z.boolean(),
    }),
    output: nothing,
  },
  "pairing.start": { input: pairingStartSchema, output: nothing },
  /** Opens the organisation's own PingOne page and waits for the key that the user enrols there. */
  "pairing.startInBrowser": { input: nothing, output: nothing },
  "pairing.cancel": { input: nothing, output: nothing },
  "pairing.close": { input: nothing, output: nothing },
  /** Finishes or undoes the pairings that were interrupted, here. After a sign-in it runs by itself. */
  "pairings.recover": { input: nothing, output: nothing },
  /** The person has read what became of them. */
  "pairings.dismiss": { input: nothing, output: nothing },
  "settings.change": { input: settingsChangeSchema, output: nothing },
  /** Examines everything that can be examined now; the report is in the next snapshot. Writes nothing. */
  "doctor.run": { input: nothing, output: nothing },
  /** Looks at the policy again, and tells every setting with its value and where it comes from. */
  "policy.explain": { input: nothing, output: inForceSchema },
  "simulator.rehearse": {
    input: z.strictObject({ fault: z.nullable(z.string().check(z.maxLength(64))) }),
    output: nothing,
  },
  "link.open": { input: z.strictObject({ name: z.enum(linkNames) }), output: nothing },
} satisfies Record<RequestName, { input: z.ZodMiniType; output: z.ZodMiniType }>;

export const events = {
  "app.changed": snapshotSchema,
  /** Somebody has chosen a screen in the menu. */
  "app.show": z.strictObject({ screen: z.enum(menuScreens) }),
} satisfies Record<EventName, z.ZodMiniType>;

export type Input<N extends RequestName> = z.infer<(typeof requests)[N]["input"]>;
export type Output<N extends RequestName> = z.infer<(typeof requests)[N]["output"]>;
export type EventPayload<N extends EventName> = z.infer<(typeof events)[N]>;

/** What the page calls. */
export type Bridge = {
  readonly [N in RequestName]: (input: Input<N>) => Promise<Outcome<Output<N>>>;
} & {
  /** Calls `listener` with every payload from now on; returns the function that ends it. */
  readonly on: <N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void) => () => void;
};

/** What main must supply: one function per name, given parsed input and no Electron event. */
export type Handlers = {
  readonly [N in RequestName]: (input: Input<N>) => Promise<Outcome<Output<N>>>;
};
