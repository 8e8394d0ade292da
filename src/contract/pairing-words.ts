import type { StepName, Warning } from "./views.ts";

/** The words for the steps of a pairing and for what went less well, which the page and the command line share. */

type StepWords = {
  /** What will be done. */
  readonly ahead: string;
  /** What is being done now. */
  readonly running: string;
  readonly done: string;
  readonly failed: string;
};

export const stepWords: Readonly<Record<StepName, StepWords>> = {
  "check-prerequisites": {
    ahead: "Check user, policy and computer",
    running: "Checking user, policy and computer",
    done: "Checked user, policy and computer",
    failed: "Something that is needed is missing",
  },
  "create-device": {
    ahead: "Create the device in PingOne",
    running: "Creating the device in PingOne",
    done: "Created the device in PingOne",
    failed: "The device was not created in PingOne",
  },
  "find-created-device": {
    ahead: "Look for the created device",
    running: "Looking for the created device",
    done: "Looked for the created device",
    failed: "PingOne could not say whether the device was created",
  },
  "register-with-agent": {
    ahead: "Approve on this workstation",
    running: "Waiting for approval on this workstation",
    done: "Approved on this workstation",
    failed: "Not approved on this workstation",
  },
  "run-ceremony": {
    ahead: "Enrol the authenticator",
    running: "Waiting for the authenticator",
    done: "Enrolled the authenticator",
    failed: "The authenticator was not enrolled",
  },
  "activate-device": {
    ahead: "Activate the device",
    running: "Activating the device",
    done: "Activated the device",
    failed: "The device was not activated",
  },
  "confirm-activation": {
    ahead: "Read back whether it is active",
    running: "Reading back whether it is active",
    done: "Read back whether it is active",
    failed: "Could not read back whether it is active",
  },
  "name-device": {
    ahead: "Name the device",
    running: "Naming the device",
    done: "Named the device",
    failed: "The device was not named",
  },
  "remove-device": {
    ahead: "Remove the unfinished device",
    running: "Removing the unfinished device",
    done: "Removed the unfinished device",
    failed: "The unfinished device was not removed",
  },
};

/** A warning in one sentence. The code stays the same for scripts; these words may change. */
export const warningWords: Readonly<Record<Warning["code"], string>> = {
  "mfa-disabled": "MFA is switched off for this user, so PingOne will not ask for the device yet.",
  "existing-desktop-devices": "The user had PingID Desktop devices already.",
  "policy-not-chosen": "No MFA policy was chosen, so PingOne used its default.",
  "nickname-not-set": "The device is active, but its name could not be set.",
  "agent-not-verified": "The program that answered as the PingID Desktop app is not trusted.",
  "journal-not-written": "The record of this pairing could not be written on this computer.",
  "clock-off": "The clock of this computer is off by more than half a minute.",
  "licence-doubtful": "The environment says that its licence does not cover this. PingOne decides.",
};
