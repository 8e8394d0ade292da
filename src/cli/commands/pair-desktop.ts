import { fail } from "../../contract/errors.ts";
import { type Context, openConfigured } from "../context.ts";
import { unlessInterrupted } from "../interrupt.ts";
import type { Order } from "../program.ts";
import { pairAndReport, reportPlan, reportUnstarted } from "./pairing.ts";

/** `deskpair pair desktop`. Resolves with the exit number. */
export async function pairDesktop(context: Context, order: Extract<Order, { name: "pair-desktop" }>): Promise<number> {
  const cancelled = fail({ code: "cancelled" });
  const opened = await unlessInterrupted(openConfigured(context, order), context.signal, cancelled);
  if (!opened.ok) return reportUnstarted(context, opened.error);
  const { session, configuration } = opened.value;

  // Up to here and while the user is looked up nothing has been written, so an interrupt need not wait for anything.
  const user = await unlessInterrupted(session.resolveUser(order.user), context.signal, cancelled);
  if (!user.ok) return reportUnstarted(context, user.error);
  const choice = {
    kind: "desktop",
    policyId: configuration.policyId,
    relyingPartyId: configuration.relyingPartyId,
    nickname: order.nickname,
  } as const;
  if (!order.dryRun) return pairAndReport(context, session, user.value, choice);

  const plan = await unlessInterrupted(session.planPairing(user.value, choice), context.signal, cancelled);
  if (!plan.ok) return reportUnstarted(context, plan.error);
  return reportPlan(context, user.value, plan.value);
}
