import type { PortOwner, PortSurvey, SurveyPort } from "../core/ports.ts";
import type { Environment } from "./port-owner-command.ts";
import { surveyLinux } from "./port-owner-linux.ts";
import { surveyMacos } from "./port-owner-macos.ts";
import { surveyWindows } from "./port-owner-windows.ts";

/**
 * Who listens on a port of this computer, by the system's own means. Keep one for the life of the program: it remembers
 * what takes the longest to find out, on Windows and macOS who signed the processes that it has seen.
 */
export function createSurveyPort(
  environment: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
): SurveyPort {
  const survey = surveyOn(platform, environment);
  return async (port) => {
    // The number goes into a command; what is no port goes nowhere.
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return { told: false, problem: "there is no such port" };
    try {
      return await survey(port);
    } catch (error) {
      // What a foreign program does while it is looked at must not end a pairing half-way.
      const problem = error instanceof Error && "code" in error ? String(error.code) : "the look-up failed";
      return { told: false, problem };
    }
  };
}

function surveyOn(platform: NodeJS.Platform, environment: Environment): SurveyPort {
  switch (platform) {
    case "win32":
      return surveyWindows(environment);
    case "darwin":
      return surveyMacos();
    default:
      return surveyLinux();
  }
}

/** The program on a port, for messages. `null`: there is none, or the system does not tell. Never rejects. */
export async function ownerOf(port: number, survey: SurveyPort = createSurveyPort()): Promise<PortOwner | null> {
  const told: PortSurvey = await survey(port);
  if (!told.told) return null;
  const listening = told.listening.find(({ processes }) => processes.length > 0) ?? told.listening[0];
  if (listening === undefined) return null;
  const [process] = listening.processes;
  const account = process?.accounts[0] ?? listening.account;
  return {
    processId: process?.id ?? null,
    path: process?.path ?? null,
    account: account?.name ?? (account?.id == null ? null : `user ${account.id}`),
  };
}
