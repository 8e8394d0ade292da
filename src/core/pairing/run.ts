import type { AppError, Left } from "../../contract/errors.ts";
import type { Authenticator, Device, Step, StepName, User, Warning } from "../../contract/views.ts";
import type { Ports } from "../ports.ts";
import { openJournal } from "./journal.ts";
import {
  begin,
  cancelled,
  type Effect,
  isOver,
  type PairingEvent,
  type PairingRequest,
  transition,
} from "./machine.ts";
import { type Clients, perform, type Work } from "./perform.ts";
import { proofTimeoutMs } from "./proof.ts";

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

/**
 * Runs a pairing to its end. Never throws and never stops half-way: `signal` asks it to cancel, and it then undoes what
 * was done. `observe` gets the steps at every change.
 */
export async function runPairing(
  ports: Ports,
  clients: Clients,
  agentPort: number,
  user: User,
  request: PairingRequest,
  /** What was done before the machine began, to be shown with its steps. */
  earlier: readonly Step[],
  observe: (progress: PairingProgress) => void,
  signal: AbortSignal,
): Promise<PairingResult> {
  const journal = openJournal(ports, clients.undo.endpoints, request);
  const proofAbort = new AbortController();
  const workplace = { ports, clients, agentPort, request, proofSignal: proofAbort.signal };
  const warnings: Warning[] = [];
  let steps = earlier;
  let authenticator: Authenticator | null = null;
  let { state, effect } = begin();

  const report = () => {
    try {
      observe({ pairingId: request.pairingId, steps, cancelling: signal.aborted });
    } catch (bug) {
      // Who looks on must not be able to stop a pairing half-way, with a device left behind.
      ports.log("error", "observer.failed", { pairingId: request.pairingId, problem: String(bug) });
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
  const journalled = async (moment: "before" | "after"): Promise<AppError | null> => {
    const written = await journal.write(moment, state);
    if (written.ok) return null;
    ports.log("error", "journal.not-written", { pairingId: request.pairingId, code: written.error.code });
    if (!warnings.some((w) => w.code === "journal-not-written"))
      warnings.push({ code: "journal-not-written", detail: null });
    return written.error;
  };

  const ended = (): PairingResult | null => {
    if (!isOver(state)) return null;
    const common = { pairingId: request.pairingId, user, steps };
    if (state.name === "paired") {
      return {
        ...common,
        ok: true,
        changed: true,
        device: state.device,
        authenticator,
        warnings: [...warnings, ...state.warnings],
      };
    }
    return { ...common, ok: false, error: state.error, left: state.left, deviceId: state.deviceId, warnings };
  };

  // A pairing that cannot be recorded is not begun: nothing could clean up after it.
  const unrecorded = await journalled("before");
  if (unrecorded !== null) effect = advance({ type: "create-failed", error: unrecorded, certainty: "not-done" });
  else if (signal.aborted) {
    effect = advance({ type: "create-failed", error: cancelled, certainty: "not-done" });
    // Or the record would end before the creation, and the next start would look for a device of ours.
    await journalled("after");
  } else signal.addEventListener("abort", onCancel, { once: true });

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
      await journalled(effect === null ? "after" : "before");
      report();
    }
  } finally {
    signal.removeEventListener("abort", onCancel);
  }
  const result = ended();
  // The machine has no state without an effect but the two ends.
  if (result === null) throw new Error(`The pairing stopped in the state ${state.name}.`);
  ports.log(result.ok ? "info" : "warn", "pairing.ended", {
    pairingId: request.pairingId,
    outcome: result.ok ? "paired" : result.error.code,
    left: result.ok ? null : result.left,
  });
  return result;
}
