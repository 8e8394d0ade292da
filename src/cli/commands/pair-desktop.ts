import { blockedBy } from "../../core/policy/applied.ts";
import { type Context, cancelled, inSession, type Opened, type Prepared, report } from "../context.ts";
import { unlessInterrupted } from "../interrupt.ts";
import type { Order } from "../program.ts";
import { pairAndReport, reportPlan } from "./pairing.ts";

/** `deskpair pair desktop`. Resolves with the exit number. */
export function pairDesktop(context: Context, order: Extract<Order, { name: "pair-desktop" }>): Promise<number> {
  // Refused, not ignored: whoever typed a name would believe that the device has it.
  const check = async ({ configuration: { decisions } }: Prepared) =>
    order.nickname !== null && decisions.get("NicknameTemplate")?.locked === true
      ? blockedBy("NicknameTemplate")
      : null;
  const work = async ({ session, configuration, user: query }: Opened): Promise<number> => {
    // While the user is looked up nothing has been written, so an interrupt need not wait for anything.
    const user = await unlessInterrupted(session.resolveUser(query), context.signal, cancelled);
    if (!user.ok) return report(context, user.error);
    const choice = {
      kind: "desktop",
      policyId: configuration.policyId,
      relyingPartyId: configuration.relyingPartyId,
      nickname: order.nickname,
      force: order.force,
    } as const;
    if (!order.dryRun) return pairAndReport(context, session, user.value, choice);

    const plan = await unlessInterrupted(session.planPairing(user.value, choice), context.signal, cancelled);
    if (!plan.ok) return report(context, plan.error);
    // What a fleet's detection script reads: nothing to send means that there is nothing to do.
    return reportPlan(context, user.value, plan.value, { paired: plan.value.length === 0 });
  };
  return inSession(context, order, work, check);
}
