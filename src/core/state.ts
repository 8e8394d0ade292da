import type { DoctorReport } from "../contract/doctor.ts";
import type { AppError } from "../contract/errors.ts";
import type { Recovery } from "../contract/recovery.ts";
import type { Settings } from "../contract/settings.ts";
import type { Device, Operator, Phase, Policies, Right, SignInStep, Snapshot, User } from "../contract/views.ts";
import type { Recovered } from "./pairing/recovery.ts";
import type { PairingProgress, PairingResult } from "./pairing/run.ts";

/** What the window shows, as one value; and the only function that changes it. */
export type AppState = Pick<
  Snapshot,
  "operator" | "busy" | "settings" | "phase" | "profiles" | "secretStore" | "doctor" | "recovery"
>;

export type OpenUser = {
  readonly user: User;
  readonly devices: readonly Device[];
  readonly ownDeviceId: string | null;
  readonly policies: Policies;
  readonly routes: Extract<Phase, { name: "user" }>["routes"];
};

export type AppEvent =
  | { readonly type: "busy"; readonly request: string | null }
  | { readonly type: "examined"; readonly report: DoctorReport | null }
  | { readonly type: "profiles-changed"; readonly profiles: Snapshot["profiles"]; readonly settings: Settings }
  | { readonly type: "signing-in"; readonly step: SignInStep }
  | { readonly type: "signed-in"; readonly operator: Operator; readonly rights: readonly Right[] }
  | { readonly type: "touched"; readonly idleAt: number | null }
  | { readonly type: "signed-out"; readonly reason: SignedOutReason | null }
  | { readonly type: "searched"; readonly query: string; readonly matches: readonly User[] }
  | { readonly type: "user-opened"; readonly opened: OpenUser }
  | { readonly type: "user-closed" }
  | { readonly type: "pairing-began"; readonly user: User; readonly kind: "desktop" | "fido2" }
  | { readonly type: "pairing-progressed"; readonly progress: PairingProgress }
  | { readonly type: "pairing-cancelled" }
  | {
      readonly type: "pairing-ended";
      readonly result: PairingResult;
      readonly opened: OpenUser;
      readonly kind: "desktop" | "fido2";
    }
  | { readonly type: "recovery-shown"; readonly recovery: Snapshot["recovery"] }
  | { readonly type: "recovered"; readonly recovery: Recovery; readonly ended: readonly Recovered[] }
  | { readonly type: "browser-opened"; readonly watch: Omit<Extract<Phase, { name: "watching-browser" }>, "name"> };

type SignedOutReason = NonNullable<Extract<Phase, { name: "signed-out" }>["reason"]>;

export const initialState = (settings: Settings, secretStore: Snapshot["secretStore"]): AppState => ({
  operator: null,
  busy: null,
  settings,
  profiles: { current: null, list: [], problem: null },
  secretStore,
  doctor: null,
  recovery: null,
  phase: { name: "signed-out", reason: null },
});

const noSearch: Phase = { name: "finding-user", query: "", matches: null };

export function reduce(state: AppState, event: AppEvent): AppState {
  switch (event.type) {
    case "busy":
      return { ...state, busy: event.request };
    case "examined":
      return { ...state, doctor: event.report };
    case "profiles-changed":
      return { ...state, profiles: event.profiles, settings: event.settings };
    case "signing-in":
      return { ...state, phase: { name: "signing-in", step: event.step } };
    case "signed-in":
      return { ...state, operator: event.operator, doctor: null, phase: { name: "ready", rights: [...event.rights] } };
    case "touched":
      return state.operator === null ? state : { ...state, operator: { ...state.operator, idleAt: event.idleAt } };
    case "signed-out":
      return {
        ...state,
        operator: null,
        doctor: null,
        recovery: null,
        phase: { name: "signed-out", reason: event.reason },
      };
    case "searched":
      return { ...state, phase: { name: "finding-user", query: event.query, matches: [...event.matches] } };
    case "user-opened":
      return { ...state, phase: { name: "user", ...copy(event.opened) } };
    case "user-closed":
      return { ...state, phase: noSearch };
    case "pairing-began":
      return {
        ...state,
        recovery: withoutUser(state.recovery, event.user.id),
        phase: { name: "pairing", kind: event.kind, user: event.user, pairingId: "", steps: [], cancelling: false },
      };
    case "pairing-progressed": {
      const { pairingId, steps, cancelling } = event.progress;
      // A late report of a pairing that is over must not bring its screen back.
      if (state.phase.name !== "pairing") return state;
      return {
        ...state,
        phase: { ...state.phase, pairingId, steps: [...steps], cancelling: cancelling || state.phase.cancelling },
      };
    }
    case "pairing-cancelled":
      return state.phase.name === "pairing" ? { ...state, phase: { ...state.phase, cancelling: true } } : state;
    case "pairing-ended":
      return { ...state, phase: endOf(event.result, event.opened, event.kind) };
    case "recovery-shown":
      return { ...state, recovery: event.recovery === null ? null : unlessEmpty(event.recovery) };
    case "recovered":
      return recovered(state, event.recovery, event.ended);
    case "browser-opened":
      return { ...state, phase: { name: "watching-browser", ...event.watch } };
    default:
      return event satisfies never;
  }
}

function endOf(result: PairingResult, opened: OpenUser, kind: "desktop" | "fido2"): Phase {
  const steps = [...result.steps];
  const { pairingId } = result;
  if (result.ok) {
    return {
      name: "paired",
      kind,
      changed: result.changed,
      authenticator: result.authenticator,
      user: result.user,
      pairingId,
      device: result.device,
      steps,
      warnings: [...result.warnings],
    };
  }
  const { error, left, deviceId } = result;
  return { name: "failed", kind, ...copy(opened), pairingId, error, left, deviceId, steps };
}

/** `null`: there is nothing to tell. */
function unlessEmpty(recovery: Recovery): Recovery | null {
  const { settled, waiting, newer, problem } = recovery;
  return settled.length === 0 && waiting.length === 0 && newer === 0 && problem === null ? null : recovery;
}

/** A pairing brings what an earlier one of this user left to its end, so what was said about that is old. */
function withoutUser(recovery: Snapshot["recovery"], userId: string): Snapshot["recovery"] {
  if (recovery === null) return null;
  return unlessEmpty({ ...recovery, settled: recovery.settled.filter((pairing) => pairing.userId !== userId) });
}

/** What became of the pairing whose failure is on the screen is shown there, and not a second time. */
function recovered(state: AppState, recovery: Recovery, ended: readonly Recovered[]): AppState {
  const { phase } = state;
  const own = ended.find(({ record }) => phase.name === "failed" && record.pairingId === phase.pairingId);
  if (phase.name !== "failed" || own === undefined) return { ...state, recovery: unlessEmpty(recovery) };
  const others = recovery.settled.filter(({ pairingId }) => pairingId !== phase.pairingId);
  return { ...state, recovery: unlessEmpty({ ...recovery, settled: others }), phase: afterRecovery(phase, own) };
}

function afterRecovery(phase: Extract<Phase, { name: "failed" }>, { state, steps }: Recovered): Phase {
  const all = [...phase.steps, ...steps];
  if (state.name === "failed") return { ...phase, left: state.left, deviceId: state.deviceId, steps: all };
  const { kind, user, pairingId } = phase;
  return {
    name: "paired",
    kind,
    changed: true,
    user,
    pairingId,
    device: state.device,
    authenticator: null,
    steps: all,
    warnings: [...state.warnings],
  };
}

const copy = (opened: OpenUser) => ({
  user: opened.user,
  devices: [...opened.devices],
  ownDeviceId: opened.ownDeviceId,
  policies: opened.policies,
  routes: opened.routes,
});

/** The user on the screen with all that was read about them, in the phases that have it. */
export function openUserOf(phase: Phase): OpenUser | null {
  return phase.name === "user" || phase.name === "failed" ? phase : null;
}

/** Why a command cannot run in this phase, for `not-now`. */
export const notNow = (doing: string): AppError => ({ code: "not-now", doing });
