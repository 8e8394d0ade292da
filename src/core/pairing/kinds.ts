import { fail, type Outcome, ok } from "../../contract/errors.ts";
import type { Authenticator, AuthenticatorKind } from "../../contract/views.ts";
import { originFor } from "../agent/origin.ts";
import { looksSigned } from "../agent/reply.ts";
import { type CreationOptions, readCreationOptions } from "../fido2/options.ts";
import type { FidoPolicy } from "../fido2/policy.ts";
import type { CreatedDevice } from "../pingone/devices.ts";

/** What differs between pairing a workstation and pairing a security key: the middle of the machine. */

export type PairingKind =
  | { readonly name: "desktop" }
  | {
      readonly name: "fido2";
      readonly wanted: AuthenticatorKind;
      /** The policy that decides which authenticators may answer; `null`: not readable, PingOne decides. */
      readonly policy: FidoPolicy | null;
    };

/** What has to be proved, and to whom. Secret until it is used: never in a state, a log or a snapshot. */
export type Challenge =
  | {
      readonly kind: "desktop";
      readonly relyingPartyId: string;
      readonly origin: string;
      /** A signed JWT, which only PingOne and the agent understand. */
      readonly options: string;
    }
  | { readonly kind: "fido2"; readonly origin: string; readonly options: CreationOptions };

/** What PingOne gets for the activation. As secret as the challenge. */
export type Proof =
  | { readonly kind: "desktop"; readonly attestation: string }
  | {
      readonly kind: "fido2";
      readonly origin: string;
      /** A string that holds JSON. */
      readonly attestation: string;
      readonly authenticator: Authenticator;
    };

/** Reads the challenge out of a create reply, or says why it cannot be used; the device is then removed again. */
export function challengeFor(
  kind: PairingKind,
  relyingPartyId: string | null,
  created: CreatedDevice,
): Outcome<Challenge> {
  const origin = originFor(created.relyingPartyId, relyingPartyId);
  if (!origin.ok) return origin;
  return kind.name === "desktop"
    ? desktopChallenge(created.relyingPartyId ?? "", origin.value, created.options)
    : fido2Challenge(origin.value, kind.wanted, created);
}

function desktopChallenge(relyingPartyId: string, origin: string, options: unknown): Outcome<Challenge> {
  if (typeof options === "string" && looksSigned(options)) {
    return ok({ kind: "desktop", relyingPartyId, origin, options });
  }
  const problem = "it holds no signed options for the workstation";
  return fail({ code: "reply-invalid", action: "create the device", problem });
}

function fido2Challenge(origin: string, wanted: AuthenticatorKind, created: CreatedDevice): Outcome<Challenge> {
  if (created.options === null || created.options === undefined) {
    const problem = "it holds no options for the security key";
    return fail({ code: "reply-invalid", action: "create the device", problem });
  }
  const options = readCreationOptions(created.options);
  if (!options.ok) return options;
  const { rp, authenticatorSelection } = options.value;
  // Two places name the relying party; the ceremony runs for the one, the policy was checked for the other.
  if (rp.id !== created.relyingPartyId) {
    return fail({ code: "relying-party-mismatch", expected: created.relyingPartyId ?? "", received: rp.id });
  }
  const attachment = wanted === "key" ? "cross-platform" : "platform";
  const asked = authenticatorSelection.authenticatorAttachment;
  if (asked !== undefined && asked !== attachment) {
    const reason =
      asked === "platform" ? "the FIDO policy wants a built-in authenticator" : "the FIDO policy wants a security key";
    return fail({ code: "ceremony-unavailable", reason });
  }
  // Always explicit: without it the system decides, and on Windows that is Windows Hello.
  const selection = { ...authenticatorSelection, authenticatorAttachment: attachment } as const;
  return ok({ kind: "fido2", origin, options: { ...options.value, authenticatorSelection: selection } });
}
