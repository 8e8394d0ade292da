/** Events as Electron's objects have them: listeners by name, and an event that can be prevented. */

type AnyListener = (...values: never[]) => void;

export class Events {
  readonly #listeners = new Map<string, AnyListener[]>();

  on(name: string, listener: AnyListener): void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
  }

  once(name: string, listener: AnyListener): void {
    this.on(name, listener);
  }

  /** Calls whoever listens; false when nobody does. */
  emit(name: string, ...values: unknown[]): boolean {
    const listeners = this.#listeners.get(name) ?? [];
    for (const listener of listeners) listener(...(values as never[]));
    return listeners.length > 0;
  }
}

export type FakeEvent = { defaultPrevented: boolean; preventDefault(): void };

export function fakeEvent<T extends object>(fields: T): FakeEvent & T;
export function fakeEvent(): FakeEvent;
export function fakeEvent(fields: object = {}): FakeEvent {
  return {
    ...fields,
    defaultPrevented: false,
    preventDefault() {
      this.defaultPrevented = true;
    },
  };
}
