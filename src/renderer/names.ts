import type { ClientAuthentication, ProfileColor, Region } from "../contract/settings.ts";
import type { Right } from "../contract/views.ts";
import { recoveryWords } from "./recovery-words.ts";

/** The words for everything that main and PingOne call by a name of their own. Part of the catalogue in `text.ts`. */

export const regionNames: Record<Region, string> = {
  NA: "North America (pingone.com)",
  CA: "Canada (pingone.ca)",
  EU: "Europe (pingone.eu)",
  AU: "Australia (pingone.com.au)",
  SG: "Singapore (pingone.sg)",
  AP: "Asia-Pacific (pingone.asia)",
};

export const colorNames: Record<ProfileColor, string> = {
  blue: "Blue",
  teal: "Teal",
  green: "Green",
  yellow: "Yellow",
  orange: "Orange",
  red: "Red",
  purple: "Purple",
  gray: "Grey",
};

export const authenticationNames: Record<ClientAuthentication, string> = {
  "secret-basic": "Client secret (Basic)",
  "secret-post": "Client secret (Post)",
  "secret-jwt": "Client secret JWT",
  "private-key-jwt": "Private key JWT",
};

/** What a session may do, for somebody who serves others. */
export const rightWords: Record<Right["right"], string> = {
  "read-environment": "Read the environment",
  "read-users": "Find users",
  "read-policies": "Read the MFA policies",
  "read-devices": "Read a user's devices",
  "create-devices": "Add a device",
  "activate-devices": "Activate a device",
  "remove-devices": "Remove a device",
  "enable-mfa": "Switch MFA on",
};

/** The same, for somebody who signed in for the own devices. */
export const ownRightWords: Record<Right["right"], string> = {
  ...rightWords,
  "read-users": "Read your account",
  "read-devices": "Read your devices",
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
  "profile.save": "Saving the profile…",
  "profile.choose": "Changing the profile…",
  "profile.remove": "Removing the profile…",
  "session.signIn": "Signing in to PingOne…",
  "session.cancelSignIn": "Cancelling…",
  "session.openSignInPage": "Opening the browser…",
  "session.begin": "Opening…",
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
  "pairings.recover": recoveryWords.running,
  "pairings.dismiss": "Closing…",
  "settings.change": "Saving…",
  "doctor.run": "Checking…",
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
