import * as z from "zod/mini";
import type { User } from "../../contract/views.ts";
import type { Answer, PingOne } from "./client.ts";
import { collectionReply, mfaEnabledReply, toUser, userReply } from "./wire.ts";

/** Users of the environment. Source: "Read All Users", "SCIM filter language", "Update User MFA Enabled". */

export function readUser(pingOne: PingOne, userId: string): Promise<Answer<User>> {
  return pingOne.call({ method: "GET", path: `/users/${userId}`, action: "read the user", read: readOne });
}

/**
 * The users for whom `attribute` is exactly, or begins with, `value`. At most 25: more than that is not a choice.
 *
 * @param filter `null`: any one user
 */
export async function searchUsers(pingOne: PingOne, filter: string | null): Promise<Answer<readonly User[]>> {
  return pingOne.call({
    method: "GET",
    path: filter === null ? "/users?limit=1" : `/users?filter=${encodeURIComponent(filter)}&limit=25`,
    action: "search users",
    read: (json) => {
      const page = collectionReply.safeParse(json);
      const users = z.array(userReply).safeParse(page.data?._embedded?.["users"] ?? []);
      if (!page.success || !users.success) return { problem: "it is not a list of users" };
      return { value: users.data.map(toUser) };
    },
  });
}

export const exactly = (attribute: "username" | "email", value: string): string => `${attribute} eq ${quoted(value)}`;

/** What somebody types who knows only the beginning. */
export const beginningWith = (value: string): string =>
  ["username", "email", "name.given", "name.family"]
    .map((attribute) => `${attribute} sw ${quoted(value)}`)
    .join(" or ");

/** A string of the SCIM filter language: in double quotes, with `\` and `"` escaped. */
const quoted = (value: string): string => `"${value.replace(/[\\"]/g, (character) => `\\${character}`)}"`;

/** `null` when PingOne does not tell: a role may read users and not this. */
export async function readMfaEnabled(pingOne: PingOne, userId: string): Promise<boolean | null> {
  const answer = await pingOne.call({
    method: "GET",
    path: `/users/${userId}/mfaEnabled`,
    action: "read whether MFA is on",
    read: readMfa,
  });
  return answer.ok ? answer.value : null;
}

export function enableMfa(pingOne: PingOne, userId: string): Promise<Answer<boolean>> {
  return pingOne.call({
    method: "PUT",
    path: `/users/${userId}/mfaEnabled`,
    action: "switch MFA on for the user",
    contentType: "application/json",
    body: { mfaEnabled: true },
    read: readMfa,
  });
}

const readMfa = (json: unknown): { value: boolean } | { problem: string } => {
  const reply = mfaEnabledReply.safeParse(json);
  return reply.success ? { value: reply.data.mfaEnabled } : { problem: "it does not say whether MFA is on" };
};

const readOne = (json: unknown): { value: User } | { problem: string } => {
  const reply = userReply.safeParse(json);
  return reply.success ? { value: toUser(reply.data) } : { problem: "it is not a user" };
};
