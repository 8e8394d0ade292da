import type { DialogParts } from "./electron-parts.ts";
import type { CrashChoice } from "./window.ts";

/** What the system's own dialogs say: only where there is no page to say it. */

export async function askAboutCrash(dialog: DialogParts): Promise<CrashChoice> {
  const { response } = await dialog.showMessageBox({
    type: "error",
    title: "DeskPair",
    message: "The window of DeskPair stopped working.",
    detail:
      "A pairing that was running goes on and cleans up after itself. You can load the window again; if it stops once more, DeskPair closes.",
    buttons: ["Load again", "Close DeskPair"],
    defaultId: 0,
    cancelId: 1,
    noLink: true,
  });
  return response === 0 ? "reload" : "quit";
}

export function tellThatStartFailed(dialog: DialogParts, incidentId: string, logFolder: string): void {
  dialog.showErrorBox(
    "DeskPair could not start",
    `Report this with the incident number ${incidentId}. Details are in ${logFolder}.`,
  );
}

/** The demo does not start: nothing of it is there yet that could say so on a page. */
export function tellThatDemoIsForbidden(dialog: DialogParts, helpText: string | null): void {
  const help = helpText === null ? "" : `\n\n${helpText}`;
  dialog.showErrorBox(
    "The demo of DeskPair is switched off",
    `Your organisation does not allow the simulator (SimulatorAllowed). Start DeskPair without --demo, or ask the administrator who manages DeskPair.${help}`,
  );
}
