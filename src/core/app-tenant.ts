import { type Outcome, ok } from "../contract/errors.ts";
import type { AgentTrust } from "./agent/trust-settings.ts";
import { agentTrustOf } from "./profiles/file.ts";
import type { Profile } from "./profiles/store.ts";
import { endpointsOf, type Tenant } from "./sign-in/open.ts";

/**
 * A profile as something to sign in to. Fails with what is wrong in it.
 *
 * @param agent asked for every pairing; a trust of `null` is the profile's own
 */
export function tenantOf(
  { name, settings, file }: Profile,
  agent: () => { readonly port: number; readonly trust: AgentTrust | null },
): Outcome<Tenant> {
  const endpoints = endpointsOf(settings);
  if (!endpoints.ok) return endpoints;
  const trust = agentTrustOf(file);
  if (!trust.ok) return trust;
  const { clientId, mode, clientAuthentication, redirectPort } = settings;
  const { clientKeyFile, clientKeyId } = file;
  const keyFile = clientKeyFile === undefined ? null : { path: clientKeyFile, keyId: clientKeyId ?? null };
  return ok({
    profile: name,
    endpoints: endpoints.value,
    clientId,
    mode,
    clientAuthentication,
    redirectPort,
    keyFile,
    agent: () => {
      const { port, trust: decided } = agent();
      return { port, trust: decided ?? trust.value };
    },
  });
}
