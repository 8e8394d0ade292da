import { type KeyboardEvent, useRef, useState } from "react";
import type { ProfileView } from "../../contract/views.ts";
import { announce } from "../announcements.ts";
import { useArrival } from "../arrival.ts";
import { useText } from "../language.ts";
import { Button } from "../parts/Button.tsx";
import { Field } from "../parts/Field.tsx";
import { Icon } from "../parts/Icon.tsx";
import { FailureNotice } from "../parts/Notice.tsx";
import { ProfileLine } from "../parts/ProfileLine.tsx";
import { useRequest } from "../request.ts";
import { useSnapshot } from "../store.ts";

type ProfilesProps = {
  /** Absent: there is no screen to go back to, because no profile is in use. */
  readonly onBack?: () => void;
  /** Absent: not while somebody is signed in. */
  readonly onAdd?: () => void;
};

/** The list of profiles, to choose one. Found by typing, walked with the arrow keys. */
export function Profiles({ onBack, onAdd }: ProfilesProps) {
  const text = useText();
  const { profiles, operator, busy, management } = useSnapshot();
  const fixed = management.profileFixed;
  const words = text.profiles;
  const arrival = useArrival<HTMLInputElement>(words.heading);
  const list = useRef<HTMLUListElement>(null);
  const [query, setQuery] = useState("");
  const choose = useRequest("profile.choose");
  const lead = operator === null ? words.lead : words.leadSignedIn(operator.profile);
  const shown = matching(profiles.list, query);

  const take = async (name: string) => {
    if (busy !== null || fixed) return;
    // The one in use needs no change, and somebody who is signed in to it stays so.
    if (name === profiles.current && onBack !== undefined) return onBack();
    const outcome = await choose.send({ name });
    if (outcome?.ok === true) onBack?.();
  };

  /** From the field into the list and back, and along the list to its ends. */
  const walk = (event: KeyboardEvent) => {
    const rows = Array.from(list.current?.querySelectorAll("button") ?? []);
    const at = rows.findIndex((row) => row === document.activeElement);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: rows.length - 1,
    };
    const to = steps[event.key];
    if (to === undefined || (at < 0 && event.key !== "ArrowDown")) return;
    event.preventDefault();
    if (to < 0) arrival.current?.focus();
    else rows[Math.min(to, rows.length - 1)]?.focus();
  };

  return (
    <>
      {onBack === undefined ? null : (
        <Button kind="link" icon="back" onPress={onBack}>
          {text.back}
        </Button>
      )}
      <div>
        <h1>{words.heading}</h1>
        <p className="lead">{fixed ? text.policy.profileFixed : lead}</p>
      </div>
      <FailureNotice error={choose.error} />
      {/* The keys move the focus between what can be focused by itself. */}
      <div className="form" role="presentation" onKeyDownCapture={walk}>
        <Field
          label={words.search}
          icon="search"
          value={query}
          onChange={(typed) => {
            setQuery(typed);
            announce(words.count(matching(profiles.list, typed).length));
          }}
          onEnter={() => {
            const only = shown.length === 1 ? shown[0] : undefined;
            if (only !== undefined) void take(only.name);
          }}
          maxLength={100}
          inputRef={arrival}
        />
        {shown.length === 0 ? (
          <p className="empty">{words.none(query.trim())}</p>
        ) : (
          <ul className="card rows-card" aria-label={words.list} ref={list}>
            {shown.map((profile) => (
              <li key={profile.name}>
                <button
                  type="button"
                  className="row row-button"
                  aria-disabled={busy !== null || fixed ? true : undefined}
                  aria-current={profile.name === profiles.current ? true : undefined}
                  onClick={() => void take(profile.name)}
                >
                  <ProfileLine profile={profile} current={profile.name === profiles.current} />
                  <Icon name="forward" />
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
      {onAdd === undefined ? null : (
        <Button unavailable={busy !== null} onPress={onAdd}>
          {words.add}
        </Button>
      )}
    </>
  );
}

/** By what people know of a tenant: its name, its address, or a piece of its id. */
function matching(list: readonly ProfileView[], query: string): readonly ProfileView[] {
  const wanted = query.trim().toLowerCase();
  return list.filter(({ name, host, environmentId }) =>
    [name, host, environmentId].some((fact) => fact.toLowerCase().includes(wanted)),
  );
}
