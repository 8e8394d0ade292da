import { useEffect, useState } from "react";
import { announce } from "../announcements.ts";
import { useText } from "../language.ts";
import { Button } from "./Button.tsx";
import { Icon } from "./Icon.tsx";

/** Seconds. The words change this often and no more: a person decides, and an idle window rests. */
const stride = 30;
const longest = 120;

type IdleNoticeProps = {
  readonly idleAt: number;
  /** What is allowed in all. Of a short time only the last half is near the end. */
  readonly minutes: number;
  readonly onStay: () => void;
};

/** Says that the session is about to end, at the lower edge of the window, where it moves nothing. */
export function IdleNotice({ idleAt, minutes, onStay }: IdleNoticeProps) {
  const text = useText();
  const near = Math.min(longest, minutes * stride);
  const [now, setNow] = useState(() => Date.now());
  const left = Math.ceil((idleAt - now) / (stride * 1_000)) * stride;
  const shown = left > 0 && left <= near;

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const follow = () => {
      const present = Date.now();
      setNow(present);
      // Counted anew each time: a computer that slept has missed its timers.
      const remaining = idleAt - present;
      const strides = Math.min(near / stride, Math.ceil(remaining / (stride * 1_000)) - 1);
      if (remaining > 0) timer = setTimeout(follow, remaining - strides * stride * 1_000);
    };
    follow();
    return () => clearTimeout(timer);
  }, [idleAt, near]);

  const first = left === near;
  const last = left === stride;
  useEffect(() => {
    if (shown && (first || last)) announce(text.frame.idle(text.frame.idleLeft(left)));
  }, [shown, first, last, left, text]);

  if (!shown) return null;
  return (
    <aside className="idle" aria-label={text.frame.idleLabel}>
      <p className="idle-words">
        <Icon name="clock" />
        {text.frame.idle(text.frame.idleLeft(left))}
      </p>
      <Button onPress={onStay}>{text.frame.stay}</Button>
    </aside>
  );
}
