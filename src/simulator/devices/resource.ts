import type { JsonObject } from "../message.ts";
import { type Context, environmentLink, isoTime, userLink } from "../pingone/handler.ts";
import type { Device } from "../world.ts";

/** Whether the device is locked right now; a lock ends by itself. */
export const isLocked = (device: Device, now: number): boolean =>
  device.lockedUntil !== null && device.lockedUntil > now;

/**
 * A device as every reply but that of its creation shows it, see "MFA Devices" and "Activate MFA User Device (PingID
 * Desktop)". The policy is never shown. `lock` and `block` are absent until activation.
 */
export const deviceResource = (context: Context, device: Device): JsonObject => {
  const self = userLink(context, device.userId, `/devices/${device.id}`);
  const locked = isLocked(device, context.now());
  const isPending = device.status === "ACTIVATION_REQUIRED";
  return {
    _links: {
      self,
      environment: environmentLink(context),
      user: userLink(context, device.userId),
      ...(isPending ? { "device.activate": self } : {}),
    },
    ...(device.relyingParty === null ? {} : { rp: device.relyingParty }),
    id: device.id,
    environment: { id: context.world.environmentId },
    user: { id: device.userId },
    type: device.type,
    status: device.status,
    createdAt: isoTime(device.createdAt),
    updatedAt: isoTime(device.updatedAt),
    ...(device.nickname === null ? {} : { nickname: device.nickname }),
    // Assumed: a pending device shows a lock or a block once it has one. `lock.reason` is left out, because only the
    // reasons of other types are known.
    ...(isPending && !locked ? {} : { lock: lockOf(device, locked) }),
    ...(isPending && device.blockedAt === null ? {} : { block: blockOf(device) }),
    ...device.typeFields,
  };
};

const lockOf = (device: Device, locked: boolean): JsonObject =>
  locked && device.lockedUntil !== null
    ? { status: "LOCKED", expiresAt: isoTime(device.lockedUntil) }
    : { status: "UNLOCKED" };

const blockOf = (device: Device): JsonObject =>
  device.blockedAt === null ? { status: "UNBLOCKED" } : { status: "BLOCKED", blockedAt: isoTime(device.blockedAt) };
