import { fail } from "../../contract/errors.ts";
import { ceremonyProblem } from "../ceremony.ts";
import { type Context, openConfigured } from "../context.ts";
import { unlessInterrupted } from "../interrupt.ts";
import type { Order } from "../program.ts";
import { pairAndReport, reportPlan, reportUnstarted } from "./pairing.ts";

/** `deskpair pair fido2`. Resolves with the exit number. */
export async function pairFido2(context: Context, order: Extract<Order, { name: "pair-fido2" }>): Promise<number> {
  const cancelled = fail({ code: "cancelled" });
  const opened = await unlessInterrupted(openConfigured(context, order), context.signal, cancelled);
  if (!opened.ok) return reportUnstarted(context, opened.error);
  const { session, configuration } = opened.value;
  if (!order.dryRun) {
    // Before a device is created that could then not be activated.
    const reason =
      order.authenticator === "platform"
        ? "the command line reaches security keys only, not this computer's own authenticator"
        : ceremonyProblem(configuration);
    if (reason !== null) return reportUnstarted(context, { code: "ceremony-unavailable", reason });
  }
  const user = await unlessInterrupted(session.resolveUser(order.user), context.signal, cancelled);
  if (!user.ok) return reportUnstarted(context, user.error);
  const choice = {
    kind: "fido2",
    authenticator: order.authenticator,
    policyId: configuration.policyId,
    relyingPartyId: configuration.relyingPartyId,
    // A key is not this computer: without a nickname it keeps the name that PingOne gives.
    nickname: order.nickname ?? "",
  } as const;
  if (!order.dryRun) return pairAndReport(context, session, user.value, choice);

  const plan = await unlessInterrupted(session.planPairing(user.value, choice), context.signal, cancelled);
  if (!plan.ok) return reportUnstarted(context, plan.error);
  return reportPlan(context, user.value, plan.value);
}
