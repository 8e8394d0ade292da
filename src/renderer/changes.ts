import type { Phase, SignInStep, Snapshot, Step, User } from "../contract/views.ts";
import type { Manner } from "./announcements.ts";
import { lettersOf } from "./device-code.ts";
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
  if (before.phase.name !== phase.name) return spokenArrival(before.phase, after, text);

  const { refused } = after.management;
  if (refused !== null && before.management.refused === null) {
    return { message: text.policy.blockedSession(refused.setting), manner: "assertive" };
  }
  if (before.busy === "pairings.recover" && after.busy === null) return spokenRecovery(after, text);
  if (after.busy !== null && after.busy !== before.busy) {
    return polite(text.busyWith(after.busy));
  }
  if (before.simulator !== null && after.simulator !== null && before.simulator.active !== after.simulator.active) {
    const active = after.simulator.faults.find((fault) => fault.name === after.simulator?.active);
    return polite(active === undefined ? text.changes.rehearsalOff : text.frame.rehearsing(active.description));
  }

  if (phase.name === "signed-out") {
    const { current } = after.profiles;
    return current === null || current === before.profiles.current ? null : polite(text.changes.profile(current));
  }
  if (phase.name === "signing-in" && before.phase.name === "signing-in") {
    return phase.step.way === before.phase.step.way ? null : polite(spokenSignIn(phase.step, text));
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

/** What the clean-up came to. */
function spokenRecovery({ recovery, phase }: Snapshot, text: Text): Spoken | null {
  const polite = (message: string): Spoken => ({ message, manner: "polite" });
  if (recovery !== null && recovery.problem !== null) {
    const words = text.describeError(recovery.problem);
    return { message: `${text.recovery.problem} ${words.message} ${words.nextStep}`, manner: "assertive" };
  }
  if (phase.name === "failed") {
    return polite(phase.left === "nothing" ? text.describeLeft(phase.left) : text.recovery.stillThere);
  }
  const settled = recovery?.settled ?? [];
  if (settled.length === 0) return null;
  const count = (wanted: (typeof settled)[number]["outcome"]) =>
    settled.filter(({ outcome }) => outcome === wanted).length;
  return polite(text.recovery.settled(count("finished"), count("undone"), count("left")));
}

const alreadyPaired = (user: User, text: Text): string =>
  text.changes.alreadyPaired(text.paired.alreadyHeading, text.paired.alreadyLead(calledName(user)));

/** The newest step whose outcome is new. An older one that ended in the same moment is clear from it. */
function spokenStep(before: readonly Step[], after: readonly Step[], text: Text): Spoken | null {
  const index = after.findLastIndex((step, place) => step.outcome !== before[place]?.outcome);
  const step = after[index];
  if (step === undefined) return null;
  const words = text.pairing.stepWords(step.name)[step.outcome];
  const asking = step.name === "register-with-agent" && step.outcome === "running";
  return { message: asking ? `${words}. ${text.pairing.approveBody}` : words, manner: "polite" };
}

/** What the person has to do now, elsewhere. */
function spokenSignIn(step: SignInStep, text: Text): string {
  switch (step.way) {
    case "browser":
      return text.changes.signingIn(text.signingIn.browserHeading, text.signingIn.browserBody);
    case "device-code":
      return text.changes.codeToEnter(step.address, lettersOf(step.userCode));
    case "none":
      return text.busy["session.signIn"];
    default:
      return step satisfies never;
  }
}

function spokenArrival(before: Phase, after: Snapshot, text: Text): Spoken | null {
  const { phase } = after;
  switch (phase.name) {
    case "signed-out": {
      const ended =
        phase.reason === null ? null : text.describeError({ code: "sign-in-required", reason: phase.reason });
      const plain = before.name === "signing-in" ? text.changes.notSignedIn : text.changes.signedOut;
      return { message: ended?.message ?? plain, manner: "polite" };
    }
    case "signing-in":
      return { message: spokenSignIn(phase.step, text), manner: "polite" };
    case "ready": {
      const missing = phase.rights.filter(({ state }) => state === "missing").length;
      const signedIn = text.changes.ready(after.operator?.actor ?? "");
      return {
        message: missing === 0 ? signedIn : `${signedIn} ${text.changes.rightsMissing(missing)}`,
        manner: "polite",
      };
    }
    case "finding-user":
      return { message: text.changes.findUser, manner: "polite" };
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
      return {
        message: phase.changed ? text.changes.paired(calledName(phase.user)) : alreadyPaired(phase.user, text),
        manner: "polite",
      };
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
