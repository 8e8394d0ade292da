import type { Simulator } from "../../simulator/index.ts";
import { type Context, report } from "../context.ts";
import { exitDone } from "../exit-codes.ts";
import { refuseSimulator } from "../managed.ts";
import type { Order } from "../program.ts";
import { startWithFault } from "./simulation.ts";

/** `deskpair simulator`: serves until it is stopped, which is its success. Resolves with the exit number. */
export async function simulator(context: Context, order: Extract<Order, { name: "simulator" }>): Promise<number> {
  const { output, signal } = context;
  const refusal = refuseSimulator(context.policy);
  if (refusal !== null) return report(context, refusal);
  const started = await startWithFault({ port: order.port, agentPort: order.agentPort }, order.fault, output);
  if (!started.ok) return report(context, started.error);
  const running = started.value;
  output.result(addresses(running), guide(running, howToRun(context)));
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
  workerKeyClientId: running.workerKeyClientId,
  workerKeyPem: running.workerKeyPem,
  technicianClientId: running.technicianClientId,
  selfServiceClientId: running.selfServiceClientId,
  administrators: running.administrators.map(({ username }) => ({ username })),
  policyId: running.policyId,
  users: running.users.map(({ id, username, email }) => ({ id, username, email })),
});

/** As it was run itself: by npm in the repository, or installed. npm says which of its scripts it runs. */
const howToRun = ({ environment }: Context): string =>
  environment["npm_lifecycle_event"] === "deskpair" ? "npm run --silent deskpair --" : "deskpair";

/** The way through the vendor's documents, to be pasted line by line. Needs curl and jq. */
function guide(running: Simulator, deskpair: string): string {
  const { apiUrl, authUrl, agentUrl, environmentId, clientId, clientSecret, policyId, users } = running;
  const devices = `${apiUrl}/environments/${environmentId}/users/${users[0]?.id}/devices`;
  const create = JSON.stringify({
    type: "PINGID_DESKTOP_GEN2",
    status: "ACTIVATION_REQUIRED",
    policy: { id: policyId },
  });
  const key = JSON.stringify({ type: "FIDO2", rp: { id: "pingone.eu", name: "pingone.eu" }, policy: { id: policyId } });
  const place = `DESKPAIR_API_URL=${apiUrl} DESKPAIR_AUTH_URL=${authUrl} \\
  DESKPAIR_ENVIRONMENT_ID=${environmentId} \\
  DESKPAIR_AGENT_PORT=${running.agentPort}`;
  return `A pretend PingOne and desktop agent are running. Ctrl-C stops them.

  PingOne         ${apiUrl}
  Sign-in         ${authUrl}
  Agent           ${agentUrl}
  Environment     ${environmentId}
  Client          ${clientId}
  Client secret   ${clientSecret}
  MFA policy      ${policyId}

Applications that people sign in to, with a browser or a device code:

  Technicians     ${running.technicianClientId}
  Users           ${running.selfServiceClientId}

Administrators:
${running.administrators.map(({ username, note }) => `  ${username.padEnd(24)}  ${note}`).join("\n")}

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

# The same for a security key: create, and hand the options to the key
curl -s -X POST ${devices} \\
  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
  -d '${key}' |
  jq '.id, (.publicKeyCredentialCreationOptions | fromjson | .rp)'

# What the key answered (id, type, rawId, response, as JSON) then activates it; no key answers curl, so this is to read:
# curl -s -X POST ${devices}/{id} \\
#   -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/vnd.pingidentity.device.activate+json' \\
#   -d '{"origin":"https://pingone.eu","attestation":"{the answer of the key}"}'

With DeskPair, in another terminal, as an administrator with a browser of this computer (user name: admin):

DESKPAIR_MODE=technician DESKPAIR_CLIENT_ID=${running.technicianClientId} \\
  ${place} \\
  ${deskpair} pair desktop --sign-in browser --user ${users[0]?.username}

And as a service, with a secret:

printf %s '${clientSecret}' |
  DESKPAIR_CLIENT_ID=${clientId} DESKPAIR_CLIENT_SECRET_FILE=- \\
  ${place} \\
  ${deskpair} pair desktop --user ${users[0]?.username}`;
}
