import { fail, type Outcome, ok } from "../contract/errors.ts";
import type { Handlers, SignIn } from "../contract/ipc.ts";
import { defaultSettings } from "../contract/settings.ts";
import type { Policies, Rehearsal, Snapshot } from "../contract/views.ts";
import { createPairings } from "./app-pairing.ts";
import { resolveEndpoints } from "./pingone/endpoints.ts";
import type { Ports } from "./ports.ts";
import { openSession, type Session } from "./session.ts";
import { loadSettings, saveSettings } from "./settings.ts";
import { type AppEvent, type AppState, initialState, notNow, type OpenUser, reduce } from "./state.ts";

/** Switches faults of the simulator; absent in a real environment. */
export type RehearsalControl = {
  readonly view: () => Rehearsal;
  readonly set: (fault: string | null) => Outcome<null>;
};

export type AppOptions = { readonly version: string; readonly rehearsal: RehearsalControl | null };

export type App = {
  readonly commands: Omit<Handlers, "link.open">;
  readonly snapshot: () => Snapshot;
  /** Calls the listener after every change; returns the function that ends it. */
  readonly subscribe: (listener: (snapshot: Snapshot) => void) => () => void;
  /** Reads the settings. Once, before the first window. */
  readonly start: () => Promise<void>;
  /** Cancels a running pairing, waits for its roll-back and forgets the session. */
  readonly stop: () => Promise<void>;
};

/** Refused sign-ins before each further one has to wait, and the longest wait. */
const freeSignIns = 3;
const longestSignInWaitMs = 8_000;

/** The window's application: it owns the state, and the page shows the latest snapshot of it. */
export function createApp(ports: Ports, options: AppOptions): App {
  let state: AppState = initialState(defaultSettings);
  let revision = 0;
  let session: Session | null = null;
  let refusedSignIns = 0;
  const listeners = new Set<(snapshot: Snapshot) => void>();

  const snapshot = (): Snapshot => ({
    revision,
    version: options.version,
    hostName: ports.hostName,
    simulator: options.rehearsal?.view() ?? null,
    ...state,
  });
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
    exclusively(request, async () => (session === null ? fail({ code: "sign-in-required" }) : work(session)));

  const readOpenUser = async (current: Session, userId: string): Promise<Outcome<OpenUser>> => {
    const [user, devices, policies, routesUnder] = await Promise.all([
      current.readUser(userId),
      current.listDevices(userId),
      current.readPolicies(),
      current.readRoutes(),
    ]);
    if (!user.ok) return user;
    if (!devices.ok) return devices;
    if (!policies.ok) ports.log("warn", "policies.not-read", { code: policies.error.code });
    const known: Policies = policies.ok ? policies.value : { state: "not-readable" };
    const listed = known.state === "readable" ? known.policies : [];
    const byPolicy = listed.map(({ id, fidoPolicyId }) => ({ policyId: id, routes: routesUnder(fidoPolicyId) }));
    const routes = { usual: routesUnder(null), byPolicy };
    return ok({ user: user.value, devices: devices.value, policies: known, routes });
  };
  const openUser = async (current: Session, userId: string): Promise<Outcome<null>> => {
    const opened = await readOpenUser(current, userId);
    if (!opened.ok) return opened;
    dispatch({ type: "user-opened", opened: opened.value });
    return ok(null);
  };
  /** The user on the screen, in whichever phase one is. */
  const shownUserId = (): string | null => ("user" in state.phase ? state.phase.user.id : null);
  const withShownUser = (request: string, work: (session: Session, userId: string) => Promise<Outcome<null>>) =>
    signedIn(request, async (current) => {
      const userId = shownUserId();
      return userId === null ? fail(notNow("no user is open")) : work(current, userId);
    });

  const signIn = async (input: SignIn): Promise<Outcome<null>> => {
    const { clientSecret, ...remembered } = input;
    const endpoints = resolveEndpoints(remembered);
    if (!endpoints.ok) return endpoints;
    if (refusedSignIns >= freeSignIns) {
      await ports.clock.wait(Math.min(1000 * 2 ** (refusedSignIns - freeSignIns), longestSignInWaitMs));
    }
    const clientId = input.clientId.trim();
    const opened = openSession(ports, {
      endpoints: endpoints.value,
      credential: { kind: "client-secret", clientId, clientSecret },
      agentPort: () => state.settings.agentPort,
    });
    const proven = await opened.signIn();
    if (!proven.ok) {
      if (proven.error.code === "sign-in-refused") refusedSignIns += 1;
      return proven;
    }
    refusedSignIns = 0;
    session = opened;
    const { environmentId } = endpoints.value;
    const settings = { ...state.settings, ...remembered, environmentId, clientId };
    await keepSettings(settings);
    const environmentName = await opened.readEnvironmentName();
    const apiHost = new URL(endpoints.value.apiBase).host;
    dispatch({ type: "signed-in", operator: { clientId, environmentId, environmentName, apiHost } });
    return ok(null);
  };

  const keepSettings = async (settings: AppState["settings"]): Promise<Outcome<null>> => {
    dispatch({ type: "settings-changed", settings });
    const saved = await saveSettings(ports, settings);
    if (!saved.ok) ports.log("warn", "settings.not-saved", { code: saved.error.code });
    return saved;
  };

  const pairings = createPairings({ ports, session: () => session, state: () => state, dispatch });

  const commands: App["commands"] = {
    "app.snapshot": async () => ok(snapshot()),
    "session.signIn": (input) => exclusively("session.signIn", () => signIn(input)),
    "session.signOut": () =>
      exclusively("session.signOut", async () => {
        session = null;
        dispatch({ type: "signed-out" });
        return ok(null);
      }),
    "user.find": ({ query }) =>
      signedIn("user.find", async (current) => {
        const found = await current.findUsers(query);
        if (!found.ok) return found;
        const [only, ...others] = found.value;
        if (only !== undefined && others.length === 0) return openUser(current, only.id);
        dispatch({ type: "searched", query: query.trim(), matches: found.value });
        return ok(null);
      }),
    "user.open": ({ userId }) => signedIn("user.open", (current) => openUser(current, userId)),
    "user.close": () =>
      signedIn("user.close", async () => {
        dispatch({ type: "user-closed" });
        return ok(null);
      }),
    "user.refresh": () => withShownUser("user.refresh", openUser),
    "user.enableMfa": () =>
      withShownUser("user.enableMfa", async (current, userId) => {
        const enabled = await current.enableMfa(userId);
        return enabled.ok ? openUser(current, userId) : enabled;
      }),
    "device.remove": ({ deviceId }) =>
      withShownUser("device.remove", async (current, userId) => {
        const removed = await current.removeDevice(userId, deviceId);
        return removed.ok ? openUser(current, userId) : removed;
      }),
    "pairing.start": async (input) => pairings.start(input),
    "pairing.startInBrowser": () => pairings.startInBrowser(),
    "pairing.cancel": async () => pairings.cancel(),
    "pairing.close": () => withShownUser("pairing.close", openUser),
    "settings.change": async (change) => {
      const given = Object.entries(change).filter(([, value]) => value !== undefined);
      return keepSettings({ ...state.settings, ...Object.fromEntries(given) });
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
      dispatch({ type: "settings-changed", settings: await loadSettings(ports) });
    },
    stop: async () => {
      await pairings.stop();
      session = null;
    },
  };
}
