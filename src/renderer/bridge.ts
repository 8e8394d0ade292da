import type { RequestName } from "../contract/channels.ts";
import { type Outcome } from "../contract/errors.ts";
import type { Bridge, Input, Output } from "../contract/ipc.ts";

declare global {
  interface Window {
    /** Put there by the preload. Absent when the page is opened outside the app. */
    readonly deskpair?: Bridge;
  }
}

/** An answer that never came: main is gone or the message could not be carried. Main counts its own incidents. */
const unanswered = { ok: false, error: { code: "internal", incidentId: "page" } } as const;

/** Asks main. Never rejects, so that every caller has one way of failing to deal with. */
export async function ask<N extends RequestName>(name: N, input: Input<N>): Promise<Outcome<Output<N>>> {
  const bridge = window.deskpair;
  if (bridge === undefined) return unanswered;
  try {
    return await bridge[name](input);
  } catch {
    return unanswered;
  }
}
