import type { Simulator } from "../../simulator/index.ts";
import type { Context } from "../context.ts";
import { exitDone } from "../exit-codes.ts";
import type { Order } from "../program.ts";
import { reportUnstarted } from "./pairing.ts";
import { startWithFault } from "./simulation.ts";

/** `deskpair simulator`: serves until it is stopped, which is its success. Resolves with the exit number. */
export async function simulator(context: Context, order: Extract<Order, { name: "simulator" }>): Promise<number> {
  const { output, signal } = context;
  const started = await startWithFault({ port: order.port, agentPort: order.agentPort }, order.fault);
  if (!started.ok) return reportUnstarted(context, started.error);
  const running = started.value;
  output.result(addresses(running), guide(running));
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await running.close();
  return exitDone;
}

const addresses = (running: Simulator): object => ({
  apiUrl: running.apiUrl,
  authUrl: running.authUrl,
  agentUrl: running.agentUrl,
  environmentId: running.environmentId,
  clientId: running.clientId,
  clientSecret: running.clientSecret,
  policyId: running.policyId,
  users: running.users.map(({ id, username, email }) => ({ id, username, email })),
});

/** The way through the vendor's documents, to be pasted line by line. Needs curl and jq. */
function guide(running: Simulator): string {
  const { apiUrl, authUrl, agentUrl, environmentId, clientId, clientSecret, policyId, users } = running;
  const devices = `${apiUrl}/environments/${environmentId}/users/${users[0]?.id}/devices`;
  const create = JSON.stringify({
    type: "PINGID_DESKTOP_GEN2",
    status: "ACTIVATION_REQUIRED",
    policy: { id: policyId },
  });
  return `A pretend PingOne and desktop agent are running. Ctrl-C stops them.

  PingOne         ${apiUrl}
  Sign-in         ${authUrl}
  Agent           ${agentUrl}
  Environment     ${environmentId}
  Client          ${clientId}
  Client secret   ${clientSecret}
  MFA policy      ${policyId}

Users:
${users.map(({ username, note }) => `  ${username.padEnd(24)}  ${note}`).join("\n")}

The vendor's documents, by hand:

# 1. An access token
TOKEN=$(curl -s -u '${clientId}:${clientSecret}' -d grant_type=client_credentials \\
  ${authUrl}/${environmentId}/as/token | jq -r .access_token)

# 2. Create MFA User Device (PingID Desktop)
DEVICE=$(curl -s -X POST ${devices} \\
  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
  -d '${create}')

# 3. Hand the options to the agent on this workstation
ATTESTATION=$(jq -r .pingIdDesktopCredentialCreationOptions <<<"$DEVICE" | tr -d '\\n' |
  curl -s -X POST ${agentUrl}/register \\
    -H 'Content-Type: application/jwt' -H "Origin: https://app.$(jq -r .rp.id <<<"$DEVICE")" --data-binary @-)

# 4. Activate MFA User Device (PingID Desktop)
curl -s -X POST ${devices}/$(jq -r .id <<<"$DEVICE") \\
  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/vnd.pingidentity.device.activate+json' \\
  -d "{\\"attestation\\":\\"$ATTESTATION\\"}" | jq

The same with DeskPair, in another terminal:

printf %s '${clientSecret}' |
  DESKPAIR_API_URL=${apiUrl} DESKPAIR_AUTH_URL=${authUrl} \\
  DESKPAIR_ENVIRONMENT_ID=${environmentId} \\
  DESKPAIR_CLIENT_ID=${clientId} DESKPAIR_CLIENT_SECRET_FILE=- \\
  DESKPAIR_AGENT_PORT=${running.agentPort} \\
  deskpair pair desktop --user ${users[0]?.username}`;
}
