import type { Outcome } from "../../contract/errors.ts";
import type { Device, User } from "../../contract/views.ts";
import type { Reading } from "./readings.ts";
import { activeOf, pendingOf, refusedByNumber } from "./requirements.ts";
import { failed, notLearned, notTested, pass, type Verdict, warn } from "./verdict.ts";

/** Whether this user can be paired for. */

const aboutTheUser: ReadonlySet<string> = new Set(["user-not-found", "user-ambiguous", "not-allowed", "usage-invalid"]);

export function judgeUser(found: Outcome<User>): Verdict {
  if (!found.ok) return aboutTheUser.has(found.error.code) ? failed(found.error) : notLearned(found.error);
  const { username, enabled, mfaEnabled } = found.value;
  if (!enabled) return failed({ code: "user-disabled", username });
  switch (mfaEnabled) {
    case true:
      return pass(`${username} is enabled, and MFA is on.`);
    case false:
      return warn(
        `${username} is enabled, but MFA is off: PingOne would not ask for the device.`,
        "Switch MFA on for this user, here or in the PingOne console.",
      );
    case null:
      return pass(`${username} is enabled; whether MFA is on may not be read.`);
    default:
      return mfaEnabled satisfies never;
  }
}

/** PingOne's own, where nobody has set another ("MFA settings"). */
const usualLimit = 5;

export function judgeDeviceLimit(devices: Outcome<readonly Device[]>, limit: Reading<number>): Verdict {
  if (!devices.ok) {
    return devices.error.code === "not-allowed" ? failed(devices.error) : notLearned(devices.error);
  }
  const [active, pending] = [activeOf(devices.value), pendingOf(devices.value)];
  const waiting = pending === 0 ? "" : ` ${pending} more wait for activation, and go after a day.`;
  const known = limit.state === "read";
  const seen = known
    ? `The user has ${active} of ${limit.value} devices.${waiting}`
    : `The user has ${active} devices; the limit may not be read, usually it is ${usualLimit}.${waiting}`;
  const refused = refusedByNumber(devices.value, limit);
  if (refused !== null) return failed(refused, { evidence: seen });
  if (known || active < usualLimit) return pass(seen);
  return notTested(seen, "If the pairing is refused, remove a device that is no longer used.");
}
