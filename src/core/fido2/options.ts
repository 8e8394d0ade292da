import { base64url } from "jose";
import * as z from "zod/mini";
import { fail, type Outcome, ok } from "../../contract/errors.ts";

/**
 * The WebAuthn creation options inside PingOne's create reply, read liberally and passed on strictly.
 *
 * "Create MFA User Device (FIDO2)" shows a string that holds JSON, with signed bytes and `alg` as text. Public
 * integrations report unsigned bytes, base64url and an object that is parsed already; all of that is understood here.
 * What goes on to an authenticator is the standard's own JSON form, and only the members that the standard knows.
 */

const transports = ["usb", "nfc", "ble", "smart-card", "hybrid", "internal"] as const;

const descriptor = z.strictObject({
  type: z.literal("public-key"),
  id: z.string(),
  transports: z.optional(z.array(z.enum(transports))),
});

/** `PublicKeyCredentialCreationOptionsJSON` of WebAuthn, as far as it goes to an authenticator. Bytes are base64url. */
export const creationOptionsSchema = z.strictObject({
  rp: z.strictObject({ id: z.string(), name: z.string() }),
  user: z.strictObject({ id: z.string(), name: z.string(), displayName: z.string() }),
  challenge: z.string(),
  pubKeyCredParams: z.array(z.strictObject({ type: z.literal("public-key"), alg: z.number() })),
  timeout: z.optional(z.number()),
  excludeCredentials: z.array(descriptor),
  authenticatorSelection: z.strictObject({
    authenticatorAttachment: z.optional(z.enum(["platform", "cross-platform"])),
    residentKey: z.enum(["discouraged", "preferred", "required"]),
    requireResidentKey: z.boolean(),
    userVerification: z.enum(["discouraged", "preferred", "required"]),
  }),
  attestation: z.enum(["none", "indirect", "direct", "enterprise"]),
  hints: z.optional(z.array(z.enum(["security-key", "client-device", "hybrid"]))),
  /** Only extensions whose input is plain and that change nothing about who may use the credential. */
  extensions: z.optional(z.strictObject({ credProps: z.optional(z.boolean()) })),
});
export type CreationOptions = z.infer<typeof creationOptionsSchema>;

/** Bytes in any of the forms seen, as base64url without padding. */
const bytes = z.pipe(
  z.union([
    z.array(z.number().check(z.int(), z.minimum(-128), z.maximum(255))),
    z.string().check(z.regex(/^[A-Za-z0-9+/_-]+=*$/)),
  ]),
  z.transform((value) =>
    typeof value === "string"
      ? value.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")
      : base64url.encode(Uint8Array.from(value, (byte) => byte & 0xff)),
  ),
);
const algorithm = z.pipe(
  z.union([z.number(), z.string().check(z.regex(/^-?\d{1,6}$/))]),
  z.transform((value) => Number(value)),
);
const text = z.string().check(z.maxLength(500));
const preference = z.enum(["discouraged", "preferred", "required"]);
/** A value that we do not know is left out, because the authenticator would refuse the whole request over it. */
const known = <T extends z.ZodMiniType>(schema: T) => z.catch(z.optional(schema), undefined);

const wireDescriptor = z.object({ type: z.optional(z.string()), id: bytes, transports: known(z.array(z.string())) });

const wireOptions = z.object({
  rp: z.object({ id: text, name: z.optional(text) }),
  user: z.object({ id: bytes, name: text, displayName: z.optional(text) }),
  challenge: bytes,
  pubKeyCredParams: z.array(z.object({ type: z.optional(z.string()), alg: algorithm })).check(z.minLength(1)),
  timeout: known(z.number().check(z.minimum(0))),
  excludeCredentials: z.optional(z.nullable(z.array(wireDescriptor))),
  authenticatorSelection: known(
    z.object({
      authenticatorAttachment: known(z.enum(["platform", "cross-platform"])),
      residentKey: known(preference),
      requireResidentKey: known(z.boolean()),
      userVerification: known(preference),
    }),
  ),
  attestation: known(z.enum(["none", "indirect", "direct", "enterprise"])),
  hints: known(z.array(z.string())),
  extensions: known(z.object({ credProps: known(z.boolean()) })),
});

/** WebAuthn recommends at least 16 random bytes; fewer is not a challenge. */
const shortestChallengeBytes = 16;

/** @param raw `publicKeyCredentialCreationOptions` of the create reply: a string of JSON, or what was parsed from it. */
export function readCreationOptions(raw: unknown): Outcome<CreationOptions> {
  const invalid = (problem: string) => fail({ code: "reply-invalid", action: "create the device", problem });
  let given = raw;
  if (typeof raw === "string") {
    try {
      given = JSON.parse(raw);
    } catch {
      return invalid("its options for the security key are not JSON");
    }
  }
  const parsed = wireOptions.safeParse(given);
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.join(".") ?? "";
    return invalid(`its options for the security key cannot be read${path === "" ? "" : ` (${path})`}`);
  }
  const wire = parsed.data;
  if (base64url.decode(wire.challenge).length < shortestChallengeBytes) {
    return invalid("the challenge in its options is too short");
  }
  const selection = wire.authenticatorSelection;
  const residentKey = selection?.residentKey ?? (selection?.requireResidentKey === true ? "required" : "discouraged");
  const hints = (wire.hints ?? []).filter(isHint);
  return ok({
    rp: { id: wire.rp.id, name: wire.rp.name ?? wire.rp.id },
    user: { id: wire.user.id, name: wire.user.name, displayName: wire.user.displayName ?? wire.user.name },
    challenge: wire.challenge,
    pubKeyCredParams: wire.pubKeyCredParams
      .filter((parameter) => parameter.type === undefined || parameter.type === "public-key")
      .map(({ alg }) => ({ type: "public-key", alg })),
    ...(wire.timeout === undefined ? {} : { timeout: wire.timeout }),
    excludeCredentials: (wire.excludeCredentials ?? []).map((credential) => ({
      type: "public-key",
      id: credential.id,
      ...(credential.transports === undefined ? {} : { transports: credential.transports.filter(isTransport) }),
    })),
    authenticatorSelection: {
      ...(selection?.authenticatorAttachment === undefined
        ? {}
        : { authenticatorAttachment: selection.authenticatorAttachment }),
      residentKey,
      requireResidentKey: residentKey === "required",
      userVerification: selection?.userVerification ?? "preferred",
    },
    attestation: wire.attestation ?? "none",
    ...(hints.length === 0 ? {} : { hints }),
    ...(wire.extensions?.credProps === undefined ? {} : { extensions: { credProps: wire.extensions.credProps } }),
  });
}

const isTransport = (value: string): value is (typeof transports)[number] =>
  transports.some((transport) => transport === value);
const isHint = (value: string): value is "security-key" | "client-device" | "hybrid" =>
  value === "security-key" || value === "client-device" || value === "hybrid";
