import { useState } from "react";
import type { SignInStep } from "../../contract/views.ts";
import { useArrival } from "../arrival.ts";
import { groupsOf, lettersOf } from "../device-code.ts";
import { useText } from "../language.ts";
import { Button } from "../parts/Button.tsx";
import { CancelButton } from "../parts/CancelButton.tsx";
import { Icon } from "../parts/Icon.tsx";
import { CopyableId, CopyButton, FailureNotice } from "../parts/Notice.tsx";
import { QrCode } from "../parts/QrCode.tsx";
import { useSpokenCountdown, Waiting } from "../parts/Waiting.tsx";
import { useRequest } from "../request.ts";
import { useSnapshot } from "../store.ts";
import { clockOf, secondsUntil, useNow } from "../time.ts";

/** What the person has to do now, elsewhere, and how long it may take. */
export function SigningIn({ step }: { readonly step: SignInStep }) {
  const text = useText();
  const { profiles } = useSnapshot();
  const arrival = useArrival<HTMLHeadingElement>(text.signingIn.heading);
  return (
    <>
      <div>
        <h1 tabIndex={-1} ref={arrival}>
          {text.signingIn.heading}
        </h1>
        {profiles.current === null ? null : (
          <p className="lead" dir="auto">
            {text.signingIn.to(profiles.current)}
          </p>
        )}
      </div>
      <StepBody step={step} />
      <CancelButton request="session.cancelSignIn" />
    </>
  );
}

function StepBody({ step }: { readonly step: SignInStep }) {
  const text = useText();
  switch (step.way) {
    case "browser":
      return <InBrowser step={step} />;
    case "device-code":
      return <WithCode step={step} />;
    case "none":
      return (
        <p className="quiet-wait">
          <Icon name="busy" />
          {text.signingIn.none}
        </p>
      );
    default:
      return step satisfies never;
  }
}

function InBrowser({ step }: { readonly step: Extract<SignInStep, { way: "browser" }> }) {
  const text = useText();
  const words = text.signingIn;
  const now = useNow(true);
  // Main says when it ends, not when it began; the whole of the ring is what is left on arrival.
  const [startedAt] = useState(now);
  const again = useRequest("session.openSignInPage");
  return (
    <>
      <Waiting
        sign="browser"
        heading={words.browserHeading}
        body={words.browserBody}
        lateBody={words.browserLate}
        startedAt={startedAt}
        deadlineAt={step.deadlineAt}
        now={now}
      />
      <section className="card" aria-label={words.address}>
        <p>{words.addressLead}</p>
        <CopyableId block oneLine label={words.address} value={step.address} />
        <FailureNotice error={again.error} />
        <Button icon="external" unavailable={again.pending} onPress={() => void again.send(null)}>
          {again.pending ? text.busy["session.openSignInPage"] : words.openAgain}
        </Button>
      </section>
    </>
  );
}

function WithCode({ step }: { readonly step: Extract<SignInStep, { way: "device-code" }> }) {
  const text = useText();
  const words = text.signingIn;
  const left = secondsUntil(step.deadlineAt, useNow(true));
  useSpokenCountdown(left);
  return (
    <section className="card code-card" aria-labelledby="code-heading">
      <div className="code-words">
        <div>
          <h2 id="code-heading">{words.codeHeading}</h2>
          <p>{left === 0 ? words.codeLate : words.codeBody}</p>
        </div>
        <p className="code">
          {/* Read as a word it could not be typed. */}
          <span className="visually-hidden">{words.codeSpoken(lettersOf(step.userCode))}</span>
          <span className="code-letters" aria-hidden="true">
            {groupsOf(step.userCode)}
          </span>
          <CopyButton label={words.code} value={step.userCode} />
        </p>
        <div>
          <h3 className="field-label">{words.codeAddress}</h3>
          <CopyableId block label={words.codeAddress} value={step.address} />
        </div>
        <p className="time code-time" role="timer">
          {left === 0 ? text.pairing.timeIsUp : text.pairing.timeLeft(clockOf(left))}
        </p>
      </div>
      {step.qr.length === 0 ? null : (
        <figure className="code-qr">
          <QrCode rows={step.qr} label={words.qr} />
          <figcaption className="small">{words.qrLead}</figcaption>
        </figure>
      )}
    </section>
  );
}
