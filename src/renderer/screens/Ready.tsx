import type { Phase, Right } from "../../contract/views.ts";
import { useArrival } from "../arrival.ts";
import { useText } from "../language.ts";
import { Button } from "../parts/Button.tsx";
import { Fact, Facts } from "../parts/Facts.tsx";
import { HelpLink } from "../parts/HelpLink.tsx";
import { Icon } from "../parts/Icon.tsx";
import { FailureNotice, Notice } from "../parts/Notice.tsx";
import { Outside } from "../parts/Person.tsx";
import { ProductionBadge } from "../parts/ProfileLine.tsx";
import { useRequest } from "../request.ts";
import { useSnapshot } from "../store.ts";

/** Without one of these no pairing can succeed. What else is missing costs a convenience. */
const needed: ReadonlySet<Right["right"]> = new Set([
  "read-users",
  "read-devices",
  "create-devices",
  "activate-devices",
]);
const signs = { granted: "check", missing: "cross", "not-tested": "ahead" } as const;

/** Proof that the sign-in is good for something: a token is had, the environment was read, and this is what is missing. */
export function Ready({ phase }: { readonly phase: Extract<Phase, { name: "ready" }> }) {
  const text = useText();
  const { operator, busy } = useSnapshot();
  const words = text.ready;
  const arrival = useArrival<HTMLButtonElement>(words.heading);
  const begin = useRequest("session.begin");
  const missing = phase.rights.filter(({ state }) => state === "missing");
  const blocking = missing.filter(({ right }) => needed.has(right));

  return (
    <>
      <div className={blocking.length === 0 ? "result result-good" : "result"}>
        <span className="result-sign">
          <Icon name={blocking.length === 0 ? "check" : "warning"} />
        </span>
        <div>
          <h1>{words.heading}</h1>
          {operator === null ? null : (
            <p className="lead" dir="auto">
              {words.lead(operator.environmentName ?? operator.environmentId)}
            </p>
          )}
        </div>
      </div>
      {blocking.length === 0 ? null : (
        <Notice tone="caution">
          <p className="notice-message">{words.blocked}</p>
          <ul className="notice-list">
            {blocking.map(({ right, needs }) => (
              <li key={right}>{words.blockedBy(words.right(right), words.needs(needs))}</li>
            ))}
          </ul>
          <p>{words.blockedNext}</p>
        </Notice>
      )}
      <FailureNotice error={begin.error} />
      <div className="actions">
        <Button
          kind="primary"
          ref={arrival}
          icon={begin.pending ? "busy" : undefined}
          unavailable={busy !== null || begin.pending}
          onPress={() => void begin.send(null)}
        >
          {begin.pending ? text.busy["session.begin"] : words.begin}
        </Button>
        {missing.length === 0 ? null : <HelpLink name="help.roles">{words.rolesLink}</HelpLink>}
      </div>
      {operator === null ? null : (
        <Facts card>
          <Fact label={words.facts.actor}>
            <Outside>{operator.actor}</Outside> <span className="badge">{text.modes[operator.mode].name}</span>
          </Fact>
          <Fact label={words.facts.environment}>
            {operator.environmentName === null ? null : <Outside>{operator.environmentName}</Outside>}{" "}
            {operator.production ? <ProductionBadge /> : null}
          </Fact>
          <Fact label={words.facts.environmentId}>
            <Outside className="identifier">{operator.environmentId}</Outside>
          </Fact>
          <Fact label={words.facts.apiHost}>
            <Outside className="identifier">{operator.apiHost}</Outside>
          </Fact>
        </Facts>
      )}
      {phase.rights.length === 0 ? null : (
        <section aria-labelledby="rights-heading">
          <h2 className="quiet-heading" id="rights-heading">
            {words.rightsHeading}
          </h2>
          <div className="card">
            <ul className="steps" aria-labelledby="rights-heading">
              {phase.rights.map((right) => (
                <RightLine key={right.right} {...right} />
              ))}
            </ul>
          </div>
          {missing.length > 0 && blocking.length === 0 ? <p className="small below-card">{words.partly}</p> : null}
        </section>
      )}
    </>
  );
}

function RightLine({ right, state, needs }: Right) {
  const text = useText();
  const words = text.ready;
  return (
    <li className={`step right-${state}`}>
      <Icon name={signs[state]} />
      <span className="step-words">
        {words.right(right)}
        <span className="visually-hidden"> ({words.states[state]})</span>
      </span>
      {state === "missing" ? <span className="right-note">{words.needs(needs)}</span> : null}
      {state === "not-tested" ? <span className="right-note">{words.notTested}</span> : null}
    </li>
  );
}
