import { randomUUID } from "node:crypto";
import { isJsonObject, type Json, parseObject, resourceReply, written } from "../message.ts";
import { type Context, type Handler, onUser, userLink } from "../pingone/handler.ts";
import {
  type Checked,
  invalidData,
  invalidValue,
  limitReached,
  notAnObject,
  pairingDisabled,
  requiredValue,
} from "../pingone/refusals.ts";
import { accountNotUsable } from "../pingone/users.ts";
import type { Device, Policy } from "../world.ts";
import { desktopDevice } from "./desktop.ts";
import { fido2Device } from "./fido2.ts";
import type { DeviceKind } from "./kind.ts";
import { deviceResource } from "./resource.ts";

/**
 * The kinds that can be created here. PingOne knows more types, which are paired by other means (a one-time code, a
 * pairing key) and only appear among the devices of the pretend users.
 */
const kinds: readonly DeviceKind[] = [desktopDevice, fido2Device];

/** The kind of an existing device; `undefined` for those that cannot be created here. */
export const kindOf = (device: Device): DeviceKind | undefined => kinds.find(({ type }) => type === device.type);

const kindNamed = (type: Json | undefined): Checked<DeviceKind> => {
  if (type === undefined) return { ok: false, detail: requiredValue("type") };
  const kind = kinds.find((known) => known.type === type);
  if (kind !== undefined) return { ok: true, value: kind };
  const allowedValues = kinds.map((known) => known.type);
  return { ok: false, detail: invalidValue("type", "Devices of this type cannot be created.", { allowedValues }) };
};

/** The policy that the request names, or the environment's default. Only `policy.id` has a meaning. */
const policyNamed = (context: Context, given: Json | undefined): Checked<Policy> => {
  const { policies } = context.world;
  const id = isJsonObject(given) ? given["id"] : given;
  const policy = policies.find((known) => (given === undefined ? known.isDefault : known.id === id));
  return policy === undefined
    ? { ok: false, detail: invalidValue("policy.id", "There is no such MFA policy in this environment.") }
    : { ok: true, value: policy };
};

/**
 * "Create MFA User Device (PingID Desktop)" and "(FIDO2)".
 * Assumed: the order of the checks, which decides what a request with several mistakes is told first.
 */
export const createDevice: Handler = onUser(async (context, { request }, user) => {
  const { world } = context;
  const body = parseObject(request.body);
  if (body === null) return notAnObject();
  const kind = kindNamed(body["type"]);
  if (!kind.ok) return invalidData(kind.detail);
  const policy = policyNamed(context, body["policy"]);
  if (!policy.ok) return invalidData(policy.detail);
  const fields = kind.value.checkCreate(body, policy.value, world);
  if (!fields.ok) return invalidData(fields.detail);
  if (!user.enabled) return accountNotUsable();
  const method = kind.value.methodOf(policy.value);
  if (!method.enabled || method.pairingDisabled) return pairingDisabled(kind.value.type);

  const id = randomUUID();
  const wanted = { id, relyingParty: fields.value.relyingParty, policy: policy.value };
  const { pending, options } = await kind.value.prepare(context, wanted, user);

  // Counted after the last wait, so that requests that arrive together cannot pass the limit together.
  const owned = world.devicesOf(user.id);
  if (owned.filter(({ status }) => status === "ACTIVATION_REQUIRED").length >= world.maxPendingDevices) {
    return limitReached("The user has too many devices that wait for activation.", world.maxPendingDevices);
  }
  if (owned.filter(({ status }) => status === "ACTIVE").length >= world.maxAllowedDevices) {
    return limitReached("The user has reached the maximum number of devices.", world.maxAllowedDevices);
  }

  const now = context.now();
  const device: Device = {
    id,
    userId: user.id,
    type: kind.value.type,
    status: "ACTIVATION_REQUIRED",
    createdAt: now,
    updatedAt: now,
    activatedAt: null,
    policyId: policy.value.id,
    nickname: fields.value.nickname,
    relyingParty: fields.value.relyingParty,
    pending,
    failures: 0,
    lockedUntil: null,
    blockedAt: null,
    typeFields: fields.value.typeFields,
    credential: null,
  };
  world.devices.set(id, device);
  const { href } = userLink(context, user.id, `/devices/${id}`);
  return written(resourceReply(201, { ...deviceResource(context, device), ...options }, { location: href }));
});
