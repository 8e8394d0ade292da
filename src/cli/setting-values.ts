import { isAbsolute } from "node:path";
import { fail, type Outcome, ok } from "../contract/errors.ts";
import { type Region, regions } from "../contract/settings.ts";
import type { AgentTrust } from "../core/agent/trust-settings.ts";
import { agentTrustOf, type FileProfile, parseRegion } from "../core/profiles/file.ts";
import type { Environment } from "./config-file.ts";

/** A value and where it came from, as a person would look for it. */
export type Source = { readonly value: string; readonly setting: string };

const secretStores = ["system", "file", "memory"] as const;
export type SecretStoreKind = (typeof secretStores)[number];

/** One of the values that a setting can have, in any case; what is not set is as usual. */
export function oneOf<T extends string>(source: Source | null, known: readonly T[], usual: T): Outcome<T> {
  if (source === null) return ok(usual);
  const found = known.find((candidate) => candidate === source.value.toLowerCase());
  if (found !== undefined) return ok(found);
  const problem = `it must be ${known.slice(0, -1).join(", ")} or ${known.at(-1)}`;
  return fail({ code: "configuration-invalid", setting: source.setting, problem });
}

export function oneRegion({ value, setting }: Source): Outcome<Region> {
  const region = parseRegion(value);
  if (region !== null) return ok(region);
  return fail({ code: "configuration-invalid", setting, problem: `it must be one of ${regions.join(", ")}` });
}

export function parsePort(source: Source | null, usual: number): Outcome<number> {
  if (source === null) return ok(usual);
  const { value, setting } = source;
  const port = /^\d{1,5}$/.test(value) ? Number(value) : 0;
  if (port >= 1 && port <= 65_535) return ok(port);
  return fail({ code: "configuration-invalid", setting, problem: "it must be a number from 1 to 65535" });
}

/** Whose programs count is for the file to say, which an administrator may own; how strictly, for the one who runs it. */
export function parseTrust(source: Source | null, profile: FileProfile): Outcome<AgentTrust> {
  const trust = agentTrustOf({ ...profile, agentTrust: source?.value });
  if (trust.ok || trust.error.code !== "configuration-invalid") return trust;
  return fail({ ...trust.error, setting: source?.setting ?? trust.error.setting });
}

/**
 * Never in a profile: where secrets go is for the one who runs the command to say, not for a file of somebody else.
 *
 * @param isPlainAllowed whether the organisation lets secrets be in a file that only rights protect
 */
export function readSecretStore(environment: Environment, isPlainAllowed: boolean): Outcome<SecretStoreKind> {
  const variable = "DESKPAIR_SECRET_STORE";
  const value = environment[variable]?.trim() ?? "";
  const kind = oneOf(value === "" ? null : { value, setting: variable }, secretStores, "system");
  if (!kind.ok || kind.value !== "file" || isPlainAllowed) return kind;
  return fail({ code: "blocked-by-policy", setting: "PlainSecretStoreAllowed" });
}

/** Off unless somebody allows it: the tools are programs of others that get the PIN of a key. */
export function parseTools(source: Source | null): Outcome<string> {
  if (source === null) return ok("off");
  const { value, setting } = source;
  if (isToolSetting(value)) return ok(value);
  return fail({ code: "configuration-invalid", setting, problem: toolProblem });
}
export const isToolSetting = (value: string): boolean => value === "off" || value === "system" || isAbsolute(value);
export const toolProblem = "it must be off, system, or an absolute folder";
