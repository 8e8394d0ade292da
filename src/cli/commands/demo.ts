import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Outcome, ok } from "../../contract/errors.ts";
import { defaultAgentTrust } from "../../core/agent/trust-settings.ts";
import { resolveEndpoints } from "../../core/pingone/endpoints.ts";
import { unmanaged } from "../../core/policy/applied.ts";
import type { Ceremony, Ports } from "../../core/ports.ts";
import { type SignedIn, signIn, type Tenant, type WayIn } from "../../core/sign-in/open.ts";
import { memorySecrets } from "../../node/memory-secrets.ts";
import type { Simulator } from "../../simulator/index.ts";
import { type Context, cancelled, report } from "../context.ts";
import { unlessInterrupted } from "../interrupt.ts";
import { refuseSimulator } from "../managed.ts";
import { createPorts } from "../ports.ts";
import type { Order } from "../program.ts";
import { tell } from "../sign-in.ts";
import { pairAndReport } from "./pairing.ts";
import { startWithFault } from "./simulation.ts";

/** Long enough for a person to see that the workstation waits for them. */
const approvalMs = 1_200;

type DemoOrder = Extract<Order, { name: "demo" }>;

/**
 * `deskpair demo`: the whole pairing on a simulator of its own. Needs no configuration, and keeps what it writes in a
 * temporary folder that is removed. With `--sign-in` a person signs in first, as an administrator of the pretend
 * environment. Resolves with the exit number.
 */
export async function demo(context: Context, order: DemoOrder): Promise<number> {
  const { output } = context;
  const refusal = refuseSimulator(context.policy);
  if (refusal !== null) return report(context, refusal);
  const forPeople = output.form === "text";
  const started = await startWithFault(
    {
      port: 0,
      agentPort: 0,
      approvalMs: forPeople ? approvalMs : 0,
      // A free one each time, so that a demo runs beside whatever else is signed in to.
      redirectPorts: "any",
      pollingSeconds: 1,
    },
    order.fault,
    output,
  );
  if (!started.ok) return report(context, started.error);
  const simulator = started.value;
  const folder = await mkdtemp(join(tmpdir(), "deskpair-demo-"));
  try {
    output.say(introduction(context, simulator, order));
    return await pairFirstUser(context, simulator, folder, order.kind);
  } finally {
    await Promise.all([simulator.close(), rm(folder, { recursive: true, force: true })]);
  }
}

async function pairFirstUser(
  context: Context,
  simulator: Simulator,
  folder: string,
  kind: "desktop" | "fido2",
): Promise<number> {
  const { environment, log, signal } = context;
  const { makeCredential } = await import("../../simulator/software-authenticator.ts");
  // A pretend authenticator stands in for a key, here and nowhere else.
  const ceremony: Ceremony = ({ options, origin }) => Promise.resolve(ok(makeCredential(options, origin)));
  const ports = createPorts({
    folder,
    environment,
    log,
    ceremony,
    secrets: memorySecrets(),
    policy: unmanaged,
    simulated: true,
  });
  const entered = await enter(context, ports, simulator);
  if (!entered.ok) return report(context, entered.error);
  const { session } = entered.value;
  try {
    const { users } = simulator;
    const user = await unlessInterrupted(session.resolveUser(users[0]?.username ?? ""), signal, cancelled);
    if (!user.ok) return report(context, user.error);
    const common = { policyId: null, relyingPartyId: null, nickname: null, force: false };
    const choice = kind === "desktop" ? { ...common, kind } : { ...common, kind, authenticator: "key" as const };
    return await pairAndReport(context, session, user.value, choice, explanations[kind]);
  } finally {
    await entered.value.end({ forget: true });
  }
}

async function enter(context: Context, ports: Ports, simulator: Simulator): Promise<Outcome<SignedIn>> {
  const { apiUrl, authUrl, environmentId, clientSecret, agentPort } = simulator;
  const endpoints = resolveEndpoints({ region: null, apiUrl, authUrl, environmentId });
  if (!endpoints.ok) return endpoints;
  const way = context.options.signIn;
  const tenant: Tenant = {
    profile: null,
    endpoints: endpoints.value,
    clientId: way === null ? simulator.clientId : simulator.technicianClientId,
    mode: way === null ? "worker" : "technician",
    clientAuthentication: "secret-basic",
    redirectPort: 0,
    keyFile: null,
    agent: () => ({ port: agentPort, trust: defaultAgentTrust }),
  };
  const wayIn: WayIn = way === null ? { way: "secret", clientSecret, keep: false } : { way, keep: false };
  return signIn(ports, tenant, wayIn, (waiting) => tell(context, waiting), context.signal);
}

const always = {
  "name-device": "So that a person recognises it in a list of devices.",
  "remove-device": "A pairing that fails leaves nothing behind.",
} as const;

/** What happens behind each step, for somebody who sees it for the first time. */
const explanations = {
  desktop: {
    ...always,
    "check-prerequisites": "The user is enabled, the MFA policy is known, and an agent listens on this workstation.",
    "create-device": "PingOne now holds a device that waits for activation, and gave signed options for the agent.",
    "register-with-agent": "The agent made a key pair on this workstation and signed an attestation of it.",
    "activate-device": "PingOne checked the attestation. From now on the workstation is a factor of this user.",
  },
  fido2: {
    ...always,
    "check-prerequisites": "The user is enabled, and a FIDO policy allows keys for this relying party.",
    "create-device": "PingOne now holds a device that waits for activation, and gave options for the key.",
    "run-ceremony": "A pretend authenticator made a credential for the relying party; DeskPair checked it.",
    "activate-device": "PingOne checked the attestation. From now on the key is a factor of this user.",
  },
} as const;

function introduction({ options }: Context, simulator: Simulator, { kind, fault }: DemoOrder): string {
  const chosen = simulator.faults.find(({ name }) => name === fault);
  return [
    `This is a rehearsal: PingOne and ${kind === "desktop" ? "the desktop agent" : "the key"} are simulated on this computer, and nothing real is changed.`,
    `  PingOne  ${simulator.apiUrl}`,
    ...(kind === "desktop" ? [`  Agent    ${simulator.agentUrl}`] : []),
    ...(chosen === undefined ? [] : [`  Fault    ${chosen.description}`]),
    ...(options.signIn === null
      ? []
      : [`  Sign in  as ${simulator.administrators[0]?.username}; the pretend page asks for no password`]),
    "\n",
  ].join("\n");
}
