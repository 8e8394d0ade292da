import { useState } from "react";
import type { Settings, SettingsChange } from "../../contract/settings.ts";
import { announce } from "../announcements.ts";
import { useArrival } from "../arrival.ts";
import { isDomain, isIdleMinutes, isPage, isPort } from "../checks.ts";
import { useExamine } from "../examine.ts";
import { useText } from "../language.ts";
import { useLocked } from "../managed.ts";
import { Button } from "../parts/Button.tsx";
import { Checkbox } from "../parts/Checkbox.tsx";
import { Choice, Segments } from "../parts/Choice.tsx";
import { Fact, Facts } from "../parts/Facts.tsx";
import { Field } from "../parts/Field.tsx";
import { FailureNotice, Notice } from "../parts/Notice.tsx";
import { Outside } from "../parts/Person.tsx";
import { useRequest } from "../request.ts";
import { useSnapshot } from "../store.ts";

const themes: readonly Settings["theme"][] = ["system", "light", "dark"];
const languages: readonly Settings["language"][] = ["en", "pseudo"];

type SettingsProps = { readonly onBack: () => void; readonly onPolicy: () => void };

/** Every change is saved at once, as in the settings of the operating systems: there is nothing to forget to press. */
export function SettingsScreen({ onBack, onPolicy }: SettingsProps) {
  const text = useText();
  const { settings, operator, version, management } = useSnapshot();
  const locked = useLocked();
  const arrival = useArrival<HTMLHeadingElement>(text.settings.heading);
  const change = useRequest("settings.change", { overlapping: true });
  const examine = useExamine();

  const save = async (changed: SettingsChange) => {
    const outcome = await change.send(changed);
    if (outcome?.ok === true) announce(text.settings.saved);
  };

  return (
    <>
      <Button kind="link" icon="back" onPress={onBack}>
        {text.back}
      </Button>
      <h1 tabIndex={-1} ref={arrival}>
        {text.settings.heading}
      </h1>
      {management.managed ? (
        <Notice tone="info">
          <p>{text.policy.settingsNotice}</p>
          {management.waiting.length === 0 ? null : <p>{text.policy.restart(management.waiting.length)}</p>}
        </Notice>
      ) : null}
      <FailureNotice error={change.error} />
      <section aria-labelledby="appearance-heading">
        <h2 className="quiet-heading" id="appearance-heading">
          {text.settings.appearance}
        </h2>
        <div className="card form">
          <Segments
            label={text.settings.theme}
            options={themes.map((value) => ({ value, label: text.settings.themes[value] }))}
            value={settings.theme}
            onChange={(theme) => void save({ theme })}
          />
          <Choice
            label={text.settings.language}
            options={languages.map((value) => ({ value, label: text.settings.languages[value] }))}
            value={settings.language}
            onChange={(language) => void save({ language })}
          />
        </div>
      </section>
      <section aria-labelledby="pairing-heading">
        <h2 className="quiet-heading" id="pairing-heading">
          {text.settings.pairing}
        </h2>
        <div className="card form">
          <SavedField
            label={text.settings.agentPort}
            managed={locked("agentPort")}
            hint={text.settings.agentPortHint}
            numeric
            saved={String(settings.agentPort)}
            maxLength={5}
            problem={(typed) => (isPort(typed) ? undefined : text.settings.agentPortInvalid)}
            onSave={(typed) => void save({ agentPort: Number(typed) })}
          />
          <SavedField
            label={text.settings.policyId}
            managed={locked("policyId")}
            hint={text.settings.policyIdHint}
            saved={settings.policyId ?? ""}
            maxLength={64}
            onSave={(typed) => void save({ policyId: typed === "" ? null : typed })}
          />
          <SavedField
            label={text.settings.relyingParty}
            managed={locked("relyingPartyId")}
            hint={text.settings.relyingPartyHint}
            saved={settings.relyingPartyId ?? ""}
            maxLength={253}
            problem={(typed) => (typed === "" || isDomain(typed) ? undefined : text.settings.relyingPartyInvalid)}
            onSave={(typed) => void save({ relyingPartyId: typed === "" ? null : typed })}
          />
          <SavedField
            label={text.settings.enrolmentPage}
            managed={locked("enrolmentPageUrl")}
            hint={text.settings.enrolmentPageHint}
            saved={settings.enrolmentPageUrl ?? ""}
            maxLength={500}
            problem={(typed) => (typed === "" || isPage(typed) ? undefined : text.settings.enrolmentPageInvalid)}
            onSave={(typed) => void save({ enrolmentPageUrl: typed === "" ? null : typed })}
          />
        </div>
      </section>
      <section aria-labelledby="session-heading">
        <h2 className="quiet-heading" id="session-heading">
          {text.settings.session}
        </h2>
        <div className="card form">
          <SavedField
            label={text.settings.idleMinutes}
            managed={locked("idleMinutes")}
            hint={text.settings.idleMinutesHint}
            numeric
            saved={String(settings.idleMinutes)}
            maxLength={3}
            problem={(typed) => (isIdleMinutes(typed) ? undefined : text.settings.idleMinutesInvalid)}
            onSave={(typed) => void save({ idleMinutes: Number(typed) })}
          />
          <Checkbox
            label={text.settings.signOutOnLock}
            checked={settings.signOutOnLock}
            managed={locked("signOutOnLock")}
            onChange={(signOutOnLock) => void save({ signOutOnLock })}
          />
        </div>
      </section>
      <section aria-labelledby="connection-heading">
        <h2 className="quiet-heading" id="connection-heading">
          {text.settings.connection}
        </h2>
        {operator === null ? (
          <div className="card">
            <p>{text.settings.connectionNone}</p>
          </div>
        ) : (
          <Facts card>
            <Fact label={text.settings.profile}>
              <Outside>{operator.profile}</Outside>
            </Fact>
            <Fact label={text.settings.actor}>
              <Outside>{operator.actor}</Outside>
            </Fact>
            <Fact label={text.settings.environmentName}>
              {operator.environmentName === null ? null : <Outside>{operator.environmentName}</Outside>}
            </Fact>
            <Fact label={text.settings.environmentId}>
              <Outside className="identifier">{operator.environmentId}</Outside>
            </Fact>
            <Fact label={text.settings.clientId}>
              <Outside className="identifier">{operator.clientId}</Outside>
            </Fact>
            <Fact label={text.settings.apiHost}>
              <Outside className="identifier">{operator.apiHost}</Outside>
            </Fact>
          </Facts>
        )}
        <p className="small below-card">{text.settings.connectionHint}</p>
      </section>
      <section className="card" aria-label={text.policy.heading}>
        <p>{text.policy.hint}</p>
        <div className="actions">
          <Button onPress={onPolicy}>{text.policy.open}</Button>
        </div>
      </section>
      {examine === null ? null : (
        <section className="card" aria-label={text.doctor.heading}>
          <p>{text.doctor.hint}</p>
          <div className="actions">
            <Button onPress={examine}>{text.doctor.open}</Button>
          </div>
        </section>
      )}
      <footer className="about">
        <span>{text.settings.about(version)}</span>
      </footer>
    </>
  );
}

type SavedFieldProps = {
  readonly label: string;
  readonly hint: string;
  readonly saved: string;
  readonly maxLength: number;
  readonly numeric?: boolean;
  readonly managed?: boolean;
  readonly problem?: (typed: string) => string | undefined;
  readonly onSave: (typed: string) => void;
};

/** Saves what was typed on Enter and on leaving the field, unless it is unchanged or wrong. */
function SavedField({ saved, problem, onSave, ...shown }: SavedFieldProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const [error, setError] = useState<string | undefined>(undefined);
  const finish = () => {
    if (typed === null) return;
    const value = typed.trim();
    const found = problem?.(value);
    setError(found);
    if (found !== undefined) return;
    setTyped(null);
    if (value !== saved) onSave(value);
  };
  return (
    <Field
      {...shown}
      technical
      value={typed ?? saved}
      error={error}
      onChange={(value) => {
        setTyped(value);
        setError(undefined);
      }}
      onBlur={finish}
      onEnter={finish}
    />
  );
}
