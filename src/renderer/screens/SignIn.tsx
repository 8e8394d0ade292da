import { type FormEvent, type RefObject, useEffect, useRef, useState } from "react";
import type { SignIn as Way } from "../../contract/ipc.ts";
import type { Phase, ProfileView } from "../../contract/views.ts";
import { useArrival } from "../arrival.ts";
import { useText } from "../language.ts";
import { Button } from "../parts/Button.tsx";
import { Checkbox } from "../parts/Checkbox.tsx";
import { Field } from "../parts/Field.tsx";
import { Unfinished } from "../parts/LeftBehind.tsx";
import { Mark } from "../parts/Mark.tsx";
import { FailureNotice, Notice } from "../parts/Notice.tsx";
import { ProfileLine } from "../parts/ProfileLine.tsx";
import { ModeRefused, ProfileLinks } from "../parts/ProfileLinks.tsx";
import type { Request } from "../request.ts";
import { useSnapshot } from "../store.ts";

export type SignInProps = {
  readonly profile: ProfileView;
  readonly reason: Extract<Phase, { name: "signed-out" }>["reason"];
  readonly request: Request<"session.signIn">;
  readonly onProfiles: () => void;
  readonly onChange: () => void;
  readonly onAdd: () => void;
};

/** The profile in use, and the ways to sign in to it. */
export function SignIn({ profile, reason, request, onProfiles, onChange, onAdd }: SignInProps) {
  const text = useText();
  const { profiles, settings, busy, secretStore, management } = useSnapshot();
  const words = text.signIn;
  const [keep, setKeep] = useState(profile.kept);
  const [sent, setSent] = useState<Way["way"] | null>(null);
  const arrival = useArrival<HTMLButtonElement>(words.heading);

  const worker = profile.mode === "worker";
  const withKey = worker && settings.clientAuthentication === "private-key-jwt";
  const allowed = management.signInModes?.includes(profile.mode) ?? true;
  const mayKeep = secretStore !== "memory" && !withKey && allowed;
  const doing = request.pending ? text.busy["session.signIn"] : busy === null ? null : text.busyWith(busy);
  const first: Way["way"] = profile.kept ? "kept" : worker ? "secret" : "browser";
  const signIn = (way: Way) => {
    if (doing !== null) return;
    setSent(way.way);
    void request.send(way);
  };
  /** What is being done is said on the button that began it. */
  const way = (name: Way["way"], label: string): WayButtonProps => ({
    words: label,
    primary: name === first,
    doing: doing !== null && name === (sent ?? first) ? doing : null,
    unavailable: doing !== null,
    ...(name === first ? { arrival } : {}),
  });
  const keeps = keep && mayKeep;

  return (
    <div className="narrow">
      <div className="welcome">
        <Mark />
        <h1>{words.heading}</h1>
      </div>
      <section className="card form" aria-label={words.heading}>
        <div className="profile-head">
          <ProfileLine profile={profile} />
          {profiles.list.length > 1 && !management.profileFixed ? (
            <Button kind="link" onPress={onProfiles}>
              {words.otherProfile}
            </Button>
          ) : null}
        </div>
        {reason === null ? null : (
          <Notice tone="info">
            <p>{text.describeError({ code: "sign-in-required", reason }).message}</p>
          </Notice>
        )}
        <Unfinished />
        <FailureNotice error={request.error} />
        {allowed ? (
          <div className="ways">
            {profile.kept ? <WayButton {...way("kept", words.kept)} onPress={() => signIn({ way: "kept" })} /> : null}
            {worker ? null : (
              <>
                <WayButton {...way("browser", words.browser)} onPress={() => signIn({ way: "browser", keep: keeps })} />
                <WayButton
                  {...way("device-code", words.deviceCode)}
                  onPress={() => signIn({ way: "device-code", keep: keeps })}
                />
              </>
            )}
            {withKey ? (
              <WayButton
                {...way("secret", words.submit)}
                onPress={() => signIn({ way: "secret", clientSecret: null, keep: false })}
              />
            ) : null}
            {worker && !withKey ? (
              <SecretForm
                button={way("secret", words.submit)}
                takesFocus={first === "secret"}
                failed={request.error !== null}
                onSubmit={(clientSecret) => signIn({ way: "secret", clientSecret, keep: keeps })}
              />
            ) : null}
          </div>
        ) : (
          <ModeRefused mode={profile.mode} />
        )}
        {mayKeep ? (
          <Checkbox
            label={worker ? words.keepSecret : words.keep}
            hint={words.keepWhere[secretStore]}
            checked={keep}
            onChange={setKeep}
          />
        ) : null}
        {secretStore === "memory" && !withKey && allowed ? <p className="small">{words.nothingKept}</p> : null}
      </section>
      <ProfileLinks profile={profile} onChange={onChange} onAdd={onAdd} />
    </div>
  );
}

type WayButtonProps = {
  readonly words: string;
  readonly primary: boolean;
  readonly doing: string | null;
  readonly unavailable: boolean;
  readonly arrival?: RefObject<HTMLButtonElement | null>;
};

function WayButton({ onPress, arrival, ...shown }: WayButtonProps & { readonly onPress?: () => void }) {
  return (
    <Button
      kind={shown.primary ? "primary" : "plain"}
      submit={onPress === undefined}
      unavailable={shown.unavailable}
      icon={shown.doing === null ? undefined : "busy"}
      {...(onPress === undefined ? {} : { onPress })}
      {...(arrival === undefined ? {} : { ref: arrival })}
    >
      {shown.doing ?? shown.words}
    </Button>
  );
}

type SecretFormProps = {
  readonly button: WayButtonProps;
  /** The way that most people take here: what is typed first is the secret. */
  readonly takesFocus: boolean;
  /** The last attempt was refused: the secret has to be typed anew. */
  readonly failed: boolean;
  readonly onSubmit: (clientSecret: string) => void;
};

function SecretForm({ button, takesFocus, failed, onSubmit }: SecretFormProps) {
  const text = useText();
  const input = useRef<HTMLInputElement>(null);
  const [secret, setSecret] = useState("");
  const [missing, setMissing] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const { arrival: _button, ...shown } = button;
  useEffect(() => {
    if (takesFocus || failed || attempt > 0) input.current?.focus();
  }, [takesFocus, failed, attempt]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (button.unavailable) return;
    const typed = secret.trim();
    setMissing(typed === "");
    if (typed === "") return input.current?.focus();
    // SECURITY: the secret leaves the page's memory with the submit, whatever the answer will be. A new field with it,
    // because react-aria remembers what was typed last, also when the value is ours.
    setSecret("");
    setAttempt((before) => before + 1);
    onSubmit(typed);
  };
  return (
    <form className="form" onSubmit={submit} noValidate aria-label={text.signIn.submit}>
      <Field
        key={attempt}
        label={text.signIn.clientSecret}
        type="password"
        technical
        value={secret}
        onChange={(value) => {
          setSecret(value);
          setMissing(false);
        }}
        error={missing ? text.signIn.secretMissing : undefined}
        maxLength={1_000}
        inputRef={input}
      />
      <WayButton {...shown} />
    </form>
  );
}
