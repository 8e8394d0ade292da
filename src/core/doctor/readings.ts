import * as z from "zod/mini";
import type { AppError } from "../../contract/errors.ts";
import { type Answer, type Call, dispensable, type PingOne } from "../pingone/client.ts";

/**
 * What an environment says about itself: for the doctor, and before a pairing. All of it is dispensable, so it is asked
 * for once and not waited for; and for administrators only, so a user is not even asked to be refused.
 */

/** `not-readable`: the role may not read it, or it is not there, which PingOne may say of what a role may not see. */
export type Reading<T> =
  | { readonly state: "read"; readonly value: T }
  | { readonly state: "not-readable" }
  | { readonly state: "failed"; readonly error: AppError };

const capabilitiesReply = z.record(z.string(), z.unknown());

/** The flags of an environment ("Read Environment Capabilities"). The names of the flags are not documented. */
export function readCapabilities(pingOne: PingOne): Promise<Reading<ReadonlyMap<string, boolean>>> {
  return readingOf(pingOne, {
    path: "/capabilities",
    action: "read the capabilities of the environment",
    read: (json) => {
      const reply = capabilitiesReply.safeParse(json);
      if (!reply.success) return { problem: "it is not a list of capabilities" };
      const flags = Object.entries(reply.data).filter(
        (flag): flag is [string, boolean] => typeof flag[1] === "boolean",
      );
      return { value: new Map(flags) };
    },
  });
}

const settingsReply = z.object({ pairing: z.object({ maxAllowedDevices: z.int() }) });

/** How many active devices a user may have ("Read MFA Settings"). */
export function readDeviceLimit(pingOne: PingOne): Promise<Reading<number>> {
  return readingOf(pingOne, {
    path: "/mfaSettings",
    action: "read the MFA settings",
    read: (json) => {
      const reply = settingsReply.safeParse(json);
      return reply.success
        ? { value: reply.data.pairing.maxAllowedDevices }
        : { problem: "it names no number of devices" };
    },
  });
}

async function readingOf<T>(pingOne: PingOne, call: Pick<Call<T>, "path" | "action" | "read">): Promise<Reading<T>> {
  if (pingOne.mode === "self-service") return { state: "not-readable" };
  const answer: Answer<T> = await pingOne.call({ method: "GET", ...dispensable, ...call });
  if (answer.ok) return { state: "read", value: answer.value };
  const refused = answer.status === 403 || answer.status === 404 || answer.error.code === "not-allowed";
  return refused ? { state: "not-readable" } : { state: "failed", error: answer.error };
}
