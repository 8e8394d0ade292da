import type { DoctorPorts, LogFacts } from "../core/doctor/ports.ts";
import { createAgentInstallation } from "./agent-installation.ts";
import { findBrokenAuthorityFiles } from "./authority-files.ts";
import { readFolderFacts } from "./folder-facts.ts";
import { createRoute, reach } from "./reach.ts";
import type { FindRoute } from "./route.ts";
import { createConnectTls } from "./tls-facts.ts";

/** What the doctor asks of this computer. Nothing is looked at before it is asked for. */
export function createDoctorPorts({
  dataFolder,
  log,
  findRoute,
  environment = process.env,
}: {
  readonly dataFolder: string;
  /** Where it is, and what writing it has met so far. */
  readonly log: () => LogFacts;
  /** That of the requests. */
  readonly findRoute: FindRoute;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}): DoctorPorts {
  return {
    reach,
    route: createRoute(findRoute),
    connectTls: createConnectTls(findRoute),
    brokenAuthorityFiles: () => findBrokenAuthorityFiles(environment),
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
