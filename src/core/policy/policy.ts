import type { WindowSettings } from "../../contract/settings.ts";
import type { FileProfile } from "../profiles/file.ts";
import type { PolicyKind } from "./kinds.ts";

export const policySections = [
  "Environment",
  "What may be paired",
  "Desktop agent",
  "Security keys",
  "Session and secrets",
  "Network",
  "Log",
  "Organisation",
] as const;

export type Policy = {
  readonly title: string;
  readonly section: (typeof policySections)[number];
  /** One or two sentences: what it does, and what holds without it. */
  readonly explanation: string;
  readonly kind: PolicyKind;
  readonly example: unknown;
  /** The first version that knows it. */
  readonly since: string;
  /** Whether a change counts only after DeskPair has been started again; otherwise within a minute. */
  readonly restart: boolean;
  /** `null`: not a matter of security. Otherwise which direction is the stricter one. */
  readonly security: string | null;
  /**
   * What a value that is not understood means, or a policy that cannot be read. `use`: this value, which is never laxer
   * than any that may have been meant. `refuse`: there is no such value, so nothing is done until it is put right.
   * `next`: nobody is less safe without it, so the next source counts; only where `security` is `null`.
   */
  readonly whenBad: { readonly use: unknown } | "refuse" | "next";
  /** `null`: none. */
  readonly usual: unknown;
  /** Where else it can be set, in falling order; `null`: nowhere. */
  readonly flag: string | null;
  readonly environment: string | null;
  readonly profile: keyof FileProfile | null;
  readonly window: keyof WindowSettings | null;
};

/** Nowhere else than in a policy. */
export const policyOnly = { flag: null, environment: null, profile: null, window: null } as const;
