import * as z from "zod/mini";
import type { Outcome } from "./errors.ts";
import { settingsSchema } from "./settings.ts";

/**
 * What crosses between the main process and the page of the enrolment window: the options go in, the answer of the
 * authenticator comes out. Both are strict; the page has no other way to learn or to tell anything.
 */

const text = z.string().check(z.maxLength(500));
/** Bytes, as WebAuthn's JSON forms write them. */
const base64url = z.string().check(z.regex(/^[A-Za-z0-9_-]+$/));

/** `AuthenticatorTransport` of WebAuthn. A name that it does not know is never passed on to an authenticator. */
export const transports = ["usb", "nfc", "ble", "smart-card", "hybrid", "internal"] as const;

const descriptorSchema = z.strictObject({
  type: z.literal("public-key"),
  id: base64url.check(z.maxLength(1_400)),
  transports: z.exactOptional(z.array(z.enum(transports))),
});

/** `PublicKeyCredentialCreationOptionsJSON` of WebAuthn, as far as it goes to an authenticator. */
export const creationOptionsSchema = z.strictObject({
  rp: z.strictObject({ id: text, name: text }),
  user: z.strictObject({ id: base64url.check(z.maxLength(1_400)), name: text, displayName: text }),
  challenge: base64url.check(z.maxLength(1_400)),
  pubKeyCredParams: z.array(z.strictObject({ type: z.literal("public-key"), alg: z.int() })),
  timeout: z.exactOptional(z.number().check(z.minimum(0))),
  excludeCredentials: z.array(descriptorSchema),
  authenticatorSelection: z.strictObject({
    authenticatorAttachment: z.exactOptional(z.enum(["platform", "cross-platform"])),
    residentKey: z.enum(["discouraged", "preferred", "required"]),
    requireResidentKey: z.boolean(),
    userVerification: z.enum(["discouraged", "preferred", "required"]),
  }),
  attestation: z.enum(["none", "indirect", "direct", "enterprise"]),
  hints: z.exactOptional(z.array(z.enum(["security-key", "client-device", "hybrid"]))),
  /** Only extensions whose input is plain and that change nothing about who may use the credential. */
  extensions: z.exactOptional(z.strictObject({ credProps: z.exactOptional(z.boolean()) })),
});
export type CreationOptions = z.infer<typeof creationOptionsSchema>;

/** Every word that the page shows: it has none of its own, so main decides about the language. */
export const enrolmentWordsSchema = z.strictObject({
  /** For the document: a language tag, and the direction in which it is written. */
  language: text,
  direction: z.enum(["ltr", "rtl"]),
  title: text,
  heading: text,
  /** What to do, in order. */
  steps: z.array(text).check(z.minLength(1), z.maxLength(4)),
  /** Whom this is for. */
  about: z.string().check(z.maxLength(1_200)),
  /** With `{time}` where the time stands. */
  timeLeft: text,
  /** The same, spoken: with `{seconds}` where they stand. */
  secondsLeft: text,
  timeIsUp: text,
  cancel: text,
  /** The name of the key that cancels. */
  cancelHint: text,
});
export type EnrolmentWords = z.infer<typeof enrolmentWordsSchema>;

export const enrolmentOptionsSchema = z.strictObject({
  publicKey: creationOptionsSchema,
  wanted: z.enum(["key", "platform"]),
  /** How long the person had in all and still has. Main ends the ceremony; the page only shows it. */
  timeoutMs: z.number(),
  timeLeftMs: z.number(),
  theme: settingsSchema.shape.theme,
  words: enrolmentWordsSchema,
});
export type EnrolmentOptions = z.infer<typeof enrolmentOptionsSchema>;

/** `RegistrationResponseJSON` of WebAuthn, without the members that repeat others. Whoever made it is not trusted. */
export const credentialSchema = z.strictObject({
  id: base64url.check(z.maxLength(1_400)),
  rawId: base64url.check(z.maxLength(1_400)),
  type: z.literal("public-key"),
  authenticatorAttachment: z.nullable(z.enum(["platform", "cross-platform"])),
  clientExtensionResults: z.strictObject({
    credProps: z.exactOptional(z.strictObject({ rk: z.exactOptional(z.boolean()) })),
  }),
  response: z.strictObject({
    clientDataJSON: base64url.check(z.maxLength(10_000)),
    attestationObject: base64url.check(z.maxLength(100_000)),
    transports: z.array(z.string().check(z.maxLength(32))).check(z.maxLength(10)),
  }),
});
export type Credential = z.infer<typeof credentialSchema>;

export const enrolmentResultSchema = z.discriminatedUnion("outcome", [
  z.strictObject({ outcome: z.literal("created"), credential: credentialSchema }),
  /** The name of the exception that WebAuthn ended with. Its message is for developers and stays in the page. */
  z.strictObject({ outcome: z.literal("refused"), name: z.string().check(z.regex(/^[A-Za-z]{1,40}$/)) }),
  /** The person pressed Cancel or Escape. */
  z.strictObject({ outcome: z.literal("cancelled") }),
]);
export type EnrolmentResult = z.infer<typeof enrolmentResultSchema>;

/** What the page calls. `result` is heard once. */
export type EnrolmentBridge = {
  readonly options: () => Promise<Outcome<EnrolmentOptions>>;
  readonly result: (result: EnrolmentResult) => Promise<Outcome<null>>;
};
