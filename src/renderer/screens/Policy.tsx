import { useEffect, useRef, useState } from "react";
import type { InForce, PolicyScopeView, SettingInForce } from "../../contract/policy-views.ts";
import { announce } from "../announcements.ts";
import { useArrival } from "../arrival.ts";
import { useText } from "../language.ts";
import { Button } from "../parts/Button.tsx";
import { Icon, type IconName } from "../parts/Icon.tsx";
import { CopyButton, FailureNotice, Notice } from "../parts/Notice.tsx";
import { Outside } from "../parts/Person.tsx";
import { inForceAsText, needsALook } from "../policy-words.ts";
import { useRequest } from "../request.ts";
import { useSnapshot } from "../store.ts";
import type { Text } from "../text.ts";

/** What is in force and why, as an administrator asks about it. Looks at the policy as soon as it is opened. */
export function Policy({ onBack }: { readonly onBack: () => void }) {
  const text = useText();
  const words = text.policy;
  const { management, hostName, version } = useSnapshot();
  const arrival = useArrival<HTMLHeadingElement>(words.heading);
  const { send, pending, error } = useRequest("policy.explain");
  const [inForce, setInForce] = useState<InForce | null>(null);

  const look = async (aloud: boolean) => {
    const outcome = await send(null);
    if (outcome?.ok !== true) return;
    setInForce(outcome.value);
    if (aloud) announce(`${resultOf(outcome.value, management.managed, words)} ${sumOf(outcome.value, words)}.`);
  };
  // When it is opened, and whenever main has found that the policy says something else now.
  const decided = JSON.stringify(management);
  const asked = useRef<string | null>(null);
  useEffect(() => {
    if (asked.current === decided) return;
    asked.current = decided;
    void look(false);
  });

  return (
    <>
      <Button kind="link" icon="back" onPress={onBack}>
        {text.back}
      </Button>
      <h1 tabIndex={-1} ref={arrival}>
        {words.heading}
      </h1>
      <p className="lead">{inForce === null ? words.hint : resultOf(inForce, management.managed, words)}</p>
      <FailureNotice error={error} />
      {management.waiting.length === 0 ? null : (
        <Notice tone="info">
          <p>{words.restart(management.waiting.length)}</p>
        </Notice>
      )}
      <div className="actions">
        <Button icon={pending ? "busy" : "refresh"} unavailable={pending} onPress={() => void look(true)}>
          {pending ? words.running : words.again}
        </Button>
        {inForce === null ? null : (
          <>
            <CopyButton label={words.report} value={inForceAsText(inForce, hostName, version)} />
            <span className="small">{sumOf(inForce, words)}</span>
          </>
        )}
      </div>
      {inForce === null ? null : (
        <>
          <section aria-labelledby="policy-scopes">
            <h2 className="quiet-heading" id="policy-scopes">
              {words.policies}
            </h2>
            <ul className="card checks" aria-labelledby="policy-scopes">
              {inForce.policies.map((scope) => (
                <Scope key={scope.scope} scope={scope} />
              ))}
            </ul>
          </section>
          {sectionsOf(inForce).map(([section, settings], index) => (
            <section key={section} aria-labelledby={`policy-section-${index}`}>
              {/* Main's own English, as everything about a setting. */}
              <h2 className="quiet-heading" id={`policy-section-${index}`} lang="en">
                {section}
              </h2>
              <ul className="card in-force" aria-labelledby={`policy-section-${index}`}>
                {settings.map((setting) => (
                  <Setting key={setting.name} setting={setting} />
                ))}
              </ul>
            </section>
          ))}
        </>
      )}
    </>
  );
}

type Words = Text["policy"];

const resultOf = ({ sound }: InForce, managed: boolean, words: Words): string =>
  sound ? (managed ? words.result.sound : words.result.none) : words.result.unsound;

const sumOf = ({ settings, policies }: InForce, words: Words): string => {
  const wrong = policies.filter(({ problem, unknownCount }) => problem !== null || unknownCount > 0);
  return words.sum(settings.filter(({ locked }) => locked).length, settings.filter(needsALook).length + wrong.length);
};

/** In the order in which main tells them. */
function sectionsOf({ settings }: InForce): readonly (readonly [string, readonly SettingInForce[]])[] {
  const names = [...new Set(settings.map(({ section }) => section))];
  return names.map((name) => [name, settings.filter(({ section }) => section === name)]);
}

const scopeIcons = { absent: "ahead", read: "check", unreadable: "cross" } as const satisfies Record<string, IconName>;
const scopeLooks = { absent: "not-tested", read: "pass", unreadable: "fail" } as const;

function Scope({
  scope: { scope, state, place, problem, unknown, unknownCount },
}: {
  readonly scope: PolicyScopeView;
}) {
  const { policy: words } = useText();
  const strange = unknownCount > 0 && state === "read";
  return (
    <li className={`check check-${strange ? "warn" : scopeLooks[state]}`}>
      <Icon name={strange ? "warning" : scopeIcons[state]} />
      <div className="check-words">
        <p className="check-name">
          {words.scopes[scope]}: {words.states[state]}
        </p>
        <p>
          <bdi className="identifier">{place}</bdi>
        </p>
        {problem === null ? null : (
          <p lang="en" dir="auto">
            {problem}
          </p>
        )}
        {unknown.map((one) => (
          <p key={`${one.place} ${one.name}`}>
            <span className="in-force-problem">{words.unknown(one.name)}</span>{" "}
            <Outside className="identifier">{one.place}</Outside>
          </p>
        ))}
        {unknownCount > unknown.length ? <p>{words.unknownMore(unknownCount - unknown.length)}</p> : null}
      </div>
    </li>
  );
}

function Setting({ setting }: { readonly setting: SettingInForce }) {
  const { policy: words } = useText();
  const { name, title, state, shown, origin, isDefault, locked, restart, waiting, problem, ignored } = setting;
  return (
    <li className={isDefault && problem === null ? "setting setting-usual" : "setting"}>
      <div className="setting-name">
        <p lang="en">{title}</p>
        <code className="identifier">{name}</code>
      </div>
      <div className="setting-words">
        <p className="setting-value">
          {state === "refused" ? <span className="in-force-problem">{words.refused}</span> : <Outside>{shown}</Outside>}
          {locked ? (
            <span className="badge">
              <Icon name="lock" />
              {words.locked}
            </span>
          ) : null}
        </p>
        <p className="small setting-origin">
          <span lang="en" dir="auto">
            {origin}
          </span>
          {locked && restart && waiting === null ? <span>{words.restartNeeded}</span> : null}
        </p>
        {waiting === null ? null : (
          <p className="setting-note">
            <Icon name="clock" />
            <span>{words.waiting(waiting)}</span>
          </p>
        )}
        {problem === null ? null : (
          <p className="setting-note in-force-problem">
            <Icon name="warning" />
            <span lang="en" dir="auto">
              {problem}
            </span>
          </p>
        )}
        {ignored.map((one) => (
          <p
            className={one.value === null ? "setting-note in-force-problem" : "setting-note"}
            key={`${one.origin} ${one.reason}`}
          >
            <Icon name={one.value === null ? "warning" : "block"} />
            <span>
              {words.ignored(one.origin, one.value)}{" "}
              <span lang="en" dir="auto">
                {reasonWords(one.reason)}
              </span>
            </span>
          </p>
        ))}
      </div>
    </li>
  );
}

/** Some reasons are whole sentences, and the others the end of one. */
const reasonWords = (reason: string): string => (reason.endsWith(".") ? reason : `(${reason})`);
