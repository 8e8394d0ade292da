import { type Outcome, ok } from "../contract/errors.ts";
import type { RecoveredPairing, Recovery } from "../contract/recovery.ts";
import { listPairings } from "./pairing/journal.ts";
import { openPairings, type PairingRecord } from "./pairing/record.ts";
import type { Recovered } from "./pairing/recovery.ts";
import type { Ports } from "./ports.ts";
import type { Session } from "./session.ts";
import type { AppEvent, AppState } from "./state.ts";

/** The window's care for pairings that were interrupted: what waits before a sign-in, and the clean-up after it. */
export type Recoveries = {
  /** Reads the record of pairings anew. While nobody is signed in, shows what waits there. */
  readonly look: () => Promise<void>;
  /** Whether the last look found something to be done or to be told. */
  readonly isNeeded: () => boolean;
  readonly isRunning: () => boolean;
  /** Finishes or undoes what can be. Fails when it cannot run now; what is wrong with the record is shown. */
  readonly run: () => Promise<Outcome<null>>;
  readonly dismiss: () => Outcome<null>;
  /** Lets the pairing that is being looked after come to its end, and no other be begun. */
  readonly stop: () => Promise<void>;
};

export function createRecoveries(parts: {
  readonly ports: Ports;
  readonly state: () => AppState;
  readonly dispatch: (event: AppEvent) => void;
  /** Runs one thing at a time, for the session that is there. */
  readonly withSession: (work: (session: Session) => Promise<Outcome<null>>) => Promise<Outcome<null>>;
}): Recoveries {
  const { ports, state, dispatch } = parts;
  let needed = false;
  let abort: AbortController | null = null;
  /** Until the app is free again, and not only the record. */
  const underWay = new Set<Promise<Outcome<null>>>();

  const show = (recovery: Recovery): void => dispatch({ type: "recovery-shown", recovery });

  const recover = async (session: Session, signal: AbortSignal): Promise<Outcome<null>> => {
    const report = await session.recoverPairings(() => undefined, signal);
    if (!report.ok) {
      show({ ...nothing, problem: report.error });
      return ok(null);
    }
    const { recovered, elsewhere, newer } = report.value;
    if (recovered.length > 0) ports.log("info", "pairings.recovered", countsOf(recovered));
    // What is left asks for somebody; the rest is only good to know.
    const settled = recovered
      .map(viewOf)
      .toSorted((a, b) => Number(b.outcome === "left") - Number(a.outcome === "left"));
    const recovery = { ...nothing, settled, waiting: waitingOf(elsewhere, state()), newer: newer.length };
    dispatch({ type: "recovered", recovery, ended: recovered });
    return ok(null);
  };

  /** A bug in here must not end the app, nor leave somebody without a word. */
  const guarded = async (work: () => Promise<Outcome<null>>): Promise<Outcome<null>> => {
    try {
      return await work();
    } catch (bug) {
      const incidentId = ports.random.uuid();
      ports.log("error", "incident", { incidentId, thrown: bug instanceof Error ? bug.name : typeof bug });
      show({ ...nothing, problem: { code: "internal", incidentId } });
      return ok(null);
    }
  };

  return {
    look: async () => {
      const listed = await listPairings(ports);
      if (!listed.ok) ports.log("warn", "journal.not-read", { code: listed.error.code });
      const open = listed.ok ? openPairings(listed.value.pairings) : [];
      // What cannot be read now may hold something: the clean-up tries again, and says so.
      needed = !listed.ok || open.length + listed.value.newer.length > 0;
      if (state().operator !== null || (open.length === 0 && state().recovery === null)) return;
      show({ ...nothing, waiting: waitingOf(open, state()) });
    },
    isNeeded: () => needed,
    isRunning: () => underWay.size > 0,
    run: async () => {
      const ended = guarded(() =>
        parts.withSession((session) => {
          abort = new AbortController();
          return recover(session, abort.signal);
        }),
      );
      underWay.add(ended);
      const outcome = await ended;
      underWay.delete(ended);
      return outcome;
    },
    dismiss: () => {
      dispatch({ type: "recovery-shown", recovery: null });
      return ok(null);
    },
    stop: async () => {
      abort?.abort();
      await Promise.all(underWay);
    },
  };
}

const nothing: Recovery = { settled: [], waiting: [], newer: 0, problem: null };

const countsOf = (recovered: readonly Recovered[]) => {
  const count = (wanted: Recovered["outcome"]) => recovered.filter(({ outcome }) => outcome === wanted).length;
  return { paired: count("paired"), undone: count("undone"), left: count("left") };
};

/** The file may have been edited, and what is longer than the page takes would cost it the whole snapshot. */
const short = (text: string): string => text.slice(0, 200);

function viewOf({ record, state }: Recovered): RecoveredPairing {
  const { pairingId, kind, userId, username, beganAt } = record;
  const began = Date.parse(beganAt);
  const about = {
    pairingId,
    kind,
    userId: short(userId),
    username: short(username),
    beganAt: Number.isNaN(began) ? null : new Date(began).toISOString(),
  };
  if (state.name === "paired") return { ...about, outcome: "finished", deviceId: state.device.id };
  const { left, deviceId, error } = state;
  return left === "nothing" ? { ...about, outcome: "undone" } : { ...about, outcome: "left", left, deviceId, error };
}

/** Open pairings by their environment, with the profile that leads there; the one in use before any other. */
function waitingOf(records: readonly PairingRecord[], { profiles, operator }: AppState): Recovery["waiting"] {
  const places = new Map<string, Recovery["waiting"][number]>();
  for (const { environmentId, apiBase } of records) {
    const host = hostOf(apiBase);
    const key = `${host} ${environmentId}`;
    const leading = profiles.list.filter((profile) => profile.environmentId === environmentId && profile.host === host);
    const profile = leading.find(({ name }) => name === profiles.current) ?? leading[0] ?? null;
    places.set(key, {
      count: (places.get(key)?.count ?? 0) + 1,
      profile: profile?.name ?? null,
      environmentId: short(environmentId),
      host,
      ofOthers: operator?.environmentId === environmentId && operator.apiHost === host,
    });
  }
  return [...places.values()];
}

const hostOf = (apiBase: string): string => short(URL.parse(apiBase)?.host ?? apiBase);
