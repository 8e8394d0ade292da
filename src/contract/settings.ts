import * as z from "zod/mini";

/** PingOne's regions; the hosts they stand for are in `core/pingone/endpoints.ts`. */
export const regions = ["NA", "CA", "EU", "AU", "SG", "AP"] as const;
export type Region = (typeof regions)[number];

/**
 * Who signs in. `technician`: an administrator with an own account, whose roles apply. `self-service`: a user, for the
 * own devices only, with the `p1:*` scopes. `worker`: nobody; a worker application with a secret or a key.
 */
export const signInModes = ["technician", "self-service", "worker"] as const;
export type SignInMode = (typeof signInModes)[number];

/** How a worker application proves who it is ("Client Authentication Methods"). */
export const clientAuthentications = ["secret-basic", "secret-post", "secret-jwt", "private-key-jwt"] as const;
export type ClientAuthentication = (typeof clientAuthentications)[number];

/** The mark by which a person tells tenants apart. Names, not values: the page knows how each looks in light and dark. */
export const profileColors = ["blue", "teal", "green", "yellow", "orange", "red", "purple", "gray"] as const;
export type ProfileColor = (typeof profileColors)[number];

const identifier = z.string().check(z.maxLength(64));
const host = z.string().check(z.maxLength(300));
const port = z.number().check(z.int(), z.minimum(1), z.maximum(65_535));

/** One tenant. Empty text means "not set"; `null` hosts mean "take those of the region". No secret is ever in here. */
export const profileSettingsSchema = z.strictObject({
  mode: z.enum(signInModes),
  region: z.enum(regions),
  apiUrl: z.nullable(host),
  authUrl: z.nullable(host),
  /** The environment's custom domain for authentication; the environment id then drops out of the sign-in addresses. */
  authDomain: z.nullable(host),
  environmentId: identifier,
  clientId: identifier,
  clientAuthentication: z.enum(clientAuthentications),
  /** The port of the redirect address that is registered for the application. */
  redirectPort: port,
  agentPort: port,
  /** Used when the role may not read the MFA policies. */
  policyId: z.nullable(identifier),
  /** Overrides the relying party of the MFA policy. */
  relyingPartyId: z.nullable(z.string().check(z.maxLength(253))),
  /** The organisation's own PingOne page on which users enrol keys; https. */
  enrolmentPageUrl: z.nullable(z.string().check(z.maxLength(500))),
  color: z.nullable(z.enum(profileColors)),
  /** Asks before what cannot be undone, and says so on every screen. */
  production: z.boolean(),
});
export type ProfileSettings = z.infer<typeof profileSettingsSchema>;

/** What belongs to the window, whichever profile is in use. */
export const windowSettingsSchema = z.strictObject({
  theme: z.enum(["system", "light", "dark"]),
  language: z.enum(["en", "pseudo"]),
  /** Minutes without a touch after which a technician or a worker is signed out. */
  idleMinutes: z.number().check(z.int(), z.minimum(1), z.maximum(480)),
  /** Whether a locked or sleeping computer counts as idle at once. */
  signOutOnLock: z.boolean(),
});
export type WindowSettings = z.infer<typeof windowSettingsSchema>;

/** What is in force: the profile in use and the window. */
export const settingsSchema = z.extend(profileSettingsSchema, windowSettingsSchema.shape);
export type Settings = z.infer<typeof settingsSchema>;

/** The port that PingOne's own tools register ("Setting up PingOne worker applications"). */
export const usualRedirectPort = 7464;

export const defaultProfileSettings: ProfileSettings = {
  mode: "technician",
  region: "NA",
  apiUrl: null,
  authUrl: null,
  authDomain: null,
  environmentId: "",
  clientId: "",
  clientAuthentication: "secret-basic",
  redirectPort: usualRedirectPort,
  agentPort: 9410,
  policyId: null,
  relyingPartyId: null,
  enrolmentPageUrl: null,
  color: null,
  production: false,
};

export const defaultWindowSettings: WindowSettings = {
  theme: "system",
  language: "en",
  idleMinutes: 10,
  signOutOnLock: false,
};

export const defaultSettings: Settings = { ...defaultProfileSettings, ...defaultWindowSettings };

/**
 * What the page may change while somebody is signed in. The connection itself (hosts, environment, application) changes
 * only by saving a profile, which ends the session.
 */
export const settingsChangeSchema = z.partial(
  z.pick(settingsSchema, {
    agentPort: true,
    policyId: true,
    relyingPartyId: true,
    enrolmentPageUrl: true,
    theme: true,
    language: true,
    idleMinutes: true,
    signOutOnLock: true,
  }),
);
export type SettingsChange = z.infer<typeof settingsChangeSchema>;
