import { Button as AriaButton } from "react-aria-components/Button";
import { Disclosure, DisclosurePanel } from "react-aria-components/Disclosure";
import type { Phase } from "../../contract/views.ts";
import { useArrival } from "../arrival.ts";
import { type Choices, desktopStartOf } from "../choices.ts";
import { useText } from "../language.ts";
import { Button } from "../parts/Button.tsx";
import { Fact, Facts } from "../parts/Facts.tsx";
import { Icon } from "../parts/Icon.tsx";
import { CopyableId, FailureNotice, Notice } from "../parts/Notice.tsx";
import { calledName, Outside } from "../parts/Person.tsx";
import { StepList } from "../parts/StepList.tsx";
import { useRequest } from "../request.ts";
import { useSnapshot } from "../store.ts";
import { durationOf, momentOf, useNow } from "../time.ts";

/** Main then takes the default policy and this computer's name. */
const noChoice = { policyId: null, nickname: null };

type PairedProps = {
  readonly phase: Extract<Phase, { name: "paired" }>;
  /** Those with which it was paired; `null` when the page has been loaded since. */
  readonly choices: Choices | null;
};

export function Paired({ phase, choices }: PairedProps) {
  const text = useText();
  const { busy, operator } = useSnapshot();
  const { kind, changed, user, device, authenticator, steps, warnings } = phase;
  const pairedNow = kind === "desktop" ? text.paired.heading : text.paired.keyHeading;
  const heading = changed ? pairedNow : text.paired.alreadyHeading;
  const arrival = useArrival<HTMLButtonElement>(heading);
  // Who signed in for the own devices has no next user, and goes back to them.
  const own = operator?.mode === "self-service";
  const next = useRequest("user.close");
  const toUser = useRequest("pairing.close");
  const again = useRequest("pairing.start");
  const pairAgain = () => {
    const { policyId, nickname } = choices === null ? noChoice : desktopStartOf(choices);
    void again.send({ kind: "desktop", policyId, nickname, despiteExisting: true });
  };
  const now = useNow(false);
  const created = device.createdAt === null ? null : momentOf(device.createdAt, now);
  const facts = text.paired.facts;
  const took = steps.reduce((sum, step) => sum + (step.ms ?? 0), 0);

  return (
    <>
      <div className="result result-good">
        <span className="result-sign">
          <Icon name="check" />
        </span>
        <div>
          <h1>{heading}</h1>
          <p className="lead" dir="auto">
            {(changed ? text.paired.lead : text.paired.alreadyLead)(calledName(user))}
          </p>
        </div>
      </div>
      <FailureNotice error={next.error ?? toUser.error ?? again.error} />
      <div className="actions">
        <Button
          kind="primary"
          ref={arrival}
          unavailable={busy !== null}
          onPress={() => void (own ? toUser : next).send(null)}
        >
          {text.paired.next}
        </Button>
        {own ? null : (
          <Button unavailable={busy !== null} onPress={() => void toUser.send(null)}>
            {toUser.pending ? text.busy["pairing.close"] : text.paired.showDevices}
          </Button>
        )}
        {changed ? null : (
          <Button icon="refresh" unavailable={busy !== null} describedBy="again-hint" onPress={pairAgain}>
            {again.pending ? text.busy["pairing.start"] : text.paired.again}
          </Button>
        )}
      </div>
      {changed ? null : (
        <p className="small" id="again-hint">
          {text.paired.againHint}
        </p>
      )}
      {warnings.length === 0 ? null : (
        <Notice tone="caution">
          <h2 className="notice-message">{text.paired.warningsHeading}</h2>
          <ul className="notice-list">
            {warnings.map((warning) => (
              <li key={warning.code}>
                {text.paired.warning(warning.code)}
                {warning.detail === null ? null : <span className="small"> {warning.detail}</span>}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      <section className="card" aria-labelledby="device-heading">
        <h2 className="visually-hidden" id="device-heading">
          {text.paired.deviceHeading}
        </h2>
        <Facts>
          <Fact label={facts.name}>{device.nickname === null ? null : <Outside>{device.nickname}</Outside>}</Fact>
          <Fact label={facts.status}>
            <span className="badge badge-good">{text.devices.status(device.status)}</span>
          </Fact>
          <Fact label={facts.type}>{text.devices.type(device.type)}</Fact>
          <Fact label={facts.system}>{device.system === null ? null : text.devices.system(device.system)}</Fact>
          <Fact label={facts.application}>{device.application}</Fact>
          <Fact label={facts.relyingParty}>{device.relyingPartyId}</Fact>
          {authenticator === null ? null : (
            <>
              <Fact label={facts.authenticator}>
                <Outside>{authenticator.name ?? text.paired.authenticatorUnknown(authenticator.aaguid)}</Outside>
              </Fact>
              <Fact label={facts.attachment}>
                {authenticator.attachment === "platform" ? text.keys.platform : text.keys.key}
                {authenticator.transports.length === 0 ? null : ` (${authenticator.transports.join(", ")})`}
              </Fact>
              <Fact label={facts.verified}>
                {authenticator.userVerified ? text.paired.verified.yes : text.paired.verified.no}
              </Fact>
              <Fact label={facts.backup}>
                {authenticator.backedUp
                  ? text.paired.backup.done
                  : authenticator.backupEligible
                    ? text.paired.backup.possible
                    : text.paired.backup.single}
              </Fact>
            </>
          )}
          <Fact label={facts.created}>
            {created === null ? null : text.paired.created(created.relative, created.absolute)}
          </Fact>
          <Fact label={facts.id}>
            <CopyableId label={facts.id} value={device.id} />
          </Fact>
        </Facts>
      </section>
      {steps.length === 0 ? null : (
        <Disclosure className="disclosure">
          <AriaButton slot="trigger" className="button button-link disclosure-button">
            <Icon name="forward" />
            {text.paired.steps(durationOf(took))}
          </AriaButton>
          <DisclosurePanel className="disclosure-panel">
            <div className="card">
              <StepList steps={steps} now={0} />
            </div>
          </DisclosurePanel>
        </Disclosure>
      )}
    </>
  );
}
