import { type AppError, fail, type Outcome, ok } from "../../contract/errors.ts";
import type { ProfileSettings } from "../../contract/settings.ts";
import type { AgentSettings } from "../agent/client.ts";
import { type Endpoints, resolveEndpoints } from "../pingone/endpoints.ts";
import { type Credential, createTokens, type Tokens } from "../pingone/tokens.ts";
import { allowsSignInMode } from "../policy/allowed.ts";
import type { Ports } from "../ports.ts";
import { type Actor, openSession, type Session } from "../session.ts";
import type { BrowserWaiting } from "./browser.ts";
import type { DeviceCodeWaiting } from "./device-code.ts";
import type { Grant } from "./grant.ts";
import { forgetKept, type Kept, type KeptFor, readKept, writeKept } from "./kept.ts";
import { keepInstead, revokeKept, turnName } from "./revocation.ts";
import { selfServiceScopes, technicianScopes } from "./scopes.ts";
import type { UserTokens } from "./user-tokens.ts";

/** The tenant to sign in to: one profile, or what the command line put together. */
export type Tenant = {
  /** Under which the sign-in is kept; `null`: it is not kept. */
  readonly profile: string | null;
  readonly endpoints: Endpoints;
  readonly clientId: string;
  readonly mode: ProfileSettings["mode"];
  readonly clientAuthentication: ProfileSettings["clientAuthentication"];
  readonly redirectPort: number;
  /** The private key of a worker application, for `private-key-jwt`. */
  readonly keyFile: { readonly path: string; readonly keyId: string | null } | null;
  readonly agent: () => AgentSettings;
};

export type WayIn =
  | { readonly way: "browser" | "device-code"; readonly keep: boolean }
  | { readonly way: "kept" }
  /** `null`: the tenant's key file proves who we are. */
  | { readonly way: "secret"; readonly clientSecret: string | null; readonly keep: boolean };

export type Waiting =
  | ({ readonly way: "browser" } & BrowserWaiting)
  /** `qr`: the modules of a code of the complete address, a row a text of `0` and `1`. */
  | ({ readonly way: "device-code"; readonly qr: readonly string[] } & DeviceCodeWaiting);

export type SignedIn = {
  readonly session: Session;
  readonly endpoints: Endpoints;
  readonly actor: Actor;
  /** For those who look at the session from outside, such as the doctor. */
  readonly tokens: Tokens;
  /** The person's name or username; for a worker its client id. */
  readonly name: string;
  /** Whether the next start may continue without asking. */
  readonly kept: boolean;
  /** Resolves with the end of the refresh that is under way, whose new token is kept by then. `null`: none is. */
  readonly refreshing: () => Promise<unknown> | null;
  /**
   * Revokes what was given and forgets it, in the key store, too, if it was kept. With `forget` nothing of the profile
   * stays there: what an earlier sign-in has left is revoked, too. Always ends the session.
   */
  readonly end: (how: { readonly forget: boolean }) => Promise<Outcome<null>>;
};

/** The endpoints of a profile. */
export const endpointsOf = (settings: ProfileSettings): Outcome<Endpoints> => resolveEndpoints(settings);

/**
 * Signs in to a tenant, one way or another, and proves it: a token is had when this resolves.
 *
 * @param tell what the person has to do, whenever that changes
 */
export async function signIn(
  ports: Ports,
  tenant: Tenant,
  wayIn: WayIn,
  tell: (waiting: Waiting) => void,
  signal: AbortSignal,
): Promise<Outcome<SignedIn>> {
  // SECURITY: whatever a profile says, and before anything is sent.
  if (!allowsSignInMode(ports.policy(), tenant.mode)) {
    return fail({ code: "blocked-by-policy", setting: "SignInModesAllowed" });
  }
  if (tenant.clientId === "") return fail({ code: "configuration-missing", settings: ["client id"] });
  switch (wayIn.way) {
    case "browser":
    case "device-code": {
      if (tenant.mode === "worker") return fail(notThisWay);
      const grant = await signInAsPerson(ports, tenant, wayIn.way, tell, signal);
      return grant.ok ? asPerson(ports, tenant, grant.value, wayIn.keep) : grant;
    }
    case "kept":
      return withKept(ports, tenant);
    case "secret":
      return asWorker(ports, tenant, wayIn.clientSecret, wayIn.keep ? "keep" : "no");
    default:
      return wayIn satisfies never;
  }
}

/** Loaded when somebody signs in as a person: the command line's workers need none of it, and pay at every start. */
async function signInAsPerson(
  ports: Ports,
  tenant: Tenant,
  way: "browser" | "device-code",
  tell: (waiting: Waiting) => void,
  signal: AbortSignal,
): Promise<Outcome<Grant>> {
  const application = applicationOf(tenant);
  if (way === "browser") {
    const { signInWithBrowser } = await import("./browser.ts");
    const { redirectPort } = tenant;
    return signInWithBrowser(ports, { ...application, redirectPort }, (waiting) => tell({ way, ...waiting }), signal);
  }
  const [{ signInWithDeviceCode }, { qrRows }] = await Promise.all([import("./device-code.ts"), import("./qr.ts")]);
  const show = (waiting: DeviceCodeWaiting): void =>
    tell({ way, ...waiting, qr: qrRows(waiting.completeAddress ?? waiting.address) });
  return signInWithDeviceCode(ports, application, show, signal);
}

const notThisWay: AppError = {
  code: "usage-invalid",
  problem: "This profile is for a worker application, which signs in with a secret or a key and not as a person.",
};

const applicationOf = ({ endpoints, clientId, mode }: Tenant) => ({
  issuer: endpoints.issuer,
  clientId,
  scopes: mode === "self-service" ? selfServiceScopes : technicianScopes,
});

/** What a kept sign-in of this tenant has to have been given for. */
export const keptFor = ({ endpoints, clientId, mode }: Tenant): KeptFor => ({
  issuer: endpoints.issuer,
  apiBase: endpoints.apiBase,
  clientId,
  mode,
});

async function withKept(ports: Ports, tenant: Tenant): Promise<Outcome<SignedIn>> {
  if (tenant.profile === null) return fail({ code: "sign-in-required" });
  const read = await readKept(ports.secrets, tenant.profile, keptFor(tenant));
  if (!read.ok) return read;
  const secret = read.value?.secret;
  switch (secret?.kind) {
    case undefined:
      return fail({ code: "sign-in-required" });
    case "client-secret":
      return asWorker(ports, tenant, secret.clientSecret, "kept");
    case "refresh-token":
      return fromRefreshToken(ports, tenant, secret);
    default:
      return secret satisfies never;
  }
}

async function fromRefreshToken(
  ports: Ports,
  tenant: Tenant,
  secret: Extract<Kept["secret"], { kind: "refresh-token" }>,
): Promise<Outcome<SignedIn>> {
  const { subject, name, scopes } = secret;
  const tokens = await userTokens(
    ports,
    tenant,
    { refreshToken: secret.refreshToken },
    { subject, name, scopes },
    true,
  );
  // Proven at once: a session that ended long ago must lead to the sign-in, not to the first search.
  const proven = await tokens.current();
  if (!proven.ok) return proven;
  const told = tokens.identity();
  if (told !== null && told.subject !== subject) {
    // Nothing may be done in the name of one with the rights of another (OpenID Connect Core, 12.2).
    await tokens.end();
    return fail({ code: "sign-in-invalid", problem: "what was kept belongs to another account" });
  }
  return ok(signedIn(ports, tenant, tokens, actorOf(tenant, subject, scopes), name ?? subject, true));
}

async function asPerson(ports: Ports, tenant: Tenant, grant: Grant, keep: boolean): Promise<Outcome<SignedIn>> {
  const { subject, name, username } = grant.identity;
  const shown = name ?? username ?? null;
  const person = { subject, name: shown, scopes: grant.scopes };
  const wanted = keep && tenant.profile !== null && (await ports.secrets.kind()) !== "memory";
  const kept = wanted && grant.refreshToken !== null && (await isKept(ports, tenant, person, grant.refreshToken));
  // After that: one that could not be kept must not look for another in the store, which an earlier sign-in has left.
  const tokens = await userTokens(ports, tenant, grant, person, kept);
  return ok(signedIn(ports, tenant, tokens, actorOf(tenant, subject, grant.scopes), shown ?? subject, kept));
}

/** `false`: it could not be kept. The session is good all the same; it ends with this process. */
async function isKept(ports: Ports, tenant: Tenant, person: Person, refreshToken: string): Promise<boolean> {
  // In turn: a refresh that is under way in another process would else put its token over this one.
  const { profile } = tenant;
  if (profile === null) return false;
  const written = await keepInstead(ports, profile, keptOf(tenant, person, refreshToken));
  if (!written.ok) ports.log("warn", "sign-in.not-kept", { code: written.error.code });
  return written.ok;
}

type Person = { readonly subject: string; readonly name: string | null; readonly scopes: readonly string[] };

async function userTokens(
  ports: Ports,
  tenant: Tenant,
  start: Grant | { readonly refreshToken: string },
  person: Person,
  kept: boolean,
): Promise<UserTokens> {
  const { createUserTokens } = await import("./user-tokens.ts");
  const { profile } = tenant;
  return createUserTokens(ports, applicationOf(tenant), start, {
    keep: async (refreshToken) => (kept ? keepRefreshToken(ports, tenant, person, refreshToken) : ok(null)),
    forget: async () => (kept && profile !== null ? forgetKept(ports.secrets, profile) : ok(null)),
    current: async () => {
      if (!kept || profile === null) return null;
      const read = await readKept(ports.secrets, profile, keptFor(tenant));
      const secret = read.ok ? read.value?.secret : undefined;
      return secret?.kind === "refresh-token" ? secret.refreshToken : null;
    },
    exclusively: (work) => ports.inTurn(turnName, work),
  });
}

function keepRefreshToken(ports: Ports, tenant: Tenant, person: Person, refreshToken: string): Promise<Outcome<null>> {
  const { profile } = tenant;
  if (profile === null) return Promise.resolve(ok(null));
  return writeKept(ports.secrets, profile, keptOf(tenant, person, refreshToken));
}

const keptOf = (tenant: Tenant, { subject, name, scopes }: Person, refreshToken: string): Kept => ({
  ...keptFor(tenant),
  secret: { kind: "refresh-token", refreshToken, subject, name, scopes: [...scopes] },
});

async function asWorker(
  ports: Ports,
  tenant: Tenant,
  clientSecret: string | null,
  /** `kept`: it comes from the key store, and need not be written there again. */
  keeping: "no" | "keep" | "kept",
): Promise<Outcome<SignedIn>> {
  if (tenant.mode !== "worker") {
    return fail({
      code: "usage-invalid",
      problem: "This profile is for people, who sign in with the browser or a code.",
    });
  }
  const credential = await credentialOf(ports, tenant, clientSecret);
  if (!credential.ok) return credential;
  const tokens = createTokens(ports, tenant.endpoints, credential.value);
  const proven = await tokens.current();
  if (!proven.ok) return proven;
  const { profile, clientId } = tenant;
  const wanted =
    keeping === "keep" && profile !== null && clientSecret !== null && (await ports.secrets.kind()) !== "memory";
  let kept = keeping === "kept";
  if (wanted) {
    const secret = { kind: "client-secret" as const, clientSecret };
    const written = await keepInstead(ports, profile, { ...keptFor(tenant), secret });
    if (!written.ok) ports.log("warn", "sign-in.not-kept", { code: written.error.code });
    kept = written.ok;
  }
  return ok(signedIn(ports, tenant, tokens, { mode: "worker" }, clientId, kept));
}

/** What a worker application proves itself with. */
export async function credentialOf(
  ports: Pick<Ports, "readKeyFile">,
  { clientId, clientAuthentication, keyFile }: Pick<Tenant, "clientId" | "clientAuthentication" | "keyFile">,
  clientSecret: string | null,
): Promise<Outcome<Credential>> {
  if (clientAuthentication === "private-key-jwt") {
    if (keyFile === null) return fail({ code: "configuration-missing", settings: ["private key file"] });
    const privateKey = await ports.readKeyFile(keyFile.path);
    if (!privateKey.ok) return privateKey;
    return ok({ kind: "private-key-jwt", clientId, privateKey: privateKey.value, keyId: keyFile.keyId });
  }
  if (clientSecret === null) return fail({ code: "configuration-missing", settings: ["client secret"] });
  return ok({ kind: clientAuthentication, clientId, clientSecret });
}

const actorOf = ({ mode }: Tenant, subject: string, scopes: readonly string[]): Actor =>
  mode === "self-service" ? { mode, userId: subject, scopes } : { mode };

function signedIn(
  ports: Ports,
  tenant: Tenant,
  tokens: Tokens | UserTokens,
  actor: Actor,
  name: string,
  kept: boolean,
): SignedIn {
  const { endpoints, agent, profile } = tenant;
  return {
    session: openSession(ports, { endpoints, tokens, actor, agent }),
    endpoints,
    actor,
    tokens,
    name,
    kept,
    refreshing: () => ("refreshing" in tokens ? tokens.refreshing() : null),
    end: async ({ forget }) => {
      const ended = await tokens.end();
      if (!forget || profile === null) return ended;
      // What is kept now is another session's, or could not be removed: it is revoked by what it says itself.
      const cleared = await revokeKept(ports, profile);
      return cleared.ok ? ended : cleared;
    },
  };
}
