import * as z from "zod/mini";
import type { AppError } from "../../contract/errors.ts";
import type { Answer, PingOne } from "../pingone/client.ts";

/** What only the doctor reads of an environment. */

/** `not-readable`: the role may not read it, or it is not there, which PingOne may say of what a role may not see. */
export type Reading<T> =
  | { readonly state: "read"; readonly value: T }
  | { readonly state: "not-readable" }
  | { readonly state: "failed"; readonly error: AppError };

const capabilitiesReply = z.record(z.string(), z.unknown());

/** The flags of an environment ("Read Environment Capabilities"). The names of the flags are not documented. */
export async function readCapabilities(pingOne: PingOne): Promise<Reading<ReadonlyMap<string, boolean>>> {
  const answer = await pingOne.call({
    method: "GET",
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
  return readingOf(answer);
}

const settingsReply = z.object({ pairing: z.object({ maxAllowedDevices: z.int() }) });

/** How many active devices a user may have ("Read MFA Settings"). */
export async function readDeviceLimit(pingOne: PingOne): Promise<Reading<number>> {
  const answer = await pingOne.call({
    method: "GET",
    path: "/mfaSettings",
    action: "read the MFA settings",
    read: (json) => {
      const reply = settingsReply.safeParse(json);
      return reply.success
        ? { value: reply.data.pairing.maxAllowedDevices }
        : { problem: "it names no number of devices" };
    },
  });
  return readingOf(answer);
}

function readingOf<T>(answer: Answer<T>): Reading<T> {
  if (answer.ok) return { state: "read", value: answer.value };
  const refused = answer.status === 403 || answer.status === 404 || answer.error.code === "not-allowed";
  return refused ? { state: "not-readable" } : { state: "failed", error: answer.error };
}
