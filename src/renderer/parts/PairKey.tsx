import { useState } from "react";
import { describeBrowserReason, describeRouteNote } from "../../contract/enrolment-words.ts";
import type { Phase, Route } from "../../contract/views.ts";
import { type Choices, keyStartOf, routeOf } from "../choices.ts";
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
  const pending = start.pending || browser.pending;

  const begin = async () => {
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
          start.clear();
          browser.clear();
          setAsking(true);
        }}
      >
        {props.words}
      </Button>
      {asking ? (
        <Question
          heading={text.keys.heading(calledName(phase.user))}
          confirm={inBrowser ? text.keys.openPage : text.keys.start}
          unavailable={inBrowser && settings.enrolmentPageUrl === null}
          pending={pending ? text.busy["pairing.start"] : null}
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
            onChange={(authenticator) => onChoices({ ...choices, authenticator })}
          />
          {inBrowser ? null : (
            <Field
              label={text.keys.name}
              value={choices.keyName}
              onChange={(keyName) => onChoices({ ...choices, keyName })}
              hint={text.keys.nameHint}
              maxLength={100}
            />
          )}
          <WhatHappens route={route} choices={choices} username={phase.user.username} />
          <FailureNotice error={start.error ?? browser.error} />
        </Question>
      ) : null}
    </>
  );
}

type WhatHappensProps = { readonly route: Route; readonly choices: Choices; readonly username: string };

/** Before anything is created: what the person will see, or why it cannot be done here and what can. */
function WhatHappens({ route, choices, username }: WhatHappensProps) {
  const text = useText();
  const { settings } = useSnapshot();
  if (route.route !== "browser") {
    const notes = {
      simulated: () => [text.keys.simulated],
      tools: () => [text.keys.tools],
      window: () => [text.keys.window, ...(route.route === "window" ? route.notes.map(describeRouteNote) : [])],
    }[route.route]();
    return (
      <ul className="notes">
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    );
  }
  return (
    <Notice tone="caution">
      <p>{text.keys.notHere(describeBrowserReason(route.reason))}</p>
      <p>{settings.enrolmentPageUrl === null ? text.keys.pageNotSet : text.keys.pageInstead}</p>
      {choices.authenticator === "key" ? (
        <>
          <p>{text.keys.commandInstead}</p>
          <CopyableId label={text.keys.command} value={commandFor(choices, username)} />
        </>
      ) : null}
    </Notice>
  );
}

/** The same on the command line, where libfido2's tools can ask for the PIN. */
function commandFor({ policyId }: Choices, username: string): string {
  const policy = policyId.trim() === "" ? "" : ` --policy ${policyId.trim()}`;
  return `deskpair pair fido2 --user ${quoted(username)}${policy}`;
}

/** A name is data: nothing in it may become a second command where this is pasted. */
const quoted = (text: string): string => (/^[\w.@+-]+$/u.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
