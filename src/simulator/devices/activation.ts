import { parseObject, resourceReply, written } from "../message.ts";
import { type Handler, onDevice } from "../pingone/handler.ts";
import { type Detail, invalidData, invalidValue, notAnObject } from "../pingone/refusals.ts";
import type { Device, World } from "../world.ts";
import { kindOf } from "./creation.ts";
import { deviceResource, isLocked } from "./resource.ts";

/** What stands in the way of any activation of this device. */
const obstacle = (device: Device, now: number): Detail | null => {
  if (device.status !== "ACTIVATION_REQUIRED") return invalidValue("status", "The device is already active.");
  // Assumed: neither a locked nor a blocked device can be activated; the targets are our choice.
  if (isLocked(device, now)) return invalidValue("lock.status", "The device is locked after too many failures.");
  if (device.blockedAt !== null) return invalidValue("block.status", "The device is blocked.");
  return null;
};

/** Counts a refused attestation, and locks the device when it was one too many (the policy's `failure`). */
const countFailure = (world: World, device: Device, now: number): void => {
  const policy = world.policies.find(({ id }) => id === device.policyId);
  const method = policy === undefined ? undefined : kindOf(device)?.methodOf(policy);
  if (method === undefined) return;
  const failures = device.failures + 1;
  const isLast = failures >= method.failureCount;
  world.devices.set(device.id, {
    ...device,
    failures: isLast ? 0 : failures,
    lockedUntil: isLast ? now + method.coolDownMinutes * 60_000 : null,
  });
};

/** "Activate MFA User Device (PingID Desktop)" and "(FIDO2)". */
export const activateDevice: Handler = onDevice(async (context, { request }, device) => {
  const { world } = context;
  const body = parseObject(request.body);
  if (body === null) return notAnObject();
  const obstacleBefore = obstacle(device, context.now());
  if (obstacleBefore !== null) return invalidData(obstacleBefore);
  const kind = kindOf(device);
  if (kind === undefined) return invalidData(invalidValue("type", "Devices of this type have no attestation."));
  const check = kind.readActivation(body);
  if (!check.ok) return invalidData(check.detail);

  const checked = await check.value(context, device);

  // Read again after the wait: of two activations that arrive together only one may count.
  const now = context.now();
  const current = world.devices.get(device.id);
  const obstacleNow = current === undefined ? null : obstacle(current, now);
  if (current === undefined || obstacleNow !== null) {
    return invalidData(obstacleNow ?? invalidValue("status", "The device has been deleted."));
  }
  if (!checked.ok) {
    countFailure(world, current, now);
    return invalidData(checked.detail);
  }
  const active: Device = {
    ...current,
    status: "ACTIVE",
    pending: null,
    failures: 0,
    lockedUntil: null,
    activatedAt: now,
    updatedAt: now,
    nickname: current.nickname ?? checked.value.nickname,
    typeFields: checked.value.typeFields,
    credential: checked.value.credential,
  };
  world.devices.set(active.id, active);
  return written(resourceReply(200, deviceResource(context, active)));
});
