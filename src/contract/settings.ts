import * as z from "zod/mini";

/** PingOne's regions; the hosts they stand for are in `core/pingone/endpoints.ts`. */
export const regions = ["NA", "CA", "EU", "AU", "SG", "AP"] as const;

const identifier = z.string().check(z.maxLength(64));
const host = z.string().check(z.maxLength(300));

/**
 * What the app remembers between two starts. No secret is ever in here.
 * Empty text means "not set"; `null` hosts mean "take those of the region".
 */
export const settingsSchema = z.strictObject({
  region: z.enum(regions),
  apiUrl: z.nullable(host),
  authUrl: z.nullable(host),
  environmentId: identifier,
  clientId: identifier,
  agentPort: z.number().check(z.int(), z.minimum(1), z.maximum(65_535)),
  /** Used when the role may not read the MFA policies. */
  policyId: z.nullable(identifier),
  /** Overrides the relying party of the MFA policy. */
  relyingPartyId: z.nullable(z.string().check(z.maxLength(253))),
  /** The organisation's own PingOne page on which users enrol keys; https. */
  enrolmentPageUrl: z.nullable(z.string().check(z.maxLength(500))),
  theme: z.enum(["system", "light", "dark"]),
  language: z.enum(["en", "pseudo"]),
});

export type Settings = z.infer<typeof settingsSchema>;
export type Region = Settings["region"];

export const defaultSettings: Settings = {
  region: "NA",
  apiUrl: null,
  authUrl: null,
  environmentId: "",
  clientId: "",
  agentPort: 9410,
  policyId: null,
  relyingPartyId: null,
  enrolmentPageUrl: null,
  theme: "system",
  language: "en",
};

/** What the page may change. The connection itself changes only by signing in. */
export const settingsChangeSchema = z.partial(
  z.pick(settingsSchema, {
    agentPort: true,
    policyId: true,
    relyingPartyId: true,
    enrolmentPageUrl: true,
    theme: true,
    language: true,
  }),
);
export type SettingsChange = z.infer<typeof settingsChangeSchema>;
