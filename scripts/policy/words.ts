import { type PolicyName, policyOf } from "../../src/core/policy/policies.ts";
import { shown } from "../../src/core/policy/understand.ts";

/** What every template says about a setting, in the same order. */
export function explanationOf(name: PolicyName): readonly string[] {
  const { explanation, kind, security, restart, since } = policyOf(name);
  return [
    explanation,
    `It must be ${kind.must}.`,
    ...(security === null ? [] : [`Security: ${lower(security)}.`]),
    restart ? "Counts after the next start." : "Counts within a minute.",
    `Since DeskPair ${since}.`,
  ];
}

const lower = (text: string): string => `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;

/** What a bad value, or a policy that cannot be read, means for a setting. */
export function whenBadOf(name: PolicyName): string {
  const { whenBad } = policyOf(name);
  if (whenBad === "refuse") return "nothing goes on";
  return whenBad === "next" ? "ignored" : shown(whenBad.use);
}

/**
 * What a first policy could be: one environment, self-service only, and the strict side of what has one. Taken from the
 * examples, which do not all go together.
 */
export const sampleNames: readonly PolicyName[] = [
  "Region",
  "EnvironmentId",
  "ClientId",
  "SignInMode",
  "SignInModesAllowed",
  "Production",
  "RelyingPartiesAllowed",
  "AgentTrust",
  "AgentPublishers",
  "AuthenticatorsAllowed",
  "Fido2Tools",
  "PlainSecretStoreAllowed",
  "IdleMinutes",
  "SignOutOnLock",
  "ProxyMode",
  "LogLevel",
  "LogRetentionDays",
  "NicknameTemplate",
  "FirstRunSkipped",
  "SimulatorAllowed",
  "HelpText",
  "HelpUrl",
];

export const sampleValues = (): readonly (readonly [PolicyName, unknown])[] =>
  sampleNames.map((name) => [name, policyOf(name).example]);
