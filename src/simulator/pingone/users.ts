import { type JsonObject, jsonReply, parseObject, resourceReply, written } from "../message.ts";
import type { User } from "../world.ts";
import { collectionReply, pageOf } from "./collection.ts";
import { type Attributes, filtered, operators } from "./filter.ts";
import { type Context, environmentLink, type Handler, isoTime, type Link, onUser, userLink } from "./handler.ts";
import { invalidData, invalidValue, notAnObject, refuse, requiredValue } from "./refusals.ts";

/** Users as the Management OpenAPI shows them, and the MFA flag as the MFA OpenAPI does. */

const userResource = (context: Context, user: User): JsonObject => ({
  _links: {
    self: userLink(context, user.id),
    environment: environmentLink(context),
    population: environmentLink(context, `/populations/${context.world.populationId}`),
    devices: userLink(context, user.id, "/devices"),
  },
  id: user.id,
  environment: { id: context.world.environmentId },
  population: { id: context.world.populationId },
  username: user.username,
  email: user.email,
  emailVerified: true,
  enabled: user.enabled,
  mfaEnabled: user.mfaEnabled,
  name: { given: user.given, family: user.family, formatted: `${user.given} ${user.family}` },
  lifecycle: { status: "ACCOUNT_OK" },
  account: { canAuthenticate: user.enabled, status: "OK" },
  createdAt: isoTime(user.createdAt),
  updatedAt: isoTime(user.updatedAt),
});

/** Assumed: which attribute supports which operator; the vendor says only that `eq` and `sw` are the widest. */
const userAttributes: Attributes<User> = {
  id: { operators: ["eq"], read: (user) => user.id },
  username: { operators, read: (user) => user.username },
  email: { operators, read: (user) => user.email },
  "name.given": { operators, read: (user) => user.given },
  "name.family": { operators, read: (user) => user.family },
  "population.id": { operators: ["eq"], read: () => null },
  enabled: { operators: ["eq"], read: (user) => user.enabled },
  externalId: { operators: ["eq", "sw"], read: () => null },
  accountId: { operators: ["eq", "sw"], read: () => null },
  mobilePhone: { operators: ["eq", "sw"], read: () => null },
  nickname: { operators: ["eq", "sw"], read: () => null },
};

const listLink = (context: Context, query: URLSearchParams, cursor: string | null): Link => {
  const asked = new URLSearchParams();
  for (const name of ["filter", "limit"]) {
    const value = query.get(name);
    if (value !== null) asked.set(name, value);
  }
  if (cursor !== null) asked.set("cursor", cursor);
  const text = asked.toString().replaceAll("+", "%20");
  return environmentLink(context, text === "" ? "/users" : `/users?${text}`);
};

/** "Read All Users". Assumed: both refusals are 400 with the code INVALID_DATA; INVALID_FILTER is documented. */
export const listUsers: Handler = (context, { request: { query } }) => {
  const matching = filtered([...context.world.users.values()], query, userAttributes);
  if (!matching.ok) return invalidData(matching.detail);
  const page = pageOf(matching.value, query);
  if (!page.ok) return invalidData(page.detail);
  const { items, nextCursor } = page.value;
  return collectionReply(
    "users",
    items.map((user) => userResource(context, user)),
    listLink(context, query, query.get("cursor")),
    { next: nextCursor === null ? undefined : listLink(context, query, nextCursor), total: matching.value.length },
  );
};

/** "Read One User". */
export const readUser: Handler = onUser((context, _call, user) => resourceReply(200, userResource(context, user)));

/** "Read User MFA Enabled". */
export const readMfaEnabled: Handler = onUser((_context, _call, user) =>
  jsonReply(200, { mfaEnabled: user.mfaEnabled }),
);

/** "Update User MFA Enabled". */
export const updateMfaEnabled: Handler = onUser((context, { request }, user) => {
  const body = parseObject(request.body);
  if (body === null) return notAnObject();
  const mfaEnabled = body["mfaEnabled"];
  if (mfaEnabled === undefined) return invalidData(requiredValue("mfaEnabled"));
  if (typeof mfaEnabled !== "boolean") return invalidData(invalidValue("mfaEnabled", "The value must be a boolean."));
  context.world.users.set(user.id, { ...user, mfaEnabled, updatedAt: context.now() });
  return written(jsonReply(200, { mfaEnabled }));
});

/**
 * Assumed: nothing says what PingOne answers when a device is created for a disabled user. ACCOUNT_NOT_USABLE is one of
 * its documented detail codes.
 */
export const accountNotUsable = () =>
  refuse(400, "REQUEST_FAILED", [
    { code: "ACCOUNT_NOT_USABLE", target: "user", message: "The user's account is disabled." },
  ]);
