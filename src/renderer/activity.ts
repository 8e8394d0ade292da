import { type RefObject, useEffect, useRef } from "react";
import { ask } from "./bridge.ts";

/** Often enough for a limit of minutes, seldom enough to cost nothing. */
const pause = 30_000;
/** A press on "Stay signed in" is activity as well, and must not be sent twice; pressed again, it is meant again. */
const samePress = 1_000;

function tell(last: RefObject<number>, atMostEvery: number): void {
  const now = Date.now();
  if (now - last.current < atMostEvery) return;
  last.current = now;
  // A failure needs no words here: a session that is over arrives as the next snapshot.
  void ask("session.touch", null);
}

/**
 * Tells main that somebody is here, whenever a key or a button has been pressed, at most once in 30 seconds. Without a
 * timer: an idle page has nothing to tell. When the key or the button comes up again, because what is pressed must not
 * move away under the finger when the notice about the idle time goes. Returns what says it on purpose.
 *
 * @param counted whether there is an idle time at all
 */
export function useActivity(counted: boolean): () => void {
  const last = useRef(0);
  useEffect(() => {
    if (!counted) return;
    const onActivity = () => tell(last, pause);
    const names = ["pointerup", "keyup", "wheel"] as const;
    for (const name of names) window.addEventListener(name, onActivity, { passive: true, capture: true });
    return () => {
      for (const name of names) window.removeEventListener(name, onActivity, { capture: true });
    };
  }, [counted]);
  return () => tell(last, samePress);
}
