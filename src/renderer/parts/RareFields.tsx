import { Button as AriaButton } from "react-aria-components/Button";
import { Disclosure, DisclosurePanel } from "react-aria-components/Disclosure";
import { useText } from "../language.ts";
import type { FieldName } from "../profile.ts";
import { Field, type FieldProps } from "./Field.tsx";
import { Icon } from "./Icon.tsx";

/** Folded away, so a problem with one of them has to unfold them. */
export const rareFields: readonly FieldName[] = [
  "apiUrl",
  "authUrl",
  "authDomain",
  "redirectPort",
  "agentPort",
  "policyId",
  "relyingPartyId",
  "enrolmentPageUrl",
];

type RareFieldsProps = {
  /** What the form knows of a field. */
  readonly field: (name: FieldName) => Pick<FieldProps, "value" | "error" | "onChange" | "managed">;
  readonly worker: boolean;
  readonly unfolded: boolean;
  readonly onUnfold: (unfolded: boolean) => void;
};

/** The settings of a profile that most people never need. */
export function RareFields({ field, worker, unfolded, onUnfold }: RareFieldsProps) {
  const text = useText();
  const words = text.profile;
  return (
    <Disclosure className="disclosure" isExpanded={unfolded} onExpandedChange={onUnfold}>
      <AriaButton slot="trigger" className="button button-link disclosure-button">
        <Icon name="forward" />
        {words.more}
      </AriaButton>
      <DisclosurePanel className="disclosure-panel">
        <div className="form">
          <Field label={words.apiUrl} hint={words.apiUrlHint} technical maxLength={300} {...field("apiUrl")} />
          <Field label={words.authUrl} hint={words.authUrlHint} technical maxLength={300} {...field("authUrl")} />
          <Field
            label={words.authDomain}
            hint={words.authDomainHint}
            technical
            maxLength={253}
            {...field("authDomain")}
          />
          {worker ? null : (
            <Field
              label={words.redirectPort}
              hint={words.redirectPortHint}
              technical
              numeric
              maxLength={5}
              {...field("redirectPort")}
            />
          )}
          <Field
            label={text.settings.agentPort}
            hint={text.settings.agentPortHint}
            technical
            numeric
            maxLength={5}
            {...field("agentPort")}
          />
          <Field
            label={text.settings.relyingParty}
            hint={text.settings.relyingPartyHint}
            technical
            maxLength={253}
            {...field("relyingPartyId")}
          />
          <Field
            label={text.settings.policyId}
            hint={text.settings.policyIdHint}
            technical
            maxLength={64}
            {...field("policyId")}
          />
          <Field
            label={text.settings.enrolmentPage}
            hint={text.settings.enrolmentPageHint}
            technical
            maxLength={500}
            {...field("enrolmentPageUrl")}
          />
        </div>
      </DisclosurePanel>
    </Disclosure>
  );
}
