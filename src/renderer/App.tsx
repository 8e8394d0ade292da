import { Activity, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { Phase, Policies, Snapshot, User } from "../contract/views.ts";
import { announce } from "./announcements.ts";
import { spokenChange } from "./changes.ts";
import { type Choices, firstChoices } from "./choices.ts";
import { ExamineContext } from "./examine.ts";
import { languageFor, TextContext, useText } from "./language.ts";
import { choicesUnder } from "./managed.ts";
import { useMenu } from "./menu.ts";
import { Announcer } from "./parts/Announcer.tsx";
import { Frame } from "./parts/Frame.tsx";
import { LeftBehind } from "./parts/LeftBehind.tsx";
import { PolicyProblem } from "./parts/PolicyProblem.tsx";
import { Doctor } from "./screens/Doctor.tsx";
import { Failed } from "./screens/Failed.tsx";
import { FindUser } from "./screens/FindUser.tsx";
import { Paired } from "./screens/Paired.tsx";
import { Pairing } from "./screens/Pairing.tsx";
import { Policy } from "./screens/Policy.tsx";
import { ProfileForm } from "./screens/ProfileForm.tsx";
import { Profiles } from "./screens/Profiles.tsx";
import { Ready } from "./screens/Ready.tsx";
import { SettingsScreen } from "./screens/Settings.tsx";
import { SignedOut } from "./screens/SignedOut.tsx";
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
      return <Window snapshot={known.snapshot} />;
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

function Window({ snapshot }: { readonly snapshot: Snapshot }) {
  const { text, tag } = languageFor(snapshot.settings.language, snapshot.operator?.mode === "self-service");
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

/** What can be opened beside the screen that the phase asks for. */
type Aside = {
  readonly show: "settings" | "doctor" | "policy" | "profiles" | "new-profile" | "change-profile";
  readonly during: Phase["name"];
};

function Screens() {
  const snapshot = useSnapshot();
  const { phase, profiles, operator, management } = snapshot;
  const [chosen, setChosen] = useState<Choices | null>(null);
  // With the user go the choices for that user.
  if (chosen !== null && (operator === null || phase.name === "finding-user")) setChosen(null);
  const choicesFor = (user: User, policies: Policies): Choices =>
    choicesUnder(chosen?.userId === user.id ? chosen : firstChoices(user.id, policies, snapshot), snapshot);
  // When main moves on to another phase (a session ends), what was opened gives way for good.
  const [opened, setOpened] = useState<Aside | null>(null);
  const aside = opened?.during === phase.name ? opened.show : null;
  if (opened !== null && aside === null) setOpened(null);
  const open = (show: Aside["show"]) => setOpened({ show, during: phase.name });
  const close = () => setOpened(null);
  const pairing = phase.name === "pairing" || phase.name === "watching-browser";
  const onPolicy = pairing ? null : () => open("policy");
  useMenu(onPolicy);
  const examine = pairing || aside === "doctor" ? null : () => open("doctor");
  return (
    <ExamineContext value={examine}>
      <Frame
        user={"user" in phase ? phase.user : null}
        onSettings={pairing ? null : () => open("settings")}
        onPolicy={onPolicy}
        onProfiles={pairing || profiles.list.length < 2 || management.profileFixed ? null : () => open("profiles")}
      >
        {/* Hidden, not unmounted: what was typed is still there after a look at the settings. */}
        <Activity mode={aside === null ? "visible" : "hidden"}>
          <div className="screen" key={screenKey(snapshot)}>
            {operator === null || pairing ? null : <PolicyProblem onPolicy={() => open("policy")} />}
            {phase.name === "user" || phase.name === "failed" ? <LeftBehind /> : null}
            <PhaseScreen phase={phase} chosen={chosen} choicesFor={choicesFor} onChoices={setChosen} onOpen={open} />
            {/* Where the work begins, what was before comes after it: however long the list is, it covers nothing. */}
            {phase.name === "ready" || phase.name === "finding-user" ? <LeftBehind /> : null}
          </div>
        </Activity>
        {aside === null ? null : (
          <div className="screen" key={aside}>
            <AsideScreen show={aside} onOpen={open} onBack={close} />
          </div>
        )}
      </Frame>
    </ExamineContext>
  );
}

/** A new screen, with nothing left of the last one, for each phase and user. A sign-in goes on from before to during. */
function screenKey({ phase, profiles }: Snapshot): string {
  if (phase.name === "signed-out" || phase.name === "signing-in") return `signed-out ${profiles.current ?? ""}`;
  return `${phase.name} ${"user" in phase ? phase.user.id : ""}`;
}

type AsideScreenProps = {
  readonly show: Aside["show"];
  readonly onOpen: (show: Aside["show"]) => void;
  readonly onBack: () => void;
};

function AsideScreen({ show, onOpen, onBack }: AsideScreenProps) {
  const { profiles, operator, management } = useSnapshot();
  const mayAdd = operator === null && management.profiles === "own";
  switch (show) {
    case "settings":
      return <SettingsScreen onBack={onBack} onPolicy={() => onOpen("policy")} />;
    case "policy":
      return <Policy onBack={onBack} />;
    case "doctor":
      return <Doctor onBack={onBack} />;
    case "profiles":
      return <Profiles onBack={onBack} {...(mayAdd ? { onAdd: () => onOpen("new-profile") } : {})} />;
    case "new-profile":
      return <ProfileForm former={null} onBack={onBack} />;
    case "change-profile":
      return <ProfileForm former={profiles.current} onBack={onBack} />;
    default:
      return show satisfies never;
  }
}

type PhaseScreenProps = {
  readonly phase: Phase;
  readonly chosen: Choices | null;
  readonly choicesFor: (user: User, policies: Policies) => Choices;
  readonly onChoices: (choices: Choices) => void;
  readonly onOpen: (show: Aside["show"]) => void;
};

function PhaseScreen({ phase, chosen, choicesFor, onChoices, onOpen }: PhaseScreenProps) {
  switch (phase.name) {
    case "signed-out":
    case "signing-in":
      return (
        <SignedOut
          phase={phase}
          onProfiles={() => onOpen("profiles")}
          onChange={() => onOpen("change-profile")}
          onAdd={() => onOpen("new-profile")}
          onPolicy={() => onOpen("policy")}
        />
      );
    case "ready":
      return <Ready phase={phase} />;
    case "finding-user":
      return <FindUser phase={phase} />;
    case "user":
      return <UserScreen phase={phase} choices={choicesFor(phase.user, phase.policies)} onChoices={onChoices} />;
    case "pairing":
      return <Pairing phase={phase} />;
    case "watching-browser":
      return <WatchingBrowser phase={phase} />;
    case "paired":
      return <Paired phase={phase} choices={chosen} />;
    case "failed":
      return <Failed phase={phase} choices={choicesFor(phase.user, phase.policies)} onChoices={onChoices} />;
    default:
      return phase satisfies never;
  }
}
