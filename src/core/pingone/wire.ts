import * as z from "zod/mini";
import type { Device, Policy, User } from "../../contract/views.ts";
import { isPathPart } from "./endpoints.ts";

/**
 * What PingOne sends, read tolerantly: unknown members are dropped, unknown enum values are kept as text, and only what
 * the app cannot do without is required. PingOne may add fields, values and links at any time ("Before You Begin",
 * forward compatibility). Checked against payloads of the vendor's documentation in `test/samples`.
 */

const text = z.string();
const identifier = z.string().check(z.refine(isPathPart));
/** A member that we would like to have: of another type than expected counts as absent. */
const optional = <T extends z.ZodMiniType>(schema: T) => z.catch(z.optional(schema), undefined);

export const tokenReply = z.object({ access_token: text, expires_in: optional(z.number()) });

const name = z.object({ given: optional(text), family: optional(text), formatted: optional(text) });

export const userReply = z.object({
  id: identifier,
  username: optional(text),
  email: optional(text),
  enabled: optional(z.boolean()),
  mfaEnabled: optional(z.boolean()),
  name: optional(name),
});

export const mfaEnabledReply = z.object({ mfaEnabled: z.boolean() });

export const deviceReply = z.object({
  id: identifier,
  type: text,
  status: text,
  nickname: optional(text),
  createdAt: optional(text),
  rp: optional(z.object({ id: text })),
  os: optional(z.object({ type: optional(text), version: optional(text) })),
  application: optional(z.object({ nativeName: optional(text), version: optional(text) })),
  lock: optional(z.object({ status: optional(text) })),
  block: optional(z.object({ status: optional(text) })),
});

/** A create reply. The options are optional here so that a reply without them can be undone. */
export const createdDeviceReply = z.extend(deviceReply, {
  pingIdDesktopCredentialCreationOptions: optional(text),
  publicKeyCredentialCreationOptions: optional(z.unknown()),
});

export const environmentReply = z.object({ name: optional(text) });

/** Members with an unknown shape are allowed: the name of the GEN2 object in a policy is not documented. */
export const policyReply = z.looseObject({ id: identifier, name: optional(text), default: optional(z.boolean()) });

const link = z.object({ href: text });
export const collectionReply = z.object({
  _links: optional(z.object({ next: optional(link) })),
  _embedded: optional(z.record(z.string(), z.unknown())),
});

const errorDetail = z.object({ code: optional(text), target: optional(text), message: optional(text) });
/** Error body of the platform API ("Error codes"), and the OAuth form of the sign-in host, in one. */
export const errorReply = z.object({
  id: optional(text),
  code: optional(text),
  message: optional(text),
  /** One odd detail must not hide the code in another. */
  details: optional(z.array(z.catch(errorDetail, {}))),
  error: optional(text),
  error_description: optional(text),
});
export type ErrorReply = z.infer<typeof errorReply>;

/** Text from outside, short enough for a screen. `null` when absent or empty. */
export const shown = (value: string | undefined, most = 200): string | null =>
  value === undefined || value === "" ? null : value.slice(0, most);

const joined = (...parts: (string | undefined)[]): string | null =>
  shown(parts.filter((part) => part !== undefined && part !== "").join(" "));

export function toUser(reply: z.infer<typeof userReply>): User {
  return {
    id: reply.id,
    username: shown(reply.username) ?? reply.id,
    email: shown(reply.email),
    name: shown(reply.name?.formatted) ?? joined(reply.name?.given, reply.name?.family),
    // A user object without `enabled` is a role that may not see it; PingOne decides then.
    enabled: reply.enabled ?? true,
    mfaEnabled: reply.mfaEnabled ?? null,
  };
}

export function toDevice(reply: z.infer<typeof deviceReply>): Device {
  return {
    id: reply.id,
    type: reply.type.slice(0, 200),
    status: reply.status.slice(0, 200),
    nickname: shown(reply.nickname),
    relyingPartyId: shown(reply.rp?.id, 253),
    system: joined(reply.os?.type, reply.os?.version),
    application: joined(reply.application?.nativeName, reply.application?.version),
    createdAt: shown(reply.createdAt, 40),
    locked: reply.lock?.status === "LOCKED",
    blocked: reply.block?.status === "BLOCKED",
  };
}

/**
 * The GEN2 app's object in an MFA policy: any member whose name speaks of "desktop", except `desktop` itself, which is
 * the legacy app. Assumed: the name is not documented.
 */
const methodMember = z.object({
  enabled: optional(z.boolean()),
  pairingDisabled: optional(z.boolean()),
  fido2PolicyId: optional(text),
});

export function toPolicy(reply: z.infer<typeof policyReply>): Policy {
  const desktops = Object.keys(reply).filter((key) => key !== "desktop" && /desktop/i.test(key));
  const fido2 = method(reply["fido2"]);
  return {
    id: reply.id,
    name: shown(reply.name) ?? reply.id,
    isDefault: reply.default ?? false,
    desktopPairing: desktops.map((key) => pairingOf(method(reply[key]))).find((p) => p !== "unknown") ?? "unknown",
    fido2Pairing: pairingOf(fido2),
    fidoPolicyId: shown(fido2?.fido2PolicyId, 64),
  };
}

const method = (member: unknown) => methodMember.safeParse(member).data;

function pairingOf(member: ReturnType<typeof method>): Policy["desktopPairing"] {
  if (member?.enabled === undefined && member?.pairingDisabled === undefined) return "unknown";
  return member.enabled === false || member.pairingDisabled === true ? "disabled" : "allowed";
}
