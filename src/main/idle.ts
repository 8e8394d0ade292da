import type { Snapshot } from "../contract/views.ts";
import type { App } from "../core/app.ts";
import type { Clock } from "../core/ports.ts";

/** The events of Electron's powerMonitor that mean that nobody sits in front of the screen any more. */
export type PowerEvents = { on(event: "lock-screen" | "suspend" | "resume", listener: () => void): unknown };

/** No timer fires more often than this, however often somebody touches the app. */
const shortestWaitMs = 30_000;

/**
 * Ends the session when nobody has touched the app for as long as the settings say; when the computer is locked or
 * sleeps, at once, where the settings say so. A pairing is waited for: somebody is there, or will be told soon that
 * nobody was. Returns the function that ends the watch.
 *
 * One wait at a time: a touch only moves the end, and the wait that is over looks whether there is more to wait. A timer
 * does not run while the computer sleeps, so waking up looks, too.
 */
export function watchIdle(
  app: Pick<App, "snapshot" | "subscribe" | "expire" | "idleLeftMs" | "commands">,
  power: PowerEvents,
  clock: Clock,
): () => void {
  let watch: AbortController | null = null;
  /** The computer was locked under this session. Whoever unlocks it has to sign in, even if a pairing was in the way. */
  let locked = false;
  let over = false;

  const run = async (end: AbortController): Promise<void> => {
    while (!end.signal.aborted) {
      const idleAt = app.snapshot().operator?.idleAt ?? null;
      if (idleAt === null && !locked) return;
      const left = locked ? 0 : (app.idleLeftMs() ?? 0);
      if (left > 0) await clock.wait(Math.max(left, shortestWaitMs), end.signal);
      else if (await app.expire(locked ? "locked" : "idle")) return;
      else await clock.wait(shortestWaitMs, end.signal);
    }
  };
  const stop = (): void => {
    watch?.abort();
    watch = null;
  };
  const start = (): void => {
    stop();
    const begun = new AbortController();
    watch = begun;
    void run(begun);
  };

  let watched: number | null = null;
  const look = ({ operator }: Snapshot): void => {
    const at = operator?.idleAt ?? null;
    if (operator === null) locked = false;
    // An end that comes nearer (shorter idle time) needs a new wait; a later one is seen when the wait is over.
    if (at === null && !locked) stop();
    else if (at !== null && (watched === null || at < watched)) start();
    watched = at;
  };
  const unsubscribe = app.subscribe(look);
  // Somebody may be signed in already, as in the demo.
  look(app.snapshot());

  const gone = (): void => {
    const { operator, phase, settings } = app.snapshot();
    if (over || !settings.signOutOnLock) return;
    // Else it would be finished behind the lock, with a browser that is signed in already or from another device.
    if (phase.name === "signing-in") void app.commands["session.cancelSignIn"](null);
    if (operator === null) return;
    locked = true;
    start();
  };
  power.on("lock-screen", gone);
  power.on("suspend", gone);
  power.on("resume", () => {
    if (!over) start();
  });
  return () => {
    over = true;
    unsubscribe();
    stop();
  };
}
