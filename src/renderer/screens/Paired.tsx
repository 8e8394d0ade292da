import type { ReactNode } from "react";
import { Button as AriaButton } from "react-aria-components/Button";
import { Disclosure, DisclosurePanel } from "react-aria-components/Disclosure";
import type { Phase } from "../../contract/views.ts";
import { useArrival } from "../arrival.ts";
import { useText } from "../language.ts";
import { Button } from "../parts/Button.tsx";
import { Icon } from "../parts/Icon.tsx";
import { CopyableId, FailureNotice, Notice } from "../parts/Notice.tsx";
import { calledName, Outside } from "../parts/Person.tsx";
import { StepList } from "../parts/StepList.tsx";
import { useRequest } from "../request.ts";
import { useSnapshot } from "../store.ts";
import { durationOf, momentOf } from "../time.ts";

type PairedProps = { readonly phase: Extract<Phase, { name: "paired" }> };

export function Paired({ phase }: PairedProps) {
  const text = useText();
  const { busy } = useSnapshot();
  const { user, device, steps, warnings } = phase;
  const arrival = useArrival<HTMLButtonElement>(text.paired.heading);
  const next = useRequest("user.close");
  const toUser = useRequest("pairing.close");
  const created = device.createdAt === null ? null : momentOf(device.createdAt, Date.now());
  const facts: readonly (readonly [label: string, value: ReactNode])[] = [
    [text.paired.facts.name, device.nickname === null ? null : <Outside>{device.nickname}</Outside>],
    [text.paired.facts.status, <span className="badge badge-good">{text.devices.status(device.status)}</span>],
    [text.paired.facts.type, text.devices.type(device.type)],
    [text.paired.facts.system, device.system === null ? null : text.devices.system(device.system)],
    [text.paired.facts.application, device.application],
    [text.paired.facts.relyingParty, device.relyingPartyId],
    [text.paired.facts.created, created === null ? null : text.paired.created(created.relative, created.absolute)],
    [text.paired.facts.id, <CopyableId label={text.paired.facts.id} value={device.id} />],
  ];
  const took = steps.reduce((sum, step) => sum + (step.ms ?? 0), 0);

  return (
    <>
      <div className="result result-good">
        <span className="result-sign">
          <Icon name="check" />
        </span>
        <div>
          <h1>{text.paired.heading}</h1>
          <p className="lead" dir="auto">
            {text.paired.lead(calledName(user))}
          </p>
        </div>
      </div>
      <FailureNotice error={next.error ?? toUser.error} />
      <div className="actions">
        <Button kind="primary" ref={arrival} unavailable={busy !== null} onPress={() => void next.send(null)}>
          {text.paired.next}
        </Button>
        <Button unavailable={busy !== null} onPress={() => void toUser.send(null)}>
          {toUser.pending ? text.busy["pairing.close"] : text.paired.showDevices}
        </Button>
      </div>
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
        <dl className="facts">
          {facts.map(([label, value]) =>
            value === null ? null : (
              <div key={label} className="fact">
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ),
          )}
        </dl>
      </section>
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
    </>
  );
}
