import { useId, useState } from "react";
import { describeBrowserReason, describeRouteNote } from "../../contract/enrolment-words.ts";
import type { Phase, Route } from "../../contract/views.ts";
import { type Choices, chosenPolicy, keyStartOf, routeOf } from "../choices.ts";
import { useText } from "../language.ts";
import { useRequest } from "../request.ts";
import { useSnapshot } from "../store.ts";
import { Button } from "./Button.tsx";
import { Segments } from "./Choice.tsx";
import { Question } from "./Dialog.tsx";
import { Field } from "./Field.tsx";
import { CopyableId, FailureNotice, Notice } from "./Notice.tsx";
import { calledName } from "./Person.tsx";

type PairKeyProps = {
  readonly phase: Extract<Phase, { name: "user" | "failed" }>;
  readonly choices: Choices;
  readonly onChoices: (choices: Choices) => void;
  readonly words: string;
  readonly primary?: boolean;
  /** Id of the element that says why this user cannot be paired; absent when the user can. */
  readonly refusedBecause?: string;
};

/**
 * The button that begins with a security key, and the question that comes first: which authenticator, what it is to be
 * called, and what is going to happen on this computer. What cannot be done here is said here, with the ways that can.
 */
export function PairKey(props: PairKeyProps) {
  const { phase, choices, onChoices } = props;
  const text = useText();
  const { busy, settings } = useSnapshot();
  const start = useRequest("pairing.start");
  const browser = useRequest("pairing.startInBrowser");
  const [asking, setAsking] = useState(false);
  const route = routeOf(phase, choices);
  const inBrowser = route.route === "browser";
  const unavailable = inBrowser && settings.enrolmentPageUrl === null;
  const policy = chosenPolicy(phase.policies, choices);
  const whatHappens = useId();

  const forgetFailures = () => {
    start.clear();
    browser.clear();
  };
  const begin = async () => {
    forgetFailures();
    const outcome = await (inBrowser ? browser.send(null) : start.send(keyStartOf(choices)));
    if (outcome?.ok === true) setAsking(false);
  };

  return (
    <>
      <Button
        kind={props.primary === true ? "primary" : "plain"}
        icon={props.primary === true ? "refresh" : "key"}
        unavailable={props.refusedBecause !== undefined || busy !== null}
        describedBy={props.refusedBecause}
        onPress={() => {
          forgetFailures();
          setAsking(true);
        }}
      >
        {props.words}
      </Button>
      {asking ? (
        <Question
          heading={text.keys.heading(calledName(phase.user))}
          confirm={inBrowser ? text.keys.openPage : text.keys.start}
          unavailable={unavailable}
          describedBy={whatHappens}
          pending={
            start.pending ? text.busy["pairing.start"] : browser.pending ? text.busy["pairing.startInBrowser"] : null
          }
          onConfirm={() => void begin()}
          onCancel={() => setAsking(false)}
        >
          <Segments
            label={text.keys.authenticator}
            options={[
              { value: "key", label: text.keys.key },
              { value: "platform", label: text.keys.platform },
            ]}
            value={choices.authenticator}
            onChange={(authenticator) => {
              forgetFailures();
              onChoices({ ...choices, authenticator });
            }}
          />
          {inBrowser ? null : (
            <Field
              label={text.keys.name}
              value={choices.keyName}
              onChange={(keyName) => onChoices({ ...choices, keyName })}
              onEnter={() => void begin()}
              hint={text.keys.nameHint}
              maxLength={100}
            />
          )}
          {inBrowser || policy?.fido2Pairing !== "disabled" ? null : (
            <Notice tone="caution">
              <p>{text.keys.policyDisabled(policy.name)}</p>
            </Notice>
          )}
          <WhatHappens id={whatHappens} route={route} choices={choices} username={phase.user.username} />
          <FailureNotice error={start.error ?? browser.error} />
        </Question>
      ) : null}
    </>
  );
}

type WhatHappensProps = {
  readonly id: string;
  readonly route: Route;
  readonly choices: Choices;
  readonly username: string;
};

/** Before anything is created: what the person will see, or why it cannot be done here and what can. */
function WhatHappens({ id, route, choices, username }: WhatHappensProps) {
  const text = useText();
  const { settings } = useSnapshot();
  if (route.route !== "browser") {
    const notes = route.route === "window" ? route.notes.map(describeRouteNote) : [];
    return (
      <Notice tone="info" id={id}>
        <p>{text.keys[route.route]}</p>
        {notes.length === 0 ? null : (
          <ul className="notice-list">
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        )}
      </Notice>
    );
  }
  return (
    <>
      <Notice tone="caution" id={id}>
        <p>{text.keys.notHere(describeBrowserReason(route.reason))}</p>
        <p>{settings.enrolmentPageUrl === null ? text.keys.pageNotSet : text.keys.pageInstead}</p>
      </Notice>
      {choices.authenticator === "key" ? (
        <div>
          <p>{text.keys.commandInstead}</p>
          <CopyableId block label={text.keys.command} value={commandFor(choices, username)} />
        </div>
      ) : null}
    </>
  );
}

/** The same on the command line, where libfido2's tools can ask for the PIN. */
function commandFor({ policyId }: Choices, username: string): string {
  const policy = policyId.trim() === "" ? "" : ` --policy ${quoted(policyId.trim())}`;
  return `deskpair pair fido2 --user ${quoted(username)}${policy}`;
}

/**
 * A name is data: nothing in it may become a second command where this is pasted. For the shells of macOS and Linux,
 * because Windows has no need of this way. A control character would be a key press in the terminal, whatever quotes
 * stand around it, so it is written as its number.
 */
function quoted(name: string): string {
  if (/^[\w.@+-]+$/u.test(name)) return name;
  if (!/\p{Cc}/u.test(name)) return `'${name.replaceAll("'", "'\\''")}'`;
  const escaped = name.replaceAll(/[\\']/gu, "\\$&").replaceAll(/\p{Cc}/gu, asOctal);
  return `$'${escaped}'`;
}

/** Three digits: with fewer, a digit that follows would be taken for a part of the number. */
const asOctal = (character: string): string => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`;
