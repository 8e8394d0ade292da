import type { Phase, Step, StepName } from "../../contract/views.ts";
import { useText } from "../language.ts";
import { durationOf, elapsedOf } from "../time.ts";
import { Icon } from "./Icon.tsx";

type Kind = Extract<Phase, { name: "pairing" }>["kind"];

/** What a pairing goes through when nothing goes wrong. Other steps appear when they begin. */
const plans: Record<Kind, readonly StepName[]> = {
  desktop: ["check-prerequisites", "create-device", "register-with-agent", "activate-device", "name-device"],
  fido2: ["check-prerequisites", "create-device", "run-ceremony", "activate-device"],
};

const icons = { running: "busy", done: "check", failed: "cross", ahead: "ahead" } as const;

type StepListProps = {
  readonly steps: readonly Step[];
  /** Show also what is still to come; `null` once something has failed, is being taken back, or is over. */
  readonly plan?: Kind | null;
  readonly now: number;
};

export function StepList({ steps, plan = null, now }: StepListProps) {
  const text = useText();
  const reached = new Set(steps.map((step) => step.name));
  const ahead = plan === null ? [] : plans[plan].filter((name) => !reached.has(name));
  const spoken = {
    running: text.pairing.stepRunning,
    done: text.pairing.stepDone,
    failed: text.pairing.stepFailed,
    ahead: text.pairing.stepAhead,
  };
  return (
    <ol className="steps" aria-label={text.pairing.steps}>
      {steps.map((step) => (
        <li
          // The same step can be tried again, at another time.
          key={`${step.name} ${step.startedAt}`}
          className={`step step-${step.outcome}`}
          aria-current={step.outcome === "running" ? "step" : undefined}
        >
          <Icon name={icons[step.outcome]} />
          <span className="step-words">
            {text.pairing.stepWords(step.name)[step.outcome]}
            <span className="visually-hidden"> ({spoken[step.outcome]})</span>
          </span>
          <span className="step-time">{step.ms === null ? elapsedOf(now - step.startedAt) : durationOf(step.ms)}</span>
        </li>
      ))}
      {ahead.map((name) => (
        <li key={name} className="step step-ahead">
          <Icon name={icons.ahead} />
          <span className="step-words">
            {text.pairing.stepWords(name).ahead}
            <span className="visually-hidden"> ({spoken.ahead})</span>
          </span>
        </li>
      ))}
    </ol>
  );
}
