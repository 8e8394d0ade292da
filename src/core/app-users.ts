import { type Outcome, ok } from "../contract/errors.ts";
import type { Policies } from "../contract/views.ts";
import { activeDesktops } from "./pairing/preflight.ts";
import type { Ports } from "./ports.ts";
import type { Session } from "./session.ts";
import type { OpenUser } from "./state.ts";

/** Reads everything about a user that an operator must know before pairing. Without the policies it goes on. */
export async function readOpenUser(
  { log }: Pick<Ports, "log">,
  current: Session,
  userId: string,
): Promise<Outcome<OpenUser>> {
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
