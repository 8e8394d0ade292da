import type { SignInMode } from "../../contract/settings.ts";
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
