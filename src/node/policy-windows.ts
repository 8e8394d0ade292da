import type { PolicyReading, PolicySource } from "../core/policy/ports.ts";
import type { Environment, RunCommand } from "./port-owner-command.ts";
import { createRegistryCommand } from "./registry-command.ts";
import { type Hive, hives } from "./registry-content.ts";
import { loadRegistry, type Registry } from "./registry-library.ts";
import { readHive } from "./registry-native.ts";

type Windows = {
  readonly environment: Environment;
  readonly run?: RunCommand;
  /** `null`: cannot be loaded here. */
  readonly load?: () => Registry | null;
};

/**
 * Policy on Windows: `Software\Policies\DeskPair` of the computer and of the user, both of which only administrators can
 * write to. Read within this process; where that cannot be, or fails in a way that is not understood, by reg.exe
 * (decision 18).
 */
export function createWindowsPolicy({ environment, run, load = loadRegistry }: Windows): PolicySource {
  const command = createRegistryCommand(environment, run);
  let registry: Registry | null | undefined;
  const readNatively = (hive: Hive): PolicyReading | null => {
    try {
      if (registry === undefined) registry = load();
      return registry === null ? null : readHive(registry, hive);
    } catch {
      return null;
    }
  };
  const read = async (hive: Hive): Promise<PolicyReading> => readNatively(hive) ?? (await command.read(hive));
  return {
    read: async () => {
      const [machine, user] = await Promise.all([read("HKLM"), read("HKCU")]);
      return { machine, user };
    },
    stamp: async () =>
      JSON.stringify(await Promise.all(hives.map(async (hive) => readNatively(hive) ?? (await command.stamp(hive))))),
  };
}
