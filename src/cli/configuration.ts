import { dirname, resolve } from "node:path";
import { fail, type Outcome, ok } from "../contract/errors.ts";
import {
  type ClientAuthentication,
  clientAuthentications,
  type SignInMode,
  signInModes,
  usualRedirectPort,
} from "../contract/settings.ts";
import { resolveEndpoints } from "../core/pingone/endpoints.ts";
import { allowsPlainSecretStore } from "../core/policy/allowed.ts";
import { areProfilesLocked, decideBy } from "../core/policy/applied.ts";
import { policyOf } from "../core/policy/policies.ts";
import type { Decisions } from "../core/policy/precedence.ts";
import type { KnownPolicies } from "../core/policy/refresh.ts";
import type { FileProfile } from "../core/profiles/file.ts";
import type { Tenant } from "../core/sign-in/open.ts";
import { dataFolder } from "../node/host.ts";
import { configPlace, type Environment, readConfigFile } from "./config-file.ts";
import { contradiction, type InForce, profileInForce } from "./managed.ts";
import {
  oneOf,
  oneRegion,
  parsePort,
  parseTools,
  parseTrust,
  readSecretStore,
  type SecretStoreKind,
  type Source,
} from "./setting-values.ts";

/** Everything that a command needs to know, checked. No secret is in it, only where one is. */
export type Configuration = {
  /** `null`: no profile of a file is in use. */
  readonly profile: string | null;
  /** Whether the profile is marked as production. */
  readonly production: boolean;
  readonly tenant: Tenant;
  /** Where the client secret of a worker application is; `null`: nowhere but in the key store, if at all. */
  readonly secret: Source | null;
  readonly secretStore: SecretStoreKind;
  /** The path of the private key, as a person would look for it. */
  readonly keyFileSetting: string;
  readonly policyId: string | null;
  readonly relyingPartyId: string | null;
  readonly dataFolder: string;
  /** Whether the command line may use libfido2's tools: not at all, those of the system, or those in this folder. */
  readonly fido2Tools: "off" | "system" | (string & {});
  /** What policies say, with this profile below them. */
  readonly decisions: Decisions;
};

/** What was given as an option of the command. */
export type GivenOptions = {
  readonly profile: string | null;
  readonly config: string | null;
  readonly policyId: string | null;
  readonly relyingPartyId: string | null;
  /** What is kept is only to be taken away: from a store, too, that the organisation no longer allows. */
  readonly forgetting?: boolean;
  /** `null` where a user who signs in as themselves may be meant; `undefined`: the command is about no user. */
  readonly user?: string | null;
};

const defaultAgentPort = 9410;

/**
 * Puts the configuration together: policy, option, environment, profile, default, in this order, each setting for itself.
 * Reads the configuration file and nothing else. The first thing that is wrong is the answer; everything that is
 * missing is named at once, except a client secret, which may be in the key store.
 */
export async function readConfiguration(
  given: GivenOptions,
  environment: Environment,
  policy: KnownPolicies,
): Promise<Outcome<Configuration>> {
  const place = configPlace(given.config, environment);
  const file = await readConfigFile(place);
  // Where a policy says which profiles there are, the file is not asked.
  if (!file.ok && !areProfilesLocked(decideBy(policy))) return file;
  const inForce = profileInForce(policy, file.ok ? file.value : null, given.profile, environment);
  if (!inForce.ok) return inForce;
  const refusal = contradiction(inForce.value, given);
  return refusal === null ? withProfile(given, environment, inForce.value, dirname(place.path)) : fail(refusal);
}

async function withProfile(
  given: GivenOptions,
  environment: Environment,
  { name, profile, locked, decisions }: InForce,
  folder: string,
): Promise<Outcome<Configuration>> {
  const find = (option: string | null, variable: string, key: keyof FileProfile): Source | null => {
    const decision = locked.get(key);
    if (decision !== undefined) {
      const value = profile[key];
      return value === undefined ? null : { value: String(value), setting: `${decision.name} of the policy` };
    }
    if (option !== null) return { value: option, setting: optionNames[key] ?? key };
    const fromEnvironment = environment[variable];
    if (fromEnvironment !== undefined && fromEnvironment.trim() !== "") {
      return { value: fromEnvironment.trim(), setting: variable };
    }
    const fromProfile = profile[key];
    if (fromProfile === undefined) return null;
    return { value: String(fromProfile), setting: `${key} of the profile ${name}` };
  };
  /** A path in a file means a place beside that file, one in the environment the place where the command is run. */
  const findFile = (variable: string, key: keyof FileProfile): Source | null => {
    const source = find(null, variable, key);
    return source === null || source.value === "-" || source.setting === variable
      ? source
      : { ...source, value: resolve(folder, source.value) };
  };

  const mode = oneOf(find(null, "DESKPAIR_MODE", "mode"), signInModes, "worker");
  if (!mode.ok) return mode;
  if (given.user === null && mode.value !== "self-service") return fail({ code: "usage-invalid", problem: forWhom });
  const region = find(null, "DESKPAIR_REGION", "region");
  const apiUrl = find(null, "DESKPAIR_API_URL", "apiUrl");
  const authUrl = find(null, "DESKPAIR_AUTH_URL", "authUrl");
  const authDomain = find(null, "DESKPAIR_AUTH_DOMAIN", "authDomain");
  const environmentId = find(null, "DESKPAIR_ENVIRONMENT_ID", "environmentId");
  const clientId = find(null, "DESKPAIR_CLIENT_ID", "clientId");
  const secret = findFile("DESKPAIR_CLIENT_SECRET_FILE", "clientSecretFile");
  const keyFile = findFile("DESKPAIR_CLIENT_KEY_FILE", "clientKeyFile");
  // A key that is named and not used would be a secret in use that nobody meant: it decides, unless something else is said.
  const authentication = oneOf(
    find(null, "DESKPAIR_CLIENT_AUTHENTICATION", "clientAuthentication"),
    clientAuthentications,
    keyFile === null ? "secret-basic" : "private-key-jwt",
  );
  if (!authentication.ok) return authentication;

  const missing = [
    ...((region ?? apiUrl ?? authUrl) === null ? ["DESKPAIR_REGION"] : []),
    ...(environmentId === null ? ["DESKPAIR_ENVIRONMENT_ID"] : []),
    ...(clientId === null ? ["DESKPAIR_CLIENT_ID"] : []),
  ];
  const proof = missingProof(mode.value, authentication.value, { secret, keyFile });
  if (environmentId === null || clientId === null || missing.length > 0 || proof === "DESKPAIR_CLIENT_KEY_FILE") {
    const named = proof === null ? missing : [...missing, proof];
    return fail({ code: "configuration-missing", settings: named.map((setting) => inWhoseHands(setting, locked)) });
  }

  const knownRegion = region === null ? ok(null) : oneRegion(region);
  if (!knownRegion.ok) return knownRegion;
  const agentPort = parsePort(find(null, "DESKPAIR_AGENT_PORT", "agentPort"), defaultAgentPort);
  if (!agentPort.ok) return agentPort;
  const agentTrust = parseTrust(find(null, "DESKPAIR_AGENT_TRUST", "agentTrust"), profile);
  if (!agentTrust.ok) return agentTrust;
  const redirectPort = parsePort(find(null, "DESKPAIR_REDIRECT_PORT", "redirectPort"), usualRedirectPort);
  if (!redirectPort.ok) return redirectPort;
  const isPlainAllowed = given.forgetting === true || allowsPlainSecretStore(decisions);
  const secretStore = readSecretStore(environment, isPlainAllowed);
  if (!secretStore.ok) return secretStore;
  const fido2Tools = parseTools(find(null, "DESKPAIR_FIDO2_TOOLS", "fido2Tools"));
  if (!fido2Tools.ok) return fido2Tools;
  const endpoints = resolveEndpoints({
    region: knownRegion.value,
    apiUrl: apiUrl?.value ?? null,
    authUrl: authUrl?.value ?? null,
    authDomain: authDomain?.value ?? null,
    environmentId: environmentId.value,
  });
  if (!endpoints.ok) return fail(inOurNames(endpoints.error, { apiUrl, authUrl, authDomain, environmentId }));

  const agent = { port: agentPort.value, trust: agentTrust.value };
  const keyId = find(null, "DESKPAIR_CLIENT_KEY_ID", "clientKeyId")?.value ?? null;
  return ok({
    profile: name,
    production: profile.production === true,
    tenant: {
      // Without a profile there is one application of one environment, and that is name enough.
      profile: name ?? `${endpoints.value.environmentId} ${clientId.value}`,
      endpoints: endpoints.value,
      clientId: clientId.value,
      mode: mode.value,
      clientAuthentication: authentication.value,
      redirectPort: redirectPort.value,
      keyFile: keyFile === null ? null : { path: keyFile.value, keyId },
      agent: () => agent,
    },
    secret,
    secretStore: secretStore.value,
    keyFileSetting: keyFile?.setting ?? "DESKPAIR_CLIENT_KEY_FILE",
    policyId: find(given.policyId, "DESKPAIR_POLICY_ID", "policyId")?.value ?? null,
    relyingPartyId: find(given.relyingPartyId, "DESKPAIR_RP_ID", "rpId")?.value ?? null,
    dataFolder: dataFolder(environment),
    fido2Tools: fido2Tools.value,
    decisions,
  });
}

/** What is missing in a profile that a policy forces, nobody but the administrator can add. */
function inWhoseHands(variable: string, locked: InForce["locked"]): string {
  const decision = [...locked.values()].find(({ name }) => policyOf(name).environment === variable);
  return decision === undefined ? variable : `${decision.name} (policy)`;
}

const optionNames: Partial<Record<keyof FileProfile, string>> = { policyId: "--policy", rpId: "--rp-id" };

const forWhom =
  "Say for whom: --user with a username, an email or an id. Only users who sign in as themselves (mode self-service) may leave it out.";

/** What a worker application would have to prove itself with; `null`: it is there, or nobody needs it. */
function missingProof(
  mode: SignInMode,
  authentication: ClientAuthentication,
  { secret, keyFile }: { readonly secret: Source | null; readonly keyFile: Source | null },
): "DESKPAIR_CLIENT_KEY_FILE" | "DESKPAIR_CLIENT_SECRET_FILE" | null {
  if (mode !== "worker") return null;
  if (authentication === "private-key-jwt") return keyFile === null ? "DESKPAIR_CLIENT_KEY_FILE" : null;
  return secret === null ? "DESKPAIR_CLIENT_SECRET_FILE" : null;
}

type Invalid = Extract<Outcome<never>, { ok: false }>["error"];

/** The core speaks of an "API address"; somebody who runs a script looks for the name of the variable. */
function inOurNames(
  error: Invalid,
  sources: Readonly<Record<"apiUrl" | "authUrl" | "authDomain" | "environmentId", Source | null>>,
): Invalid {
  const names: Readonly<Record<string, string | undefined>> = {
    "API address": sources.apiUrl?.setting,
    "sign-in address": sources.authUrl?.setting,
    "custom domain": sources.authDomain?.setting,
    "environment id": sources.environmentId?.setting,
    "region or API address": "DESKPAIR_REGION or DESKPAIR_API_URL",
    "region or sign-in address": "DESKPAIR_REGION or DESKPAIR_AUTH_URL",
  };
  if (error.code === "configuration-invalid") return { ...error, setting: names[error.setting] ?? error.setting };
  if (error.code === "configuration-missing") {
    return { ...error, settings: error.settings.map((setting) => names[setting] ?? setting) };
  }
  return error;
}
