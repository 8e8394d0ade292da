import type { PairingStart } from "../contract/ipc.ts";
import type { Phase, Policies, Policy, Route, Snapshot } from "../contract/views.ts";

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
  /** A security key, or the authenticator built into this computer. */
  readonly authenticator: "key" | "platform";
  /** Empty: the name that PingOne gives. */
  readonly keyName: string;
};

/** The choices before anything was chosen: the environment's default policy, and this computer's name. */
export function firstChoices(userId: string, policies: Policies, snapshot: Snapshot): Choices {
  const policyId =
    policies.state === "readable"
      ? (policies.policies.find((policy) => policy.isDefault)?.id ?? "")
      : (snapshot.settings.policyId ?? "");
  return { userId, policyId, nickname: snapshot.hostName, anotherOne: false, authenticator: "key", keyName: "" };
}

/** The policy behind the chosen id; `null` when none was chosen, or when it is one that could not be read. */
export function chosenPolicy(policies: Policies, { policyId }: Choices): Policy | null {
  if (policies.state !== "readable") return null;
  return policies.policies.find(({ id }) => id === policyId) ?? null;
}

/** What would happen on this computer under the chosen policy, for the chosen authenticator. */
export function routeOf({ routes }: { readonly routes: OpenRoutes }, choices: Choices): Route {
  const chosen = routes.byPolicy.find(({ policyId }) => policyId === choices.policyId.trim());
  return (chosen?.routes ?? routes.usual)[choices.authenticator];
}

type OpenRoutes = Extract<Phase, { name: "user" }>["routes"];

/** The choices as main takes them. Spaces around what was typed are not meant. */
export function desktopStartOf(choices: Choices): PairingStart {
  const { policyId, nickname, anotherOne } = choices;
  return { kind: "desktop", policyId: typed(policyId), nickname: typed(nickname), despiteExisting: anotherOne };
}

export function keyStartOf(choices: Choices): PairingStart {
  const { policyId, keyName, authenticator } = choices;
  return { kind: "fido2", policyId: typed(policyId), nickname: typed(keyName), authenticator };
}

const typed = (text: string): string | null => (text.trim() === "" ? null : text.trim());
