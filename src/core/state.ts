import type { AppError } from "../contract/errors.ts";
import type { Settings } from "../contract/settings.ts";
import type { Device, Phase, Policies, Snapshot, User } from "../contract/views.ts";
import type { PairingProgress, PairingResult } from "./pairing/run.ts";

/** What the window shows, as one value; and the only function that changes it. */
export type AppState = Pick<Snapshot, "operator" | "busy" | "settings" | "phase">;

export type OpenUser = {
  readonly user: User;
  readonly devices: readonly Device[];
  readonly policies: Policies;
  readonly routes: Extract<Phase, { name: "user" }>["routes"];
};

export type AppEvent =
  | { readonly type: "busy"; readonly request: string | null }
  | { readonly type: "settings-changed"; readonly settings: Settings }
  | { readonly type: "signed-in"; readonly operator: NonNullable<Snapshot["operator"]> }
  | { readonly type: "signed-out" }
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
  | { readonly type: "browser-opened"; readonly watch: Omit<Extract<Phase, { name: "watching-browser" }>, "name"> };

export const initialState = (settings: Settings): AppState => ({
  operator: null,
  busy: null,
  settings,
  phase: { name: "signed-out" },
});

const noSearch: Phase = { name: "finding-user", query: "", matches: null };

export function reduce(state: AppState, event: AppEvent): AppState {
  switch (event.type) {
    case "busy":
      return { ...state, busy: event.request };
    case "settings-changed":
      return { ...state, settings: event.settings };
    case "signed-in":
      return { ...state, operator: event.operator, phase: noSearch };
    case "signed-out":
      return { ...state, operator: null, phase: { name: "signed-out" } };
    case "searched":
      return { ...state, phase: { name: "finding-user", query: event.query, matches: [...event.matches] } };
    case "user-opened":
      return { ...state, phase: { name: "user", ...copy(event.opened) } };
    case "user-closed":
      return { ...state, phase: noSearch };
    case "pairing-began":
      return {
        ...state,
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

const copy = (opened: OpenUser) => ({
  user: opened.user,
  devices: [...opened.devices],
  policies: opened.policies,
  routes: opened.routes,
});

/** The user on the screen with all that was read about them, in the phases that have it. */
export function openUserOf(phase: Phase): OpenUser | null {
  return phase.name === "user" || phase.name === "failed" ? phase : null;
}

/** Why a command cannot run in this phase, for `not-now`. */
export const notNow = (doing: string): AppError => ({ code: "not-now", doing });
