/** A device code as people read it: the way it is shown, and the way it is spoken. */

/** PingOne sends groups of its own (`XXXX-XXXX`); a code without any is cut into groups of four. */
export const groupsOf = (code: string): string =>
  /[^\p{L}\p{N}]/u.test(code) ? code : (code.match(/.{1,4}/gu)?.join(" ") ?? code);

/** Letter by letter, with a pause between groups: `A B C D, E F G H`. */
export const lettersOf = (code: string): string =>
  groupsOf(code)
    .split(/[^\p{L}\p{N}]+/u)
    .map((group) => Array.from(group).join(" "))
    .join(", ");
