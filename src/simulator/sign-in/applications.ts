import type { JSONWebKeySet } from "jose";

/** The applications of the pretend environment ("Applications" of the Management OpenAPI), and what they may do. */

/** Built-in roles, see "Administrator permissions and role assignments". Only those that decide something here. */
export type Role = "Environment Admin" | "Configuration Read Only" | "Identity Data Admin" | "Identity Data Read Only";

/** Assumed: the name of the device grant, which RFC 8628 gives; the vendor's page shows only its first request. */
export const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

export const grantTypes = ["authorization_code", "refresh_token", "client_credentials", deviceGrant] as const;
export type GrantType = (typeof grantTypes)[number];

/** "Client Authentication Methods". */
export type ClientAuthentication =
  /** NONE: a public client, which needs PKCE. */
  | { readonly kind: "none" }
  /**
   * CLIENT_SECRET_BASIC, CLIENT_SECRET_POST or CLIENT_SECRET_JWT. In PingOne an application has exactly one of them;
   * accepting all three saves two more applications.
   */
  | { readonly kind: "secret"; readonly secret: string }
  /** PRIVATE_KEY_JWT, with the public halves. */
  | { readonly kind: "key"; readonly keySet: JSONWebKeySet };

export type Application = {
  readonly id: string;
  readonly name: string;
  readonly authentication: ClientAuthentication;
  readonly grantTypes: readonly GrantType[];
  /** `accessControl.role.type` ADMIN_USERS_ONLY, or every user; `null`: nobody signs in to a pure worker. */
  readonly access: "administrators" | "users" | null;
  /** Those of the application itself, which count when it acts without a user. */
  readonly roles: readonly Role[];
  /** What may be asked for on behalf of a user. */
  readonly scopes: readonly string[];
  /** The last segment of its verification page; `null` without the device grant. */
  readonly devicePathId: string | null;
};

/**
 * The redirect address that is registered for both public applications: the one of Ping's own tools, see "Setting up
 * PingOne worker applications".
 */
export const redirectAddress = { host: "127.0.0.1", port: 7464, path: "/callback" } as const;

const identityScopes = ["openid", "profile", "email"];

/** "PingOne self-management scopes". */
const selfServiceScopes = [
  "p1:read:user",
  "p1:update:user",
  "p1:update:userMfaEnabled",
  "p1:create:device",
  "p1:read:device",
  "p1:update:device",
  "p1:delete:device",
  "p1:create:pairingKey",
  "p1:read:pairingKey",
  "p1:delete:pairingKey",
];

const worker = {
  grantTypes: ["client_credentials"],
  access: null,
  roles: ["Environment Admin", "Identity Data Admin"],
  scopes: [],
  devicePathId: null,
} as const satisfies Partial<Application>;

/** S256_REQUIRED for every public application, see `pkceEnforcement` in the Management OpenAPI. */
const publicClient = {
  authentication: { kind: "none" },
  grantTypes: ["authorization_code", "refresh_token", deviceGrant],
  roles: [],
} as const satisfies Partial<Application>;

/** Fixed, as every id of the pretend environment. */
export const applicationIds = {
  worker: "9b04f7d3-6e28-4c51-8a9f-d2e7130c65b8",
  workerWithKey: "c81d5e0a-37b4-4f29-9c6e-a04f7b12d8e3",
  technician: "4a6f29c1-d05b-4e73-b8a2-17e3f9c5d604",
  selfService: "e57b03d8-9a1c-4762-8f4d-62c0b7e9a1f5",
} as const;

export const applications = (secret: string, keySet: JSONWebKeySet): readonly Application[] => [
  { ...worker, id: applicationIds.worker, name: "Pairing service", authentication: { kind: "secret", secret } },
  {
    ...worker,
    id: applicationIds.workerWithKey,
    name: "Pairing service with a key",
    authentication: { kind: "key", keySet },
  },
  {
    ...publicClient,
    id: applicationIds.technician,
    name: "Workstation pairing for technicians",
    access: "administrators",
    // "With a user-based grant a worker application may request only OIDC scopes", see "Administrator permissions and
    // role assignments".
    scopes: identityScopes,
    devicePathId: "technicians",
  },
  {
    ...publicClient,
    id: applicationIds.selfService,
    name: "My devices",
    access: "users",
    scopes: [...identityScopes, ...selfServiceScopes],
    devicePathId: "my-devices",
  },
];
