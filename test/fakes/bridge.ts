import type { RequestName } from "../../src/contract/channels.ts";
import type { AppError, Outcome } from "../../src/contract/errors.ts";
import type { Bridge, EventPayload, Input, Output } from "../../src/contract/ipc.ts";
import type { InForce } from "../../src/contract/policy-views.ts";
import type { Snapshot } from "../../src/contract/views.ts";

/**
 * The preload's bridge without a main process behind it, for the page in a browser. It is put into the page as source
 * text, so nothing in `installFakeBridge` may refer to anything outside of it.
 *
 * It has no behaviour of its own: a test says what main would answer and which snapshot would follow.
 */

/** What main does when the page asks: nothing yet (`hold`), an answer, snapshots before the answer. */
export type Reply = {
  /** `policy.explain` answers with what is in force; everything else with nothing. */
  readonly outcome?: Outcome<InForce | null>;
  /** Sent in this order before the answer, as main does. */
  readonly snapshots?: readonly Snapshot[];
  /** Neither snapshots nor answer until `release` is called. */
  readonly hold?: boolean;
};

export type Call = { [N in RequestName]: { readonly name: N; readonly input: Input<N> } }[RequestName];

/** What the tests reach the fake by. */
type FakeMain = {
  readonly calls: Call[];
  readonly replies: Partial<Record<RequestName, Reply>>;
  readonly push: (snapshot: Snapshot) => void;
  /** As if somebody had chosen it in the menu. */
  readonly show: (screen: EventPayload<"app.show">["screen"]) => void;
  readonly release: (name: RequestName) => void;
};

declare global {
  interface Window {
    fakeMain: FakeMain;
  }
}

/** The answer to the page's first question. `null`: main never answers it. */
export type First = Snapshot | { readonly error: AppError } | null;

/** Runs in the page before anything of it. */
export function installFakeBridge(first: First): void {
  const listeners = new Set<(snapshot: Snapshot) => void>();
  const shows = new Set<(payload: EventPayload<"app.show">) => void>();
  const held = new Map<RequestName, () => void>();
  const done: Outcome<null> = { ok: true, value: null };

  const main: FakeMain = {
    calls: [],
    replies: {},
    push: (snapshot) => {
      for (const listener of listeners) listener(structuredClone(snapshot));
    },
    show: (screen) => {
      for (const listener of shows) listener({ screen });
    },
    release: (name) => held.get(name)?.(),
  };

  const answer = <N extends Exclude<RequestName, "app.snapshot">>(name: N) => {
    return async (input: Input<N>): Promise<Outcome<Output<N>>> => {
      main.calls.push({ name, input: structuredClone(input) } as Call);
      const reply = main.replies[name];
      if (reply?.hold === true) {
        await new Promise<void>((resolve) => {
          held.set(name, resolve);
        });
      }
      const now = main.replies[name];
      for (const snapshot of now?.snapshots ?? []) main.push(snapshot);
      return (now?.outcome ?? done) as Outcome<Output<N>>;
    };
  };

  const bridge: Bridge = {
    on: (name, listener) => {
      const known = (name === "app.changed" ? listeners : shows) as Set<typeof listener>;
      known.add(listener);
      return () => known.delete(listener);
    },
    "app.snapshot": async () => {
      if (first === null) return new Promise(() => {});
      return "error" in first ? { ok: false, error: first.error } : { ok: true, value: first };
    },
    "profile.save": answer("profile.save"),
    "profile.choose": answer("profile.choose"),
    "profile.remove": answer("profile.remove"),
    "session.signIn": answer("session.signIn"),
    "session.cancelSignIn": answer("session.cancelSignIn"),
    "session.openSignInPage": answer("session.openSignInPage"),
    "session.begin": answer("session.begin"),
    "session.touch": answer("session.touch"),
    "session.signOut": answer("session.signOut"),
    "user.find": answer("user.find"),
    "user.open": answer("user.open"),
    "user.close": answer("user.close"),
    "user.refresh": answer("user.refresh"),
    "user.enableMfa": answer("user.enableMfa"),
    "device.remove": answer("device.remove"),
    "pairing.start": answer("pairing.start"),
    "pairing.startInBrowser": answer("pairing.startInBrowser"),
    "pairing.cancel": answer("pairing.cancel"),
    "pairing.close": answer("pairing.close"),
    "pairings.recover": answer("pairings.recover"),
    "pairings.dismiss": answer("pairings.dismiss"),
    "settings.change": answer("settings.change"),
    "doctor.run": answer("doctor.run"),
    "policy.explain": answer("policy.explain"),
    "simulator.rehearse": answer("simulator.rehearse"),
    "link.open": answer("link.open"),
  };

  Object.defineProperty(window, "deskpair", { value: bridge });
  Object.defineProperty(window, "fakeMain", { value: main });
}
