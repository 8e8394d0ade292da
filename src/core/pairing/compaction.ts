import { latestLines, newerIds, type PairingRecord, type ReadLine, standingOf } from "./record.ts";

/** Keeps the journal small: what it need not hold any more. Only for who has the journal to itself. */

/** Pairings that are over are kept for this long, and so many of them. */
const keptDays = 90;
const keptPairings = 200;
/** Not worth a rewrite. */
const slack = 64_000;

/**
 * The journal without what is not needed; `null`: it may stay as it is.
 *
 * Of each pairing the last line stays, which tells everything. Never dropped: a pairing with something left to do, the
 * last one of a user's workstation (a later `pair desktop` asks for it), and every line of a later version, as it was
 * written. Keys have no such exception: nobody asks for them again, and a key desk pairs thousands.
 */
export function compact(text: string, lines: readonly ReadLine[], now: number): string | null {
  const theirs = newerIds(lines);
  const latest = latestLines(lines);
  const own = new Map<string, string>();
  for (const { record } of latest.values()) {
    if (standingOf(record) === "paired" && record.kind === "desktop") own.set(ownerOf(record), record.pairingId);
  }
  const oldest = now - keptDays * 86_400_000;
  const over = [...latest.values()].filter(({ record }) => standingOf(record) !== "open");
  // By their place in the file, not by their time: a clock may have been wrong.
  const recent = new Set(over.slice(-keptPairings).map(({ record }) => record.pairingId));

  const isKept = (line: ReadLine): boolean => {
    if (line.is === "newer") return true;
    if (line.is === "unreadable") return false;
    const { record } = line;
    if (theirs.has(record.pairingId)) return true;
    if (latest.get(record.pairingId) !== line) return false;
    if (standingOf(record) === "open" || own.get(ownerOf(record)) === record.pairingId) return true;
    return recent.has(record.pairingId) && !(Date.parse(record.at) < oldest);
  };
  const kept = lines.filter(isKept);
  const compacted = kept.map((line) => `${line.text}\n`).join("");
  const dropsPairing = [...latest.values()].some((line) => !isKept(line));
  return dropsPairing || text.length - compacted.length > slack ? compacted : null;
}

const ownerOf = (record: PairingRecord): string =>
  [record.apiBase, record.environmentId, record.userId, record.hostName].join(" ");
