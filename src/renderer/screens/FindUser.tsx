import { type FormEvent, useState } from "react";
import type { Phase, User } from "../../contract/views.ts";
import { useArrival } from "../arrival.ts";
import { useText } from "../language.ts";
import { Button } from "../parts/Button.tsx";
import { Field } from "../parts/Field.tsx";
import { Icon } from "../parts/Icon.tsx";
import { FailureNotice, Notice } from "../parts/Notice.tsx";
import { calledName, Initials, Outside } from "../parts/Person.tsx";
import { useRequest } from "../request.ts";
import { useSnapshot } from "../store.ts";

type FindingUser = Extract<Phase, { name: "finding-user" }>;

export function FindUser({ phase }: { readonly phase: FindingUser }) {
  const text = useText();
  const { simulator, busy } = useSnapshot();
  const arrival = useArrival<HTMLInputElement>(text.findUser.heading);
  const [query, setQuery] = useState(phase.query);
  const [missing, setMissing] = useState(false);
  const find = useRequest("user.find");
  const open = useRequest("user.open");

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = query.trim();
    setMissing(wanted === "");
    if (wanted === "") return arrival.current?.focus();
    open.clear();
    void find.send({ query: wanted });
  };

  // Main may answer "nobody" as an empty list or as a failure; a person must not see two different things.
  const nobody =
    find.error?.code === "user-not-found"
      ? text.describeError(find.error)
      : phase.matches?.length === 0 && find.error === null && !find.pending
        ? text.describeError({ code: "user-not-found", query: phase.query })
        : null;

  return (
    <>
      <h1>{text.findUser.heading}</h1>
      <search>
        <form className="search" onSubmit={submit}>
          <Field
            label={text.findUser.query}
            icon="search"
            value={query}
            onChange={(value) => {
              setQuery(value);
              setMissing(false);
            }}
            error={missing ? text.findUser.missing : undefined}
            maxLength={200}
            inputRef={arrival}
          />
          <Button
            kind="primary"
            submit
            unavailable={busy !== null || find.pending}
            icon={find.pending ? "busy" : undefined}
          >
            {find.pending ? text.busy["user.find"] : text.findUser.submit}
          </Button>
        </form>
      </search>
      {nobody === null ? (
        <FailureNotice error={find.error ?? open.error} />
      ) : (
        <Notice tone="info">
          <p className="notice-message">{nobody.message}</p>
          <p>{nobody.nextStep}</p>
        </Notice>
      )}
      {phase.matches === null || phase.matches.length === 0 || nobody !== null ? null : (
        <section className="card" aria-labelledby="matches-heading">
          <div className="card-head">
            <h2 id="matches-heading">{text.findUser.matches(phase.matches.length)}</h2>
            <span className="card-note">{open.pending ? text.busy["user.open"] : text.findUser.chooseOne}</span>
          </div>
          <ul className="rows">
            {phase.matches.map((user) => (
              <li key={user.id}>
                <MatchRow user={user} unavailable={busy !== null} onOpen={() => void open.send({ userId: user.id })} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {simulator === null || simulator.users.length === 0 ? null : (
        <section aria-labelledby="pretend-heading">
          <h2 className="quiet-heading" id="pretend-heading">
            {text.findUser.pretendUsers}
          </h2>
          <ul className="pretend">
            {simulator.users.map((user) => (
              <li key={user.username}>
                <button
                  type="button"
                  className="pretend-user"
                  aria-disabled={busy !== null ? true : undefined}
                  onClick={() => {
                    setQuery(user.username);
                    setMissing(false);
                    void find.send({ query: user.username });
                  }}
                >
                  <Outside className="pretend-name">{user.username}</Outside>
                  <span className="pretend-note">{user.note}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

type MatchRowProps = { readonly user: User; readonly unavailable: boolean; readonly onOpen: () => void };

function MatchRow({ user, unavailable, onOpen }: MatchRowProps) {
  const text = useText();
  return (
    <button type="button" className="row row-button" aria-disabled={unavailable ? true : undefined} onClick={onOpen}>
      <Initials user={user} />
      <span className="device-words">
        <span className="device-name">
          <Outside>{calledName(user)}</Outside>
          {user.enabled ? null : <span className="badge badge-bad">{text.findUser.disabled}</span>}
        </span>
        <span className="device-facts">
          <bdi>{user.username}</bdi>
          {user.email === null ? null : <bdi>{user.email}</bdi>}
        </span>
      </span>
      <Icon name="forward" />
    </button>
  );
}
