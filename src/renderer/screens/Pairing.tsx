import { useEffect } from "react";
import type { Phase, Step } from "../../contract/views.ts";
import { announce } from "../announcements.ts";
import { useArrival } from "../arrival.ts";
import { useText } from "../language.ts";
import { Button } from "../parts/Button.tsx";
import { FailureNotice } from "../parts/Notice.tsx";
import { StepList } from "../parts/StepList.tsx";
import { useRequest } from "../request.ts";
import { clockOf, elapsedOf, secondsUntil, useNow } from "../time.ts";

type PairingProps = { readonly phase: Extract<Phase, { name: "pairing" }> };

export function Pairing({ phase }: PairingProps) {
  const text = useText();
  const { steps, cancelling } = phase;
  const arrival = useArrival<HTMLHeadingElement>(text.pairing.heading);
  const now = useNow(true);
  const cancel = useRequest("pairing.cancel");
  const running = steps.findLast((step) => step.outcome === "running");
  const startedAt = steps[0]?.startedAt ?? now;
  const stopping = cancelling || cancel.pending;
  const undoing = stopping || steps.some((step) => step.outcome === "failed" || step.name === "remove-device");

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // Escape in an open list closes the list.
      if (event.key !== "Escape" || event.defaultPrevented || event.target instanceof HTMLSelectElement) return;
      if (!stopping) void cancel.send(null);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });

  return (
    <>
      <div className="title-line">
        <h1 tabIndex={-1} ref={arrival}>
          {text.pairing.heading}
        </h1>
        <p className="time">{text.pairing.elapsed(elapsedOf(now - startedAt))}</p>
      </div>
      {running?.name === "register-with-agent" && !stopping ? <Approval step={running} now={now} /> : null}
      <section className="card" aria-label={text.pairing.steps}>
        <StepList steps={steps} withPlan={!undoing} now={now} />
      </section>
      <FailureNotice error={cancel.error} />
      <div className="actions">
        <Button
          unavailable={stopping}
          {...(stopping ? { icon: "busy" as const } : {})}
          onPress={() => void cancel.send(null)}
        >
          {stopping ? text.pairing.cancelling : text.cancel}
        </Button>
        {stopping ? null : <kbd className="key-hint">{text.pairing.cancelHint}</kbd>}
      </div>
    </>
  );
}

const ringLength = 2 * Math.PI * 26;
/** Seconds before the end that are worth an interruption; all the others would talk over the user. */
const spokenSeconds: ReadonlySet<number> = new Set([30, 10]);

/** The one step that needs the person in front of the machine, with the time that is left for it. */
function Approval({ step, now }: { readonly step: Step; readonly now: number }) {
  const text = useText();
  const left = step.deadlineAt === null ? null : secondsUntil(step.deadlineAt, now);
  useEffect(() => {
    if (left !== null && spokenSeconds.has(left)) announce(text.pairing.timeLeftSpoken(left));
  }, [left, text]);
  const share =
    step.deadlineAt === null ? 1 : Math.max(0, (step.deadlineAt - now) / (step.deadlineAt - step.startedAt));
  return (
    <section className="approval" aria-labelledby="approval-heading">
      <div className="approval-dial">
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
        <svg className="fingerprint" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
          <path d="M6.2 5.4a9.2 9.2 0 0 1 11.2-.4M4.4 15.6c.4-1.1.6-2.3.6-3.6a7 7 0 0 1 14 0c0 1.8-.1 3.5-.5 5M7.2 18c.6-1.9.8-3.9.8-6a4 4 0 0 1 8 0c0 3-.3 5.7-1.1 8.2M12 12c0 3.4-.5 6.5-1.5 9.2" />
        </svg>
      </div>
      <div className="approval-words">
        <h2 id="approval-heading">{text.pairing.approveHeading}</h2>
        <p>{left === 0 ? text.pairing.timeIsUpBody : text.pairing.approveBody}</p>
      </div>
      {left === null ? null : (
        <p className="time approval-time" role="timer">
          {left === 0 ? text.pairing.timeIsUp : text.pairing.timeLeft(clockOf(left))}
        </p>
      )}
    </section>
  );
}
