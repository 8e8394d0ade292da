import { EventEmitter } from "node:events";

/** The one way in which the stand-in says that it does not know something. It never does nothing silently. */
export const notCovered = (what: string): Error => new Error(`electron stand-in: ${what} is not covered`);

/**
 * Ends the process with this error, from a place where nobody waits for a result (an event of Chromium).
 * Thrown from inside the event it would end up in the DevTools link instead.
 */
export function fail(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** Read by the language or by Playwright's serializer off every value that passes by, without meaning a call. */
const probes: ReadonlySet<string> = new Set(["then", "toJSON", "constructor"]);

/** The same object, except that reading a member it does not have throws instead of giving `undefined`. */
export function covered<T extends object>(name: string, target: T): T {
  return new Proxy(target, {
    get(object, key) {
      if (typeof key === "symbol" || key in object || probes.has(key)) return Reflect.get(object, key);
      throw notCovered(`${name}.${key}`);
    },
  });
}

/** Refuses listeners for events that would never come, so that nobody waits for one in vain. */
export function limitEvents(name: string, emitter: EventEmitter, events: readonly string[]): void {
  const known = new Set<string | symbol>(events);
  emitter.setMaxListeners(0);
  emitter.on("newListener", (event: string | symbol) => {
    if (!known.has(event)) throw notCovered(`the ${name} event '${String(event)}'`);
  });
}

/** An event emitter with these members and only these events. Getters and setters stay what they are. */
export function emitterWith<T extends object>(name: string, members: T, events: readonly string[]): EventEmitter & T {
  const emitter = new EventEmitter();
  limitEvents(name, emitter, events);
  return covered(name, Object.defineProperties(emitter, Object.getOwnPropertyDescriptors(members)) as EventEmitter & T);
}

export type StandInEvent<T extends object> = T & { preventDefault(): void; readonly defaultPrevented: boolean };

/** Electron's event object: what happened, and whether a listener prevented it. */
export function createEvent<T extends object>(fields: T): StandInEvent<T> {
  let prevented = false;
  const base = {
    preventDefault: () => {
      prevented = true;
    },
    get defaultPrevented() {
      return prevented;
    },
  };
  return Object.defineProperties(base, Object.getOwnPropertyDescriptors(fields)) as StandInEvent<T>;
}

/** A class or module of Electron that the stand-in does not have: using it in any way says so. */
export function absent(name: string): never {
  const refuse = (): never => {
    throw notCovered(name);
  };
  return new Proxy(function absentClass() {}, {
    construct: refuse,
    apply: refuse,
    set: refuse,
    get: (target, key) =>
      typeof key === "symbol" || key === "prototype" || probes.has(key) ? Reflect.get(target, key) : refuse(),
  }) as never;
}
