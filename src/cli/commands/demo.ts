import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ok } from "../../contract/errors.ts";
import { resolveEndpoints } from "../../core/pingone/endpoints.ts";
import type { Ceremony } from "../../core/ports.ts";
import { openSession } from "../../core/session.ts";
import type { Simulator } from "../../simulator/index.ts";
import { type Context, createPorts } from "../context.ts";
import type { Order } from "../program.ts";
import { pairAndReport, reportUnstarted } from "./pairing.ts";
import { startWithFault } from "./simulation.ts";

/** Long enough for a person to see that the workstation waits for them. */
const approvalMs = 1_200;

/**
 * `deskpair demo`: the whole pairing on a simulator of its own. Needs no configuration, and keeps what it writes in a
 * temporary folder that is removed. Resolves with the exit number.
 */
export async function demo(context: Context, order: Extract<Order, { name: "demo" }>): Promise<number> {
  const { output } = context;
  const forPeople = output.form === "text";
  const started = await startWithFault({ port: 0, agentPort: 0, approvalMs: forPeople ? approvalMs : 0 }, order.fault);
  if (!started.ok) return reportUnstarted(context, started.error);
  const simulator = started.value;
  const folder = await mkdtemp(join(tmpdir(), "deskpair-demo-"));
  try {
    output.say(introduction(simulator, order));
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
  const { apiUrl, authUrl, environmentId, clientId, clientSecret, agentPort, users } = simulator;
  const endpoints = resolveEndpoints({ region: null, apiUrl, authUrl, environmentId });
  if (!endpoints.ok) return reportUnstarted(context, endpoints.error);
  const { makeCredential } = await import("../../simulator/software-authenticator.ts");
  // A pretend authenticator stands in for a key, here and nowhere else.
  const ceremony: Ceremony = ({ options, origin }) => Promise.resolve(ok(makeCredential(options, origin)));
  const session = openSession(createPorts(folder, context.log, ceremony), {
    endpoints: endpoints.value,
    credential: { kind: "client-secret", clientId, clientSecret },
    agentPort: () => agentPort,
  });
  const user = await session.resolveUser(users[0]?.username ?? "");
  if (!user.ok) return reportUnstarted(context, user.error);
  const common = { policyId: null, relyingPartyId: null, nickname: null };
  const choice = kind === "desktop" ? { ...common, kind } : { ...common, kind, authenticator: "key" as const };
  return pairAndReport(context, session, user.value, choice, explanations[kind]);
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

function introduction(simulator: Simulator, { kind, fault }: Extract<Order, { name: "demo" }>): string {
  const chosen = simulator.faults.find(({ name }) => name === fault);
  return [
    `This is a rehearsal: PingOne and ${kind === "desktop" ? "the desktop agent" : "the key"} are simulated on this computer, and nothing real is changed.`,
    `  PingOne  ${simulator.apiUrl}`,
    ...(kind === "desktop" ? [`  Agent    ${simulator.agentUrl}`] : []),
    ...(chosen === undefined ? [] : [`  Fault    ${chosen.description}`]),
    "\n",
  ].join("\n");
}
