import type { Left } from "../contract/errors.ts";

/** The words about pairings that were interrupted. Part of the catalogue in `text.ts`. */

const pairings = (count: number): string => (count === 1 ? "1 pairing" : `${count} pairings`);
const are = (count: number): string => (count === 1 ? "is" : "are");
const list = new Intl.ListFormat("en", { type: "conjunction" });

export const recoveryWords = {
  heading: "What was left behind",
  lead: "DeskPair was interrupted before it could finish this.",
  dismiss: "Dismiss",
  running: "Finishing what was interrupted…",
  kinds: { desktop: "Workstation", fido2: "Security key" },
  began: (relative: string, absolute: string) => `Begun ${relative} (${absolute})`,
  outcomes: {
    finished: { badge: "Finished", words: "The device is active." },
    undone: { badge: "Undone", words: "Nothing of it is left in PingOne. Pair again if it is still wanted." },
    left: { badge: "Still there", words: "DeskPair tries again at the next sign-in." },
  },
  deviceId: "Device id",
  openUser: "Show the user's devices",
  openUserOf: (username: string) => `Show the user's devices: ${username}`,
  again: "Clean up now",
  triesAgain: "DeskPair tries again at the next sign-in.",
  problem: "What was interrupted could not be looked after now.",
  newer: (count: number) =>
    `${pairings(count)} of a later version of DeskPair ${are(count)} unfinished. Start that version to look after ${count === 1 ? "it" : "them"}.`,
  place: (profile: string | null, environmentId: string, host: string) =>
    profile === null ? `the environment ${environmentId} at ${host}` : `“${profile}”`,
  /** Before a sign-in. */
  unfinished: (count: number, places: readonly string[]) =>
    `${pairings(count)} ${are(count)} unfinished. Sign in to ${list.format(places)}, and DeskPair finishes or undoes ${count === 1 ? "it" : "them"}.`,
  elsewhere: (count: number, places: readonly string[]) =>
    `${pairings(count)} ${are(count)} unfinished elsewhere. DeskPair looks after ${count === 1 ? "it" : "them"} when you sign in to ${list.format(places)}.`,
  /** For somebody who serves only themselves. */
  ofOthers: (count: number) =>
    `${pairings(count)} of somebody else ${are(count)} unfinished. DeskPair looks after ${count === 1 ? "it" : "them"} when they or an administrator sign in.`,
  /** Spoken. */
  settled: (finished: number, undone: number, left: number) =>
    [
      `${pairings(finished + undone + left)} had been interrupted.`,
      finished === 0 ? "" : `${finished} finished.`,
      undone === 0 ? "" : `${undone} undone.`,
      left === 0 ? "" : `${left} still there.`,
    ]
      .filter((sentence) => sentence !== "")
      .join(" "),
  stillThere: "It could not be cleaned up now.",
};

/** The same for somebody who signed in for the own devices. */
export const ownRecoveryWords: typeof recoveryWords = {
  ...recoveryWords,
  lead: "DeskPair was interrupted before it could finish pairing for you.",
  outcomes: {
    finished: { badge: "Finished", words: "Your device is active. You can sign in with it." },
    undone: { badge: "Undone", words: "Nothing of it is left in your account. Pair again if you still want it." },
    left: { badge: "Still there", words: "DeskPair tries again when you sign in next time." },
  },
  triesAgain: "DeskPair tries again when you sign in next time.",
};

/** What a failed pairing has left, for somebody who signed in for the own devices. */
export const ownLeftWords: Readonly<Record<Left, string>> = {
  nothing: "Nothing was left in your account.",
  device:
    "A device was left in your account: remove it from your devices. One that was never activated goes by itself after 24 hours.",
  unknown:
    "PingOne could not be asked whether a device is left. Look at your devices: one that was never activated goes by itself after 24 hours, an active one stays.",
};
