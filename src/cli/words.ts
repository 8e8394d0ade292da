import { stepWords as forms, warningWords } from "../contract/pairing-words.ts";
import type { StepName, Warning } from "../contract/views.ts";

/** A step of a pairing, for people: while it runs and when it is done. */
export const stepWords: Readonly<Record<StepName, string>> = {
  "check-prerequisites": forms["check-prerequisites"].ahead,
  "create-device": forms["create-device"].ahead,
  "find-created-device": forms["find-created-device"].ahead,
  "register-with-agent": forms["register-with-agent"].ahead,
  // There is no other authenticator on the command line.
  "run-ceremony": "Use the security key",
  "activate-device": forms["activate-device"].ahead,
  "confirm-activation": forms["confirm-activation"].ahead,
  "name-device": forms["name-device"].ahead,
  "remove-device": forms["remove-device"].ahead,
};

/** A warning in one sentence, with what is known beyond it. */
export function describeWarning({ code, detail }: Warning): string {
  const words = warningWords[code];
  const more =
    code === "existing-desktop-devices" || code === "agent-not-verified" || code === "licence-doubtful" ? detail : null;
  return more === null ? words : `${words.slice(0, -1)}: ${more}.`;
}
