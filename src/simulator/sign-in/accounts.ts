import type { World } from "../world.ts";
import type { Application, Role } from "./applications.ts";

/** Who can sign in: administrators to one application, the users of the environment to the other. */

export type Administrator = {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly given: string;
  readonly family: string;
  readonly roles: readonly Role[];
  /** What the account is good for in a demonstration. */
  readonly note: string;
};

/** What a sign-in needs to know of somebody, administrator or user. */
export type Account = Pick<Administrator, "id" | "username" | "email" | "given" | "family"> & {
  readonly note: string | null;
};

const administrator = (
  number: number,
  username: string,
  given: string,
  family: string,
  roles: readonly Role[],
  note: string,
): Administrator => ({
  id: `ad310000-0000-4000-8000-${String(number).padStart(12, "0")}`,
  username,
  email: `${username}@example.com`,
  given,
  family,
  roles,
  note,
});

/** Not among the users: in PingOne administrators commonly belong to an environment of their own. */
export const administrators: readonly Administrator[] = [
  administrator(1, "admin", "Radia", "Perlman", ["Environment Admin", "Identity Data Admin"], "May do everything."),
  administrator(
    2,
    "identity.admin",
    "Barbara",
    "Liskov",
    ["Identity Data Admin"],
    "Identity Data Admin only: pairs, but may not read policies or the environment.",
  ),
  administrator(
    3,
    "auditor",
    "Frances",
    "Allen",
    ["Identity Data Read Only", "Configuration Read Only"],
    "Has read-only roles: sees everything and changes nothing.",
  ),
  administrator(4, "no.roles", "Anita", "Borg", [], "Has no role in this environment: may do nothing."),
];

/** Those that the page of an application offers. */
export const accountsFor = (world: World, application: Application): readonly Account[] =>
  application.access === "administrators"
    ? world.administrators
    : [...world.users.values()].filter(({ note }) => note !== null);

export type AccountChoice =
  | { readonly ok: true; readonly account: Account }
  /** `problem`: one sentence for the person in front of the page. */
  | { readonly ok: false; readonly problem: string };

/** Whoever has this user name, in any case, and may sign in to the application. */
export const accountNamed = (world: World, application: Application, given: string): AccountChoice => {
  const name = given.trim().toLowerCase();
  const refused = (problem: string): AccountChoice => ({ ok: false, problem });
  if (name === "") return refused("Enter a user name.");
  const isNamed = ({ username }: { readonly username: string }): boolean => username.toLowerCase() === name;
  const user = [...world.users.values()].find(isNamed);
  if (application.access === "administrators") {
    const found = world.administrators.find(isNamed);
    if (found !== undefined) return { ok: true, account: found };
    return refused(
      user === undefined ? "There is no account of this name." : "Only administrators may sign in to this application.",
    );
  }
  if (user === undefined) return refused("There is no account of this name.");
  return user.enabled ? { ok: true, account: user } : refused("This account is disabled.");
};

/** The account that an earlier sign-in was for; `null` when it is gone or disabled. */
export const accountOf = (world: World, subject: string): Account | null => {
  const user = world.users.get(subject);
  if (user !== undefined) return user.enabled ? user : null;
  return world.administrators.find(({ id }) => id === subject) ?? null;
};
