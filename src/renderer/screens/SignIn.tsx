import { type FormEvent, useEffect, useRef, useState } from "react";
import { Button as AriaButton } from "react-aria-components/Button";
import { Disclosure, DisclosurePanel } from "react-aria-components/Disclosure";
import type { AppError } from "../../contract/errors.ts";
import type { Region } from "../../contract/settings.ts";
import { useArrival } from "../arrival.ts";
import { useText } from "../language.ts";
import { Button } from "../parts/Button.tsx";
import { Choice } from "../parts/Choice.tsx";
import { Field } from "../parts/Field.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Mark } from "../parts/Mark.tsx";
import { FailureNotice, HelpLink } from "../parts/Notice.tsx";
import { useRequest } from "../request.ts";
import { useSnapshot } from "../store.ts";
import type { Text } from "../text.ts";

const fields = ["apiUrl", "authUrl", "environmentId", "clientId", "clientSecret"] as const;
type FieldName = (typeof fields)[number];
type FieldErrors = { readonly [F in FieldName]?: string };

/** What the core calls the settings of this form in its failures. */
const settingNames: Record<FieldName, string> = {
  apiUrl: "API address",
  authUrl: "sign-in address",
  environmentId: "environment id",
  clientId: "client id",
  clientSecret: "client secret",
};

/** The field of a setting, also of one out of several (`region or API address`). */
const fieldOf = (setting: string): FieldName | undefined =>
  fields.find((field) => setting.endsWith(settingNames[field]));

/** The part of a failure that belongs next to fields. Empty when it is about no field of this form. */
function fieldErrorsOf(error: AppError | null, text: Text): FieldErrors {
  switch (error?.code) {
    case "configuration-invalid": {
      const field = fieldOf(error.setting);
      return field === undefined
        ? {}
        : { [field]: `${error.problem.charAt(0).toUpperCase()}${error.problem.slice(1)}.` };
    }
    case "configuration-missing": {
      const missing = error.settings.map(fieldOf).filter((field) => field !== undefined);
      return Object.fromEntries(missing.map((field) => [field, text.signIn.missing[field]]));
    }
    default:
      return {};
  }
}

/** Written out, because the contract's own list comes with its validator. A region that is missing does not compile. */
const regions: { readonly [R in Region]: R } = { NA: "NA", CA: "CA", EU: "EU", AU: "AU", SG: "SG", AP: "AP" };

export function SignIn() {
  const text = useText();
  const { settings, busy } = useSnapshot();
  const remembered = settings.environmentId !== "" && settings.clientId !== "";
  const arrival = useArrival<HTMLInputElement>(text.signIn.heading);
  const form = useRef<HTMLFormElement>(null);
  const [region, setRegion] = useState<Region>(settings.region);
  const [ownAddresses, setOwnAddresses] = useState(settings.apiUrl !== null || settings.authUrl !== null);
  const [typed, setTyped] = useState({
    apiUrl: settings.apiUrl ?? "",
    authUrl: settings.authUrl ?? "",
    environmentId: settings.environmentId,
    clientId: settings.clientId,
    clientSecret: "",
  });
  const [missing, setMissing] = useState<FieldErrors>({});
  const { send, pending, error } = useRequest("session.signIn");
  const reported = fieldErrorsOf(error, text);
  const errors = { ...reported, ...missing };
  const nextToFields = Object.keys(reported).length > 0;
  const addressErrors = errors.apiUrl !== undefined || errors.authUrl !== undefined;

  // After a refusal the first field to correct has the focus; without one it is the secret, which has to be typed anew.
  useEffect(() => {
    const invalid = form.current?.querySelector<HTMLInputElement>("input[aria-invalid=true]");
    if (error !== null || Object.keys(missing).length > 0) {
      (invalid ?? form.current?.querySelector<HTMLInputElement>("input[type=password]"))?.focus();
    }
  }, [error, missing]);

  const field = (name: FieldName) => ({
    value: typed[name],
    error: errors[name],
    onChange: (value: string) => {
      setTyped((before) => ({ ...before, [name]: value }));
      setMissing((before) => Object.fromEntries(Object.entries(before).filter(([other]) => other !== name)));
    },
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (pending || busy !== null) return;
    const value = (name: FieldName) => typed[name].trim();
    const empty = (["environmentId", "clientId", "clientSecret"] as const).filter((name) => value(name) === "");
    setMissing(Object.fromEntries(empty.map((name) => [name, text.signIn.missing[name]])));
    if (empty.length > 0) return;
    const clientSecret = value("clientSecret");
    // SECURITY: the secret leaves the page's memory with the submit, whatever the answer will be.
    setTyped((before) => ({ ...before, clientSecret: "" }));
    void send({
      region,
      apiUrl: ownAddresses && value("apiUrl") !== "" ? value("apiUrl") : null,
      authUrl: ownAddresses && value("authUrl") !== "" ? value("authUrl") : null,
      environmentId: value("environmentId"),
      clientId: value("clientId"),
      clientSecret,
    });
  };

  const busyWords = busy === null ? null : text.busyWith(busy);
  return (
    <div className="narrow">
      <div className="welcome">
        <Mark />
        <h1>{text.signIn.heading}</h1>
        <p className="lead">{text.signIn.lead}</p>
      </div>
      <form className="card form" ref={form} onSubmit={submit} noValidate aria-label={text.signIn.heading}>
        <Choice
          label={text.signIn.region}
          options={Object.values(regions).map((value) => ({ value, label: text.regions[value] }))}
          value={region}
          onChange={setRegion}
          hint={ownAddresses && typed.apiUrl !== "" && typed.authUrl !== "" ? text.signIn.regionUnused : undefined}
        />
        <Disclosure
          className="disclosure"
          isExpanded={ownAddresses || addressErrors}
          onExpandedChange={setOwnAddresses}
        >
          <AriaButton slot="trigger" className="button button-link disclosure-button">
            <Icon name="forward" />
            {text.signIn.ownAddresses}
          </AriaButton>
          <DisclosurePanel className="disclosure-panel">
            <div className="form">
              <Field
                label={text.signIn.apiUrl}
                hint={text.signIn.apiUrlHint}
                technical
                maxLength={300}
                {...field("apiUrl")}
              />
              <Field
                label={text.signIn.authUrl}
                hint={text.signIn.authUrlHint}
                technical
                maxLength={300}
                {...field("authUrl")}
              />
            </div>
          </DisclosurePanel>
        </Disclosure>
        <Field
          label={text.signIn.environmentId}
          technical
          maxLength={64}
          {...(remembered ? {} : { inputRef: arrival })}
          {...field("environmentId")}
        />
        <Field label={text.signIn.clientId} technical maxLength={64} {...field("clientId")} />
        <Field
          label={text.signIn.clientSecret}
          type="password"
          technical
          hint={text.signIn.clientSecretHint}
          maxLength={1_000}
          {...(remembered ? { inputRef: arrival } : {})}
          {...field("clientSecret")}
        />
        <FailureNotice error={nextToFields ? null : error} />
        <div className="actions">
          <Button kind="primary" submit unavailable={busyWords !== null || pending} icon={pending ? "busy" : undefined}>
            {pending ? text.busy["session.signIn"] : (busyWords ?? text.signIn.submit)}
          </Button>
          <HelpLink name="help.roles">{text.signIn.rolesLink}</HelpLink>
        </div>
      </form>
    </div>
  );
}
