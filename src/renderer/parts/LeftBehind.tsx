import { useRef } from "react";
import type { RecoveredPairing, Recovery } from "../../contract/recovery.ts";
import { useText } from "../language.ts";
import { useRequest } from "../request.ts";
import { useSnapshot } from "../store.ts";
import type { Text } from "../text.ts";
import { momentOf, useNow } from "../time.ts";
import { Button } from "./Button.tsx";
import { Icon } from "./Icon.tsx";
import { CopyableId, FailureNotice, Notice } from "./Notice.tsx";
import { Outside } from "./Person.tsx";

const badges = { finished: "badge badge-good", undone: "badge", left: "badge badge-caution" } as const;

/** What became of pairings that were interrupted: the first thing that somebody has to know who goes on with the work. */
export function LeftBehind() {
  const text = useText();
  const { recovery, busy, phase } = useSnapshot();
  const again = useRequest("pairings.recover");
  const dismiss = useRequest("pairings.dismiss");
  const heading = useRef<HTMLHeadingElement>(null);
  const words = text.recovery;
  const running = busy === "pairings.recover";
  // A failure says on its own screen that it is being cleaned up.
  if (recovery === null && (!running || phase.name === "failed")) return null;
  const { settled, problem } = recovery ?? { settled: [], problem: null };
  const unsettled = problem !== null || settled.some(({ outcome }) => outcome === "left");

  // What was pressed goes, and the focus would fall back to the top of the window.
  const cleanUp = async () => {
    await again.send(null);
    if (heading.current === null) focusOnScreen();
    else heading.current.focus();
  };
  const leave = async () => {
    const outcome = await dismiss.send(null);
    if (outcome?.ok === true) focusOnScreen();
  };
  return (
    <section className="card" aria-labelledby="left-behind-heading">
      <div className="card-head">
        <h2 id="left-behind-heading" tabIndex={-1} ref={heading}>
          {words.heading}
        </h2>
        {recovery === null ? null : (
          <Button kind="quiet" unavailable={busy !== null} onPress={() => void leave()}>
            {words.dismiss}
          </Button>
        )}
      </div>
      {running && !unsettled ? (
        <p className="device">
          <Icon name="busy" />
          {words.running}
        </p>
      ) : null}
      {problem === null ? null : (
        <>
          <p>{words.problem}</p>
          <FailureNotice error={problem} />
        </>
      )}
      {settled.length === 0 ? null : <p>{words.lead}</p>}
      {recovery === null ? null : <Lines recovery={recovery} />}
      <FailureNotice error={again.error} />
      {unsettled ? (
        <div className="actions">
          <Button
            icon={running ? "busy" : "refresh"}
            unavailable={busy !== null || again.pending}
            onPress={() => void cleanUp()}
          >
            {running ? words.running : words.again}
          </Button>
        </div>
      ) : null}
      {settled.length === 0 ? null : (
        <ul className="rows">
          {settled.map((pairing) => (
            <li key={pairing.pairingId} className="row">
              <RecoveredLine pairing={pairing} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

const countOf = (waiting: Recovery["waiting"]): number => waiting.reduce((sum, { count }) => sum + count, 0);

const placesOf = (waiting: Recovery["waiting"], text: Text): readonly string[] =>
  waiting.map(({ profile, environmentId, host }) => text.recovery.place(profile, environmentId, host));

/** What is not for this session to look after. */
function Lines({ recovery: { waiting, newer } }: { readonly recovery: Recovery }) {
  const text = useText();
  const others = waiting.filter(({ ofOthers }) => ofOthers);
  const elsewhere = waiting.filter(({ ofOthers }) => !ofOthers);
  return (
    <>
      {elsewhere.length === 0 ? null : (
        <p className="small">{text.recovery.elsewhere(countOf(elsewhere), placesOf(elsewhere, text))}</p>
      )}
      {others.length === 0 ? null : <p className="small">{text.recovery.ofOthers(countOf(others))}</p>}
      {newer === 0 ? null : <p className="small">{text.recovery.newer(newer)}</p>}
    </>
  );
}

function RecoveredLine({ pairing }: { readonly pairing: RecoveredPairing }) {
  const text = useText();
  const { busy, operator, phase } = useSnapshot();
  const open = useRequest("user.open");
  const words = text.recovery;
  const { outcome, kind, userId, username, beganAt } = pairing;
  const now = useNow(false);
  const began = beganAt === null ? null : momentOf(beganAt, now);
  // The work has not begun yet, or the devices are on the screen already.
  const shown = phase.name === "ready" || ("user" in phase && phase.user.id === userId);
  const elsewhere = operator?.mode !== "self-service" && !shown;
  return (
    <div className="device">
      <Icon name={kind === "desktop" ? "desktop" : "key"} />
      <div className="device-words">
        <p className="device-name">
          <Outside>{username}</Outside>
          <span className={badges[outcome]}>{words.outcomes[outcome].badge}</span>
        </p>
        <p className="device-facts">
          <bdi>{words.kinds[kind]}</bdi>
          {began === null ? null : <bdi>{words.began(began.relative, began.absolute)}</bdi>}
        </p>
        {pairing.outcome === "left" ? <p>{text.describeError(pairing.error).message}</p> : null}
        {pairing.outcome === "left" ? <p>{text.describeLeft(pairing.left)}</p> : null}
        <p>{words.outcomes[outcome].words}</p>
        {pairing.outcome === "left" && pairing.deviceId !== null ? (
          <p className="small">
            {words.deviceId} <CopyableId label={words.deviceId} value={pairing.deviceId} />
          </p>
        ) : null}
        {pairing.outcome === "left" && elsewhere ? (
          <>
            <FailureNotice error={open.error} />
            <Button
              kind="link"
              unavailable={busy !== null}
              label={words.openUserOf(username)}
              onPress={() => void open.send({ userId })}
            >
              {words.openUser}
            </Button>
          </>
        ) : null}
      </div>
    </div>
  );
}

function focusOnScreen(): void {
  const place = document.querySelector("h1");
  if (place === null) return;
  place.tabIndex = -1;
  place.focus();
}

/** Before a sign-in: that it is worth one. */
export function Unfinished() {
  const text = useText();
  const waiting = useSnapshot().recovery?.waiting ?? [];
  if (waiting.length === 0) return null;
  return (
    <Notice tone="info">
      <p>{text.recovery.unfinished(countOf(waiting), placesOf(waiting, text))}</p>
    </Notice>
  );
}
