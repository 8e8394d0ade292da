import { fail, type Outcome, ok } from "../../contract/errors.ts";
import type { Files, Ports } from "../ports.ts";
import { compact } from "./compaction.ts";
import {
  contentsOf,
  type JournalContents,
  type JournalLine,
  type PairingRecord,
  type ReadLine,
  readLines,
  recordVersion,
  toLine,
} from "./record.ts";

/**
 * The record of every pairing, one JSON object per line, on the disk before a step is tried and after it is done. From
 * the last line of a pairing the next start can tell whether a device may be left.
 *
 * One process at a time works on it, for as long as it pairs or cleans up; another is told to come back. Only so can a
 * pairing that nobody runs be told from one that is running, and a rewrite cannot lose the line of somebody else. The
 * pairings of one process share it.
 */

export const journalFile = "pairings.jsonl";
const lockName = "pairings";

export type Journal = {
  /** One record per pairing, with what has been written since; the pairing that was written about last is the last. */
  readonly contents: () => JournalContents;
  /** Nobody else in this process may run this pairing until the journal is closed. `false`: somebody does already. */
  readonly claim: (pairingId: string) => boolean;
  readonly write: (
    about: Omit<PairingRecord, "at" | "sequence">,
    moment: JournalLine["moment"],
  ) => Promise<Outcome<null>>;
  /** To be called by who opened it, in every case. */
  readonly close: () => Promise<void>;
};

type JournalPorts = Pick<Ports, "files" | "clock" | "log" | "lock">;

/** The journal as the processes see it: open once, with several who write. */
type Opened = {
  readonly records: Map<string, PairingRecord>;
  readonly rest: Omit<JournalContents, "pairings">;
  /** `false`: the file may end in the middle of a line, and the next line must not become part of that one. */
  endsWhole: boolean;
  readonly release: () => Promise<void>;
};
type Shared = {
  readonly opened: Promise<Outcome<Opened>>;
  readonly running: Set<string>;
  holders: number;
  closed: Promise<void> | null;
};
/** By the data folder, which every session of a process has from the same port. */
const shared = new WeakMap<Files, Shared>();
/** What stood in the file the last time: a process that pairs one after the other need not take it all apart again. */
const readBefore = new WeakMap<Files, ReadonlyMap<string, ReadLine>>();

/**
 * Takes the journal for this process. Fails with `not-now` while another process has it, and with `storage-failed`.
 * The first one to open it rewrites it when it has grown.
 */
export async function openJournal(ports: JournalPorts): Promise<Outcome<Journal>> {
  const { files } = ports;
  let held = shared.get(files);
  // What is being given back must be free before it can be taken again.
  while (held !== undefined && held.closed !== null) {
    await held.closed;
    held = shared.get(files);
  }
  if (held === undefined) {
    held = { opened: open(ports), running: new Set(), holders: 0, closed: null };
    shared.set(files, held);
  }
  const here = held;
  here.holders += 1;
  const leave = async (): Promise<void> => {
    here.holders -= 1;
    if (here.holders > 0) return;
    here.closed = here.opened.then(async (opened) => {
      if (opened.ok) await opened.value.release();
      shared.delete(files);
    });
    await here.closed;
  };
  const opened = await here.opened;
  if (!opened.ok) {
    await leave();
    return opened;
  }
  return ok(journalOf(ports, opened.value, here.running, leave));
}

function journalOf(ports: JournalPorts, opened: Opened, running: Set<string>, leave: () => Promise<void>): Journal {
  const { records, rest } = opened;
  const claimed: string[] = [];
  return {
    contents: () => ({ ...rest, pairings: [...records.values()] }),
    claim: (pairingId) => {
      if (running.has(pairingId)) return false;
      running.add(pairingId);
      claimed.push(pairingId);
      return true;
    },
    write: async (about, moment) => {
      const record: PairingRecord = {
        ...about,
        knownDeviceIds: needsKnownDevices(about) ? about.knownDeviceIds : [],
        at: new Date(ports.clock.now()).toISOString(),
        sequence: (records.get(about.pairingId)?.sequence ?? 0) + 1,
      };
      const line = toLine({ ...record, version: recordVersion, moment });
      const written = await ports.files.append(journalFile, opened.endsWhole ? line : `\n${line}`);
      opened.endsWhole = written.ok;
      if (!written.ok) return written;
      records.delete(record.pairingId);
      records.set(record.pairingId, record);
      return written;
    },
    close: async () => {
      for (const pairingId of claimed.splice(0)) running.delete(pairingId);
      await leave();
    },
  };
}

/** They are many, and only while our device has no id yet does it have to be told from the others. */
const needsKnownDevices = ({ state }: Pick<PairingRecord, "state">): boolean =>
  state.name === "creating" || state.name === "locating" || (state.name === "failed" && state.deviceId === null);

async function open(ports: JournalPorts): Promise<Outcome<Opened>> {
  const lock = (await ports.lock?.(lockName)) ?? ok({ release: async () => undefined });
  if (!lock.ok) {
    const { code } = lock.error;
    return code === "not-now" ? fail({ code, doing: "another DeskPair on this computer is pairing" }) : lock;
  }
  const { release } = lock.value;
  const read = await ports.files.read(journalFile);
  if (!read.ok) {
    await release();
    return read;
  }
  const text = read.value ?? "";
  const lines = readLines(text, readBefore.get(ports.files));
  readBefore.set(ports.files, new Map(lines.map((line) => [line.text, line])));
  const { pairings, ...rest } = contentsOf(lines);
  if (rest.unreadable > 0) ports.log("warn", "journal.unreadable-lines", { lines: rest.unreadable });
  const compacted = compact(text, lines, ports.clock.now());
  let endsWhole = text === "" || text.endsWith("\n");
  if (compacted !== null) {
    const replaced = await ports.files.replace(journalFile, compacted);
    if (replaced.ok) endsWhole = true;
    else ports.log("warn", "journal.not-compacted", { code: replaced.error.code });
  }
  return ok({ records: new Map(pairings.map((record) => [record.pairingId, record])), rest, endsWhole, release });
}

/**
 * What the journal tells, for showing it: reads only, and waits for nobody. A pairing that another process is running
 * at this moment looks open.
 */
export async function listPairings(ports: Pick<Ports, "files">): Promise<Outcome<JournalContents>> {
  const read = await ports.files.read(journalFile);
  return read.ok ? ok(contentsOf(readLines(read.value ?? ""))) : read;
}
