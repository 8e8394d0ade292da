import { type FormEvent, useEffect, useRef, useState } from "react";
import type { ClientAuthentication, Region, SignInMode } from "../../contract/settings.ts";
import { useArrival } from "../arrival.ts";
import { useText } from "../language.ts";
import { firstDraft, useLocked } from "../managed.ts";
import { Button } from "../parts/Button.tsx";
import { Checkbox } from "../parts/Checkbox.tsx";
import { Choice } from "../parts/Choice.tsx";
import { Field } from "../parts/Field.tsx";
import { HelpLink } from "../parts/HelpLink.tsx";
import { ManagedField } from "../parts/Managed.tsx";
import { Mark } from "../parts/Mark.tsx";
import { CopyableId, FailureNotice } from "../parts/Notice.tsx";
import { ColorChoice, RadioList } from "../parts/RadioList.tsx";
import { RareFields, rareFields } from "../parts/RareFields.tsx";
import {
  type Draft,
  draftOf,
  type FieldName,
  type FieldProblems,
  isComplete,
  problemsIn,
  problemsOf,
  redirectAddressOf,
  saveOf,
} from "../profile.ts";
import { useRequest } from "../request.ts";
import { useSnapshot } from "../store.ts";
import type { Text } from "../text.ts";

/** Written out, because the contract's own lists come with their validator. What is missing does not compile. */
const modes: { readonly [M in SignInMode]: M } = {
  technician: "technician",
  "self-service": "self-service",
  worker: "worker",
};
const regions: { readonly [R in Region]: R } = { NA: "NA", CA: "CA", EU: "EU", AU: "AU", SG: "SG", AP: "AP" };
const authentications: { readonly [A in ClientAuthentication]: A } = {
  "secret-basic": "secret-basic",
  "secret-post": "secret-post",
  "secret-jwt": "secret-jwt",
  "private-key-jwt": "private-key-jwt",
};

const required = ["name", "environmentId", "clientId"] as const satisfies readonly FieldName[];

type ProfileFormProps = {
  /** The profile to change; `null`: a new one. */
  readonly former: string | null;
  /** The first screen that anybody sees. */
  readonly first?: boolean;
  /** Absent: there is nowhere to go back to. */
  readonly onBack?: () => void;
};

/** One profile, to be filled in. When it is saved, it is the one in use. */
export function ProfileForm({ former, first = false, onBack }: ProfileFormProps) {
  const text = useText();
  const snapshot = useSnapshot();
  const { settings, profiles, busy, management } = snapshot;
  const words = text.profile;
  const locked = useLocked();
  /** A policy has made it, so it can only be looked at. */
  const forced = management.profiles === "forced";
  const { heading, lead } =
    forced && former !== null
      ? { heading: words.showHeading(former), lead: text.policy.profilesNotice }
      : titleOf(former, first, isComplete(settings), text);
  const arrival = useArrival<HTMLInputElement>(heading);
  const [draft, setDraft] = useState<Draft>(() => (former === null ? firstDraft(snapshot) : draftOf(former, settings)));
  // The first thing to fill in has the focus, on a form that is filled in its first field.
  const [firstEmpty] = useState<FieldName>(
    () => required.find((name) => draft[name] === "" && !locked(name)) ?? "name",
  );
  const form = useRef<HTMLFormElement>(null);
  const [more, setMore] = useState(false);
  const [found, setFound] = useState<FieldProblems>({});
  const { send, pending, error } = useRequest("profile.save");
  const reported = problemsIn(error, text);
  const problems: FieldProblems = { ...reported, ...found };

  // After a refusal the first field to correct has the focus.
  useEffect(() => {
    if (error !== null || Object.keys(found).length > 0) {
      form.current?.querySelector<HTMLInputElement>("input[aria-invalid=true]")?.focus();
    }
  }, [error, found]);

  const change = (changed: Partial<Draft>) => setDraft((before) => ({ ...before, ...changed }));
  const field = (name: FieldName) => ({
    ...(name === firstEmpty ? { inputRef: arrival } : {}),
    value: draft[name],
    error: problems[name],
    managed: forced || locked(name),
    onChange: (value: string) => {
      change({ [name]: value });
      setFound((before) => Object.fromEntries(Object.entries(before).filter(([other]) => other !== name)));
    },
  });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (forced || pending || busy !== null) return;
    const others = profiles.list.map(({ name }) => name).filter((name) => name !== former);
    const problems = unlockedOf(problemsOf(draft, others, text), locked);
    setFound(problems);
    if (Object.keys(problems).length > 0) return;
    const outcome = await send(saveOf(draft, former));
    if (outcome?.ok === true) onBack?.();
  };

  const worker = draft.mode === "worker";
  const ownAddresses = draft.apiUrl.trim() !== "" && draft.authUrl.trim() !== "";
  const doing = pending ? text.busy["profile.save"] : busy === null ? null : text.busyWith(busy);
  return (
    <div className="form-page">
      <div className={first ? "welcome" : "form-head"}>
        {first ? <Mark /> : null}
        <h1>{heading}</h1>
        {lead === null ? null : <p className="lead">{lead}</p>}
      </div>
      <form
        className={forced ? "card form form-managed" : "card form"}
        ref={form}
        onSubmit={(event) => void submit(event)}
        noValidate
        aria-label={heading}
      >
        <Field label={words.name} hint={words.nameHint} maxLength={100} {...field("name")} />
        {forced || locked("mode") ? (
          <ManagedField label={words.mode} value={text.modes[draft.mode].name} />
        ) : (
          <RadioList
            label={words.mode}
            options={Object.values(modes)
              .filter((value) => value === draft.mode || (management.signInModes?.includes(value) ?? true))
              .map((value) => ({ value, label: text.modes[value].name, lead: text.modes[value].lead }))}
            value={draft.mode}
            onChange={(mode) => change({ mode })}
          />
        )}
        {forced || locked("region") ? (
          <ManagedField label={words.region} value={text.regions[draft.region]} />
        ) : (
          <Choice
            label={words.region}
            options={Object.values(regions).map((value) => ({ value, label: text.regions[value] }))}
            value={draft.region}
            onChange={(region) => change({ region })}
            hint={ownAddresses ? words.regionUnused : undefined}
          />
        )}
        <Field
          label={words.environmentId}
          hint={words.environmentIdHint}
          technical
          maxLength={64}
          {...field("environmentId")}
        />
        <Field label={words.clientId} hint={words.clientIdHint} technical maxLength={64} {...field("clientId")} />
        {worker ? (
          <Authentication
            value={draft.clientAuthentication}
            managed={forced || locked("clientAuthentication")}
            onChange={(clientAuthentication) => change({ clientAuthentication })}
          />
        ) : (
          <div>
            <p className="field-hint">{words.redirectLead}</p>
            <CopyableId block label={words.redirect} value={redirectAddressOf(draft)} />
          </div>
        )}
        {forced ? (
          <ManagedField label={words.color} value={draft.color === null ? words.noColor : text.colors[draft.color]} />
        ) : (
          <ColorChoice label={words.color} value={draft.color} onChange={(color) => change({ color })} />
        )}
        <Checkbox
          label={words.production}
          hint={words.productionHint}
          managed={forced || locked("production")}
          checked={draft.production}
          onChange={(production) => change({ production })}
        />
        <RareFields
          field={field}
          worker={worker}
          unfolded={more || rareFields.some((name) => problems[name] !== undefined)}
          onUnfold={setMore}
        />
        <FailureNotice error={Object.keys(reported).length > 0 ? null : error} />
        <div className="actions">
          {forced ? null : (
            <Button kind="primary" submit unavailable={doing !== null} icon={pending ? "busy" : undefined}>
              {doing ?? words.save}
            </Button>
          )}
          {onBack === undefined ? null : <Button onPress={onBack}>{forced ? words.close : words.cancel}</Button>}
          <HelpLink name="help.roles">{words.rolesLink}</HelpLink>
        </div>
      </form>
    </div>
  );
}

type AuthenticationProps = {
  readonly value: ClientAuthentication;
  readonly managed: boolean;
  readonly onChange: (value: ClientAuthentication) => void;
};

function Authentication({ value, managed, onChange }: AuthenticationProps) {
  const text = useText();
  const label = text.profile.clientAuthentication;
  if (managed) return <ManagedField label={label} value={text.authentications[value]} />;
  const options = Object.values(authentications).map((known) => ({ value: known, label: text.authentications[known] }));
  return <Choice label={label} options={options} value={value} onChange={onChange} />;
}

/** Nobody here can do anything about a policy's value, and main knows it to be well. */
const unlockedOf = (problems: FieldProblems, locked: (setting: string) => boolean): FieldProblems =>
  Object.fromEntries(Object.entries(problems).filter(([name]) => !locked(name)));

type Title = { readonly heading: string; readonly lead: string | null };

function titleOf(former: string | null, first: boolean, complete: boolean, { profile: words }: Text): Title {
  if (first) return { heading: words.firstHeading, lead: words.firstLead };
  if (former === null) return { heading: words.newHeading, lead: words.newLead };
  return complete
    ? { heading: words.changeHeading(former), lead: null }
    : { heading: words.unfinishedHeading(former), lead: words.unfinishedLead };
}
