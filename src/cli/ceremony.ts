import { type AppError, fail } from "../contract/errors.ts";
import type { Ceremony } from "../core/ports.ts";
import { createToolCeremony } from "../node/fido2-ceremony.ts";
import { readKeyList } from "../node/fido2-key.ts";
import { findFido2Tools, runTool } from "../node/fido2-tools.ts";
import type { Configuration } from "./configuration.ts";
import type { Context } from "./context.ts";
import { personAtTerminal } from "./pin.ts";

/** How long a person may look for the key after having been told to insert it. Without a person: not at all. */
const patienceMs = 30_000;

const unavailable =
  (reason: string): Ceremony =>
  () =>
    Promise.resolve(fail({ code: "ceremony-unavailable", reason }));

/**
 * How the command line reaches a security key: through libfido2's tools, and only where the configuration allows it.
 * Tools that are not there are found out before anything is created, see `ceremonyProblem`.
 */
export function commandLineCeremony(context: Context, configuration: Configuration): Ceremony {
  const problem = ceremonyProblem(configuration);
  if (problem !== null) return unavailable(problem);
  const tools = findFido2Tools(toolFolder(configuration));
  if (tools === null) return unavailable(notInstalled);
  const person = personAtTerminal(context, configuration.secret?.value === "-");
  const ceremony = createToolCeremony({
    tools,
    person,
    log: context.log,
    patienceMs: context.options.interactive ? patienceMs : 0,
  });
  return async (request) => {
    const outcome = await ceremony(request);
    const reason = person.unreachable();
    // Nobody cancelled: a script must not take a PIN that it forgot for an operator who changed their mind.
    const isMistaken = !outcome.ok && outcome.error.code === "cancelled" && !request.signal.aborted;
    return isMistaken && reason !== null ? fail({ code: "ceremony-unavailable", reason }) : outcome;
  };
}

/** The tools read a PIN from the console there, and Windows asks for everything by itself in the window. */
const onWindows = "on Windows keys are enrolled in the DeskPair window, where Windows asks for the PIN";
const notInstalled = "libfido2's tools (fido2-token, fido2-cred) are not installed where DeskPair looks for them";

/** Why the command line cannot enrol a key on this machine; `null`: it can. */
export function ceremonyProblem(configuration: Configuration): string | null {
  if (configuration.fido2Tools === "off") {
    return "the command line may use libfido2's tools only where fido2Tools (DESKPAIR_FIDO2_TOOLS) is set";
  }
  if (process.platform === "win32") return onWindows;
  return findFido2Tools(toolFolder(configuration)) === null ? notInstalled : null;
}

/** Listing keys touches none of them, and takes a moment. */
const listMs = 10_000;

/**
 * Why there is no use in beginning when nobody may be asked to plug a key in or all others out; `null`: there is exactly
 * one, or it cannot be known before.
 */
export async function keyProblem(configuration: Configuration, signal: AbortSignal): Promise<AppError | null> {
  const tools = findFido2Tools(toolFolder(configuration));
  if (tools === null) return { code: "ceremony-unavailable", reason: notInstalled };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(listMs)]);
  const listed = await runTool({ file: tools.token, args: ["-L"], signal: limit });
  if (signal.aborted) return { code: "cancelled" };
  const keys = listed.kind === "ended" && listed.code === 0 ? readKeyList(listed.output) : null;
  if (keys === null || keys.length === 1) return null;
  if (keys.length === 0) return { code: "key-missing" };
  return { code: "ceremony-unavailable", reason: "several security keys are plugged in" };
}

const toolFolder = ({ fido2Tools }: Configuration): string | null => (fido2Tools === "system" ? null : fido2Tools);
