import type { StepName, Warning } from "../contract/views.ts";

/** A step of a pairing, for people: while it runs and when it is done. */
export const stepWords: Readonly<Record<StepName, string>> = {
  "check-prerequisites": "Check user, policy and computer",
  "create-device": "Create the device in PingOne",
  "find-created-device": "Look for the created device",
  "register-with-agent": "Approve on this workstation",
  "run-ceremony": "Use the security key",
  "activate-device": "Activate the device",
  "confirm-activation": "Read back whether it is active",
  "name-device": "Name the device",
  "remove-device": "Remove the unfinished device",
};

/** A warning in one sentence. The code stays the same for scripts; these words may change. */
export function describeWarning({ code, detail }: Warning): string {
  switch (code) {
    case "mfa-disabled":
      return "MFA is switched off for this user, so PingOne will not ask for the device yet.";
    case "existing-desktop-devices":
      return `The user had PingID Desktop devices already: ${detail ?? "see the list of devices"}.`;
    case "policy-not-chosen":
      return "No MFA policy was chosen and none could be read, so PingOne used its default.";
    case "nickname-not-set":
      return "The device is active, but its name could not be set.";
    case "journal-not-written":
      return "The record of this pairing could not be written on this computer.";
    default:
      return code satisfies never;
  }
}
