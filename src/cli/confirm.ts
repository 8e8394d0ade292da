import { createInterface } from "node:readline";
import type { AppError } from "../contract/errors.ts";
import type { Configuration } from "./configuration.ts";
import type { Context } from "./context.ts";
import { printable } from "./output.ts";

/**
 * Asks before something that cannot be undone in an environment that is marked as production: whoever does it types the
 * name of the profile, or, where none is in use, the id of the environment. Where nobody can be asked, that is the answer.
 *
 * @returns `null`: go on
 */
export async function confirmInProduction(
  context: Context,
  { production, profile: named, tenant }: Configuration,
  action: string,
): Promise<AppError | null> {
  if (!production) return null;
  // Without a profile it is a policy that has marked the environment.
  const profile = named ?? tenant.endpoints.environmentId;
  const refused: AppError = { code: "confirmation-required", action, profile };
  const { options, output, signal } = context;
  if (!options.interactive) return refused;
  const input = context.stdin();
  // A pipe that happens to hold the right word is no person.
  if (input.isTTY !== true) return refused;
  output.prompt(`“${printable(profile)}” is a production environment. Type its name to ${action}: `);
  const lines = createInterface({ input, terminal: false });
  const typed = await new Promise<string | null>((resolve) => {
    lines.once("line", resolve);
    lines.once("close", () => resolve(null));
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
  lines.close();
  if (signal.aborted) return { code: "cancelled" };
  return typed?.trim() === profile ? null : refused;
}
