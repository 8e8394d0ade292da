import { type AppError, fail, type Outcome, ok } from "../contract/errors.ts";
import type { PairingStart } from "../contract/ipc.ts";
import { checkPageUrl, watchForKey, watchMs } from "./fido2/browser.ts";
import { activeDesktops, type PairingChoice } from "./pairing/preflight.ts";
import type { PairingProgress } from "./pairing/run.ts";
import { refusalBy } from "./policy/applied.ts";
import { type Decisions, valueOf } from "./policy/precedence.ts";
import type { Ports } from "./ports.ts";
import type { Session } from "./session.ts";
import { type AppEvent, type AppState, notNow, type OpenUser, openUserOf } from "./state.ts";

/** The window's pairings: at most one at a time, running beside the commands, reported through the state. */
export type Pairings = {
  readonly isRunning: () => boolean;
  readonly start: (input: PairingStart) => Outcome<null>;
  readonly startInBrowser: () => Promise<Outcome<null>>;
  readonly cancel: () => Outcome<null>;
  /** Cancels what runs and waits until it is undone. */
  readonly stop: () => Promise<void>;
};

export function createPairings(parts: {
  readonly ports: Ports;
  readonly session: () => Session | null;
  readonly state: () => AppState;
  readonly dispatch: (event: AppEvent) => void;
}): Pairings {
  const { ports, dispatch } = parts;
  let running: { readonly abort: AbortController; readonly ended: Promise<void> } | null = null;

  /** Who was served last: where nothing was done, because this was paired already, it can be paired all the same. */
  let last: OpenUser | null = null;
  const pairedBefore = (phase: AppState["phase"]): OpenUser | null =>
    phase.name === "paired" && !phase.changed && phase.user.id === last?.user.id ? last : null;

  /** The session and the user on the screen, or why there is none to pair for. */
  const ready = (): Outcome<{ readonly session: Session; readonly opened: OpenUser }> => {
    const { busy, phase } = parts.state();
    const session = parts.session();
    if (session === null) return fail({ code: "sign-in-required" });
    if (busy !== null) return fail(notNow("another request is still running"));
    if (running !== null) return fail(notNow("a pairing is running"));
    const opened = openUserOf(phase) ?? pairedBefore(phase);
    if (opened === null) return fail(notNow("no user is open"));
    const refusal = refusalBy(ports.policy());
    if (refusal !== null) return fail(refusal);
    if (!opened.user.enabled) return fail({ code: "user-disabled", username: opened.user.username });
    return ok({ session, opened });
  };

  /** Runs `work` beside everything else. A bug in it must not leave the page on something that nobody runs any more. */
  const run = (
    opened: OpenUser,
    kind: PairingChoice["kind"],
    work: (signal: AbortSignal) => Promise<AppEvent>,
  ): void => {
    const abort = new AbortController();
    last = opened;
    const finish = async (): Promise<void> => {
      let event: AppEvent;
      try {
        event = await work(abort.signal);
      } catch (bug) {
        const incidentId = ports.random.uuid();
        ports.log("error", "incident", { incidentId, thrown: bug instanceof Error ? bug.name : typeof bug });
        event = failed(opened, kind, { code: "internal", incidentId }, "unknown");
      }
      running = null;
      dispatch(event);
    };
    running = { abort, ended: finish() };
  };

  return {
    isRunning: () => running !== null,
    start: (input) => {
      const got = ready();
      if (!got.ok) return got;
      const { session, opened } = got.value;
      const policyId = mfaPolicyFor(ports.policy(), input.policyId);
      if (!policyId.ok) return policyId;
      // That this very workstation is paired already is no question: nothing is done then, and the page says so.
      if (input.kind === "desktop" && !input.despiteExisting && opened.ownDeviceId === null) {
        const existing = activeDesktops(opened.devices).length;
        if (existing > 0) return fail({ code: "existing-devices", count: existing });
      }
      const choice = choiceOf({ ...input, policyId: policyId.value }, parts.state().settings.relyingPartyId);
      const observe = (progress: PairingProgress) => dispatch({ type: "pairing-progressed", progress });
      dispatch({ type: "pairing-began", user: opened.user, kind: input.kind });
      run(opened, input.kind, async (signal) => {
        const result = await session.pair(opened.user, choice, observe, signal);
        return { type: "pairing-ended", result, opened, kind: input.kind };
      });
      return ok(null);
    },
    startInBrowser: async () => {
      const got = ready();
      if (!got.ok) return got;
      const { session, opened } = got.value;
      const page = checkPageUrl(parts.state().settings.enrolmentPageUrl);
      if (!page.ok) return page;
      const { user } = opened;
      const startedAt = ports.clock.now();
      const watch = { user, startedAt, deadlineAt: startedAt + watchMs, pageUrl: page.value };
      dispatch({ type: "browser-opened", watch });
      run(opened, "fido2", async (signal) => {
        // A browser that does not open is not the end: the page shows the address.
        await ports.openPage(page.value);
        const known = opened.devices.map((device) => device.id);
        const found = await watchForKey(ports.clock, () => session.listDevices(user.id), known, signal);
        if (found.ok) {
          const common = { pairingId: "", user, steps: [], warnings: [], authenticator: null };
          return {
            type: "pairing-ended",
            opened,
            kind: "fido2",
            result: { ...common, ok: true, changed: true, device: found.value },
          };
        }
        if (found.error.code === "cancelled") return { type: "user-opened", opened };
        return failed(opened, "fido2", found.error, "nothing");
      });
      return ok(null);
    },
    cancel: () => {
      if (running === null) return fail(notNow("no pairing is running"));
      dispatch({ type: "pairing-cancelled" });
      running.abort.abort();
      return ok(null);
    },
    stop: async () => {
      running?.abort.abort();
      await running?.ended;
    },
  };
}

/** The MFA policy of the pairing: the organisation's where its policy names one, and then no other. */
function mfaPolicyFor(decisions: Decisions, wanted: string | null): Outcome<string | null> {
  if (decisions.get("MfaPolicyId")?.locked !== true) return ok(wanted);
  const fixed = valueOf(decisions, "MfaPolicyId");
  return wanted === null || wanted === fixed ? ok(fixed) : fail({ code: "blocked-by-policy", setting: "MfaPolicyId" });
}

function choiceOf(input: PairingStart, relyingPartyId: string | null): PairingChoice {
  const { policyId } = input;
  if (input.kind === "desktop")
    return { kind: "desktop", policyId, relyingPartyId, nickname: input.nickname, force: input.despiteExisting };
  // A key is not this computer: without a name of its own it keeps the one that PingOne gives.
  return {
    kind: "fido2",
    policyId,
    relyingPartyId,
    nickname: input.nickname ?? "",
    force: false,
    authenticator: input.authenticator,
  };
}

function failed(opened: OpenUser, kind: PairingChoice["kind"], error: AppError, left: "nothing" | "unknown"): AppEvent {
  const result = {
    ok: false,
    pairingId: "",
    user: opened.user,
    error,
    left,
    deviceId: null,
    steps: [],
    warnings: [],
  } as const;
  return { type: "pairing-ended", opened, kind, result };
}
