/**
 * Whether two values say the same, as JSON text would show it: also the order of names counts, because of profiles the
 * first one is used when none is named. Without recursion: what an administrator's file holds may be nested deeper than a
 * stack, and this must not throw. What is neither plain object nor list is the same only as itself.
 */
export function isSameContent(one: unknown, other: unknown): boolean {
  const left: (readonly [unknown, unknown])[] = [[one, other]];
  for (let pair = left.pop(); pair !== undefined; pair = left.pop()) {
    const [a, b] = pair;
    if (Object.is(a, b)) continue;
    if (!isNested(a) || !isNested(b) || Array.isArray(a) !== Array.isArray(b)) return false;
    const [inOne, inOther] = [Object.entries(a), Object.entries(b)];
    if (inOne.length !== inOther.length) return false;
    for (const [index, [name, value]] of inOne.entries()) {
      const match = inOther[index];
      if (match === undefined || match[0] !== name) return false;
      left.push([value, match[1]]);
    }
  }
  return true;
}

/**
 * Whether a value is what JSON can hold, and no deeper than this: what reads it goes down into it by calling itself, and
 * a value that nobody can have meant must not end the program.
 */
export function isPlainWithin(value: unknown, levels: number): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > levels || !level.every(isPlain)) return false;
    level = level.filter(isNested).flatMap((nested) => Object.values(nested));
  }
  return true;
}

const isPlain = (value: unknown): boolean =>
  value === null || ["string", "number", "boolean"].includes(typeof value) || isNested(value);

function isNested(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}
