import type { AppError, Left, Outcome } from "../../contract/errors.ts";
import type { Authenticator, Device, Step, StepName, User, Warning } from "../../contract/views.ts";
import type { AgentSettings } from "../agent/client.ts";
import type { Ports } from "../ports.ts";
import type { Journal } from "./journal.ts";
import {
  begin,
  cancelled,
  type Effect,
  isOver,
  type PairingEvent,
  type PairingRequest,
  type PairingState,
  type Transition,
  transition,
} from "./machine.ts";
import { type Clients, perform, type Work, type Workplace } from "./perform.ts";
import { proofTimeoutMs } from "./proof.ts";
import type { JournalLine } from "./record.ts";

export type PairingProgress = {
  readonly pairingId: string;
  readonly steps: readonly Step[];
  readonly cancelling: boolean;
};

export type PairingResult = {
  readonly pairingId: string;
  readonly user: User;
  readonly steps: readonly Step[];
  readonly warnings: readonly Warning[];
} & (
  | {
      readonly ok: true;
      readonly changed: boolean;
      readonly device: Device;
      /** What answered the ceremony; `null` for a workstation. */
      readonly authenticator: Authenticator | null;
    }
  | { readonly ok: false; readonly error: AppError; readonly left: Left; readonly deviceId: string | null }
);

const stepNames: Readonly<Record<Exclude<Work["run"], "prove">, StepName>> = {
  create: "create-device",
  locate: "find-created-device",
  activate: "activate-device",
  confirm: "confirm-activation",
  name: "name-device",
  remove: "remove-device",
};

const proofSteps: Readonly<Record<PairingRequest["kind"]["name"], StepName>> = {
  desktop: "register-with-agent",
  fido2: "run-ceremony",
};

/** Where a pairing begins, or goes on after it was interrupted, and what it needs to get to its end. */
export type Course = {
  readonly workplace: Omit<Workplace, "proofSignal" | "agent"> & { readonly agent: AgentSettings };
  readonly first: Transition;
  /** Puts a state on the disk. */
  readonly write: (moment: JournalLine["moment"], state: PairingState) => Promise<Outcome<null>>;
  /** What was done before, to be shown with the steps. */
  readonly earlier: readonly Step[];
  readonly observe: (progress: PairingProgress) => void;
  /** Cancels, which undoes what was done. */
  readonly signal: AbortSignal;
};

export type Ended = {
  readonly state: Extract<PairingState, { name: "paired" | "failed" }>;
  readonly steps: readonly Step[];
  readonly authenticator: Authenticator | null;
  readonly warnings: readonly Warning[];
};

/** Runs a pairing to its end. Never throws for what can happen, and never stops half-way. */
export async function runToEnd(course: Course): Promise<Ended> {
  const { signal } = course;
  const { ports, request } = course.workplace;
  const { pairingId } = request;
  const proofAbort = new AbortController();
  const warnings: Warning[] = [];
  const onDoubt = (detail: string) => warnings.push({ code: "agent-not-verified", detail });
  const agent = { ...course.workplace.agent, onDoubt };
  const workplace: Workplace = { ...course.workplace, agent, proofSignal: proofAbort.signal };
  let steps = course.earlier;
  let authenticator: Authenticator | null = null;
  let { state, effect } = course.first;

  const report = () => {
    try {
      course.observe({ pairingId, steps, cancelling: signal.aborted });
    } catch (bug) {
      // Who looks on must not be able to stop a pairing half-way, with a device left behind.
      ports.log("error", "observer.failed", { pairingId, problem: String(bug) });
    }
  };
  const advance = (event: PairingEvent): Effect | null => {
    const next = transition(request, state, event);
    state = next.state;
    return next.effect;
  };
  const onCancel = () => {
    if (advance({ type: "cancel" })?.run === "abort-proof") proofAbort.abort();
    report();
  };
  const journalled = async (): Promise<AppError | null> => {
    const written = await course.write(effect === null ? "after" : "before", state);
    if (written.ok) return null;
    ports.log("error", "journal.not-written", { pairingId, code: written.error.code });
    if (!warnings.some((w) => w.code === "journal-not-written"))
      warnings.push({ code: "journal-not-written", detail: null });
    return written.error;
  };
  /** Writes the state down. What makes more of the pairing waits for that; what undoes or reads is done all the same. */
  const record = async (): Promise<void> => {
    for (;;) {
      const problem = await journalled();
      const instead = problem === null || effect === null ? null : unrecorded(effect, problem);
      if (instead === null) return;
      effect = advance(instead);
    }
  };

  await record();
  if (signal.aborted && effect?.run === "create") {
    effect = advance({ type: "create-failed", error: cancelled, certainty: "not-done" });
    // Or the record would end before the creation, and the next start would look for a device of ours.
    await record();
  }
  if (!isOver(state)) signal.addEventListener("abort", onCancel, { once: true });

  try {
    while (effect !== null && effect.run !== "abort-proof") {
      const work: Work = effect;
      const started = ports.clock.monotonic();
      const step: Step = {
        name: work.run !== "prove" ? stepNames[work.run] : proofSteps[request.kind.name],
        outcome: "running",
        startedAt: ports.clock.now(),
        ms: null,
        deadlineAt: work.run === "prove" ? ports.clock.now() + proofTimeoutMs(work.challenge) : null,
        correlationId: null,
      };
      const before = steps;
      steps = [...before, step];
      report();
      const done = await perform(workplace, work);
      const ms = Math.round(ports.clock.monotonic() - started);
      steps = [
        ...before,
        { ...step, outcome: done.failed ? "failed" : "done", ms, deadlineAt: null, correlationId: done.correlationId },
      ];
      if (done.event.type === "proved" && done.event.proof.kind === "fido2")
        authenticator = done.event.proof.authenticator;
      effect = advance(done.event);
      await record();
      report();
    }
  } finally {
    signal.removeEventListener("abort", onCancel);
  }
  // The machine has no state without an effect but the two ends.
  if (!isOver(state)) throw new Error(`The pairing stopped in the state ${state.name}.`);
  ports.log(state.name === "paired" ? "info" : "warn", "pairing.ended", {
    pairingId,
    outcome: state.name === "paired" ? "paired" : state.error.code,
    left: state.name === "paired" ? null : state.left,
  });
  return { state, steps, authenticator, warnings };
}

/**
 * What becomes of an effect whose state could not be written down; `null`: it runs all the same.
 *
 * A device that no record names could not be cleaned up after a crash, and an activation that no record names would be
 * taken for a pending device and removed, after the operator has been told that it is paired.
 */
function unrecorded(effect: Effect, error: AppError): PairingEvent | null {
  switch (effect.run) {
    case "create":
      return { type: "create-failed", error, certainty: "not-done" };
    case "prove":
      return { type: "prove-failed", error };
    case "activate":
      return { type: "activate-failed", error, certainty: "not-done" };
    case "locate":
    case "confirm":
    case "name":
    case "remove":
    case "abort-proof":
      return null;
    default:
      return effect satisfies never;
  }
}

/** Pairs, from the creation on. `signal` asks it to cancel; `observe` gets the steps at every change. */
export async function runPairing(
  ports: Ports,
  clients: Clients,
  agent: AgentSettings,
  journal: Pick<Journal, "write">,
  user: User,
  request: PairingRequest,
  earlier: readonly Step[],
  observe: (progress: PairingProgress) => void,
  signal: AbortSignal,
): Promise<PairingResult> {
  const { pairingId } = request;
  const { apiBase, environmentId } = clients.undo.endpoints;
  const about = {
    pairingId,
    kind: request.kind.name,
    userId: user.id,
    username: user.username,
    environmentId,
    apiBase,
    hostName: ports.hostName,
    nickname: request.nickname,
    relyingPartyId: request.relyingPartyId,
    beganAt: new Date(ports.clock.now()).toISOString(),
    knownDeviceIds: request.knownDeviceIds,
  };
  const { state, steps, authenticator, warnings } = await runToEnd({
    workplace: { ports, clients, agent, request, madeBefore: null },
    first: begin(),
    write: (moment, now) => journal.write({ ...about, state: now }, moment),
    earlier,
    observe,
    signal,
  });
  const common = { pairingId, user, steps };
  if (state.name === "failed") {
    const { error, left, deviceId } = state;
    return { ...common, ok: false, error, left, deviceId, warnings };
  }
  return {
    ...common,
    ok: true,
    changed: true,
    device: state.device,
    authenticator,
    warnings: [...warnings, ...state.warnings],
  };
}
