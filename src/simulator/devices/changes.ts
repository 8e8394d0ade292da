import { emptyReply, type HttpReply, jsonReply, parseObject, resourceReply, written } from "../message.ts";
import { collectionReply } from "../pingone/collection.ts";
import { type Attributes, filtered } from "../pingone/filter.ts";
import { type Context, type Handler, onDevice, onUser, userLink } from "../pingone/handler.ts";
import { invalidData, invalidValue, notAnObject, requiredValue } from "../pingone/refusals.ts";
import type { Device } from "../world.ts";
import { activeOrder } from "./order.ts";
import { deviceResource } from "./resource.ts";

/** The devices of one user: list, read, and every change but creation and activation. See "MFA Devices". */

/** Assumed: only `status` is documented, in `(status eq "ACTIVE")`. */
const deviceAttributes: Attributes<Device> = {
  status: { operators: ["eq"], read: (device) => device.status },
  type: { operators: ["eq"], read: (device) => device.type },
  id: { operators: ["eq"], read: (device) => device.id },
};

/** "Read All MFA User Devices". `expand=order` adds the ids of the active devices, the default device first. */
export const listDevices: Handler = onUser((context, { request: { query } }, user) => {
  const devices = filtered(context.world.devicesOf(user.id), query, deviceAttributes);
  if (!devices.ok) return invalidData(devices.detail);
  const expand = query.get("expand");
  if (expand !== null && expand !== "order") {
    return invalidData(invalidValue("expand", "This cannot be expanded.", { allowedValues: ["order"] }));
  }
  const order = activeOrder(context.world, user.id).map((id) => ({ id }));
  return collectionReply(
    "devices",
    devices.value.map((device) => deviceResource(context, device)),
    userLink(context, user.id, "/devices"),
    // Assumed: each entry is an object with an id, as in the request that sets the order.
    expand === "order" ? { extra: { order } } : {},
  );
});

/** "Read One MFA User Device". The creation options are not shown again. */
export const readDevice: Handler = onDevice((context, _call, device) =>
  resourceReply(200, deviceResource(context, device)),
);

/** "Delete MFA User Device". */
export const deleteDevice: Handler = onDevice((context, _call, device) => {
  context.world.devices.delete(device.id);
  return written(emptyReply(204));
});

/** Stores the changed device and shows it. */
const change = (context: Context, device: Device, changes: Partial<Device>): HttpReply => {
  const changed = { ...device, ...changes, updatedAt: context.now() };
  context.world.devices.set(device.id, changed);
  return written(resourceReply(200, deviceResource(context, changed)));
};

const longestNickname = 100;

/** "Update Device Nickname" of the MFA OpenAPI. An empty text clears it. */
export const nameDevice: Handler = onDevice((context, { request }, device) => {
  const body = parseObject(request.body);
  if (body === null) return notAnObject();
  const nickname = body["nickname"];
  if (nickname === undefined) return invalidData(requiredValue("nickname"));
  if (typeof nickname !== "string") return invalidData(invalidValue("nickname", "The value must be a text."));
  if (nickname.length > longestNickname) {
    return invalidData({
      code: "SIZE_LIMIT_EXCEEDED",
      target: "nickname",
      message: `The value is longer than ${longestNickname} characters.`,
      innerError: { maximumValue: longestNickname },
    });
  }
  return change(context, device, { nickname: nickname === "" ? null : nickname });
});

// Assumed, for the next three: empty body, 200 with the device, and no complaint when there is nothing to change.

/** "Block MFA Device". */
export const blockDevice: Handler = onDevice((context, _call, device) =>
  change(context, device, { blockedAt: device.blockedAt ?? context.now() }),
);

/** "Unblock MFA Device". */
export const unblockDevice: Handler = onDevice((context, _call, device) =>
  change(context, device, { blockedAt: null }),
);

/** "Unlock MFA Device". */
export const unlockDevice: Handler = onDevice((context, _call, device) =>
  change(context, device, { lockedUntil: null, failures: 0 }),
);

/**
 * Sends the one-time code of a pairing again. Assumed: the whole call, reported by public code; no device that can be
 * created here has a code.
 */
export const sendActivationCode: Handler = onDevice(() =>
  invalidData(invalidValue("type", "Devices of this type have no activation code.")),
);

/** "Send MFA Device Logs" of the MFA OpenAPI. Assumed: other devices than mobile ones are refused so. */
export const requestLogs: Handler = onDevice((_context, { request }, device) => {
  const body = parseObject(request.body);
  if (body === null) return notAnObject();
  if (body["status"] === undefined) return invalidData(requiredValue("status"));
  if (body["status"] !== "PENDING") {
    return invalidData(invalidValue("status", "The status must be PENDING.", { allowedValues: ["PENDING"] }));
  }
  if (device.type !== "MOBILE") return invalidData(invalidValue("type", "Only mobile devices send logs."));
  return written(jsonReply(200, { status: "PENDING", device: { id: device.id } }));
});
