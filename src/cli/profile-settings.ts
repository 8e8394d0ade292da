import { type AppError, fail, type Outcome, ok } from "../contract/errors.ts";
import { clientAuthentications, profileColors, regions, signInModes } from "../contract/settings.ts";
import { isRelyingPartyId } from "../core/agent/origin.ts";
import { agentTrustModes } from "../core/agent/trust-settings.ts";
import {
  agentTrustOf,
  emptyConfiguration,
  type FileProfile,
  formatConfiguration,
  parseConfiguration,
  toProfileSettings,
} from "../core/profiles/file.ts";
import { endpointsOf } from "../core/sign-in/open.ts";
import { isToolSetting, toolProblem } from "./setting-values.ts";

/** Every key of a profile and what it takes, for the list that somebody sees who got one wrong. */
export const profileKeys: Readonly<Record<keyof FileProfile, string>> = {
  mode: `${signInModes.join(", ")} (default: worker)`,
  region: regions.join(", "),
  apiUrl: "host of the API, instead of the region's",
  authUrl: "host of the sign-in, instead of the region's",
  authDomain: "custom domain of the environment's sign-in",
  environmentId: "UUID of the environment",
  clientId: "id of the application",
  clientAuthentication: clientAuthentications.join(", "),
  clientSecretFile: "path of a file with the secret of a worker application",
  clientKeyFile: "path of a file with the private key of a worker application",
  clientKeyId: "id of that key",
  redirectPort: "port to which the browser comes back, as registered (default: 7464)",
  agentPort: "port of the desktop agent (default: 9410)",
  agentTrust: `whether a program that is not trusted may be the desktop agent: ${agentTrustModes.join(", ")} (default: verify)`,
  agentPublishers: "who may have signed the desktop agent, instead of Ping Identity; separated by commas",
  policyId: "MFA policy",
  rpId: "relying party, a domain",
  enrolmentPageUrl: "the organisation's own page for enrolling keys; https",
  fido2Tools: "off, system, or the absolute folder of libfido2's tools",
  color: profileColors.join(", "),
  production: "true or false: asks before what cannot be undone",
};

/**
 * A profile with changes of the form `key=value`; `key=` takes a setting away. Fails with what is wrong, in the words of
 * somebody who typed it.
 */
export function changeProfile(before: FileProfile, changes: readonly string[]): Outcome<FileProfile> {
  const next: Record<string, unknown> = { ...before };
  for (const change of changes) {
    const equals = change.indexOf("=");
    // What was typed is not repeated: it may be a secret that does not belong here.
    if (equals < 1) return wrong("Each change is a key, an equals sign and a value.");
    const key = change.slice(0, equals).trim();
    const value = change.slice(equals + 1).trim();
    if (!isKey(key)) return wrong(unknownKey(key));
    if (value === "") delete next[key];
    else {
      const read = readValue(key, value);
      if (!read.ok) return read;
      next[key] = read.value;
    }
  }
  return check(next);
}

const wrong = (problem: string) => fail({ code: "usage-invalid", problem });

const isKey = (key: string): key is keyof FileProfile => Object.hasOwn(profileKeys, key);

function unknownKey(key: string): string {
  if (/secret|password|token/i.test(key)) {
    return "A secret is never a setting and never an argument: put it into a file and name that in clientSecretFile, or run deskpair auth login.";
  }
  return `“${key.slice(0, 50)}” is not a setting. There are: ${Object.keys(profileKeys).join(", ")}.`;
}

function readValue(key: keyof FileProfile, value: string): Outcome<string | number | boolean | readonly string[]> {
  switch (key) {
    case "redirectPort":
    case "agentPort":
      return /^\d{1,5}$/.test(value) ? ok(Number(value)) : wrong(`${key}: it must be a number from 1 to 65535.`);
    case "production":
      if (value === "true" || value === "false") return ok(value === "true");
      return wrong("production: it must be true or false.");
    case "fido2Tools":
      return isToolSetting(value) ? ok(value) : wrong(`${key}: ${toolProblem}.`);
    case "agentPublishers":
      return ok(value.split(",").map((name) => name.trim()));
    case "region":
      return ok(value.toUpperCase());
    default:
      return ok(value);
  }
}

const anyEnvironment = "00000000-0000-4000-8000-000000000000";

/** The whole, as it would be read again. */
function check(profile: object): Outcome<FileProfile> {
  const text = formatConfiguration({ ...emptyConfiguration, profiles: { profile } });
  const parsed = parseConfiguration(text);
  if (!("file" in parsed)) return wrong(`${parsed.problem.replace("profiles.profile.", "")}.`);
  const checked: FileProfile = parsed.file.profiles["profile"] ?? {};
  const settings = toProfileSettings(checked);
  if (!settings.ok) return wrong(wordsFor(settings.error));
  const trust = agentTrustOf(checked);
  if (!trust.ok) return wrong(wordsFor(trust.error));
  const { relyingPartyId } = settings.value;
  if (relyingPartyId !== null && !isRelyingPartyId(relyingPartyId)) {
    return wrong("rpId: it must be a lower-case domain such as example.com.");
  }
  // A profile may be written piece by piece. Its addresses are looked at all the same, for any environment.
  const endpoints = endpointsOf({ ...settings.value, environmentId: settings.value.environmentId || anyEnvironment });
  return endpoints.ok ? ok(checked) : wrong(wordsFor(endpoints.error));
}

/** The core speaks of an "API address"; in a profile that is a key. */
const keyOf: Readonly<Record<string, string | undefined>> = {
  "API address": "apiUrl",
  "sign-in address": "authUrl",
  "custom domain": "authDomain",
  "environment id": "environmentId",
};

const wordsFor = (error: AppError): string =>
  error.code === "configuration-invalid"
    ? `${keyOf[error.setting] ?? error.setting}: ${error.problem}.`
    : "The settings do not fit together.";
