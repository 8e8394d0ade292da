import { useEffect, useRef, useState } from "react";
import type { RequestName } from "../contract/channels.ts";
import type { AppError, Outcome } from "../contract/errors.ts";
import type { Input, Output } from "../contract/ipc.ts";
import { announce } from "./announcements.ts";
import { ask } from "./bridge.ts";
import { useText } from "./language.ts";
import { useSnapshot } from "./store.ts";

export type Request<N extends RequestName> = {
  /** Sends; `null` when the same request from this place is still under way, and nothing was sent. */
  readonly send: (input: Input<N>) => Promise<Outcome<Output<N>> | null>;
  /** This request is under way, whoever started it. */
  readonly pending: boolean;
  /** The last failure, until the next attempt. Already announced. */
  readonly error: AppError | null;
  readonly clear: () => void;
};

/**
 * One kind of request from one place on a screen, with what that place must show about it. `overlapping`: each one says
 * something else (two settings changed in a row), so none may be dropped.
 */
export function useRequest<N extends RequestName>(name: N, { overlapping = false } = {}): Request<N> {
  const text = useText();
  const { busy } = useSnapshot();
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<AppError | null>(null);
  // Two presses can arrive before React has drawn the first one's effect.
  const underWay = useRef(false);
  const gone = useRef(false);
  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
    };
  }, []);

  const send = async (input: Input<N>) => {
    if (underWay.current && !overlapping) return null;
    underWay.current = true;
    setPending(true);
    setError(null);
    const outcome = await ask(name, input);
    underWay.current = false;
    setPending(false);
    // The screen that asked may have been left since, for a screen that shows the failure itself. What the person has
    // cancelled is no failure.
    if (!outcome.ok && !gone.current && outcome.error.code !== "cancelled") {
      setError(outcome.error);
      const words = text.describeError(outcome.error);
      announce(`${words.message} ${words.nextStep}`, "assertive");
    }
    return outcome;
  };

  return { send, pending: pending || busy === name, error, clear: () => setError(null) };
}
