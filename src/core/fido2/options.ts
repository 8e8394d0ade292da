import * as base64url from "jose/base64url";
import * as z from "zod/mini";
import { type CreationOptions, transports } from "../../contract/enrolment.ts";
import { fail, type Outcome, ok } from "../../contract/errors.ts";

export type { CreationOptions } from "../../contract/enrolment.ts";

/**
 * The WebAuthn creation options inside PingOne's create reply, read liberally and passed on strictly.
 *
 * "Create MFA User Device (FIDO2)" shows a string that holds JSON, with signed bytes and `alg` as text. Public
 * integrations report unsigned bytes, base64url and an object that is parsed already; all of that is understood here.
 * What goes on to an authenticator is the standard's own JSON form, and only the members that the standard knows.
 */

/**
 * Bytes in any of the forms seen, as base64url without padding. Text is decoded and written anew, because an
 * authenticator repeats the challenge in the one usual way, and the same bytes can be written in several.
 */
const bytes = z.pipe(
  z.union([
    z.array(z.number().check(z.int(), z.minimum(-128), z.maximum(255))),
    // One character alone in the last group of four stands for no byte.
    z.string().check(z.regex(/^(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2,4})=*$/)),
  ]),
  z.transform((value) =>
    base64url.encode(
      typeof value === "string"
        ? base64url.decode(value.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""))
        : Uint8Array.from(value, (byte) => byte & 0xff),
    ),
  ),
);
const algorithm = z.pipe(
  z.union([z.number().check(z.int()), z.string().check(z.regex(/^-?\d{1,6}$/))]),
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
/** WebAuthn, "user handle". */
const longestUserIdBytes = 64;

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
  const userIdBytes = base64url.decode(wire.user.id).length;
  if (userIdBytes === 0 || userIdBytes > longestUserIdBytes) {
    return invalid("the user id in its options is not one that an authenticator can hold");
  }
  const pubKeyCredParams = wire.pubKeyCredParams.filter(isPublicKey);
  // None at all would mean the browser's own choice, which PingOne has not offered.
  if (pubKeyCredParams.length === 0) return invalid("its options offer no kind of key that is known");
  const selection = wire.authenticatorSelection;
  const residentKey = selection?.residentKey ?? (selection?.requireResidentKey === true ? "required" : "discouraged");
  const hints = (wire.hints ?? []).filter(isHint);
  return ok({
    rp: { id: wire.rp.id, name: wire.rp.name ?? wire.rp.id },
    user: { id: wire.user.id, name: wire.user.name, displayName: wire.user.displayName ?? wire.user.name },
    challenge: wire.challenge,
    pubKeyCredParams: pubKeyCredParams.map(({ alg }) => ({ type: "public-key", alg })),
    ...(wire.timeout === undefined ? {} : { timeout: wire.timeout }),
    excludeCredentials: (wire.excludeCredentials ?? []).filter(isPublicKey).map((credential) => ({
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

/** Kinds of credential that are not known are left out, as WebAuthn says; PingOne may leave out the kind. */
const isPublicKey = ({ type }: { readonly type?: string | undefined }): boolean =>
  type === undefined || type === "public-key";
const isTransport = (value: string): value is (typeof transports)[number] =>
  transports.some((transport) => transport === value);
const isHint = (value: string): value is "security-key" | "client-device" | "hybrid" =>
  value === "security-key" || value === "client-device" || value === "hybrid";
