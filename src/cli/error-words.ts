import { describeError } from "../contract/error-words.ts";
import type { AppError } from "../contract/errors.ts";

/** What the core calls a setting, and how somebody at a terminal sets it. */
const variables: Readonly<Record<string, string | undefined>> = {
  "relying party": "DESKPAIR_RP_ID",
  "MFA policy": "DESKPAIR_POLICY_ID",
  "client id": "DESKPAIR_CLIENT_ID",
  "client secret": "DESKPAIR_CLIENT_SECRET_FILE",
  "private key file": "DESKPAIR_CLIENT_KEY_FILE",
};

/** The words of an error for somebody at a terminal: settings by the names of their variables, next steps as commands. */
export function describeHere(given: AppError): ReturnType<typeof describeError> {
  const error = withVariables(given);
  const { message, nextStep } = describeError(error);
  return { message, nextStep: nextCommand(error) ?? nextStep };
}

function withVariables(error: AppError): AppError {
  if (error.code === "configuration-missing") {
    return { ...error, settings: error.settings.map((setting) => variables[setting] ?? setting) };
  }
  if (error.code === "configuration-invalid") return { ...error, setting: variables[error.setting] ?? error.setting };
  return error;
}

/** `null`: the words for everybody say it. */
function nextCommand(error: AppError): string | null {
  switch (error.code) {
    case "sign-in-required":
      return "Run deskpair auth login, or add --sign-in browser (or device-code) to sign in for one command.";
    case "configuration-missing":
      return nextSetting(error.settings);
    case "secret-store-failed":
      return "Unlock or repair it, or set DESKPAIR_SECRET_STORE=file to keep sign-ins in a file that only you can read. Without a store: --sign-in for a person and a single command, DESKPAIR_CLIENT_SECRET_FILE for a worker application. Nothing that is stored has been deleted.";
    case "sign-in-port-taken":
      return "Close that program, or set DESKPAIR_REDIRECT_PORT to another port that is registered for the application, or sign in with a device code.";
    case "profile-unknown":
      return "deskpair profiles list shows the profiles.";
    case "confirmation-required":
      return "Add --yes, or run it at a terminal and type the name of the profile when asked.";
    case "existing-devices":
      return "Check whether this workstation is one of them with deskpair devices list, or add --force to pair all the same.";
    default:
      return null;
  }
}

/** Where nothing is set up yet, the first step; else the place of the one thing that is missing. */
function nextSetting(settings: readonly string[]): string {
  if (settings.some((setting) => setting.endsWith(" (policy)"))) {
    return "Ask the administrator who manages DeskPair to add it to the policy.";
  }
  if (settings.includes("DESKPAIR_PROFILE")) {
    return "Name one with --profile, choose one with deskpair profiles use <name>, or make one with deskpair profiles set <name> region=EU environmentId=… clientId=….";
  }
  if (settings.includes("DESKPAIR_ENVIRONMENT_ID") || settings.includes("DESKPAIR_CLIENT_ID")) {
    return "Make a profile with deskpair profiles set <name> region=EU environmentId=… clientId=…, choose one that is there with deskpair profiles use <name>, or set them in the environment.";
  }
  if (settings.includes("DESKPAIR_CLIENT_SECRET_FILE")) {
    return "Set it in the environment or in a profile of the configuration file, or keep the secret of a worker application with deskpair auth login.";
  }
  return "Set it in the environment or in a profile of the configuration file.";
}
