/**
 * The names of everything that may cross between the page and the main process.
 *
 * Names only, and no imports: the sandboxed preload is built from this file alone. A validator in there would be
 * dead weight, because main must not trust what the page has validated.
 */

export const requestNames = [
  "app.snapshot",
  "profile.save",
  "profile.choose",
  "profile.remove",
  "session.signIn",
  "session.cancelSignIn",
  "session.openSignInPage",
  "session.begin",
  "session.touch",
  "session.signOut",
  "user.find",
  "user.open",
  "user.close",
  "user.refresh",
  "user.enableMfa",
  "device.remove",
  "pairing.start",
  "pairing.startInBrowser",
  "pairing.cancel",
  "pairing.close",
  "pairings.recover",
  "pairings.dismiss",
  "settings.change",
  "doctor.run",
  "policy.explain",
  "simulator.rehearse",
  "link.open",
] as const;

export const eventNames = ["app.changed", "app.show"] as const;

/** The one global that the preload puts into the page. */
export const bridgeName = "deskpair";

export type RequestName = (typeof requestNames)[number];
export type EventName = (typeof eventNames)[number];
