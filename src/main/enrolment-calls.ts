import { type EnrolmentOptions, type EnrolmentResult, enrolmentResultSchema } from "../contract/enrolment.ts";
import { enrolmentChannels } from "../contract/enrolment-channels.ts";
import { fail, type Outcome, ok } from "../contract/errors.ts";
import type { Log } from "../core/ports.ts";
import type { Refusal, RequestServer } from "./ipc.ts";
import { isWithinLimit } from "./message-size.ts";
import type { SenderEvent } from "./sender.ts";

/** Serves the two calls of the enrolment window: to one window, for one ceremony, and then not at all. */

export type EnrolmentServer = RequestServer & { readonly removeHandler: (channel: string) => void };

export type EnrolmentCalls = {
  /** Asked for every message, before anything else of it is read. */
  readonly trusts: (event: SenderEvent) => boolean;
  readonly options: () => EnrolmentOptions;
  /** Called at most once; `null`: the page said something that it cannot mean, and will say nothing else. */
  readonly onResult: (result: EnrolmentResult | null) => void;
  readonly log: Log;
};

/** An attestation with its chain of certificates is some kilobytes; the contract takes a hundred. */
const resultLimit = 131_072;

/** @returns takes the two calls away again */
export function serveEnrolment(server: EnrolmentServer, calls: EnrolmentCalls): () => void {
  let heard = false;
  const refuse = (channel: string, reason: Refusal): Outcome<never> => {
    // SECURITY: checklist 27. The channel and the reason, never what was sent.
    calls.log("warn", "ipc.refused", { channel, reason });
    return fail({ code: "message-refused", reason });
  };

  server.handle(enrolmentChannels.options, async (event, ...messages) => {
    if (!calls.trusts(event)) return refuse(enrolmentChannels.options, "untrusted-sender");
    if (messages.length > 0) return refuse(enrolmentChannels.options, "malformed");
    return ok(calls.options());
  });

  server.handle(enrolmentChannels.result, async (event, ...messages) => {
    if (!calls.trusts(event)) return refuse(enrolmentChannels.result, "untrusted-sender");
    if (heard) return refuse(enrolmentChannels.result, "malformed");
    heard = true;
    const result = readResult(messages);
    calls.onResult(typeof result === "string" ? null : result);
    return typeof result === "string" ? refuse(enrolmentChannels.result, result) : ok(null);
  });

  return () => {
    server.removeHandler(enrolmentChannels.options);
    server.removeHandler(enrolmentChannels.result);
  };
}

function readResult(messages: readonly unknown[]): EnrolmentResult | Refusal {
  if (!isWithinLimit(messages, resultLimit)) return "too-large";
  const result = enrolmentResultSchema.safeParse(messages.length === 1 ? messages[0] : undefined);
  return result.success ? result.data : "malformed";
}
