import { allowsSimulator } from "../core/policy/allowed.ts";
import { decideBy } from "../core/policy/applied.ts";
import { valueOf } from "../core/policy/precedence.ts";
import type { WatchedPolicy } from "../core/policy/refresh.ts";
import type { Log } from "../core/ports.ts";
import { tellThatDemoIsForbidden } from "./dialogs.ts";
import type { ElectronParts } from "./electron-parts.ts";

/** As the command line ends when a policy forbids something. */
const forbidden = 11;

/**
 * Ends a demo that the policy does not allow, and says so. `false`: it may start.
 *
 * This is the one thing that a policy says about the demo. The rest is about environments and secrets that the demo does
 * not have; and bound to the organisation's profiles, it could not even use its own.
 */
export function endForbiddenDemo(
  { app, dialog }: Pick<ElectronParts, "app" | "dialog">,
  { policy }: WatchedPolicy,
  log: Log,
): boolean {
  const decisions = decideBy(policy);
  if (allowsSimulator(decisions)) return false;
  log("warn", "app.demo-forbidden", { setting: "SimulatorAllowed" });
  tellThatDemoIsForbidden(dialog, valueOf(decisions, "HelpText"));
  app.exit(forbidden);
  return true;
}
