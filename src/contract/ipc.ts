import * as z from "zod/mini";
import type { EventName, RequestName } from "./channels.ts";
import type { Outcome } from "./errors.ts";
import { regions, settingsChangeSchema } from "./settings.ts";
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
 * page, in the settings; main opens it as https only.
 */
export const linkNames = ["help.pairing", "help.roles", "help.agent"] as const;

export const signInSchema = z.strictObject({
  region: z.enum(regions),
  apiUrl: z.nullable(z.string().check(z.maxLength(300))),
  authUrl: z.nullable(z.string().check(z.maxLength(300))),
  environmentId: z.string().check(z.minLength(1), z.maxLength(64)),
  clientId: z.string().check(z.minLength(1), z.maxLength(64)),
  /** Used once, kept in main's memory for the session, never in a snapshot, a log or a file. */
  clientSecret: z.string().check(z.minLength(1), z.maxLength(1_000)),
});
export type SignIn = z.infer<typeof signInSchema>;

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
  "session.signIn": { input: signInSchema, output: nothing },
  "session.signOut": { input: nothing, output: nothing },
  "user.find": {
    input: z.strictObject({ query: z.string().check(z.minLength(1), z.maxLength(200)) }),
    output: nothing,
  },
  "user.open": { input: z.strictObject({ userId: id }), output: nothing },
  "user.close": { input: nothing, output: nothing },
  "user.refresh": { input: nothing, output: nothing },
  "user.enableMfa": { input: nothing, output: nothing },
  "device.remove": { input: z.strictObject({ deviceId: id }), output: nothing },
  "pairing.start": { input: pairingStartSchema, output: nothing },
  /** Opens the organisation's own PingOne page and waits for the key that the user enrols there. */
  "pairing.startInBrowser": { input: nothing, output: nothing },
  "pairing.cancel": { input: nothing, output: nothing },
  "pairing.close": { input: nothing, output: nothing },
  "settings.change": { input: settingsChangeSchema, output: nothing },
  "simulator.rehearse": {
    input: z.strictObject({ fault: z.nullable(z.string().check(z.maxLength(64))) }),
    output: nothing,
  },
  "link.open": { input: z.strictObject({ name: z.enum(linkNames) }), output: nothing },
} satisfies Record<RequestName, { input: z.ZodMiniType; output: z.ZodMiniType }>;

export const events = {
  "app.changed": snapshotSchema,
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
