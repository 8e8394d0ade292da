import { dirname, isAbsolute, join, resolve } from "node:path";
import { fail, type Outcome, ok } from "../contract/errors.ts";
import { type Region, regions } from "../contract/settings.ts";
import { type Endpoints, resolveEndpoints } from "../core/pingone/endpoints.ts";
import { configurationFolder, dataFolder } from "../node/host.ts";
import { type Profile, readConfigFile } from "./config-file.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Everything that a command needs to know, checked. The secret itself is not in it, only where it is. */
export type Configuration = {
  /** `null`: no profile of a file is in use. */
  readonly profile: string | null;
  readonly endpoints: Endpoints;
  readonly clientId: string;
  readonly secret: Source;
  readonly agentPort: number;
  readonly policyId: string | null;
  readonly relyingPartyId: string | null;
  readonly dataFolder: string;
  /** Whether the command line may use libfido2's tools: not at all, those of the system, or those in this folder. */
  readonly fido2Tools: "off" | "system" | (string & {});
};

/** A value and where it came from, as a person would look for it. */
export type Source = { readonly value: string; readonly setting: string };

/** What was given as an option of the command. */
export type GivenOptions = {
  readonly profile: string | null;
  readonly config: string | null;
  readonly policyId: string | null;
  readonly relyingPartyId: string | null;
};

const defaultAgentPort = 9410;

/**
 * Puts the configuration together: option, environment, profile, default, in this order, each setting for itself.
 * Reads the configuration file and nothing else. The first thing that is wrong is the answer; everything that is
 * missing is named at once.
 */
export async function readConfiguration(
  given: GivenOptions,
  environment: Environment,
): Promise<Outcome<Configuration>> {
  const loaded = await loadProfile(given, environment);
  if (!loaded.ok) return loaded;
  const { name, profile, folder } = loaded.value;

  const find = (option: string | null, variable: string, key: keyof Profile): Source | null => {
    if (option !== null) return { value: option, setting: optionNames[key] ?? key };
    const fromEnvironment = environment[variable];
    if (fromEnvironment !== undefined && fromEnvironment.trim() !== "") {
      return { value: fromEnvironment.trim(), setting: variable };
    }
    const fromProfile = profile[key];
    if (fromProfile === undefined) return null;
    return { value: String(fromProfile), setting: `${key} of the profile ${name}` };
  };
  const region = find(null, "DESKPAIR_REGION", "region");
  const apiUrl = find(null, "DESKPAIR_API_URL", "apiUrl");
  const authUrl = find(null, "DESKPAIR_AUTH_URL", "authUrl");
  const environmentId = find(null, "DESKPAIR_ENVIRONMENT_ID", "environmentId");
  const clientId = find(null, "DESKPAIR_CLIENT_ID", "clientId");
  const secretFile = find(null, "DESKPAIR_CLIENT_SECRET_FILE", "clientSecretFile");
  const agentPort = find(null, "DESKPAIR_AGENT_PORT", "agentPort");

  if (environmentId === null || clientId === null || secretFile === null || (region ?? apiUrl ?? authUrl) === null) {
    const settings = [
      ...((region ?? apiUrl ?? authUrl) === null ? ["DESKPAIR_REGION"] : []),
      ...(environmentId === null ? ["DESKPAIR_ENVIRONMENT_ID"] : []),
      ...(clientId === null ? ["DESKPAIR_CLIENT_ID"] : []),
      ...(secretFile === null ? ["DESKPAIR_CLIENT_SECRET_FILE"] : []),
    ];
    return fail({ code: "configuration-missing", settings });
  }

  const knownRegion = region === null ? ok(null) : parseRegion(region);
  if (!knownRegion.ok) return knownRegion;
  const port = agentPort === null ? ok(defaultAgentPort) : parsePort(agentPort);
  if (!port.ok) return port;
  const fido2Tools = parseTools(find(null, "DESKPAIR_FIDO2_TOOLS", "fido2Tools"));
  if (!fido2Tools.ok) return fido2Tools;
  const endpoints = resolveEndpoints({
    region: knownRegion.value,
    apiUrl: apiUrl?.value ?? null,
    authUrl: authUrl?.value ?? null,
    environmentId: environmentId.value,
  });
  if (!endpoints.ok) return fail(inOurNames(endpoints.error, { apiUrl, authUrl, environmentId }));

  return ok({
    profile: name,
    endpoints: endpoints.value,
    clientId: clientId.value,
    // A path in a file means a place beside that file, one in the environment the place where the command is run.
    secret: secretFile.setting.startsWith("DESKPAIR_") ? secretFile : besideFile(secretFile, folder),
    agentPort: port.value,
    policyId: find(given.policyId, "DESKPAIR_POLICY_ID", "policyId")?.value ?? null,
    relyingPartyId: find(given.relyingPartyId, "DESKPAIR_RP_ID", "rpId")?.value ?? null,
    dataFolder: dataFolder(environment),
    fido2Tools: fido2Tools.value,
  });
}

const optionNames: Partial<Record<keyof Profile, string>> = { policyId: "--policy", rpId: "--rp-id" };

type Loaded = { readonly name: string | null; readonly profile: Profile; readonly folder: string };

async function loadProfile(given: GivenOptions, environment: Environment): Promise<Outcome<Loaded>> {
  const named = given.config ?? (environment["DESKPAIR_CONFIG"] || null);
  const path = resolve(named ?? join(configurationFolder(environment), "config.json"));
  const file = await readConfigFile(path, named !== null);
  if (!file.ok) return file;
  const wanted = given.profile ?? (environment["DESKPAIR_PROFILE"] || null);
  const name = wanted ?? file.value?.profile ?? null;
  const folder = dirname(path);
  if (name === null) return ok({ name, profile: {}, folder });
  const profile = Object.hasOwn(file.value?.profiles ?? {}, name) ? file.value?.profiles[name] : undefined;
  if (profile !== undefined) return ok({ name, profile, folder });
  const problem =
    file.value === null ? `there is no configuration file (${path})` : `${path} has no profile named “${name}”`;
  return fail({ code: "configuration-invalid", setting: "profile", problem });
}

function parseRegion({ value, setting }: Source): Outcome<Region> {
  const region = regions.find((known) => known === value.toUpperCase());
  if (region !== undefined) return ok(region);
  return fail({ code: "configuration-invalid", setting, problem: `it must be one of ${regions.join(", ")}` });
}

function parsePort({ value, setting }: Source): Outcome<number> {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : 0;
  if (port >= 1 && port <= 65_535) return ok(port);
  return fail({ code: "configuration-invalid", setting, problem: "it must be a number from 1 to 65535" });
}

/** Off unless somebody allows it: the tools are programs of others that get the PIN of a key. */
function parseTools(source: Source | null): Outcome<string> {
  if (source === null) return ok("off");
  const { value, setting } = source;
  if (value === "off" || value === "system" || isAbsolute(value)) return ok(value);
  return fail({ code: "configuration-invalid", setting, problem: "it must be off, system, or an absolute folder" });
}

const besideFile = (source: Source, folder: string): Source =>
  source.value === "-" ? source : { ...source, value: resolve(folder, source.value) };

type Invalid = Extract<Outcome<never>, { ok: false }>["error"];

/** The core speaks of an "API address"; somebody who runs a script looks for the name of the variable. */
function inOurNames(
  error: Invalid,
  sources: Readonly<Record<"apiUrl" | "authUrl" | "environmentId", Source | null>>,
): Invalid {
  const names: Readonly<Record<string, string | undefined>> = {
    "API address": sources.apiUrl?.setting,
    "sign-in address": sources.authUrl?.setting,
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
