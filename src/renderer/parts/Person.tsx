import type { User } from "../../contract/views.ts";

/** What a person is called on this page: the name where PingOne has one, else the username. */
export const calledName = (user: User): string =>
  user.name === null || user.name.trim() === "" ? user.username : user.name;

/** The first letters of the first and last word. By grapheme-safe iteration, so that no letter is cut in half. */
function initialsOf(name: string): string {
  const words = name.split(/\s+/u).filter((word) => word !== "");
  const first = Array.from(words[0] ?? "")[0] ?? "";
  const last = words.length > 1 ? (Array.from(words[words.length - 1] ?? "")[0] ?? "") : "";
  return (first + last).toLocaleUpperCase("en");
}

/** Decoration beside the name, never instead of it. */
export function Initials({ user, large = false }: { readonly user: User; readonly large?: boolean }) {
  return (
    <span className={large ? "initials initials-large" : "initials"} aria-hidden="true">
      {initialsOf(calledName(user))}
    </span>
  );
}

/** Words from outside: shown as text, in their own direction, without turning the line around them. */
export function Outside({ children, className }: { readonly children: string; readonly className?: string }) {
  return (
    <bdi className={className} title={children}>
      {children}
    </bdi>
  );
}
