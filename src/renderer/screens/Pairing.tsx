import type { Phase } from "../../contract/views.ts";
import { useArrival } from "../arrival.ts";
import { useText } from "../language.ts";
import { CancelButton } from "../parts/CancelButton.tsx";
import { StepList } from "../parts/StepList.tsx";
import { Waiting } from "../parts/Waiting.tsx";
import { elapsedOf, useNow } from "../time.ts";

export function Pairing({ phase }: { readonly phase: Extract<Phase, { name: "pairing" }> }) {
  const text = useText();
  const { kind, steps, cancelling } = phase;
  const words = text.pairing;
  const heading = kind === "desktop" ? words.heading : words.keyHeading;
  const arrival = useArrival<HTMLHeadingElement>(heading);
  const now = useNow(true);
  const running = steps.findLast((step) => step.outcome === "running");
  const undoing = cancelling || steps.some((step) => step.outcome === "failed" || step.name === "remove-device");

  return (
    <>
      <div className="title-line">
        <h1 tabIndex={-1} ref={arrival}>
          {heading}
        </h1>
        <p className="time">{words.elapsed(elapsedOf(now - (steps[0]?.startedAt ?? now)))}</p>
      </div>
      {running?.name === "register-with-agent" && !cancelling ? (
        <Waiting
          sign="finger"
          heading={words.approveHeading}
          body={words.approveBody}
          lateBody={words.approveLate}
          startedAt={running.startedAt}
          deadlineAt={running.deadlineAt}
          now={now}
        />
      ) : null}
      {running?.name === "run-ceremony" && !cancelling ? (
        <Waiting
          sign="key"
          heading={words.ceremonyHeading}
          body={words.ceremonyBody}
          lateBody={words.ceremonyLate}
          startedAt={running.startedAt}
          deadlineAt={running.deadlineAt}
          now={now}
        />
      ) : null}
      <section className="card" aria-label={words.steps}>
        <StepList steps={steps} plan={undoing ? null : kind} now={now} />
      </section>
      <CancelButton undoing={cancelling ? words.cancelling : null} />
    </>
  );
}
