import { createContext, useContext } from "react";
import type { AppError } from "../contract/errors.ts";
import type { Bridge } from "../contract/ipc.ts";
import type { Snapshot } from "../contract/views.ts";
import { ask } from "./bridge.ts";

/** What the page knows: nothing yet, that main does not answer, or the latest snapshot. */
type Known =
  | { readonly state: "waiting" }
  | { readonly state: "failed"; readonly error: AppError }
  | { readonly state: "ready"; readonly snapshot: Snapshot };

export type SnapshotStore = {
  readonly subscribe: (listener: () => void) => () => void;
  readonly current: () => Known;
};

/**
 * Follows main's snapshots for as long as the page lives.
 *
 * It listens first and asks second. In the other order a change between answer and listening would be lost; in this
 * order the answer may be the older one, so the higher revision wins.
 */
export function followSnapshots(bridge: Bridge): SnapshotStore {
  let known: Known = { state: "waiting" };
  const listeners = new Set<() => void>();

  const learn = (next: Known) => {
    if (known.state === "ready" && (next.state !== "ready" || next.snapshot.revision <= known.snapshot.revision))
      return;
    known = next;
    for (const listener of listeners) listener();
  };

  bridge.on("app.changed", (snapshot) => learn({ state: "ready", snapshot }));
  void ask("app.snapshot", null).then((outcome) =>
    learn(outcome.ok ? { state: "ready", snapshot: outcome.value } : { state: "failed", error: outcome.error }),
  );

  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    current: () => known,
  };
}

const SnapshotContext = createContext<Snapshot | null>(null);
export const SnapshotProvider = SnapshotContext.Provider;

/** The latest snapshot. Below `SnapshotProvider` only: without one there is no screen to call this from. */
export function useSnapshot(): Snapshot {
  const snapshot = useContext(SnapshotContext);
  if (snapshot === null) throw new Error("useSnapshot outside SnapshotProvider");
  return snapshot;
}
