import type { EnrolmentWords } from "./enrolment.ts";

/**
 * What a person is told about an enrolment: before it (what will happen here, or why it cannot) and during it, in the
 * enrolment window. No imports at run time, so that the page can carry it.
 */

/** What to know before a ceremony that can be run. */
export const routeNotes = [
  "windows-will-ask",
  "choose-the-key",
  "use-windows-hello",
  "touch-only",
  "key-with-pin-will-refuse",
] as const;
export type RouteNote = (typeof routeNotes)[number];

/** Why a ceremony cannot be run here. */
export const browserReasons = [
  "no-built-in-authenticator",
  "touch-id-not-available",
  "key-pin-cannot-be-asked",
] as const;
export type BrowserReason = (typeof browserReasons)[number];

const notes: Record<RouteNote, string> = {
  "windows-will-ask": "Windows will show its own dialog, and ask for a PIN where one is needed.",
  "choose-the-key": "If Windows offers Windows Hello first, choose the security key instead.",
  "use-windows-hello": "Confirm with Windows Hello: fingerprint, face or PIN of the person this computer belongs to.",
  "touch-only": "The key is only touched. Its PIN is not asked for.",
  "key-with-pin-will-refuse":
    "A key that has a PIN will refuse here. Use one without, or one that reads a fingerprint.",
};

/** Each completes the sentence of `ceremony-unavailable`: "A security key cannot be enrolled here: …". */
const reasons: Record<BrowserReason, string> = {
  "no-built-in-authenticator": "Linux has no built-in authenticator",
  "touch-id-not-available": "Touch ID cannot be enrolled from this app",
  "key-pin-cannot-be-asked": "the policy wants the key's PIN, and this app cannot ask for it on this system",
};

export const describeRouteNote = (note: RouteNote): string => notes[note];
export const describeBrowserReason = (reason: BrowserReason): string => reasons[reason];

export type EnrolmentSubject = {
  readonly platform: string;
  readonly wanted: "key" | "platform";
  /** The username that the credential will stand for. */
  readonly user: string;
  readonly relyingPartyId: string;
};

/** The words of the enrolment window. */
export const describeEnrolment = (subject: EnrolmentSubject): EnrolmentWords => ({
  language: "en",
  direction: "ltr",
  title: subject.wanted === "key" ? "Enrol a security key" : "Enrol this computer’s authenticator",
  ...whatToDo(subject),
  about: `For ${subject.user} at ${subject.relyingPartyId}`,
  timeLeft: "{time} left",
  secondsLeft: "{seconds} seconds left",
  timeIsUp: "Time is up",
  cancel: "Cancel",
  cancelHint: "Esc",
});

function whatToDo({ platform, wanted }: EnrolmentSubject): Pick<EnrolmentWords, "heading" | "steps"> {
  if (wanted === "platform") {
    return platform === "win32"
      ? {
          heading: "Confirm with Windows Hello",
          steps: ["It asks for fingerprint, face or PIN.", "It must be the user who answers."],
        }
      : {
          heading: "Confirm at this computer",
          steps: ["The system asks for fingerprint, face or password.", "It must be the user who answers."],
        };
  }
  return platform === "win32"
    ? {
        heading: "Insert the key and follow Windows",
        steps: ["Insert the key into this computer.", "Windows may ask for its PIN.", "Touch the key when it blinks."],
      }
    : {
        heading: "Insert the key and touch it",
        steps: ["Insert the key into this computer.", "Touch it when it blinks."],
      };
}
