import { Activity, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { Phase, Policies, Snapshot, User } from "../contract/views.ts";
import { announce } from "./announcements.ts";
import { spokenChange } from "./changes.ts";
import { type Choices, firstChoices } from "./choices.ts";
import { languageFor, TextContext, useText } from "./language.ts";
import { Announcer } from "./parts/Announcer.tsx";
import { Frame } from "./parts/Frame.tsx";
import { Failed } from "./screens/Failed.tsx";
import { FindUser } from "./screens/FindUser.tsx";
import { Paired } from "./screens/Paired.tsx";
import { Pairing } from "./screens/Pairing.tsx";
import { SettingsScreen } from "./screens/Settings.tsx";
import { SignIn } from "./screens/SignIn.tsx";
import { UserScreen } from "./screens/User.tsx";
import { WatchingBrowser } from "./screens/WatchingBrowser.tsx";
import { SnapshotProvider, type SnapshotStore, useSnapshot } from "./store.ts";

export function App({ store }: { readonly store: SnapshotStore }) {
  const known = useSyncExternalStore(store.subscribe, store.current);
  switch (known.state) {
    case "waiting":
      // Main answers within milliseconds; a screen for that long would only flash.
      return null;
    case "failed":
      return <StartFailed message={languageFor("en").text.describeError(known.error).message} />;
    case "ready":
      return <Ready snapshot={known.snapshot} />;
    default:
      return known satisfies never;
  }
}

export function StartFailed({ message }: { readonly message: string }) {
  const text = useText();
  return (
    <main className="page">
      <h1>{text.startFailed}</h1>
      <p role="alert">{message}</p>
    </main>
  );
}

function Ready({ snapshot }: { readonly snapshot: Snapshot }) {
  const { text, tag } = languageFor(snapshot.settings.language);
  const { theme } = snapshot.settings;

  useEffect(() => {
    document.documentElement.lang = tag;
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
  }, [tag, theme]);

  const before = useRef(snapshot);
  useEffect(() => {
    const spoken = spokenChange(before.current, snapshot, text);
    before.current = snapshot;
    if (spoken !== null) announce(spoken.message, spoken.manner);
  }, [snapshot, text]);

  return (
    <TextContext value={text}>
      <SnapshotProvider value={snapshot}>
        <Announcer />
        <Screens />
      </SnapshotProvider>
    </TextContext>
  );
}

function Screens() {
  const snapshot = useSnapshot();
  const { phase } = snapshot;
  const [chosen, setChosen] = useState<Choices | null>(null);
  // With the user go the choices for that user.
  if (chosen !== null && (phase.name === "signed-out" || phase.name === "finding-user")) setChosen(null);
  const choicesFor = (user: User, policies: Policies): Choices =>
    chosen?.userId === user.id ? chosen : firstChoices(user.id, policies, snapshot);
  // The phase during which the settings were opened: when main moves on (a session ends), they give way for good.
  const [settingsDuring, setSettingsDuring] = useState<Phase["name"] | null>(null);
  const inSettings = settingsDuring === phase.name;
  if (settingsDuring !== null && !inSettings) setSettingsDuring(null);
  return (
    <Frame
      user={"user" in phase ? phase.user : null}
      onSettings={
        phase.name === "pairing" || phase.name === "watching-browser" ? null : () => setSettingsDuring(phase.name)
      }
    >
      {/* Hidden, not unmounted: what was typed is still there after a look at the settings. */}
      <Activity mode={inSettings ? "hidden" : "visible"}>
        <div className="screen" key={screenKey(phase)}>
          <PhaseScreen phase={phase} choicesFor={choicesFor} onChoices={setChosen} />
        </div>
      </Activity>
      {inSettings ? (
        <div className="screen">
          <SettingsScreen onBack={() => setSettingsDuring(null)} />
        </div>
      ) : null}
    </Frame>
  );
}

/** A new screen, with nothing left of the last one, for each phase and user. */
const screenKey = (phase: Phase): string => `${phase.name} ${"user" in phase ? phase.user.id : ""}`;

type PhaseScreenProps = {
  readonly phase: Phase;
  readonly choicesFor: (user: User, policies: Policies) => Choices;
  readonly onChoices: (choices: Choices) => void;
};

function PhaseScreen({ phase, choicesFor, onChoices }: PhaseScreenProps) {
  switch (phase.name) {
    case "signed-out":
      return <SignIn />;
    case "finding-user":
      return <FindUser phase={phase} />;
    case "user":
      return <UserScreen phase={phase} choices={choicesFor(phase.user, phase.policies)} onChoices={onChoices} />;
    case "pairing":
      return <Pairing phase={phase} />;
    case "watching-browser":
      return <WatchingBrowser phase={phase} />;
    case "paired":
      return <Paired phase={phase} />;
    case "failed":
      return <Failed phase={phase} choices={choicesFor(phase.user, phase.policies)} onChoices={onChoices} />;
    default:
      return phase satisfies never;
  }
}
