/**
 * Far above the longest form that a person can fill in, far below what would keep main busy. In characters, counting
 * every value as at least one.
 */
export const messageLimit = 16_384;

/**
 * Whether `value`, as it came out of a structured clone, is small enough to be looked at. Stops counting at the limit,
 * so that a message of a gigabyte, or one that contains itself, costs no more than a small one.
 */
export function isWithinLimit(value: unknown, limit: number = messageLimit): boolean {
  const waiting: unknown[] = [value];
  let size = 0;
  while (waiting.length > 0) {
    const next = waiting.pop();
    size += 1;
    if (typeof next === "string") size += next.length;
    else if (ArrayBuffer.isView(next) || next instanceof ArrayBuffer) size += next.byteLength;
    else if (Array.isArray(next)) {
      size += next.length;
      if (size <= limit) waiting.push(...next);
    } else if (typeof next === "object" && next !== null) {
      for (const key in next) {
        size += key.length;
        if (size > limit) return false;
        waiting.push(Reflect.get(next, key));
      }
    }
    if (size > limit) return false;
  }
  return true;
}
