/**
 * What runs in the page: the functions below are sent there as their own source text, so each may use nothing but its
 * parameters and what a page has. The preload runs in an isolated world of its own, as in Electron; the page's world
 * sees only what `contextBridge` hands over.
 *
 * The two worlds reach each other by events on `window` under a name nobody can guess. Dispatching is synchronous, and
 * Blink clones `detail` into the listener's world, so no object of one world ever gets into the other.
 */
type Marshalled =
  | { readonly f: number }
  | { readonly p: number }
  | { readonly e: readonly [string, string] }
  | { readonly a: readonly Marshalled[] }
  | { readonly o: readonly (readonly [string, Marshalled])[] }
  | { readonly v: unknown };
type Answer = { readonly v?: Marshalled; readonly err?: Marshalled };
export type Side = {
  readonly wrap: (value: unknown) => Marshalled;
  readonly unwrap: (value: Marshalled, frozen?: boolean) => unknown;
  readonly answer: (kind: string, handler: (data: never) => Answer) => void;
  readonly ask: (kind: string, data: unknown) => Answer;
};

/** One end of the bridge between the worlds: values by copy, functions and promises by number. */
export function makeSide(secret: string, me: "main" | "isolated"): Side {
  // Taken now, before any script of the page can replace them.
  const listen = window.addEventListener.bind(window);
  const fire = window.dispatchEvent.bind(window);
  const Event = CustomEvent;
  const clone = structuredClone;
  const other = me === "main" ? "isolated" : "main";
  const functions = new Map<number, (...args: unknown[]) => unknown>();
  const promises = new Map<number, PromiseWithResolvers<unknown>>();
  const handlers = new Map<string, (data: never) => Answer>();
  let lastNumber = 0;
  let reply: Answer | undefined;

  const wrap = (value: unknown, above: readonly unknown[] = []): Marshalled => {
    if (above.includes(value))
      throw new Error("electron stand-in: a cyclic object through contextBridge is not covered");
    if (typeof value === "function") {
      lastNumber += 1;
      functions.set(lastNumber, value as (...args: unknown[]) => unknown);
      return { f: lastNumber };
    }
    if (value instanceof Promise) {
      lastNumber += 1;
      const id = lastNumber;
      value.then(
        (result) => ask("settle", { id, ok: true, v: wrap(result) }),
        (reason) => ask("settle", { id, ok: false, v: wrap(reason) }),
      );
      return { p: id };
    }
    if (value instanceof Error) return { e: [value.message, value.stack ?? ""] };
    if (Array.isArray(value)) return { a: Array.from(value, (item) => wrap(item, [...above, value])) };
    if (typeof value === "object" && value !== null) {
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype === Object.prototype || prototype === null) {
        return { o: Object.entries(value).map(([key, item]) => [key, wrap(item, [...above, value])]) };
      }
    }
    // Electron drops symbols. Anything else that cannot be cloned throws the platform's DataCloneError here.
    return { v: typeof value === "symbol" ? undefined : clone(value) };
  };

  const unwrap = (value: Marshalled, frozen = false): unknown => {
    const seal = <T>(made: T): T => (frozen ? Object.freeze(made) : made);
    if ("f" in value) {
      const id = value.f;
      return (...args: unknown[]): unknown => {
        const result = ask("call", { id, args: args.map((item) => wrap(item)) });
        if (result.err) throw unwrap(result.err);
        return result.v && unwrap(result.v);
      };
    }
    if ("p" in value) {
      const waiting = Promise.withResolvers<unknown>();
      promises.set(value.p, waiting);
      return waiting.promise;
    }
    if ("e" in value) {
      const error = new Error(value.e[0]);
      error.stack = value.e[1];
      return error;
    }
    if ("a" in value) return seal(value.a.map((item) => unwrap(item, frozen)));
    if ("o" in value) return seal(Object.fromEntries(value.o.map(([key, item]) => [key, unwrap(item, frozen)])));
    return value.v;
  };

  const ask = (kind: string, data: unknown): Answer => {
    reply = undefined;
    fire(new Event(secret + other, { detail: { kind, data } }));
    const received = reply;
    reply = undefined;
    return received ?? {};
  };

  handlers.set("call", ({ id, args }: { id: number; args: Marshalled[] }) => {
    try {
      return { v: wrap(functions.get(id)?.(...args.map((item) => unwrap(item)))) };
    } catch (error) {
      return { err: wrap(error instanceof Error ? error : new Error(String(error))) };
    }
  });
  handlers.set("settle", ({ id, ok, v }: { id: number; ok: boolean; v: Marshalled }) => {
    const waiting = promises.get(id);
    promises.delete(id);
    if (ok) waiting?.resolve(unwrap(v));
    else waiting?.reject(unwrap(v));
    return {};
  });
  const receive = (name: string, take: (detail: unknown) => void): void =>
    listen(
      name,
      (event) => {
        event.stopImmediatePropagation();
        take((event as CustomEvent<unknown>).detail);
      },
      true,
    );
  receive(secret + me, (detail) => {
    const { kind, data } = detail as { kind: string; data: never };
    fire(new Event(`${secret}reply-${other}`, { detail: handlers.get(kind)?.(data) }));
  });
  receive(`${secret}reply-${me}`, (detail) => {
    reply = detail as Answer;
  });
  return { wrap, unwrap, ask, answer: (kind, handler) => handlers.set(kind, handler) };
}

/** Runs in every frame's own world before its scripts; only the top frame gets a bridge. */
function enterMainWorld(secret: string, side: typeof makeSide): void {
  // Every popup is refused (the stand-in covers nothing else), and Electron then returns null to the page.
  window.open = new Proxy(window.open, {
    apply: (open, self, args) => {
      Reflect.apply(open, self, args);
      return null;
    },
  });
  if (window !== window.top) return;
  const bridge = side(secret, "main");
  bridge.answer("expose", ({ key, api }: { key: string; api: Marshalled }) => {
    if (key in window) {
      return { err: { e: ["Cannot bind an API on top of an existing property on the window object", ""] } };
    }
    const value = bridge.unwrap(api, true);
    Object.defineProperty(window, key, { value, enumerable: true, configurable: false, writable: false });
    return {};
  });
}

/** The script for the page's world. */
export const mainWorldSource = (secret: string): string =>
  `(${String(enterMainWorld)})(${JSON.stringify(secret)}, ${String(makeSide)})`;
