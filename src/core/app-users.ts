import { fail, type Outcome, ok } from "../contract/errors.ts";
import type { Handlers } from "../contract/ipc.ts";
import type { Policies, Snapshot } from "../contract/views.ts";
import { activeDesktops } from "./pairing/preflight.ts";
import type { Ports } from "./ports.ts";
import type { Session } from "./session.ts";
import { type AppEvent, type AppState, notNow, type OpenUser } from "./state.ts";

type UserCommands = Pick<
  Handlers,
  "user.find" | "user.open" | "user.close" | "user.refresh" | "user.enableMfa" | "device.remove" | "pairing.close"
>;

/** Finding, opening and changing the user on the screen. */
export type AppUsers = {
  readonly commands: UserCommands;
  /** Reads a user and shows what was read. */
  readonly open: (session: Session, userId: string) => Promise<Outcome<null>>;
};

export function createAppUsers(parts: {
  readonly ports: Pick<Ports, "log">;
  readonly state: () => AppState;
  readonly dispatch: (event: AppEvent) => void;
  /** Who is signed in, with what a policy says about where. */
  readonly operator: () => Snapshot["operator"];
  /** Runs a request of this name with the session that is open, one at a time. */
  readonly signedIn: (
    request: keyof UserCommands,
    work: (session: Session) => Promise<Outcome<null>>,
  ) => Promise<Outcome<null>>;
  /** Back to where the work begins. */
  readonly begin: () => Promise<Outcome<null>>;
}): AppUsers {
  const { ports, dispatch, operator, signedIn, begin } = parts;

  const open = async (current: Session, userId: string): Promise<Outcome<null>> => {
    const opened = await readOpenUser(ports, current, userId);
    if (!opened.ok) return opened;
    dispatch({ type: "user-opened", opened: opened.value });
    return ok(null);
  };
  /** The user on the screen, in whichever phase one is. */
  const withShownUser = (
    request: keyof UserCommands,
    work: (session: Session, userId: string) => Promise<Outcome<null>>,
  ) =>
    signedIn(request, async (current) => {
      const { phase } = parts.state();
      return "user" in phase ? work(current, phase.user.id) : fail(notNow("no user is open"));
    });

  const commands: UserCommands = {
    "user.find": ({ query }) =>
      signedIn("user.find", async (current) => {
        const found = await current.findUsers(query);
        if (!found.ok) return found;
        const [only, ...others] = found.value;
        if (only !== undefined && others.length === 0) return open(current, only.id);
        dispatch({ type: "searched", query: query.trim(), matches: found.value });
        return ok(null);
      }),
    "user.open": ({ userId }) => signedIn("user.open", (current) => open(current, userId)),
    "user.close": () =>
      // A user who serves only themselves comes back to their own devices.
      signedIn("user.close", begin),
    "user.refresh": () => withShownUser("user.refresh", open),
    "user.enableMfa": () =>
      withShownUser("user.enableMfa", async (current, userId) => {
        const enabled = await current.enableMfa(userId);
        return enabled.ok ? open(current, userId) : enabled;
      }),
    "device.remove": ({ deviceId, confirmed }) =>
      withShownUser("device.remove", async (current, userId) => {
        const who = operator();
        if (who?.production === true && !confirmed) {
          return fail({ code: "confirmation-required", action: "removing a device", profile: who.profile });
        }
        const removed = await current.removeDevice(userId, deviceId);
        return removed.ok ? open(current, userId) : removed;
      }),
    "pairing.close": () => withShownUser("pairing.close", open),
  };
  return { commands, open };
}

/** Reads everything about a user that an operator must know before pairing. Without the policies it goes on. */
async function readOpenUser({ log }: Pick<Ports, "log">, current: Session, userId: string): Promise<Outcome<OpenUser>> {
  const [user, devices, ownDeviceId, policies, routesUnder] = await Promise.all([
    current.readUser(userId),
    current.listDevices(userId),
    current.ownDeviceId(userId),
    current.readPolicies(),
    current.readRoutes(),
  ]);
  if (!user.ok) return user;
  if (!devices.ok) return devices;
  if (!policies.ok) log("warn", "policies.not-read", { code: policies.error.code });
  const known: Policies = policies.ok ? policies.value : { state: "not-readable" };
  const listed = known.state === "readable" ? known.policies : [];
  const byPolicy = listed.map(({ id, fidoPolicyId }) => ({ policyId: id, routes: routesUnder(fidoPolicyId) }));
  const routes = { usual: routesUnder(null), byPolicy };
  const own = activeDesktops(devices.value).find(({ id }) => id === ownDeviceId)?.id ?? null;
  return ok({ user: user.value, devices: devices.value, ownDeviceId: own, policies: known, routes });
}
