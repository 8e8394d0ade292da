import type { JsonObject } from "./message.ts";
import { seed } from "./seed.ts";
import type { Administrator } from "./sign-in/accounts.ts";
import type { Application } from "./sign-in/applications.ts";
import { emptySignInState, type SignInState } from "./sign-in/state.ts";
import { publicKeySet, type WorkerKeys } from "./sign-in/worker-keys.ts";

/**
 * The state of the pretend PingOne and of the pretend workstation. Records are replaced, never changed in place, so
 * that a test may keep what it has read.
 */

export type RelyingParty = { readonly id: string; readonly name: string };

export type User = {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly given: string;
  readonly family: string;
  readonly enabled: boolean;
  readonly mfaEnabled: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** What the user is good for in a demonstration; `null` for those who only fill the list. */
  readonly note: string | null;
};

/** What PingOne remembers between the creation of a device and its activation. */
type PendingPairing =
  | {
      readonly kind: "desktop";
      readonly optionsId: string;
      readonly challenge: string;
      /** Milliseconds since 1970. */
      readonly expiresAt: number;
    }
  | {
      readonly kind: "fido2";
      /** base64url, as the client data repeat it. */
      readonly challenge: string;
    };

export type Device = {
  readonly id: string;
  readonly userId: string;
  readonly type: string;
  readonly status: "ACTIVATION_REQUIRED" | "ACTIVE";
  readonly createdAt: number;
  readonly updatedAt: number;
  /** `null` until it is active; active devices are ordered by it. */
  readonly activatedAt: number | null;
  readonly policyId: string;
  readonly nickname: string | null;
  /** `null` for types that have none. */
  readonly relyingParty: RelyingParty | null;
  /** `null` once the device is active. */
  readonly pending: PendingPairing | null;
  /** Attestations refused since the last success or unlock. */
  readonly failures: number;
  /** `null`: not locked. Ends by itself. */
  readonly lockedUntil: number | null;
  /** `null`: not blocked. */
  readonly blockedAt: number | null;
  /** Fields that only this type of device has, as the API shows them. */
  readonly typeFields: JsonObject;
  /** Never shown by the device resource; what a later authentication would be checked against. */
  readonly credential: { readonly id: string; readonly publicKey: JsonObject } | null;
};

export type MethodPolicy = {
  readonly enabled: boolean;
  readonly pairingDisabled: boolean;
  readonly failureCount: number;
  readonly coolDownMinutes: number;
};

export type Policy = {
  readonly id: string;
  readonly name: string;
  readonly isDefault: boolean;
  readonly desktop: MethodPolicy & { readonly relyingParty: RelyingParty };
  readonly fido2: MethodPolicy & {
    /** `null`: the environment's default FIDO policy. */
    readonly fido2PolicyId: string | null;
  };
  readonly updatedAt: number;
};

/** Called FIDO policy by the vendor, see "Create FIDO Policy". */
export type Fido2Policy = {
  readonly id: string;
  readonly name: string;
  readonly isDefault: boolean;
  readonly relyingPartyId: string;
  readonly deviceDisplayName: string;
  readonly attachment: "PLATFORM" | "CROSS_PLATFORM" | "BOTH";
  readonly discoverableCredentials: Preference;
  readonly userVerification: Preference;
  readonly userPresenceMinutes: number;
  /** Whether credentials are allowed that can be copied to other devices. */
  readonly backupAllowed: boolean;
  readonly attestation: "NONE" | "DIRECT" | "ENTERPRISE";
  /** AAGUIDs in lower case; `null`: any authenticator. */
  readonly allowedAuthenticators: readonly string[] | null;
  readonly hints: readonly ("SECURITY_KEY" | "CLIENT_DEVICE" | "HYBRID")[];
};

type Preference = "DISCOURAGED" | "PREFERRED" | "REQUIRED";

/** One line per request that reached one of the sockets. It never holds a body, a query or a header's secret. */
export type LogEntry = {
  readonly time: number;
  readonly server: "pingone" | "agent";
  readonly method: string;
  readonly path: string;
  /** The `Host` header as the client sent it. */
  readonly host: string;
  /** What the request was recognised as, e.g. `create-device`; `null` when it was nothing we serve. */
  readonly operation: string | null;
  /** `null`: no answer was sent. */
  readonly status: number | null;
  /** `null` for the agent, which has none, and where no answer was sent. */
  readonly correlationId: string | null;
  readonly wrote: boolean;
};

/** The installation on the pretend workstation. */
export type AgentState = {
  /** The same for every pairing from this workstation. */
  readonly unitId: string;
  registerCount: number;
  authenticateCount: number;
  /** Requests that followed the redirect of the fault `agent-redirect`. A client must never cause one. */
  redirectsFollowed: number;
  /** `jti` of the options that have been answered: each is good for one use. */
  readonly usedOptions: Set<string>;
};

export type World = {
  readonly environmentId: string;
  readonly organizationId: string;
  readonly populationId: string;
  readonly clientSecret: string;
  /** By client id. */
  readonly applications: ReadonlyMap<string, Application>;
  readonly administrators: readonly Administrator[];
  readonly users: Map<string, User>;
  readonly devices: Map<string, Device>;
  /** Device ids by user id, for users whose order somebody has set. */
  readonly deviceOrder: Map<string, readonly string[]>;
  readonly policies: readonly Policy[];
  readonly fido2Policies: readonly Fido2Policy[];
  /** What the environment is licensed for, by the name of the flag. */
  readonly capabilities: Map<string, boolean>;
  readonly maxAllowedDevices: number;
  readonly maxPendingDevices: number;
  /** `jti` of access tokens that are no longer accepted. */
  readonly revokedTokens: Set<string>;
  readonly signIn: SignInState;
  readonly agent: AgentState;
  readonly log: LogEntry[];
  /** The devices of one user in the order of their creation; empty for an unknown user. */
  readonly devicesOf: (userId: string) => readonly Device[];
  /** Everything that waits for activation, of all users: after a test this should be empty. */
  readonly pendingDevices: () => readonly Device[];
};

/** A fresh world with the pretend users, devices, policies and applications of `seed.ts`. */
export const createWorld = (relyingPartyId: string, keys: WorkerKeys): World => {
  const { users, devices, applications, ...rest } = seed(relyingPartyId, publicKeySet(keys));
  const byId = new Map(devices.map((device) => [device.id, device]));
  return {
    ...rest,
    users: new Map(users.map((user) => [user.id, user])),
    devices: byId,
    deviceOrder: new Map(),
    revokedTokens: new Set(),
    applications: new Map(applications.map((application) => [application.id, application])),
    signIn: emptySignInState(),
    log: [],
    devicesOf: (userId) => [...byId.values()].filter((device) => device.userId === userId),
    pendingDevices: () => [...byId.values()].filter((device) => device.status === "ACTIVATION_REQUIRED"),
  };
};

const pendingLifetimeMs = 24 * 60 * 60 * 1000;

/** A device that nobody activates is deleted after 24 hours, see "MFA Devices". Called before every request. */
export const removeStaleDevices = (world: World, now: number): void => {
  for (const device of world.pendingDevices()) {
    if (now - device.createdAt >= pendingLifetimeMs) world.devices.delete(device.id);
  }
};

/** The users that a menu or a document names; those who only fill the list are left out. */
export const notedUsers = (
  world: World,
): readonly { readonly id: string; readonly username: string; readonly email: string; readonly note: string }[] =>
  [...world.users.values()].flatMap(({ id, username, email, note }) =>
    note === null ? [] : [{ id, username, email, note }],
  );
