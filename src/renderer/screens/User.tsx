import { useState } from "react";
import type { Phase, Policies, Policy, User } from "../../contract/views.ts";
import { useArrival } from "../arrival.ts";
import type { Choices } from "../choices.ts";
import { useText } from "../language.ts";
import { useLocked, useRefusal } from "../managed.ts";
import { Button } from "../parts/Button.tsx";
import { Choice } from "../parts/Choice.tsx";
import { DeviceList } from "../parts/DeviceList.tsx";
import { Question } from "../parts/Dialog.tsx";
import { Field } from "../parts/Field.tsx";
import { HelpLink } from "../parts/HelpLink.tsx";
import { ManagedField } from "../parts/Managed.tsx";
import { FailureNotice, Notice } from "../parts/Notice.tsx";
import { PairDesktop } from "../parts/PairDesktop.tsx";
import { PairKey } from "../parts/PairKey.tsx";
import { calledName, Initials, Outside } from "../parts/Person.tsx";
import { useRequest } from "../request.ts";
import { useSnapshot } from "../store.ts";

type UserProps = {
  readonly phase: Extract<Phase, { name: "user" }>;
  readonly choices: Choices;
  readonly onChoices: (choices: Choices) => void;
};

export function UserScreen({ phase, choices, onChoices }: UserProps) {
  const text = useText();
  const { settings, hostName, busy, operator, management } = useSnapshot();
  const { user, devices, policies } = phase;
  const arrival = useArrival<HTMLHeadingElement>(calledName(user));
  const close = useRequest("user.close");
  const refusal = useRefusal(user);

  return (
    <>
      {operator?.mode === "self-service" ? null : (
        <Button kind="link" icon="back" unavailable={busy !== null} onPress={() => void close.send(null)}>
          {text.user.another}
        </Button>
      )}
      <FailureNotice error={close.error} />
      <div className="person">
        <Initials user={user} large />
        <div className="person-words">
          <h1 tabIndex={-1} ref={arrival}>
            <Outside>{calledName(user)}</Outside>
          </h1>
          <p className="person-facts">
            <Outside>{user.username}</Outside>
            {user.email === null ? null : <Outside>{user.email}</Outside>}
          </p>
        </div>
        <p className="person-badges">
          <span className={user.enabled ? "badge badge-good" : "badge badge-bad"}>
            {user.enabled ? text.user.enabled : text.user.disabled}
          </span>
          <MfaBadge user={user} />
        </p>
      </div>
      {user.enabled ? null : (
        <Notice tone="caution" id="user-disabled">
          <p>{text.user.disabledNotice}</p>
        </Notice>
      )}
      {user.mfaEnabled === true ? null : <MfaOffer user={user} />}
      <section className="card" aria-labelledby="pair-heading">
        <div className="card-head">
          <h2 id="pair-heading">{text.user.pairHeading}</h2>
          <HelpLink name="help.pairing">{text.user.pairingLink}</HelpLink>
        </div>
        <div className="pair-fields">
          <PolicyChoice
            policies={policies}
            value={choices.policyId}
            onChange={(policyId) => onChoices({ ...choices, policyId })}
          />
          {management.nickname === null ? (
            <Field
              label={text.user.nickname}
              value={choices.nickname}
              onChange={(nickname) => onChoices({ ...choices, nickname })}
              hint={text.user.nicknameHint(hostName)}
              placeholder={hostName}
              maxLength={100}
            />
          ) : (
            <ManagedField label={text.user.nickname} value={management.nickname} />
          )}
        </div>
        {settings.relyingPartyId === null ? null : (
          <p className="small">{text.user.relyingParty(settings.relyingPartyId)}</p>
        )}
        <PairDesktop
          user={user}
          devices={devices}
          ownDeviceId={phase.ownDeviceId}
          choices={choices}
          onChoices={onChoices}
          words={text.user.pairDesktop}
          {...refusal}
        >
          <PairKey phase={phase} choices={choices} onChoices={onChoices} words={text.keys.pair} {...refusal} />
        </PairDesktop>
      </section>
      <DeviceList user={user} devices={devices} />
    </>
  );
}

function MfaBadge({ user }: { readonly user: User }) {
  const text = useText();
  if (user.mfaEnabled === null) return <span className="badge">{text.user.mfaUnknown}</span>;
  return user.mfaEnabled ? (
    <span className="badge badge-good">{text.user.mfaOn}</span>
  ) : (
    <span className="badge badge-caution">{text.user.mfaOff}</span>
  );
}

/** Never switched on silently: it changes how the user signs in everywhere. */
function MfaOffer({ user }: { readonly user: User }) {
  const text = useText();
  const { busy } = useSnapshot();
  const enable = useRequest("user.enableMfa");
  const [asking, setAsking] = useState(false);
  return (
    <Notice tone={user.mfaEnabled === null ? "info" : "caution"}>
      <div className="notice-split">
        <p>{user.mfaEnabled === null ? text.user.mfaUnknownNotice : text.user.mfaOffNotice}</p>
        <Button
          unavailable={busy !== null}
          onPress={() => {
            enable.clear();
            setAsking(true);
          }}
        >
          {text.user.switchMfaOn}
        </Button>
      </div>
      {asking ? (
        <Question
          heading={text.user.switchMfaOnHeading(calledName(user))}
          confirm={text.user.switchMfaOnConfirm}
          pending={enable.pending ? text.busy["user.enableMfa"] : null}
          onConfirm={() => {
            void enable.send(null).then((outcome) => {
              if (outcome?.ok === true) setAsking(false);
            });
          }}
          onCancel={() => setAsking(false)}
        >
          <p>{text.user.switchMfaOnBody}</p>
          <FailureNotice error={enable.error} />
        </Question>
      ) : null}
    </Notice>
  );
}

type PolicyChoiceProps = {
  readonly policies: Policies;
  readonly value: string;
  readonly onChange: (policyId: string) => void;
};

/** Chosen from a list where the role may read the policies, typed where it may not. */
function PolicyChoice({ policies, value, onChange }: PolicyChoiceProps) {
  const text = useText();
  const locked = useLocked()("policyId");
  if (policies.state === "not-readable") {
    return (
      <Field
        label={text.user.policyId}
        technical
        value={value}
        onChange={onChange}
        hint={text.user.policyIdHint}
        managed={locked}
        maxLength={64}
      />
    );
  }
  const named = policies.policies.map((policy) => {
    const disabled = disabledBy(policy);
    const plain = policy.isDefault ? text.user.policyDefault(policy.name) : policy.name;
    return { value: policy.id, label: disabled === null ? plain : text.user.policyDisabled[disabled](policy.name) };
  });
  const withoutDefault = !policies.policies.some((policy) => policy.isDefault);
  const chosen = policies.policies.find((policy) => policy.id === value);
  const disabled = chosen === undefined ? null : disabledBy(chosen);
  if (locked) return <ManagedField label={text.user.policy} value={chosen?.name ?? value} />;
  return (
    <Choice
      label={text.user.policy}
      options={withoutDefault ? [{ value: "", label: text.user.policyOfPingOne }, ...named] : named}
      value={value}
      onChange={onChange}
      hint={
        disabled !== null
          ? text.user.policyDisabledNotice[disabled]
          : named.length === 0
            ? text.user.policyNone
            : undefined
      }
    />
  );
}

/** What the policy says it does not allow; `null` when it says nothing of the kind. */
function disabledBy({ desktopPairing, fido2Pairing }: Policy): "desktop" | "keys" | "both" | null {
  if (desktopPairing === "disabled") return fido2Pairing === "disabled" ? "both" : "desktop";
  return fido2Pairing === "disabled" ? "keys" : null;
}
