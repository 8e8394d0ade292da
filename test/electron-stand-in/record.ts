/** One thing that the app asked of the desktop and that has no visible effect here. */
export type RecordEntry = { readonly api: string; readonly args: readonly unknown[] };

/** Everything the app asked for, oldest first. Tests read it as `electron.__record`. */
export const record: RecordEntry[] = [];

/** Keeps a plain copy, so that a later change of the app's object does not change what was recorded. */
export function note(api: string, ...args: readonly unknown[]): void {
  record.push({ api, args: args.map((value) => plain(value, [])) });
}

/** Plain data that Playwright can carry to a test; whatever is more than data becomes its name in brackets. */
function plain(value: unknown, above: readonly unknown[]): unknown {
  if (typeof value === "function") return "[function]";
  if (typeof value !== "object" || value === null) return value;
  if (above.includes(value)) return "[circular]";
  const path = [...above, value];
  if (Array.isArray(value)) return value.map((item) => plain(item, path));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return `[${value.constructor.name}]`;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, path)]));
}
