import type { AgentClaims } from "../attestation.ts";
import { type Answer, answerWith, type HttpReply, jsonReply, textReply } from "../message.ts";

/**
 * What can go wrong at the agent's port.
 *
 * Assumed: all replies of the agent. The vendor documents neither the shape of success nor any error, so a client must
 * accept every form and decide by the class of the status.
 */

export type StrangerFault = {
  /** One sentence, for the rehearsal menu. */
  readonly description: string;
  readonly times?: number;
  /** `host`: where the request came in, e.g. `localhost:9410`. */
  readonly act: (host: string) => Answer;
};

/** The path to which the stranger redirects. Whoever follows is counted, and a client must not. */
export const redirectPath = "/followed-the-redirect";

/** Another program, or a dead one, has the agent's port: it answers whatever is asked. */
export const strangers = {
  "agent-html": {
    description: "Another program listens on the agent's port and answers with a web page.",
    act: () => answerWith(textReply(200, "text/html;charset=utf-8", "<!doctype html><title>Terracotta</title>")),
  },
  "agent-redirect": {
    description: "Another program listens on the agent's port and redirects to another address.",
    act: (host) =>
      answerWith({ status: 302, headers: { location: `http://${host}${redirectPath}` }, body: "", wrote: false }),
  },
  "agent-404": {
    description: "Another program listens on the agent's port and knows nothing of the pairing.",
    act: () => answerWith(textReply(404, "text/plain;charset=utf-8", "Not Found")),
  },
  "agent-garbage": {
    description: "Whatever listens on the agent's port answers with something that is no attestation.",
    act: () => answerWith(textReply(200, "text/plain;charset=utf-8", "OK")),
  },
  "agent-silent": {
    description: "Whatever listens on the agent's port accepts the request and never answers.",
    act: () => ({ kind: "silence" }),
  },
  "agent-reset": {
    description: "The connection to the agent breaks before its answer.",
    act: () => ({ kind: "reset", wrote: false }),
  },
} as const satisfies Readonly<Record<string, StrangerFault>>;

type AgentScene = {
  /** Signs the answer; `changes` are laid over its claims first. */
  readonly proceed: (changes?: AgentClaims) => Promise<HttpReply>;
  /** What the answer is called: `attestation` or `assertion`. */
  readonly answerName: string;
  /** How long the user takes to approve or to refuse. */
  readonly approvalMs: number;
};

export type AgentFault = {
  /** One sentence, for the rehearsal menu. */
  readonly description: string;
  readonly times?: number;
  readonly act: (scene: AgentScene) => Answer | Promise<Answer>;
};

const refusal = (status: number, error: string): HttpReply => jsonReply(status, { error });

const anotherChallenge = "YW5vdGhlciBjaGFsbGVuZ2UgYWx0b2dldGhlcg";

/** The real agent, with a good request before it. */
export const agentFaults = {
  "agent-bare": {
    description: "The agent answers with the bare attestation, as it does when nothing is switched on.",
    act: async ({ proceed, approvalMs }) => answerWith(await proceed(), approvalMs),
  },
  "agent-json": {
    description: "The agent answers with the attestation inside a JSON object, which is as good.",
    act: async ({ proceed, answerName, approvalMs }) =>
      answerWith(jsonReply(200, { [answerName]: (await proceed()).body }), approvalMs),
  },
  "agent-user-cancelled": {
    description: "The user cancels at the agent, or the fingerprint is not recognised.",
    act: ({ approvalMs }) => answerWith(refusal(403, "user_cancelled"), approvalMs),
  },
  "agent-user-too-slow": {
    description: "The agent gives up waiting for the user.",
    act: ({ approvalMs }) => answerWith(refusal(408, "timeout"), approvalMs),
  },
  "agent-no-biometrics": {
    description: "No fingerprint, face or PIN has been set up on this workstation.",
    act: () => answerWith(refusal(409, "biometric_unavailable")),
  },
  "agent-busy": {
    description: "The agent is busy with another request.",
    act: () => answerWith(refusal(409, "busy")),
  },
  "agent-500": {
    description: "The agent fails with an error of its own.",
    act: () => answerWith(refusal(500, "internal_error")),
  },
  "agent-wrong-attestation": {
    description: "The agent answers another challenge than the one that was sent, so PingOne will refuse it.",
    act: async ({ proceed, approvalMs }) => answerWith(await proceed({ challenge: anotherChallenge }), approvalMs),
  },
} as const satisfies Readonly<Record<string, AgentFault>>;
