import type { Management } from "../../contract/policy-views.ts";
import { useArrival } from "../arrival.ts";
import { useText } from "../language.ts";
import { Button } from "../parts/Button.tsx";
import { Fact, Facts } from "../parts/Facts.tsx";
import { Icon } from "../parts/Icon.tsx";
import { OrganisationHelp } from "../parts/OrganisationHelp.tsx";
import { Outside } from "../parts/Person.tsx";

type BlockedProps = {
  readonly refused: NonNullable<Management["refused"]>;
  readonly onPolicy: () => void;
};

/** A policy that is not understood: which part of it, where, and whom to show it to. Nobody can sign in meanwhile. */
export function Blocked({ refused, onPolicy }: BlockedProps) {
  const text = useText();
  const words = text.policy;
  const arrival = useArrival<HTMLHeadingElement>(words.blockedHeading);
  return (
    <>
      <div className="result">
        <span className="result-sign">
          <Icon name="lock" />
        </span>
        <div>
          <h1 tabIndex={-1} ref={arrival}>
            {words.blockedHeading}
          </h1>
          <p className="lead">{words.blockedLead}</p>
        </div>
      </div>
      <Facts card>
        <Fact label={words.blockedFacts.setting}>
          <code className="identifier">{refused.setting}</code>
        </Fact>
        <Fact label={words.blockedFacts.place}>
          {refused.place === null ? null : <Outside className="identifier">{refused.place}</Outside>}
        </Fact>
        <Fact label={words.blockedFacts.problem} quoted>
          {refused.problem}
        </Fact>
      </Facts>
      <section className="card" aria-label={text.failed.nextStep}>
        <p>{words.blockedNext}</p>
        <OrganisationHelp />
        <div className="actions">
          <Button onPress={onPolicy}>{words.open}</Button>
        </div>
      </section>
    </>
  );
}
