import type { DoctorPorts } from "../core/doctor/ports.ts";
import { createAgentInstallation } from "./agent-installation.ts";
import { readFolderFacts } from "./folder-facts.ts";
import { createRoute, reach } from "./reach.ts";
import { createConnectTls } from "./tls-facts.ts";

/** What the doctor asks of this computer. Nothing is looked at before it is asked for. */
export function createDoctorPorts(
  dataFolder: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): DoctorPorts {
  return {
    reach,
    route: createRoute(environment),
    connectTls: createConnectTls(),
    agentInstallation: createAgentInstallation(environment),
    dataFolder: () => readFolderFacts(dataFolder),
  };
}
