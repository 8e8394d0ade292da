import { type AppError, type ErrorCode, fail, type Outcome, ok } from "../../contract/errors.ts";
import type { Device } from "../../contract/views.ts";
import { fido2DeviceType } from "../pingone/devices.ts";
import type { Clock } from "../ports.ts";

/**
 * The way that is always there: the user enrols the key on the organisation's own PingOne page, in the system's browser,
 * and we watch the user's devices for the new one. Reads only.
 */

export const watchMs = 600_000;
/** Often enough to feel prompt, seldom enough for the rate limits of the API. */
const pauseMs = 5_000;

const transient: ReadonlySet<ErrorCode> = new Set(["network-failed", "server-unavailable", "rate-limited"]);

/** An https address; anything else is not opened. */
export function checkPageUrl(url: string | null): Outcome<string> {
  if (url === null || url.trim() === "") return fail({ code: "configuration-missing", settings: ["enrolment page"] });
  const parsed = URL.parse(url.trim());
  if (parsed?.protocol !== "https:" || parsed.username !== "" || parsed.password !== "") {
    return fail({ code: "configuration-invalid", setting: "enrolment page", problem: "it must begin with https://" });
  }
  return ok(parsed.href);
}

/**
 * Resolves with the first ACTIVE FIDO2 device that was not there before, or with `cancelled`, `key-timed-out`, or the
 * error of a list that could not be read.
 */
export async function watchForKey(
  clock: Clock,
  list: () => Promise<Outcome<readonly Device[]>>,
  knownDeviceIds: readonly string[],
  signal: AbortSignal,
): Promise<Outcome<Device>> {
  const started = clock.monotonic();
  const cancelled: AppError = { code: "cancelled" };
  for (;;) {
    await clock.wait(pauseMs, signal);
    if (signal.aborted) return fail(cancelled);
    const devices = await list();
    if (signal.aborted) return fail(cancelled);
    // The user is busy in the browser meanwhile: a network that stumbles is asked again, a refusal is not.
    if (!devices.ok && !transient.has(devices.error.code)) return devices;
    const fresh = (devices.ok ? devices.value : []).find(
      (d) => d.type === fido2DeviceType && d.status === "ACTIVE" && !knownDeviceIds.includes(d.id),
    );
    if (fresh !== undefined) return ok(fresh);
    if (clock.monotonic() - started >= watchMs) return fail({ code: "key-timed-out", seconds: watchMs / 1000 });
  }
}
