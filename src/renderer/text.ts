import { describeError, describeLeft } from "../contract/error-words.ts";
import type { AppError, Left } from "../contract/errors.ts";
import type { Region } from "../contract/settings.ts";
import type { StepName, Warning } from "../contract/views.ts";

/**
 * Every word that the page shows. Sentences with something in them are functions, so that no screen glues a sentence
 * together from pieces that another language would order differently.
 */

type StepWords = {
  /** What will be done. */
  readonly ahead: string;
  /** What is being done now. */
  readonly running: string;
  readonly done: string;
  readonly failed: string;
};

const steps: Record<StepName, StepWords> = {
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

const regionNames: Record<Region, string> = {
  NA: "North America (pingone.com)",
  CA: "Canada (pingone.ca)",
  EU: "Europe (pingone.eu)",
  AU: "Australia (pingone.com.au)",
  SG: "Singapore (pingone.sg)",
  AP: "Asia-Pacific (pingone.asia)",
};

const warnings: Record<Warning["code"], string> = {
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
const busy = {
  "session.signIn": "Signing in to PingOne…",
  "session.signOut": "Signing out…",
  "user.find": "Looking for the user…",
  "user.open": "Reading the user and the devices…",
  "user.close": "Closing the user…",
  "user.refresh": "Reading the devices again…",
  "user.enableMfa": "Switching MFA on…",
  "device.remove": "Removing the device…",
  "pairing.start": "Starting the pairing…",
  "pairing.cancel": "Cancelling…",
  "pairing.close": "Reading the devices again…",
  "settings.change": "Saving…",
  "simulator.rehearse": "Changing the simulation…",
} as const;

export const english = {
  title: (screen: string) => `${screen} - DeskPair`,
  describeError: (error: AppError) => describeError(error),
  describeLeft: (left: Left) => describeLeft(left),
  code: (code: string) => `Code: ${code}`,
  copy: "Copy",
  copyOf: (action: string, what: string) => `${action}: ${what}`,
  copied: "Copied",
  notCopied: "Could not copy",
  cancel: "Cancel",
  back: "Back",
  busy,
  working: "Working…",

  frame: {
    operator: "Signed in to",
    serving: "User being served",
    settings: "Settings",
    settingsWait: "Settings can be opened when the pairing is over.",
    signOut: "Sign out",
    simulation: "Simulation: nothing here touches a real environment",
    rehearse: "Rehearse",
    rehearseNothing: "No fault",
    rehearsing: (fault: string) => `Rehearsing: ${fault}`,
  },

  signIn: {
    heading: "Sign in to PingOne",
    lead: "Use a worker application of the environment in which you pair.",
    region: "Region",
    regionUnused: "Not used: the addresses below take its place.",
    ownAddresses: "Use other addresses",
    apiUrl: "API address",
    apiUrlHint: "For example https://api.pingone.eu/v1",
    authUrl: "Sign-in address",
    authUrlHint: "For example https://auth.pingone.eu, or your custom domain",
    environmentId: "Environment id",
    clientId: "Client id",
    clientSecret: "Client secret",
    clientSecretHint: "Kept in memory until you sign out. Never stored on this computer.",
    submit: "Sign in",
    rolesLink: "Which roles the application needs",
    missing: {
      apiUrl: "Enter the API address.",
      authUrl: "Enter the sign-in address.",
      environmentId: "Enter the environment id.",
      clientId: "Enter the client id.",
      clientSecret: "Enter the client secret.",
    },
  },

  findUser: {
    heading: "Find a user",
    query: "Username or email",
    submit: "Search",
    missing: "Enter a username or an email address.",
    matches: (count: number) => (count === 1 ? "1 user matches" : `${count} users match`),
    chooseOne: "Choose the one to pair for.",
    pretendUsers: "Pretend users",
    disabled: "Disabled",
  },

  user: {
    another: "Find another user",
    enabled: "Enabled",
    disabled: "Disabled",
    mfaOn: "MFA on",
    mfaOff: "MFA off",
    mfaUnknown: "MFA unknown",
    mfaOffNotice: "MFA is off for this user. Devices cannot be used until it is on.",
    mfaUnknownNotice: "PingOne did not tell whether MFA is on for this user.",
    switchMfaOn: "Switch MFA on…",
    switchMfaOnHeading: (name: string) => `Switch MFA on for ${name}?`,
    switchMfaOnBody: "From then on the user may be asked for a second factor at sign-in.",
    switchMfaOnConfirm: "Switch MFA on",
    disabledNotice: "This account is disabled in PingOne, so nothing can be paired. Enable the user first.",
    pairHeading: "Pair",
    policy: "MFA policy",
    policyDefault: (name: string) => `${name} (default)`,
    policyDisabled: (name: string) => `${name} (PingID Desktop not allowed)`,
    policyOfPingOne: "Leave it to PingOne",
    policyDisabledNotice: "This policy does not allow PingID Desktop to be paired. PingOne will probably refuse.",
    policyId: "MFA policy id",
    policyIdHint: "The application may not read the policies. Leave this empty to let PingOne take its default.",
    policyNone: "PingOne shows no MFA policy here and takes its default.",
    nickname: "Device name",
    nicknameHint: (hostName: string) => `If empty: ${hostName}, the name of this computer`,
    pairDesktop: "Pair this workstation",
    relyingParty: (id: string) => `Relying party from the settings: ${id}`,
    pairingLink: "How pairing works",
    existingHeading: (name: string, count: number) =>
      count === 1
        ? `${name} already has a PingID Desktop device`
        : `${name} already has ${count} PingID Desktop devices`,
    existingBody: "Check whether this workstation is one of them. Pairing again adds another device.",
    existingConfirm: "Pair another one",
  },

  devices: {
    heading: "Devices",
    count: (count: number) => (count === 1 ? "1 device" : `${count} devices`),
    none: "No device yet. The first one can be paired above.",
    refresh: "Refresh",
    type: (type: string) => deviceTypes[type] ?? type,
    status: (status: string) => deviceStatuses[status] ?? status,
    system: (system: string) => {
      const known = operatingSystems.find(([prefix]) => system === prefix || system.startsWith(`${prefix} `));
      return known === undefined ? system : known[1] + system.slice(known[0].length);
    },
    locked: "Locked",
    blocked: "Blocked",
    created: (relative: string, absolute: string) => `Added ${relative} (${absolute})`,
    remove: "Remove",
    removeOne: (name: string) => `Remove ${name}`,
    removeHeading: (name: string) => `Remove ${name}?`,
    removeBody: (user: string) => `${user} can no longer sign in with it. This cannot be undone.`,
    removeConfirm: "Remove device",
  },

  pairing: {
    heading: "Pairing this workstation",
    steps: "Steps",
    stepWords: (name: StepName) => steps[name],
    approveHeading: "Approve at this workstation",
    approveBody: "The PingID Desktop app asks for fingerprint, face or PIN. It must be the user who answers.",
    timeLeft: (time: string) => `${time} left`,
    timeLeftSpoken: (seconds: number) => `${seconds} seconds left to approve`,
    timeIsUp: "Time is up",
    timeIsUpBody: "Waiting for the agent's answer.",
    elapsed: (time: string) => `${time} so far`,
    cancelling: "Cancelling… removing the device",
    cancelHint: "Esc",
    stepRunning: "Running",
    stepDone: "Done",
    stepFailed: "Failed",
    stepAhead: "Not started",
  },

  paired: {
    heading: "This workstation is paired",
    lead: (name: string) => `The device is active for ${name}.`,
    deviceHeading: "Device",
    warningsHeading: "Please note",
    warning: (code: Warning["code"]) => warnings[code],
    next: "Next user",
    created: (relative: string, absolute: string) => `${absolute} (${relative})`,
    showDevices: "Show the user's devices",
    steps: (time: string) => `What was done, in ${time}`,
    facts: {
      name: "Name",
      status: "Status",
      type: "Type",
      system: "System",
      application: "Application",
      relyingParty: "Relying party",
      created: "Added",
      id: "Device id",
    },
  },

  failed: {
    heading: "This workstation was not paired",
    cancelledHeading: "Pairing cancelled",
    forUser: (name: string) => `For ${name}`,
    nextStep: "What to do",
    leftHeading: "What is left",
    ownWords: { pingone: "PingOne's own words", agent: "The agent's own words" },
    correlationId: "Correlation id",
    serverErrorId: "PingOne error id",
    deviceId: "Device id",
    codeLabel: "Code",
    details: "For support",
    retry: "Try again",
    toUser: "Back to the user",
    stepsHeading: "Steps",
    agentLink: "About the PingID Desktop app",
    rolesLink: "Which roles the application needs",
    pairingLink: "How pairing works",
  },

  settings: {
    heading: "Settings",
    appearance: "Appearance",
    theme: "Theme",
    themes: { system: "As the system", light: "Light", dark: "Dark" },
    language: "Language",
    languages: { en: "English", pseudo: "Stretched English (for development)" },
    pairing: "Pairing",
    agentPort: "Port of the PingID Desktop app",
    agentPortHint: "9410 unless it was changed when the app was installed.",
    agentPortInvalid: "Enter a whole number from 1 to 65535.",
    policyId: "MFA policy id",
    policyIdHint: "Used when the application may not read the policies.",
    relyingParty: "Relying party",
    relyingPartyHint: "A domain, for example example.com. Empty means that of the MFA policy.",
    relyingPartyInvalid: "Enter a domain such as example.com, without https:// and without a path.",
    connection: "Connection",
    connectionNone: "Not signed in.",
    connectionHint: "It changes by signing in again.",
    environmentName: "Environment",
    environmentId: "Environment id",
    clientId: "Client id",
    apiHost: "API host",
    saved: "Saved",
    about: (version: string) => `DeskPair ${version}`,
  },

  changes: {
    signedOut: "Signed out.",
    findUser: "Signed in. Find a user.",
    nextUser: "Find a user.",
    userOpened: (name: string, devices: string) => `${name}. ${devices}.`,
    mfaOn: "MFA is on.",
    deviceRemoved: (devices: string) => `Device removed. ${devices} left.`,
    devicesRead: (devices: string) => `${devices}.`,
    pairing: "Pairing started.",
    paired: (name: string) => `Paired. The device is active for ${name}.`,
    failed: (message: string, nextStep: string, left: string) => `${message} ${nextStep} ${left}`,
    rehearsalOff: "No fault is rehearsed.",
  },

  regions: regionNames,
  startFailed: "DeskPair could not start",
  outsideApp: "This page works inside DeskPair only.",
};

export type Text = typeof english;
