import type { AppError } from "../../contract/errors.ts";
import type { linkNames } from "../../contract/ipc.ts";
import type { Phase } from "../../contract/views.ts";
import { useArrival } from "../arrival.ts";
import type { Choices } from "../choices.ts";
import { useExamine } from "../examine.ts";
import { useText } from "../language.ts";
import { useRefusal } from "../managed.ts";
import { Button } from "../parts/Button.tsx";
import { Fact, Facts } from "../parts/Facts.tsx";
import { HelpLink } from "../parts/HelpLink.tsx";
import { Icon } from "../parts/Icon.tsx";
import { CopyableId, FailureNotice, Notice } from "../parts/Notice.tsx";
import { OrganisationHelp } from "../parts/OrganisationHelp.tsx";
import { PairDesktop } from "../parts/PairDesktop.tsx";
import { PairKey } from "../parts/PairKey.tsx";
import { calledName } from "../parts/Person.tsx";
import { StepList } from "../parts/StepList.tsx";
import { useRequest } from "../request.ts";
import { useSnapshot } from "../store.ts";
import type { Text } from "../text.ts";
import { traceOf } from "../trace.ts";

type FailedProps = {
  readonly phase: Extract<Phase, { name: "failed" }>;
  readonly choices: Choices;
  readonly onChoices: (choices: Choices) => void;
};

export function Failed({ phase, choices, onChoices }: FailedProps) {
  const text = useText();
  const { busy } = useSnapshot();
  const { user, error, left } = phase;
  const cancelled = error.code === "cancelled";
  const notPaired = phase.kind === "desktop" ? text.failed.heading : text.failed.keyHeading;
  const heading = cancelled ? text.failed.cancelledHeading : notPaired;
  const arrival = useArrival<HTMLHeadingElement>(heading);
  const toUser = useRequest("pairing.close");
  const examine = useExamine();
  const cleanUp = useRequest("pairings.recover");
  const clean = async () => {
    await cleanUp.send(null);
    // The button goes with what was left.
    arrival.current?.focus();
  };
  const words = text.describeError(error);
  const link = linkFor(error, text);
  const refusal = useRefusal(user);
  const ways = (
    <>
      <Button unavailable={busy !== null} onPress={() => void toUser.send(null)}>
        {toUser.pending ? text.busy["pairing.close"] : text.failed.toUser}
      </Button>
      {cancelled || examine === null ? null : <Button onPress={examine}>{text.doctor.open}</Button>}
      {link === null ? null : <HelpLink name={link.name}>{link.words}</HelpLink>}
    </>
  );

  return (
    <>
      <div className={cancelled ? "result" : "result result-bad"}>
        <span className="result-sign">
          <Icon name="cross" />
        </span>
        <div>
          <h1 tabIndex={-1} ref={arrival}>
            {heading}
          </h1>
          <p className="lead" dir="auto">
            {text.failed.forUser(calledName(user))}
          </p>
        </div>
      </div>
      <section className="card" aria-label={heading}>
        {cancelled ? null : <p className="failure-message">{words.message}</p>}
        <p>{words.nextStep}</p>
        {cancelled ? null : <OrganisationHelp />}
        {left === "nothing" ? (
          <p className="left-nothing">
            <Icon name="check" />
            {text.describeLeft(left)}
          </p>
        ) : (
          <Notice tone="caution">
            <p>{text.describeLeft(left)}</p>
            {phase.deviceId === null ? null : <CopyableId label={text.failed.deviceId} value={phase.deviceId} />}
            <p>{text.recovery.triesAgain}</p>
            <Button
              icon={cleanUp.pending ? "busy" : "refresh"}
              unavailable={busy !== null || cleanUp.pending}
              onPress={() => void clean()}
            >
              {cleanUp.pending ? text.recovery.running : text.recovery.again}
            </Button>
          </Notice>
        )}
        {user.enabled ? null : (
          <p className="small" id="user-disabled">
            {text.user.disabledNotice}
          </p>
        )}
        <FailureNotice error={toUser.error ?? cleanUp.error} />
        {phase.kind === "desktop" ? (
          <PairDesktop
            again
            user={user}
            devices={phase.devices}
            ownDeviceId={phase.ownDeviceId}
            choices={choices}
            onChoices={onChoices}
            words={text.failed.retry}
            {...refusal}
          >
            {ways}
          </PairDesktop>
        ) : (
          <div className="actions">
            <PairKey
              primary
              phase={phase}
              choices={choices}
              onChoices={onChoices}
              words={text.failed.retry}
              {...refusal}
            />
            {ways}
          </div>
        )}
      </section>
      {phase.steps.length === 0 ? null : (
        <section aria-labelledby="steps-heading">
          <h2 className="quiet-heading" id="steps-heading">
            {text.failed.stepsHeading}
          </h2>
          <div className="card">
            <StepList steps={phase.steps} now={0} />
          </div>
        </section>
      )}
      {cancelled ? null : <SupportFacts error={error} />}
    </>
  );
}

function SupportFacts({ error }: { readonly error: AppError }) {
  const text = useText();
  const { correlationId, serverErrorId, ownWords } = traceOf(error);
  return (
    <section aria-labelledby="support-heading">
      <h2 className="quiet-heading" id="support-heading">
        {text.failed.details}
      </h2>
      <Facts card>
        <Fact label={text.failed.codeLabel}>
          <code className="identifier">{error.code}</code>
        </Fact>
        {ownWords === undefined ? null : (
          <Fact label={text.failed.ownWords[ownWords.of]} quoted>
            {ownWords.words}
          </Fact>
        )}
        {correlationId === undefined ? null : (
          <Fact label={text.failed.correlationId}>
            <CopyableId label={text.failed.correlationId} value={correlationId} />
          </Fact>
        )}
        {serverErrorId === undefined ? null : (
          <Fact label={text.failed.serverErrorId}>
            <CopyableId label={text.failed.serverErrorId} value={serverErrorId} />
          </Fact>
        )}
      </Facts>
    </section>
  );
}

type HelpName = (typeof linkNames)[number];

/** The page that helps with this failure; `null` where a page would only distract. */
function linkFor(error: AppError, text: Text): { readonly name: HelpName; readonly words: string } | null {
  if (error.code === "cancelled") return null;
  if (error.code.startsWith("agent-")) return { name: "help.agent", words: text.failed.agentLink };
  if (error.code === "not-allowed") return { name: "help.roles", words: text.failed.rolesLink };
  return { name: "help.pairing", words: text.failed.pairingLink };
}
