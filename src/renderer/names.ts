import type { Region } from "../contract/settings.ts";
import type { StepName, Warning } from "../contract/views.ts";

/** The words for everything that main and PingOne call by a name of their own. Part of the catalogue in `text.ts`. */

type StepWords = {
  /** What will be done. */
  readonly ahead: string;
  /** What is being done now. */
  readonly running: string;
  readonly done: string;
  readonly failed: string;
};

export const stepWords: Record<StepName, StepWords> = {
  "check-prerequisites": {
    ahead: "Check what is needed",
    running: "Checking what is needed",
    done: "Checked what is needed",
    failed: "Something that is needed is missing",
  },
  "create-device": {
    ahead: "Create the device in PingOne",
    running: "Creating the device in PingOne",
    done: "Created the device in PingOne",
    failed: "The device was not created in PingOne",
  },
  "find-created-device": {
    ahead: "Look for the device in PingOne",
    running: "Looking for the device in PingOne",
    done: "Looked for the device in PingOne",
    failed: "PingOne could not say whether the device was created",
  },
  "register-with-agent": {
    ahead: "Approve at this workstation",
    running: "Waiting for approval at this workstation",
    done: "Approved at this workstation",
    failed: "Not approved at this workstation",
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
    ahead: "Check that the device is active",
    running: "Checking whether the device is active",
    done: "Checked that the device is active",
    failed: "Could not check whether the device is active",
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

export const regionNames: Record<Region, string> = {
  NA: "North America (pingone.com)",
  CA: "Canada (pingone.ca)",
  EU: "Europe (pingone.eu)",
  AU: "Australia (pingone.com.au)",
  SG: "Singapore (pingone.sg)",
  AP: "Asia-Pacific (pingone.asia)",
};

export const warningWords: Record<Warning["code"], string> = {
  "mfa-disabled": "MFA is off for this user. The device cannot be used until it is on.",
  "existing-desktop-devices": "The user had a PingID Desktop device already.",
  "policy-not-chosen": "No MFA policy was chosen. PingOne took its default.",
  "nickname-not-set": "The device is paired, but it could not be named.",
  "journal-not-written": "The record of this pairing could not be written on this computer.",
};

/** PingOne's device types in words. A type that is not here is shown as PingOne names it. */
const deviceTypes: Readonly<Record<string, string>> = {
  PINGID_DESKTOP_GEN2: "PingID Desktop",
  DESKTOP: "PingID Desktop (earlier app)",
  FIDO2: "Security key or passkey",
  SECURITY_KEY: "Security key (FIDO U2F)",
  PLATFORM: "Built-in authenticator",
  MOBILE: "Mobile app",
  TOTP: "Authenticator app",
  EMAIL: "Email",
  SMS: "Text message",
  VOICE: "Voice call",
  WHATSAPP: "WhatsApp",
  OATH_TOKEN: "Hardware token",
  YUBIKEY: "YubiKey one-time password",
};

const deviceStatuses: Readonly<Record<string, string>> = {
  ACTIVE: "Active",
  ACTIVATION_REQUIRED: "Not activated",
};

const operatingSystems: readonly (readonly [prefix: string, name: string])[] = [
  ["MAC", "macOS"],
  ["WINDOWS", "Windows"],
  ["LINUX", "Linux"],
  ["IOS", "iOS"],
  ["ANDROID", "Android"],
];

/** What main is doing for the page, by the name of the request. */
export const busyWords = {
  "session.signIn": "Signing in to PingOne…",
  "session.signOut": "Signing out…",
  "user.find": "Looking for the user…",
  "user.open": "Reading the user and the devices…",
  "user.close": "Closing the user…",
  "user.refresh": "Reading the devices again…",
  "user.enableMfa": "Switching MFA on…",
  "device.remove": "Removing the device…",
  "pairing.start": "Starting the pairing…",
  "pairing.startInBrowser": "Opening the page…",
  "pairing.cancel": "Cancelling…",
  "pairing.close": "Reading the devices again…",
  "settings.change": "Saving…",
  "simulator.rehearse": "Changing the simulation…",
} as const;
const anyBusyWords: Readonly<Record<string, string>> = busyWords;

/** Words for any request, also for one that this page has never heard of. */
export const busyWith = (request: string): string => anyBusyWords[request] ?? "Working…";

export const deviceType = (type: string): string => deviceTypes[type] ?? type;

export const deviceStatus = (status: string): string => deviceStatuses[status] ?? status;

/** `MAC 15.7.3`, as the agent reports it, the way people write it. */
export function operatingSystem(system: string): string {
  const known = operatingSystems.find(([prefix]) => system === prefix || system.startsWith(`${prefix} `));
  return known === undefined ? system : known[1] + system.slice(known[0].length);
}
