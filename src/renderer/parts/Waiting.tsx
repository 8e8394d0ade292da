import { useEffect } from "react";
import { announce } from "../announcements.ts";
import { useText } from "../language.ts";
import { clockOf, secondsUntil } from "../time.ts";
import { Icon } from "./Icon.tsx";

const ringLength = 2 * Math.PI * 26;
/** Seconds before the end that are worth an interruption; all the others would talk over the person. */
const spokenSeconds: ReadonlySet<number> = new Set([30, 10]);

type WaitingProps = {
  /** What the person has to do, and what to know about it. */
  readonly heading: string;
  readonly body: string;
  /** What to know once the time is up and nothing has come back yet. */
  readonly lateBody: string;
  readonly sign: "finger" | "key" | "browser";
  readonly startedAt: number;
  /** `null`: nobody set a limit that is worth showing. */
  readonly deadlineAt: number | null;
  readonly now: number;
};

/** Says when the time is nearly over. `null`: nothing is counted. */
export function useSpokenCountdown(left: number | null): void {
  const text = useText();
  useEffect(() => {
    if (left !== null && spokenSeconds.has(left)) announce(text.pairing.timeLeftSpoken(left));
  }, [left, text]);
}

/** Waiting for a person to do something elsewhere, with the time that is left for it. */
export function Waiting({ heading, body, lateBody, sign, startedAt, deadlineAt, now }: WaitingProps) {
  const text = useText();
  const left = deadlineAt === null ? null : secondsUntil(deadlineAt, now);
  useSpokenCountdown(left);
  const share = deadlineAt === null ? 1 : Math.max(0, (deadlineAt - now) / (deadlineAt - startedAt));
  return (
    <section className="waiting" aria-labelledby="waiting-heading">
      <div className="waiting-dial">
        <svg className="ring" viewBox="0 0 60 60" aria-hidden="true" focusable="false">
          <circle className="ring-track" cx="30" cy="30" r="26" />
          <circle
            className="ring-left"
            cx="30"
            cy="30"
            r="26"
            strokeDasharray={ringLength}
            strokeDashoffset={ringLength * (1 - Math.min(1, share))}
          />
        </svg>
        {sign === "finger" ? <Finger /> : <Icon name={sign === "key" ? "key" : "external"} />}
      </div>
      <div className="waiting-words">
        <h2 id="waiting-heading">{heading}</h2>
        <p>{left === 0 ? lateBody : body}</p>
      </div>
      {left === null ? null : (
        <p className="time waiting-time" role="timer">
          {left === 0 ? text.pairing.timeIsUp : text.pairing.timeLeft(clockOf(left))}
        </p>
      )}
    </section>
  );
}

function Finger() {
  return (
    <svg className="icon icon-finger" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d="M6.2 5.4a9.2 9.2 0 0 1 11.2-.4M4.4 15.6c.4-1.1.6-2.3.6-3.6a7 7 0 0 1 14 0c0 1.8-.1 3.5-.5 5M7.2 18c.6-1.9.8-3.9.8-6a4 4 0 0 1 8 0c0 3-.3 5.7-1.1 8.2M12 12c0 3.4-.5 6.5-1.5 9.2" />
    </svg>
  );
}
