import type { AppError, Left } from "../../contract/errors.ts";
import type { Authenticator, Device, Step, StepName, User, Warning } from "../../contract/views.ts";
import type { Answer, PingOne } from "../pingone/client.ts";
import { activateDevice, createDevice, listDevices, nameDevice, readDevice, removeDevice } from "../pingone/devices.ts";
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
import { newDevice, proofTimeoutMs, prove, toActivation } from "./proof.ts";

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

type Work = Exclude<Effect, { run: "abort-proof" }>;
type Done = { readonly event: PairingEvent; readonly failed: boolean; readonly correlationId: string | null };

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

/** After an activation whose answer was lost, a read may come too early ("Best practices", eventual consistency). */
const confirmReads = 3;
const confirmPauseMs = 1_500;

/**
 * Runs a pairing to its end. Never throws and never stops half-way: `signal` asks it to cancel, and it then undoes what
 * was done. `observe` gets the steps at every change.
 */
export async function runPairing(
  ports: Ports,
  pingOne: PingOne,
  agentPort: number,
  user: User,
  request: PairingRequest,
  /** What was done before the machine began, to be shown with its steps. */
  earlier: readonly Step[],
  observe: (progress: PairingProgress) => void,
  signal: AbortSignal,
): Promise<PairingResult> {
  const journal = openJournal(ports, pingOne.endpoints, request);
  const proofAbort = new AbortController();
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
      const done = await perform(ports, pingOne, agentPort, request, work, proofAbort.signal);
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

/** Runs one effect and says what happened, as an event. */
async function perform(
  ports: Ports,
  pingOne: PingOne,
  agentPort: number,
  request: PairingRequest,
  work: Work,
  proofSignal: AbortSignal,
): Promise<Done> {
  const { userId } = request;
  switch (work.run) {
    case "create": {
      const answer = await createDevice(pingOne, userId, newDevice(request));
      return answered(
        answer,
        (created) => ({ type: "created", created }),
        (error, certainty) => ({ type: "create-failed", error, certainty }),
      );
    }
    case "locate": {
      const answer = await listDevices(pingOne, userId);
      return answered(
        answer,
        (devices) => locate(devices, request),
        () => ({ type: "locate-failed" }),
      );
    }
    case "prove": {
      const proof = await prove(ports, agentPort, request.kind, work.challenge, proofSignal);
      return {
        event: proof.ok ? { type: "proved", proof: proof.value } : { type: "prove-failed", error: proof.error },
        failed: !proof.ok,
        correlationId: null,
      };
    }
    case "activate": {
      const answer = await activateDevice(pingOne, userId, work.deviceId, toActivation(work.proof));
      return answered(
        answer,
        (device) => ({ type: "activated", device }),
        (error, certainty, status) => ({
          type: "activate-failed",
          error,
          // "Not found" right after the create may only mean "not visible yet": read before believing it.
          certainty: status === 404 ? "unknown" : certainty,
        }),
      );
    }
    case "confirm":
      return confirm(ports, pingOne, userId, work.deviceId);
    case "name": {
      const answer = await nameDevice(pingOne, userId, work.deviceId, work.nickname);
      return answered(
        answer,
        () => ({ type: "named" }),
        () => ({ type: "name-failed" }),
      );
    }
    case "remove": {
      const answer = await removeDevice(pingOne, userId, work.deviceId);
      return answered(
        answer,
        () => ({ type: "removed" }),
        (_error, certainty) => ({ type: "remove-failed", certainty }),
      );
    }
    default:
      return work satisfies never;
  }
}

/** Our own pending device among the user's, when the answer to its creation was lost. Others' are never touched. */
function locate(devices: readonly Device[], request: PairingRequest): PairingEvent {
  const candidates = devices.filter(
    (d) =>
      d.type === newDevice(request).type &&
      d.status === "ACTIVATION_REQUIRED" &&
      !request.knownDeviceIds.includes(d.id),
  );
  if (candidates.length > 1) return { type: "locate-failed" };
  return { type: "located", deviceId: candidates[0]?.id ?? null };
}

async function confirm(ports: Ports, pingOne: PingOne, userId: string, deviceId: string): Promise<Done> {
  for (let read = 1; ; read += 1) {
    const answer = await readDevice(pingOne, userId, deviceId);
    const { correlationId } = answer;
    if (answer.ok) return { event: { type: "confirmed", found: answer.value }, failed: false, correlationId };
    if (answer.status !== 404) return { event: { type: "confirm-failed" }, failed: true, correlationId };
    if (read === confirmReads) return { event: { type: "confirmed", found: "gone" }, failed: false, correlationId };
    await ports.clock.wait(confirmPauseMs);
  }
}

function answered<T>(
  answer: Answer<T>,
  onSuccess: (value: T) => PairingEvent,
  onFailure: (error: AppError, certainty: "not-done" | "unknown", status: number | null) => PairingEvent,
): Done {
  const event = answer.ok ? onSuccess(answer.value) : onFailure(answer.error, answer.certainty, answer.status);
  return { event, failed: !answer.ok, correlationId: answer.correlationId };
}
