import { fail, type Outcome, ok } from "../contract/errors.ts";
import type { Handlers, SignIn } from "../contract/ipc.ts";
import { defaultSettings, defaultWindowSettings } from "../contract/settings.ts";
import type { Rehearsal, Snapshot } from "../contract/views.ts";
import { defaultAgentTrust } from "./agent/trust-settings.ts";
import { createAppDoctor } from "./app-doctor.ts";
import { createPairings } from "./app-pairing.ts";
import { type AppPolicy, createAppPolicy, type PolicyAtStart } from "./app-policy.ts";
import { createAppProfiles } from "./app-profiles.ts";
import { createRecoveries } from "./app-recovery.ts";
import { createAppSession } from "./app-session.ts";
import { createAppUsers } from "./app-users.ts";
import type { DoctorPorts } from "./doctor/ports.ts";
import { agentTrustBy } from "./policy/allowed.ts";
import { refusalBy } from "./policy/applied.ts";
import { type Decisions, valueOf } from "./policy/precedence.ts";
import type { Ports } from "./ports.ts";
import { agentTrustOf } from "./profiles/file.ts";
import type { Session } from "./session.ts";
import { type AppEvent, type AppState, initialState, notNow, reduce } from "./state.ts";

/** Switches faults of the simulator; absent in a real environment. */
export type RehearsalControl = {
  readonly view: () => Rehearsal;
  readonly set: (fault: string | null) => Outcome<null>;
};

export type AppOptions = {
  readonly version: string;
  readonly rehearsal: RehearsalControl | null;
  /** How this computer is examined. */
  readonly doctor: DoctorPorts;
  /** The organisation's policy. Absent: nobody manages anything, as in the demo. */
  readonly policy?: PolicyAtStart;
};

export type App = {
  readonly commands: Omit<Handlers, "link.open">;
  readonly snapshot: () => Snapshot;
  /** Calls the listener after every change; returns the function that ends it. */
  readonly subscribe: (listener: (snapshot: Snapshot) => void) => () => void;
  /** Reads profiles and settings. Once, before the first window. */
  readonly start: () => Promise<void>;
  /** Looks whether the policy says something else now, and lives by it from then on. Rejects when that fails; the next look may do it. */
  readonly lookAtPolicy: () => Promise<void>;
  /** What the policy decides now. */
  readonly policy: () => Decisions;
  /**
   * Ends a session that nobody watches any more: revokes and forgets it. `false`: not now, somebody is being served
   * (a pairing runs).
   */
  readonly expire: (reason: "idle" | "locked") => Promise<boolean>;
  /** Until nobody has touched the app for too long, by no clock that can be set back. `null`: nothing ends for that. */
  readonly idleLeftMs: () => number | null;
  /** What `stop` has to bring to an end before the process may go; `null`: nothing. */
  readonly mustFinish: () => "pairing" | "session" | null;
  /** Cancels a running pairing, waits for its roll-back and leaves the session. */
  readonly stop: () => Promise<void>;
};

/**
 * The window's application: it owns the state, and the page shows the latest snapshot of it. What the policy decides
 * depends on the profile in use, so the app itself is that port.
 */
export function createApp(world: Omit<Ports, "policy">, options: AppOptions): App {
  const policy: AppPolicy = createAppPolicy(options.policy ?? null, () => profiles.below());
  const ports: Ports = { ...world, policy: policy.decisions };
  let state: AppState = initialState(defaultSettings, "memory");
  let revision = 0;
  const listeners = new Set<(snapshot: Snapshot) => void>();

  const snapshot = (): Snapshot => ({
    revision,
    version: options.version,
    hostName: ports.hostName,
    simulator: options.rehearsal?.view() ?? null,
    ...state,
    management: policy.management(ports.hostName, "user" in state.phase ? state.phase.user.username : null),
    operator: operator(),
  });
  /** What a policy marks as production is so from now on, also for those who are signed in. */
  const operator = (): Snapshot["operator"] =>
    state.operator !== null && valueOf(policy.decisions(), "Production") === true
      ? { ...state.operator, production: true }
      : state.operator;
  const changed = () => {
    revision += 1;
    const current = snapshot();
    for (const listener of listeners) {
      try {
        listener(current);
      } catch (bug) {
        // A window that is gone must not keep the others, or a running pairing, from going on.
        ports.log("error", "listener.failed", { problem: String(bug) });
      }
    }
  };
  const dispatch = (event: AppEvent) => {
    state = reduce(state, event);
    changed();
  };

  /** Runs a command that talks to PingOne, one at a time: the page shows which. */
  const exclusively = async (request: string, work: () => Promise<Outcome<null>>): Promise<Outcome<null>> => {
    if (state.busy !== null) return fail(notNow("another request is still running"));
    if (pairings.isRunning()) return fail(notNow("a pairing is running"));
    dispatch({ type: "busy", request });
    try {
      return await work();
    } finally {
      dispatch({ type: "busy", request: null });
    }
  };
  const signedIn = (request: string, work: (session: Session) => Promise<Outcome<null>>): Promise<Outcome<null>> =>
    exclusively(request, async () => {
      const current = sessions.current();
      if (current === null) return fail({ code: "sign-in-required" });
      const done = await work(current);
      // The session is over for good, whatever the request was for.
      if (!done.ok && done.error.code === "sign-in-required") {
        await sessions.signOut("expired");
        await recoveries.look();
      }
      return done;
    });

  const sessions = createAppSession({ ports, state: () => state, dispatch });
  const profiles = createAppProfiles({
    ports,
    dispatch,
    policy,
    initial: { windowSettings: defaultWindowSettings, profile: null, proven: [] },
  });

  /** What the files say now: the command line or a person may have changed them. */
  const refresh = async (): Promise<void> => {
    await profiles.refresh();
    await recoveries.look();
  };
  const signIn = async (input: SignIn): Promise<Outcome<null>> => {
    const profile = profiles.current();
    if (profile === null) return fail({ code: "configuration-missing", settings: ["profile"] });
    const refusal = refusalBy(policy.decisions());
    if (refusal !== null) return fail(refusal);
    const proven = profiles.isProven(profile.name) || valueOf(policy.decisions(), "FirstRunSkipped") === true;
    const signedIn = await sessions.signIn(input, profile, proven);
    await refresh();
    return signedIn.ok && proven ? begin() : signedIn;
  };
  /** To the work: for an operator the search, for a user the own devices. */
  const begin = async (): Promise<Outcome<null>> => {
    const session = sessions.current();
    if (session === null) return fail({ code: "sign-in-required" });
    const own = sessions.ownUserId();
    if (own === null) {
      dispatch({ type: "user-closed" });
      return ok(null);
    }
    return users.open(session, own);
  };
  /** Something that cannot go on while somebody is signed in: the session ends first. */
  const signedOut = (request: string, work: () => Promise<Outcome<null>>): Promise<Outcome<null>> =>
    exclusively(request, async () => {
      await sessions.leave();
      dispatch({ type: "signed-out", reason: null });
      const done = await work();
      await recoveries.look();
      return done;
    });

  const users = createAppUsers({ ports, state: () => state, dispatch, operator, signedIn, begin });
  const pairings = createPairings({ ports, session: sessions.current, state: () => state, dispatch });
  const recoveries = createRecoveries({
    ports,
    state: () => state,
    dispatch,
    withSession: (work) =>
      signedIn("pairings.recover", async (current) => {
        const done = await work(current);
        // The devices on the screen were read before.
        return done.ok && state.phase.name === "user" ? users.open(current, state.phase.user.id) : done;
      }),
  });

  const doctor = createAppDoctor({
    ports,
    own: options.doctor,
    state: () => state,
    access: sessions.access,
    agentTrust: () => {
      const trust = agentTrustOf(profiles.current()?.file ?? {});
      // A policy's counts also before there is a profile.
      return agentTrustBy(policy.decisions()) ?? (trust.ok ? trust.value : defaultAgentTrust);
    },
    policy: () => policy.explained(),
    show: (report) => dispatch({ type: "examined", report }),
  });

  const lookAtPolicy = async (): Promise<void> => {
    if (!(await policy.look())) return;
    const { idleMinutes } = state.settings;
    await profiles.refresh();
    if (state.settings.idleMinutes !== idleMinutes) sessions.idleTimeDecided(idleMinutes);
    const { refused, waiting } = snapshot().management;
    ports.log("info", "policy.changed", { refused: refused?.setting ?? null, waiting: waiting.length });
  };

  const commands: App["commands"] = {
    "app.snapshot": async () => ok(snapshot()),
    "profile.save": (input) => signedOut("profile.save", () => profiles.save(input)),
    "profile.choose": ({ name }) => signedOut("profile.choose", () => profiles.choose(name)),
    "profile.remove": ({ name }) => signedOut("profile.remove", () => profiles.remove(name)),
    "session.signIn": async (input) => {
      const done = await exclusively("session.signIn", async () => {
        if (sessions.current() !== null) return fail(notNow("somebody is signed in"));
        return signIn(input);
      });
      // Nobody waits for it, and nothing else can be begun meanwhile.
      if (done.ok && recoveries.isNeeded()) void recoveries.run();
      return done;
    },
    "session.cancelSignIn": async () => sessions.cancelSignIn(),
    "session.openSignInPage": () => sessions.openSignInPage(),
    "session.begin": () =>
      signedIn("session.begin", async () => {
        const profile = profiles.current();
        if (profile !== null) await profiles.proved(profile.name);
        return begin();
      }),
    "session.touch": async () => {
      sessions.touch();
      return ok(null);
    },
    "session.signOut": async () => {
      await recoveries.stop();
      return exclusively("session.signOut", async () => {
        const ended = await sessions.signOut(null);
        await refresh();
        return ended;
      });
    },
    ...users.commands,
    "pairing.start": async (input) => pairings.start(input),
    "pairing.startInBrowser": () => pairings.startInBrowser(),
    "pairing.cancel": async () => pairings.cancel(),
    // Beside everything else: it only reads, and it is asked for when something else is stuck.
    "doctor.run": () => doctor.run(),
    "policy.explain": async () => {
      // Whoever asks has perhaps just changed it.
      await lookAtPolicy();
      return ok(policy.inForce());
    },
    "pairings.recover": () => recoveries.run(),
    "pairings.dismiss": async () => recoveries.dismiss(),
    "settings.change": async (change) => {
      const changed = await profiles.change(change);
      if (change.idleMinutes !== undefined) sessions.touch("idleTimeChanged");
      return changed;
    },
    "simulator.rehearse": async ({ fault }) => {
      if (options.rehearsal === null) return fail(notNow("this is a real environment"));
      const set = options.rehearsal.set(fault);
      changed();
      return set;
    },
  };

  return {
    commands,
    snapshot,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: async () => {
      state = { ...state, secretStore: await ports.secrets.kind() };
      await profiles.start();
      await recoveries.look();
    },
    expire: async (reason) => {
      if (sessions.current() === null) return true;
      if (state.busy !== null || pairings.isRunning()) return false;
      const done = await exclusively("session.signOut", () => sessions.signOut(reason));
      await refresh();
      return done.ok || sessions.current() === null;
    },
    lookAtPolicy,
    policy: policy.decisions,
    idleLeftMs: sessions.idleLeftMs,
    mustFinish: () => {
      if (state.phase.name === "pairing") return "pairing";
      return sessions.mustFinish() || recoveries.isRunning() ? "session" : null;
    },
    stop: async () => {
      doctor.stop();
      await pairings.stop();
      await recoveries.stop();
      await sessions.leave();
    },
  };
}
