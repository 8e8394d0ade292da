import type { Phase, Snapshot, Step } from "../contract/views.ts";
import type { Manner } from "./announcements.ts";
import { calledName } from "./parts/Person.tsx";
import type { Text } from "./text.ts";

export type Spoken = { readonly message: string; readonly manner: Manner };

/**
 * What to say about the step from one snapshot to the next; `null` when nothing changed that a person waits for. The
 * whole of it is here and not on the screens, so that two parts of a screen never speak about the same change.
 */
export function spokenChange(before: Snapshot, after: Snapshot, text: Text): Spoken | null {
  const polite = (message: string): Spoken => ({ message, manner: "polite" });
  const phase = after.phase;
  if (before.phase.name !== phase.name) return spokenArrival(before.phase, phase, text);

  if (after.busy !== null && after.busy !== before.busy) {
    return polite(text.busyWith(after.busy));
  }
  if (before.simulator !== null && after.simulator !== null && before.simulator.active !== after.simulator.active) {
    const active = after.simulator.faults.find((fault) => fault.name === after.simulator?.active);
    return polite(active === undefined ? text.changes.rehearsalOff : text.frame.rehearsing(active.description));
  }

  if (phase.name === "finding-user" && before.phase.name === "finding-user") {
    if (phase.matches === null || phase.matches === before.phase.matches) return null;
    const nobody = text.describeError({ code: "user-not-found", query: phase.query });
    return polite(
      phase.matches.length === 0 ? `${nobody.message} ${nobody.nextStep}` : text.findUser.matches(phase.matches.length),
    );
  }
  if (phase.name === "user" && before.phase.name === "user") {
    const count = text.devices.count(phase.devices.length);
    if (phase.user.mfaEnabled === true && before.phase.user.mfaEnabled !== true) return polite(text.changes.mfaOn);
    if (phase.devices.length < before.phase.devices.length) return polite(text.changes.deviceRemoved(count));
    return before.busy === "user.refresh" && after.busy === null ? polite(text.changes.devicesRead(count)) : null;
  }
  if (phase.name === "pairing" && before.phase.name === "pairing") {
    if (phase.cancelling && !before.phase.cancelling) return polite(text.pairing.cancelling);
    return spokenStep(before.phase.steps, phase.steps, text);
  }
  return null;
}

/** The newest step whose outcome is new. An older one that ended in the same moment is clear from it. */
function spokenStep(before: readonly Step[], after: readonly Step[], text: Text): Spoken | null {
  const index = after.findLastIndex((step, place) => step.outcome !== before[place]?.outcome);
  const step = after[index];
  if (step === undefined) return null;
  const words = text.pairing.stepWords(step.name)[step.outcome];
  const asking = step.name === "register-with-agent" && step.outcome === "running";
  return { message: asking ? `${words}. ${text.pairing.approveBody}` : words, manner: "polite" };
}

function spokenArrival(before: Phase, phase: Phase, text: Text): Spoken | null {
  switch (phase.name) {
    case "signed-out":
      return { message: text.changes.signedOut, manner: "polite" };
    case "finding-user":
      return {
        message: before.name === "signed-out" ? text.changes.findUser : text.changes.nextUser,
        manner: "polite",
      };
    case "user":
      return {
        message: text.changes.userOpened(calledName(phase.user), text.devices.count(phase.devices.length)),
        manner: "polite",
      };
    case "pairing":
      return spokenStep([], phase.steps, text) ?? { message: text.changes.pairing, manner: "polite" };
    case "watching-browser":
      return { message: `${text.browser.waitingHeading}. ${text.browser.waitingBody}`, manner: "polite" };
    case "paired":
      return { message: text.changes.paired(calledName(phase.user)), manner: "polite" };
    case "failed": {
      const words = text.describeError(phase.error);
      return {
        message: text.changes.failed(words.message, words.nextStep, text.describeLeft(phase.left)),
        manner: phase.error.code === "cancelled" ? "polite" : "assertive",
      };
    }
    default:
      return phase satisfies never;
  }
}
