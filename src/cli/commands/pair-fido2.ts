import type { AppError } from "../../contract/errors.ts";
import { ceremonyProblem, keyProblem } from "../ceremony.ts";
import { type Context, cancelled, inSession, type Opened, type Prepared, report } from "../context.ts";
import { unlessInterrupted } from "../interrupt.ts";
import type { Order } from "../program.ts";
import { pairAndReport, reportPlan } from "./pairing.ts";

type PairOrder = Extract<Order, { name: "pair-fido2" }>;

/** `deskpair pair fido2`. Resolves with the exit number. */
export function pairFido2(context: Context, order: PairOrder): Promise<number> {
  return inSession(
    context,
    order,
    (opened) => pair(context, order, opened),
    (prepared) => problemBefore(context, order, prepared),
  );
}

/** Known before somebody signs in and before a device is created that could then not be activated. */
async function problemBefore(
  context: Context,
  order: PairOrder,
  { configuration }: Prepared,
): Promise<AppError | null> {
  const reason =
    order.authenticator === "platform"
      ? "the command line reaches security keys only, not this computer's own authenticator"
      : ceremonyProblem(configuration);
  if (reason !== null) return { code: "ceremony-unavailable", reason };
  return order.dryRun || context.options.interactive ? null : keyProblem(configuration, context.signal);
}

async function pair(
  context: Context,
  order: PairOrder,
  { session, configuration, user: query }: Opened,
): Promise<number> {
  const user = await unlessInterrupted(session.resolveUser(query), context.signal, cancelled);
  if (!user.ok) return report(context, user.error);
  const choice = {
    kind: "fido2",
    authenticator: order.authenticator,
    policyId: configuration.policyId,
    relyingPartyId: configuration.relyingPartyId,
    // A key is not this computer: without a nickname it keeps the name that PingOne gives.
    nickname: order.nickname ?? "",
    force: false,
  } as const;
  if (!order.dryRun) return pairAndReport(context, session, user.value, choice);

  const plan = await unlessInterrupted(session.planPairing(user.value, choice), context.signal, cancelled);
  if (!plan.ok) return report(context, plan.error);
  return reportPlan(context, user.value, plan.value);
}
