import type { DoctorPorts, LogFacts } from "../core/doctor/ports.ts";
import { createAgentInstallation } from "./agent-installation.ts";
import { readFolderFacts } from "./folder-facts.ts";
import { createRoute, reach } from "./reach.ts";
import { createConnectTls } from "./tls-facts.ts";

/**
 * What the doctor asks of this computer. Nothing is looked at before it is asked for.
 *
 * @param log where it is, and what writing it has met so far
 */
export function createDoctorPorts(
  dataFolder: string,
  log: () => LogFacts,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): DoctorPorts {
  return {
    reach,
    route: createRoute(environment),
    connectTls: createConnectTls(),
    agentInstallation: createAgentInstallation(environment),
    dataFolder: () => readFolderFacts(dataFolder),
    log: () => readLogFacts(log()),
  };
}

async function readLogFacts({ folder, managed, problem }: LogFacts): Promise<LogFacts> {
  const { exists, writable } = await readFolderFacts(folder);
  // A folder for several users is not ours to make; on Windows it is, see `writeToFolder`.
  const isMissing = managed && !exists && process.platform !== "win32";
  const seen = isMissing ? "it does not exist" : writable ? null : "access is denied";
  return { folder, managed, problem: problem ?? seen };
}
