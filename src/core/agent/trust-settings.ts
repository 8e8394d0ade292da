/** What can be set about whom to trust as the desktop agent. */

/** `verify`: no pairing for a program that is not trusted. `warn`: pair, and say so. `off`: nobody is looked up. */
export const agentTrustModes = ["verify", "warn", "off"] as const;
export type AgentTrustMode = (typeof agentTrustModes)[number];

export type AgentTrust = {
  readonly mode: AgentTrustMode;
  /** Organisations in Authenticode certificates (Windows) and Team IDs (macOS). */
  readonly publishers: readonly string[];
};

/**
 * Ping Identity. The Team ID is documented ("Configuring PingID desktop app for Safari on macOS": `TeamIdentifier`
 * 6U3RF4C84N). That the Windows installer's programs are signed for this organisation is assumed: no page says it.
 */
export const pingIdentity: readonly string[] = ["Ping Identity Corporation", "6U3RF4C84N"];

export const defaultAgentTrust: AgentTrust = { mode: "verify", publishers: pingIdentity };
