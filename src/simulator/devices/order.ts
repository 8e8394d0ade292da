import { emptyReply, isJsonObject, type Json, parseObject, resourceReply, written } from "../message.ts";
import { type Handler, onUser, userLink } from "../pingone/handler.ts";
import { invalidData, invalidValue, notAnObject, requiredValue } from "../pingone/refusals.ts";
import type { World } from "../world.ts";

/**
 * The order of a user's active devices; the first is the default device. Without an order of its own it is that of
 * activation, oldest first, and a newly activated device goes to the end. See "MFA Devices".
 */
export const activeOrder = (world: World, userId: string): readonly string[] => {
  const byActivation = world
    .devicesOf(userId)
    .filter(({ status }) => status === "ACTIVE")
    .toSorted((left, right) => (left.activatedAt ?? 0) - (right.activatedAt ?? 0))
    .map(({ id }) => id);
  const chosen = (world.deviceOrder.get(userId) ?? []).filter((id) => byActivation.includes(id));
  return [...chosen, ...byActivation.filter((id) => !chosen.includes(id))];
};

const idsOf = (value: Json | undefined): readonly string[] | null => {
  if (!Array.isArray(value)) return null;
  const ids = value.map((entry: Json) => (isJsonObject(entry) ? entry["id"] : undefined));
  return ids.every((id) => typeof id === "string") ? ids : null;
};

/**
 * "Set Device Order" of the MFA OpenAPI, which documents path and media type. Assumed: the body, either `order` or
 * `devices`, each a list of objects with an id; and the reply.
 */
export const setOrder: Handler = onUser((context, { request }, user) => {
  const body = parseObject(request.body);
  if (body === null) return notAnObject();
  const given = body["order"] ?? body["devices"];
  if (given === undefined) return invalidData(requiredValue("order"));
  const ids = idsOf(given);
  if (ids === null) return invalidData(invalidValue("order", "The order must be a list of objects with an id."));
  const active = activeOrder(context.world, user.id);
  if (new Set(ids).size !== ids.length || !ids.every((id) => active.includes(id))) {
    return invalidData(invalidValue("order", "The order must name active devices of this user, each once."));
  }
  context.world.deviceOrder.set(user.id, ids);
  return written(
    resourceReply(200, {
      _links: { self: userLink(context, user.id, "/devices") },
      order: activeOrder(context.world, user.id).map((id) => ({ id })),
    }),
  );
});

/** "Remove Device Order". The vendor's sources disagree whether it is a DELETE or a POST, so both are served. */
export const removeOrder: Handler = onUser((context, _call, user) => {
  context.world.deviceOrder.delete(user.id);
  return written(emptyReply(204));
});
