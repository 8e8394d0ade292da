import { type AppError, fail, type Outcome, ok } from "../contract/errors.ts";
import type { SignIn } from "../contract/ipc.ts";
import type { Operator, Right, SignInStep } from "../contract/views.ts";
import { tenantOf } from "./app-tenant.ts";
import { agentTrustBy } from "./policy/allowed.ts";
import type { Ports } from "./ports.ts";
import type { Profile } from "./profiles/store.ts";
import type { Session } from "./session.ts";
import { type SignedIn, signIn, type Waiting } from "./sign-in/open.ts";
import { revokeKept } from "./sign-in/revocation.ts";
import { type AppEvent, type AppState, notNow } from "./state.ts";

/** The window's session: how it begins, how it stays, how it ends. At most one at a time. */
export type AppSession = {
  readonly current: () => Session | null;
  /** With whose token the session speaks, and where; `null`: nobody is signed in. */
  readonly access: () => Pick<SignedIn, "tokens" | "actor" | "endpoints"> | null;
  /** The user that is served because they signed in as themselves; `null`: an operator serves anybody. */
  readonly ownUserId: () => string | null;
  /** Ends when the sign-in is over. The session is there when it succeeds. */
  readonly signIn: (input: SignIn, profile: Profile, proven: boolean) => Promise<Outcome<null>>;
  readonly cancelSignIn: () => Outcome<null>;
  readonly openSignInPage: () => Promise<Outcome<null>>;
  /** Somebody is here. `idleTimeChanged`: the new one counts from now. */
  readonly touch: (how?: "idleTimeChanged") => void;
  /**
   * A policy has changed the idle time, whether or not somebody is here. A shorter one counts from now, and ends no later
   * than the longer one would have; a longer one counts from the last touch.
   */
  readonly idleTimeDecided: (formerMinutes: number) => void;
  /** Until the session ends because nobody touches it; 0 or less: now. `null`: it does not end for that. */
  readonly idleLeftMs: () => number | null;
  /** Revokes and forgets everything, also what was kept. */
  readonly signOut: (reason: "idle" | "locked" | "expired" | null) => Promise<Outcome<null>>;
  /** Whether something would be lost if the app ended now: a token to be revoked, or a new one to be kept. */
  readonly mustFinish: () => boolean;
  /** To another profile, or at the end of the app: what is kept stays kept, the rest is revoked. */
  readonly leave: () => Promise<void>;
};

/** Refused sign-ins before each further one has to wait, and the longest wait. */
const freeSignIns = 3;
const longestSignInWaitMs = 8_000;
/** Touches closer together than this change nothing that anybody could see. */
const touchEveryMs = 15_000;

export function createAppSession(parts: {
  readonly ports: Ports;
  readonly state: () => AppState;
  readonly dispatch: (event: AppEvent) => void;
}): AppSession {
  const { ports, dispatch } = parts;
  let signedIn: SignedIn | null = null;
  let refused = 0;
  /** The sign-in that is under way. */
  let underWay: { readonly abort: AbortController; reopen: (() => Promise<boolean>) | null } | null = null;
  let touchedAt = 0;
  /** The same moment by the time of day. */
  let touchedAtTime = 0;

  // A user's own session ends with the token; there is nobody else's data in it.
  const idleMs = (): number | null =>
    signedIn === null || signedIn.actor.mode === "self-service" ? null : parts.state().settings.idleMinutes * 60_000;
  /** For showing. Who sets the clock back moves it, and not the end itself. */
  const idleAt = (): number | null => {
    const ms = idleMs();
    return ms === null ? null : ports.clock.now() + ms;
  };
  const touchedNow = (): void => {
    touchedAt = ports.clock.monotonic();
    touchedAtTime = ports.clock.now();
  };

  // Whichever says more: the time of day can be set back, and the other one stands still while a computer sleeps.
  const sinceTouchMs = (): number =>
    Math.max(ports.clock.monotonic() - touchedAt, ports.clock.now() - touchedAtTime, 0);

  const operatorOf = (profile: Profile, entered: SignedIn, environmentName: string | null): Operator => ({
    profile: profile.name,
    mode: profile.settings.mode,
    actor: entered.name,
    clientId: profile.settings.clientId,
    environmentId: entered.endpoints.environmentId,
    environmentName,
    apiHost: new URL(entered.endpoints.apiBase).host,
    color: profile.settings.color,
    production: profile.settings.production,
    kept: entered.kept,
    idleAt: idleAt(),
  });

  const enter = async (input: SignIn, profile: Profile, abort: AbortController): Promise<Outcome<SignedIn>> => {
    // A policy's trust counts from the next pairing on; the profile's is that of the sign-in.
    const agent = () => ({ port: parts.state().settings.agentPort, trust: agentTrustBy(ports.policy()) });
    const tenant = tenantOf(profile, agent);
    if (!tenant.ok) return tenant;
    if (refused >= freeSignIns) {
      await ports.clock.wait(Math.min(1000 * 2 ** (refused - freeSignIns), longestSignInWaitMs), abort.signal);
    }
    const tell = (waiting: Waiting): void => {
      if (underWay?.abort !== abort) return;
      underWay.reopen = waiting.way === "browser" ? waiting.reopen : null;
      dispatch({ type: "signing-in", step: stepOf(waiting) });
    };
    const entered = await signIn(ports, tenant.value, input, tell, abort.signal);
    if (!entered.ok && entered.error.code === "sign-in-refused") refused += 1;
    if (entered.ok) refused = 0;
    return entered;
  };

  const end = async (how: { readonly forget: boolean }): Promise<Outcome<null>> => {
    const ending = signedIn;
    signedIn = null;
    return ending === null ? ok(null) : ending.end(how);
  };

  return {
    current: () => signedIn?.session ?? null,
    access: () => signedIn,
    ownUserId: () => (signedIn?.actor.mode === "self-service" ? signedIn.actor.userId : null),
    signIn: async (input, profile, proven) => {
      const abort = new AbortController();
      underWay = { abort, reopen: null };
      const { phase } = parts.state();
      dispatch({ type: "signing-in", step: { way: "none" } });
      const back = phase.name === "signed-out" ? phase.reason : null;
      const entered = await enter(input, profile, abort);
      if (!entered.ok) {
        underWay = null;
        dispatch({ type: "signed-out", reason: back });
        return entered;
      }
      /** Cancelled too late to stop it, so it is undone. What was kept before stays kept, as if nobody had asked. */
      const undo = async (): Promise<Outcome<null>> => {
        underWay = null;
        signedIn = null;
        if (input.way !== "kept") await entered.value.end({ forget: true });
        dispatch({ type: "signed-out", reason: null });
        return fail({ code: "cancelled" });
      };
      if (abort.signal.aborted) return undo();
      signedIn = entered.value;
      // Somebody who does not want to be kept takes the place of whoever was: at the next start nobody is signed in.
      if (!entered.value.kept && profile.settings.mode !== "worker") {
        const revoked = await revokeKept(ports, profile.name);
        if (!revoked.ok) ports.log("warn", "sign-out.incomplete", { code: revoked.error.code });
      }
      const { session } = entered.value;
      const [environmentName, rights] = await Promise.all([
        session.readEnvironmentName(),
        proven ? Promise.resolve<readonly Right[]>([]) : session.readRights(),
      ]);
      // The computer may have been locked meanwhile.
      if (abort.signal.aborted) return undo();
      underWay = null;
      touchedNow();
      dispatch({ type: "signed-in", operator: operatorOf(profile, entered.value, environmentName), rights });
      return ok(null);
    },
    cancelSignIn: () => {
      if (underWay === null) return fail(notNow("no sign-in is under way"));
      underWay.abort.abort();
      return ok(null);
    },
    openSignInPage: async () => {
      const reopen = underWay?.reopen ?? null;
      if (reopen === null) return fail(notNow("no sign-in in the browser is under way"));
      return (await reopen()) ? ok(null) : fail(noBrowser);
    },
    touch: (how) => {
      const since = ports.clock.monotonic() - touchedAt;
      if (signedIn === null || (how === undefined && since < touchEveryMs)) return;
      touchedNow();
      dispatch({ type: "touched", idleAt: idleAt() });
    },
    idleTimeDecided: (formerMinutes) => {
      const ms = idleMs();
      if (ms === null) return;
      const formerMs = formerMinutes * 60_000;
      const left = ms < formerMs ? Math.min(ms, formerMs - sinceTouchMs()) : ms - sinceTouchMs();
      touchedAt = ports.clock.monotonic() - (ms - left);
      touchedAtTime = ports.clock.now() - (ms - left);
      dispatch({ type: "touched", idleAt: ports.clock.now() + left });
    },
    idleLeftMs: () => {
      const ms = idleMs();
      return ms === null ? null : ms - sinceTouchMs();
    },
    signOut: async (reason) => {
      const ended = await end({ forget: true });
      if (!ended.ok) ports.log("warn", "sign-out.incomplete", { code: ended.error.code });
      dispatch({ type: "signed-out", reason });
      return ended;
    },
    mustFinish: () => {
      if (signedIn === null) return false;
      // Of a worker application nothing is revoked.
      return signedIn.refreshing() !== null || (!signedIn.kept && signedIn.actor.mode !== "worker");
    },
    leave: async () => {
      underWay?.abort.abort();
      if (signedIn?.kept === true) {
        const refreshing = signedIn.refreshing();
        signedIn = null;
        // The old token is spent: who left before the new one is kept would have to sign in again.
        await refreshing;
      }
      const ended = await end({ forget: false });
      if (!ended.ok) ports.log("warn", "sign-out.incomplete", { code: ended.error.code });
    },
  };
}

const noBrowser: AppError = {
  code: "not-now",
  doing: "this computer could not open a browser; copy the address instead",
};

function stepOf(waiting: Waiting): SignInStep {
  switch (waiting.way) {
    case "browser":
      return { way: "browser", address: waiting.address, deadlineAt: waiting.deadlineAt };
    case "device-code": {
      const { userCode, address, qr, deadlineAt } = waiting;
      return { way: "device-code", userCode, address, qr: [...qr], deadlineAt };
    }
    default:
      return waiting satisfies never;
  }
}
