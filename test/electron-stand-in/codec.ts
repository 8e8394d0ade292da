/**
 * Carries the values of IPC through a string: what structured clone can carry, and nothing else. Both ends clone first,
 * so that a value that cannot be cloned fails with the platform's own error; this only moves the clone.
 *
 * `makeCodec` is also sent into the page as its own source text. It may therefore use nothing from outside itself.
 */
export type Codec = { readonly encode: (value: unknown) => string; readonly decode: (text: string) => unknown };

export function makeCodec(): Codec {
  type Node = null | string | boolean | number | Tagged;
  type Tagged = { readonly t: string; readonly v?: unknown; readonly k?: string };
  type Pairs = readonly (readonly [Node, Node])[];
  const views = {
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
  };
  const errors = { Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError };

  const toBase64 = (bytes: Uint8Array): string => {
    let text = "";
    // In slices, because spreading a large array overflows the stack.
    for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
    return btoa(text);
  };
  const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

  const encode = (value: unknown): string => {
    // An object met again is written as its number, which keeps cycles and shared parts what they are.
    const seen = new Map<object, number>();
    const node = (item: unknown): Node => {
      if (item === null || typeof item === "string" || typeof item === "boolean") return item;
      if (typeof item === "number") {
        if (Number.isFinite(item) && !Object.is(item, -0)) return item;
        return { t: "number", v: Object.is(item, -0) ? "-0" : String(item) };
      }
      if (typeof item === "bigint") return { t: "bigint", v: String(item) };
      if (typeof item !== "object") return { t: "undefined" };
      const before = seen.get(item);
      if (before !== undefined) return { t: "again", v: before };
      seen.set(item, seen.size);
      return objectNode(item);
    };
    const objectNode = (item: object): Node => {
      // By tag and not by instanceof: in Node the clone may come from another realm.
      const tag = Object.prototype.toString.call(item).slice(8, -1);
      if (tag === "Date") return { t: "date", v: (item as Date).getTime() };
      if (tag === "RegExp") return { t: "regexp", v: [(item as RegExp).source, (item as RegExp).flags] };
      if (tag === "Map")
        return { t: "map", v: [...(item as Map<unknown, unknown>)].map(([k, v]) => [node(k), node(v)]) };
      if (tag === "Set") return { t: "set", v: [...(item as Set<unknown>)].map(node) };
      if (tag === "Error") {
        const error = item as Error;
        return { t: "error", k: error.name, v: [error.message, error.stack ?? ""] };
      }
      if (tag === "ArrayBuffer") return { t: "buffer", v: toBase64(new Uint8Array(item as ArrayBuffer)) };
      if (tag in views) {
        const view = item as ArrayBufferView;
        return { t: "view", k: tag, v: toBase64(new Uint8Array(view.buffer, view.byteOffset, view.byteLength)) };
      }
      if (Array.isArray(item)) return { t: "array", v: Array.from(item, node) };
      if (tag === "Object") return { t: "object", v: Object.entries(item).map(([k, v]) => [k, node(v)]) };
      throw new Error(`electron stand-in: sending a ${tag} is not covered`);
    };
    return JSON.stringify(node(value));
  };

  const decode = (text: string): unknown => {
    const seen: unknown[] = [];
    const keep = <T>(item: T): T => {
      seen.push(item);
      return item;
    };
    const item = (at: Node): unknown => {
      if (at === null || typeof at !== "object") return at;
      const { t, v, k = "" } = at;
      if (t === "undefined") return undefined;
      if (t === "number") return Number(v);
      if (t === "bigint") return BigInt(v as string);
      if (t === "again") return seen[v as number];
      if (t === "date") return keep(new Date(v as number));
      if (t === "regexp") return keep(new RegExp(...(v as [string, string])));
      if (t === "buffer") return keep(fromBase64(v as string).buffer);
      if (t === "view") return keep(new views[k as keyof typeof views](fromBase64(v as string).buffer));
      if (t === "error") {
        const [message, stack] = v as [string, string];
        const error = keep(new (errors[k as keyof typeof errors] ?? Error)(message));
        error.stack = stack;
        return error;
      }
      if (t === "map") {
        const map = keep(new Map<unknown, unknown>());
        for (const [key, value] of v as Pairs) map.set(item(key), item(value));
        return map;
      }
      if (t === "set") {
        const set = keep(new Set<unknown>());
        for (const entry of v as readonly Node[]) set.add(item(entry));
        return set;
      }
      if (t === "array") {
        const array = keep<unknown[]>([]);
        for (const entry of v as readonly Node[]) array.push(item(entry));
        return array;
      }
      const object = keep<Record<string, unknown>>({});
      for (const [key, value] of v as readonly (readonly [string, Node])[]) {
        // Defined, not assigned: assigning to "__proto__" would change the object instead of its content.
        Object.defineProperty(object, key, {
          value: item(value),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
      return object;
    };
    return item(JSON.parse(text) as Node);
  };

  return { encode, decode };
}

export const { encode, decode } = makeCodec();
