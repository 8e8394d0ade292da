import type { SignInMode } from "../../contract/settings.ts";
import type { AgentTrust } from "../agent/trust-settings.ts";
import { type Decisions, valueOf } from "./precedence.ts";

/** What the allow-lists permit. No list: everything; an empty one, or one that was not understood: nothing. */

export const allowsSignInMode = (decisions: Decisions, mode: SignInMode): boolean =>
  isIn(valueOf(decisions, "SignInModesAllowed"), mode);

/** The very domain: one below it is another relying party, for another page (WebAuthn, "RP ID"). */
export const allowsRelyingParty = (decisions: Decisions, relyingPartyId: string): boolean =>
  isIn(valueOf(decisions, "RelyingPartiesAllowed"), relyingPartyId);

export const allowsAuthenticator = (decisions: Decisions, aaguid: string): boolean =>
  isIn(valueOf(decisions, "AuthenticatorsAllowed"), aaguid);

const isIn = (list: readonly string[] | null, value: string): boolean =>
  list === null || list.some((entry) => entry.toLowerCase() === value.toLowerCase());

/** Unless a policy says no, or says something that is not understood. */
export const allowsPlainSecretStore = (decisions: Decisions): boolean =>
  valueOf(decisions, "PlainSecretStoreAllowed") !== false;

export const allowsSimulator = (decisions: Decisions): boolean => valueOf(decisions, "SimulatorAllowed") !== false;

/** What a policy names a workstation; `null`: it says nothing about that. */
export function nicknameBy(decisions: Decisions, computer: string, user: string): string | null {
  const decision = decisions.get("NicknameTemplate");
  if (decision?.locked !== true) return null;
  const words: Readonly<Record<string, string>> = { computer, user };
  return (
    valueOf(decisions, "NicknameTemplate")?.replace(/\{(computer|user)\}/g, (_, word: string) => words[word] ?? "") ??
    null
  );
}

/** Whom a policy trusts as the desktop agent; `null`: that is the profile's to say. */
export function agentTrustBy(decisions: Decisions): AgentTrust | null {
  if (decisions.get("AgentTrust")?.locked !== true) return null;
  // Neither can be missing: what is not understood is as strict as it can be.
  return {
    mode: valueOf(decisions, "AgentTrust") ?? "verify",
    publishers: valueOf(decisions, "AgentPublishers") ?? [],
  };
}
