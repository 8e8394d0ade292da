import type * as z from "zod/mini";
import { type EventName, type RequestName, requestNames } from "../contract/channels.ts";
import { type AppError, appErrorSchema, fail, type Outcome, ok } from "../contract/errors.ts";
import { type EventPayload, events, type Handlers, type Input, type Output, requests } from "../contract/ipc.ts";
import type { Log } from "../core/ports.ts";
import type { RecordIncident } from "./incident.ts";
import { isWithinLimit } from "./message-size.ts";
import type { SenderEvent } from "./sender.ts";

/**
 * Serves the contract to the page. Every request goes the same way: trust, parse, run, encode, and every failure comes
 * back as data, because Electron would keep nothing of a thrown error but its message.
 *
 * Only `handle`: no one-way messages, whose failure nobody would see, and nothing synchronous.
 */
export type RequestServer = {
  readonly handle: (
    channel: string,
    listener: (event: SenderEvent, ...messages: unknown[]) => Promise<unknown>,
  ) => void;
};

/** A page that can be told something. */
export type Listener = {
  readonly isDestroyed: () => boolean;
  readonly send: (channel: string, ...messages: unknown[]) => void;
};

export type IpcOptions = {
  readonly handlers: Handlers;
  /** Asked for every message, before anything else of it is read. */
  readonly trusts: (event: SenderEvent) => boolean;
  readonly recordIncident: RecordIncident;
  readonly log: Log;
};

export type Refusal = Extract<AppError, { readonly code: "message-refused" }>["reason"];

/** The contract once more, as a type in which the schemas of a name belong to that name. */
const schemas: {
  readonly [N in RequestName]: {
    readonly input: z.ZodMiniType<Input<N>>;
    readonly output: z.ZodMiniType<Output<N>>;
  };
} = requests;

/** Registers every request of the contract. Call it once: Electron refuses a second handler for a name. */
export function serve(server: RequestServer, options: IpcOptions): void {
  for (const name of requestNames) {
    server.handle(name, (event, ...messages) => answer(name, event, messages, options));
  }
}

async function answer<N extends RequestName>(
  name: N,
  event: SenderEvent,
  messages: readonly unknown[],
  options: IpcOptions,
): Promise<Outcome<Output<N>>> {
  const refuse = (reason: Refusal): Outcome<never> => {
    // SECURITY: checklist 27. The channel and the reason, never what was sent.
    options.log("warn", "ipc.refused", { channel: name, reason });
    return fail({ code: "message-refused", reason });
  };
  // The frame is read now, before any wait: it becomes null when the page navigates.
  if (!options.trusts(event)) return refuse("untrusted-sender");
  if (!isWithinLimit(messages)) return refuse("too-large");
  if (messages.length !== 1) return refuse("malformed");
  // SECURITY: checklist 24. The schemas are strict: an unknown key is refused on the way in and on the way out.
  const input = schemas[name].input.safeParse(messages[0]);
  if (!input.success) return refuse("malformed");
  try {
    return encode(name, await options.handlers[name](input.data));
  } catch (thrown) {
    return fail({ code: "internal", incidentId: options.recordIncident("ipc.failed", thrown, { channel: name }) });
  }
}

/** Lets through what the contract describes. Throws for anything else, which then stays in main. */
function encode<N extends RequestName>(name: N, outcome: Outcome<Output<N>>): Outcome<Output<N>> {
  if (outcome.ok) return ok(schemas[name].output.parse(outcome.value));
  return fail(appErrorSchema.parse(outcome.error));
}

/** Tells every page that is still there. A payload that is not in the contract is not sent, and is an incident. */
export function publish<N extends EventName>(
  name: N,
  payload: EventPayload<N>,
  listeners: readonly Listener[],
  recordIncident: RecordIncident,
): void {
  const checked = events[name].safeParse(payload);
  if (!checked.success) {
    recordIncident("ipc.not-published", checked.error, { channel: name });
    return;
  }
  for (const listener of listeners) {
    if (!listener.isDestroyed()) listener.send(name, checked.data);
  }
}
