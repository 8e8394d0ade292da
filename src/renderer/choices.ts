import type { PairingStart } from "../contract/ipc.ts";
import type { Policies, Snapshot } from "../contract/views.ts";

/**
 * What the operator chose for one user, while that user is being served. Kept above the screens, so that it survives a
 * look at the settings and a failed attempt can be repeated as it was.
 */
export type Choices = {
  readonly userId: string;
  /** Empty: leave it to PingOne. */
  readonly policyId: string;
  readonly nickname: string;
  /** The operator has seen that the user has a desktop device, and wants another. */
  readonly anotherOne: boolean;
};

/** The choices before anything was chosen: the environment's default policy, and this computer's name. */
export function firstChoices(userId: string, policies: Policies, snapshot: Snapshot): Choices {
  const policyId =
    policies.state === "readable"
      ? (policies.policies.find((policy) => policy.isDefault)?.id ?? "")
      : (snapshot.settings.policyId ?? "");
  return { userId, policyId, nickname: snapshot.hostName, anotherOne: false };
}

/** The choices as main takes them. Spaces around what was typed are not meant. */
export function pairingStartOf(choices: Choices): PairingStart {
  const policyId = choices.policyId.trim();
  const nickname = choices.nickname.trim();
  return {
    kind: "desktop",
    policyId: policyId === "" ? null : policyId,
    nickname: nickname === "" ? null : nickname,
    despiteExisting: choices.anotherOne,
  };
}
