import type { ReactNode } from "react";
import type { Operator, Rehearsal, User } from "../../contract/views.ts";
import { useActivity } from "../activity.ts";
import { useText } from "../language.ts";
import { useRequest } from "../request.ts";
import { useSnapshot } from "../store.ts";
import { Button } from "./Button.tsx";
import { Choice } from "./Choice.tsx";
import { Icon } from "./Icon.tsx";
import { IdleNotice } from "./IdleNotice.tsx";
import { Mark } from "./Mark.tsx";
import { calledName, Initials, Outside } from "./Person.tsx";
import { ProductionBadge } from "./ProfileLine.tsx";

type FrameProps = {
  readonly children: ReactNode;
  readonly user: User | null;
  /** `null`: not now, a pairing is running. */
  readonly onSettings: (() => void) | null;
  /** What is in force. `null`: not now. */
  readonly onPolicy: (() => void) | null;
  /** `null`: not now, or there is no other profile. */
  readonly onProfiles: (() => void) | null;
};

/** What stands around every screen: who is signed in, who is being served, and whether any of it is real. */
export function Frame({ children, user, onSettings, onPolicy, onProfiles }: FrameProps) {
  const text = useText();
  const { operator, simulator, settings, management } = useSnapshot();
  const signOut = useRequest("session.signOut");
  const idleAt = operator?.idleAt ?? null;
  const stay = useActivity(idleAt !== null);
  // Who signed in for the own devices is both, and stands there once.
  const served = operator?.mode === "self-service" ? null : user;
  return (
    <>
      <header className={operator === null ? "bar bar-plain" : "bar"} data-color={operator?.color ?? undefined}>
        {operator === null ? null : (
          <div className="bar-app">
            <Mark />
            <span className="bar-name">DeskPair</span>
          </div>
        )}
        {served === null ? null : (
          <div className="bar-user">
            <Initials user={served} />
            <span className="visually-hidden">{text.frame.serving}: </span>
            <Outside className="bar-user-name">{calledName(served)}</Outside>
          </div>
        )}
        {operator === null ? null : <OperatorLines operator={operator} onPress={onProfiles} />}
        <div className="bar-actions">
          {management.managed && onPolicy !== null ? (
            <Button kind="quiet" icon="lock" compact label={text.policy.markLabel} onPress={onPolicy}>
              {text.policy.mark}
            </Button>
          ) : null}
          <Button
            kind="quiet"
            icon="settings"
            compact
            unavailable={onSettings === null}
            describedBy={onSettings === null ? "settings-wait" : undefined}
            onPress={() => onSettings?.()}
          >
            {text.frame.settings}
          </Button>
          {onSettings === null ? (
            <span className="visually-hidden" id="settings-wait">
              {text.frame.settingsWait}
            </span>
          ) : null}
          {operator === null ? null : (
            <Button
              kind="quiet"
              icon="leave"
              compact
              unavailable={signOut.pending || onSettings === null}
              onPress={() => void signOut.send(null)}
            >
              {text.frame.signOut}
            </Button>
          )}
        </div>
      </header>
      {operator?.production === true ? (
        <aside className="banner banner-production" aria-label={text.frame.production}>
          <p className="banner-words">
            <Icon name="warning" />
            {text.frame.productionBanner(operator.environmentName ?? operator.profile)}
          </p>
        </aside>
      ) : null}
      {simulator === null ? null : <SimulationBanner rehearsal={simulator} locked={onSettings === null} />}
      <main className="page">{children}</main>
      {idleAt === null ? null : <IdleNotice idleAt={idleAt} minutes={settings.idleMinutes} onStay={stay} />}
    </>
  );
}

type OperatorLinesProps = { readonly operator: Operator; readonly onPress: (() => void) | null };

/** Where somebody is signed in, and as whom. Pressed, it leads to the other profiles. */
function OperatorLines({ operator, onPress }: OperatorLinesProps) {
  const text = useText();
  const lines = (
    <>
      <span className="visually-hidden">{text.frame.operator}: </span>
      <span className="bar-environment-line">
        <Outside className="bar-environment">{operator.environmentName ?? operator.environmentId}</Outside>
        {operator.production ? <ProductionBadge /> : null}
      </span>
      <span className="bar-actor-line">
        <span className="visually-hidden"> {text.frame.actor} </span>
        <Outside className="bar-actor">{operator.actor}</Outside>
        <Outside className="bar-host">{operator.apiHost}</Outside>
      </span>
    </>
  );
  if (onPress === null) return <div className="bar-operator">{lines}</div>;
  return (
    <button type="button" className="bar-operator bar-operator-button" onClick={onPress}>
      <span className="bar-operator-words">{lines}</span>
      <span className="visually-hidden">. {text.frame.switchProfile}</span>
      <Icon name="down" />
    </button>
  );
}

function SimulationBanner({ rehearsal, locked }: { readonly rehearsal: Rehearsal; readonly locked: boolean }) {
  const text = useText();
  const rehearse = useRequest("simulator.rehearse");
  const options = [
    { value: "", label: text.frame.rehearseNothing },
    ...rehearsal.faults.map((fault) => ({ value: fault.name, label: fault.description })),
  ];
  return (
    <aside className={rehearsal.active === null ? "banner" : "banner banner-active"} aria-label={text.frame.simulation}>
      <p className="banner-words">
        <Icon name="flask" />
        {text.frame.simulation}
      </p>
      {rehearsal.faults.length === 0 ? null : (
        <Choice
          inline
          label={text.frame.rehearse}
          options={options}
          value={rehearsal.active ?? ""}
          unavailable={locked}
          onChange={(fault) => void rehearse.send({ fault: fault === "" ? null : fault })}
        />
      )}
    </aside>
  );
}
