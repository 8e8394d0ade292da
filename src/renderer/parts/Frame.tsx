import type { ReactNode } from "react";
import type { Rehearsal, User } from "../../contract/views.ts";
import { useText } from "../language.ts";
import { useRequest } from "../request.ts";
import { useSnapshot } from "../store.ts";
import { Button } from "./Button.tsx";
import { Choice } from "./Choice.tsx";
import { Icon } from "./Icon.tsx";
import { Mark } from "./Mark.tsx";
import { calledName, Initials, Outside } from "./Person.tsx";

type FrameProps = {
  readonly children: ReactNode;
  readonly user: User | null;
  /** `null`: not now, a pairing is running. */
  readonly onSettings: (() => void) | null;
};

/** What stands around every screen: who is signed in, who is being served, and whether any of it is real. */
export function Frame({ children, user, onSettings }: FrameProps) {
  const text = useText();
  const { operator, simulator } = useSnapshot();
  const signOut = useRequest("session.signOut");
  return (
    <>
      <header className={operator === null ? "bar bar-plain" : "bar"}>
        {operator === null ? null : (
          <div className="bar-app">
            <Mark />
            <span className="bar-name">DeskPair</span>
          </div>
        )}
        {user === null ? null : (
          <div className="bar-user">
            <Initials user={user} />
            <span className="visually-hidden">{text.frame.serving}: </span>
            <Outside className="bar-user-name">{calledName(user)}</Outside>
          </div>
        )}
        {operator === null ? null : (
          <div className="bar-operator">
            <span className="visually-hidden">{text.frame.operator}: </span>
            <Outside className="bar-environment">{operator.environmentName ?? operator.environmentId}</Outside>
            <Outside className="bar-host">{operator.apiHost}</Outside>
          </div>
        )}
        <div className="bar-actions">
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
      {simulator === null ? null : <SimulationBanner rehearsal={simulator} locked={onSettings === null} />}
      <main className="page">{children}</main>
    </>
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
