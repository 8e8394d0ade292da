import type { RequestName } from "../contract/channels.ts";
import type { Outcome } from "../contract/errors.ts";
import type { Bridge, Input, Output } from "../contract/ipc.ts";

declare global {
  interface Window {
    /** Put there by the preload. Absent when the page is opened outside the app. */
    readonly deskpair?: Bridge;
  }
}

/** An answer that never came: main is gone or the message could not be carried. Main counts its own incidents. */
const unanswered = { ok: false, error: { code: "internal", incidentId: "page" } } as const;

/** The bridge seen from one name, so that TypeScript can follow a name that is only known to be one of them. */
type Requests = { readonly [N in RequestName]: (input: Input<N>) => Promise<Outcome<Output<N>>> };

/** Asks main. Never rejects, so that every caller has one way of failing to deal with. */
export async function ask<N extends RequestName>(name: N, input: Input<N>): Promise<Outcome<Output<N>>> {
  const bridge: Requests | undefined = window.deskpair;
  if (bridge === undefined) return unanswered;
  try {
    return await bridge[name](input);
  } catch {
    return unanswered;
  }
}
