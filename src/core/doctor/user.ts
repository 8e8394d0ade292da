import type { Outcome } from "../../contract/errors.ts";
import type { Device, User } from "../../contract/views.ts";
import type { Reading } from "./readings.ts";
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

/** PingOne's own limits ("MFA settings", "MFA Devices"). */
const usualLimit = 5;
const mostPending = 50;

export function judgeDeviceLimit(devices: Outcome<readonly Device[]>, limit: Reading<number>): Verdict {
  if (!devices.ok) {
    return devices.error.code === "not-allowed" ? failed(devices.error) : notLearned(devices.error);
  }
  const pending = devices.value.filter(({ status }) => status === "ACTIVATION_REQUIRED").length;
  const active = devices.value.length - pending;
  const waiting = pending === 0 ? "" : ` ${pending} more wait for activation, and go after a day.`;
  if (pending >= mostPending) return failed({ code: "device-limit-reached" }, { evidence: waiting.trim() });
  if (limit.state === "read") {
    const seen = `The user has ${active} of ${limit.value} devices.${waiting}`;
    return active >= limit.value ? failed({ code: "device-limit-reached" }, { evidence: seen }) : pass(seen);
  }
  const seen = `The user has ${active} devices; the limit may not be read, usually it is ${usualLimit}.${waiting}`;
  if (active < usualLimit) return pass(seen);
  return notTested(seen, "If the pairing is refused, remove a device that is no longer used.");
}
