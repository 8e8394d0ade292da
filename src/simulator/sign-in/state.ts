/**
 * What the pretend authentication host remembers between two requests. Records are replaced, never changed in place.
 * Times are milliseconds since 1970.
 */

/** What somebody has agreed to. */
export type Approval = {
  readonly clientId: string;
  /** The id of the account. */
  readonly subject: string;
  readonly scope: readonly string[];
  /** When the person signed in. */
  readonly authTime: number;
};

export type AuthorizationCode = {
  readonly approval: Approval;
  readonly redirectUri: string;
  /** Of PKCE, always S256. */
  readonly challenge: string;
  readonly nonce: string | null;
  readonly expiresAt: number;
  readonly spent: boolean;
  /** What was issued for it; `null` until it is, and when it was spent in vain. */
  readonly grantId: string | null;
};

/** Everything that goes back to one approval: an access token or more, and the refresh tokens that follow each other. */
export type Grant = {
  readonly id: string;
  readonly approval: Approval;
  /** `jti` of its access tokens. */
  readonly tokenIds: readonly string[];
  readonly revoked: boolean;
};

export type RefreshToken = {
  readonly grantId: string;
  readonly expiresAt: number;
  /** Each is good for one use; the next use is a theft, by whichever of the two holders. */
  readonly used: boolean;
};

export type DeviceCode = {
  readonly id: string;
  /** `XXXX-XXXX` */
  readonly userCode: string;
  readonly clientId: string;
  readonly scope: readonly string[];
  /** Of PKCE, which Ping's own client adds; `null` without. */
  readonly challenge: string | null;
  readonly expiresAt: number;
  /** Grows with every `slow_down`. */
  readonly intervalSeconds: number;
  /** `null`: never. */
  readonly polledAt: number | null;
  readonly decision: "none" | "denied" | "spent" | Approval;
};

export type SignInState = {
  readonly codes: Map<string, AuthorizationCode>;
  readonly grants: Map<string, Grant>;
  readonly refreshTokens: Map<string, RefreshToken>;
  readonly deviceCodes: Map<string, DeviceCode>;
  /** Client and `jti` of the assertions that have been accepted: each is good for one use. */
  readonly usedAssertions: Set<string>;
};

export const emptySignInState = (): SignInState => ({
  codes: new Map(),
  grants: new Map(),
  refreshTokens: new Map(),
  deviceCodes: new Map(),
  usedAssertions: new Set(),
});
