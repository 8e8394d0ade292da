import * as z from "zod/mini";
import type { Policies } from "../../contract/views.ts";
import type { Answer, Call, PingOne } from "./client.ts";
import { collectionReply, environmentReply, policyReply, shown, toPolicy } from "./wire.ts";

/**
 * The environment's MFA policies, all of them ("Read Device Authentication Policies"). An Identity Data Admin alone may not read them, so a refusal is an answer
 * (`not-readable`) and never blocks a pairing: the operator types the id instead.
 */
export async function readPolicies(
  pingOne: PingOne,
  patience: Pick<Call<Policies>, "tries" | "timeoutMs"> = {},
): Promise<Answer<Policies>> {
  // For administrators only, so a user is not even asked to be refused.
  if (pingOne.mode === "self-service") return { ok: true, value: { state: "not-readable" }, correlationId: null };
  const answer = await pingOne.call({
    ...patience,
    method: "GET",
    path: "/deviceAuthenticationPolicies",
    action: "read the MFA policies",
    read: (json) => {
      const page = collectionReply.safeParse(json);
      const list = z.array(policyReply).safeParse(page.data?._embedded?.["deviceAuthenticationPolicies"] ?? []);
      if (!page.success || !list.success) return { problem: "it is not a list of MFA policies" };
      return { value: { state: "readable", policies: list.data.map(toPolicy) } as const };
    },
  });
  if (answer.ok) return answer;
  // 401 too, where it means the role; and 404: PingOne may hide what a role may not see.
  return answer.status === 403 || answer.status === 404 || answer.error.code === "not-allowed"
    ? { ok: true, value: { state: "not-readable" }, correlationId: answer.correlationId }
    : answer;
}

/** For showing where we are. `null` when the role may not read it or it has no name. */
export async function readEnvironmentName(pingOne: PingOne): Promise<string | null> {
  if (pingOne.mode === "self-service") return null;
  const answer = await pingOne.call({
    method: "GET",
    path: "",
    action: "read the environment",
    read: (json) => ({ value: shown(environmentReply.safeParse(json).data?.name) }),
  });
  return answer.ok ? answer.value : null;
}
