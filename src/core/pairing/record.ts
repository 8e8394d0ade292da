import * as z from "zod/mini";
import { appErrorSchema, leftSchema } from "../../contract/errors.ts";
import { deviceSchema, warningSchema } from "../../contract/views.ts";
import { isPathPart } from "../pingone/endpoints.ts";
import type { PairingState } from "./machine.ts";

/**
 * One line of the journal, and what all lines of a file say together.
 *
 * Each line tells everything that is needed to finish or undo its pairing, so that any other line may be lost. Nothing
 * secret is in one: a state holds no secret (see `machine.ts`).
 */

export const recordVersion = 1;

/** What a line says about its pairing. */
export type PairingRecord = {
  readonly pairingId: string;
  readonly kind: "desktop" | "fido2";
  readonly userId: string;
  readonly username: string;
  readonly environmentId: string;
  readonly apiBase: string;
  /** The computer that paired. */
  readonly hostName: string;
  readonly nickname: string;
  /** `null`: the MFA policy decided. */
  readonly relyingPartyId: string | null;
  /** When the pairing began, and when this was written; by this computer's clock. */
  readonly beganAt: string;
  readonly at: string;
  /** Counts the lines of one pairing from 1. Where the file holds them twice or in another order, the highest counts. */
  readonly sequence: number;
  /** The user's devices before the pairing; empty once our own is known by its id. */
  readonly knownDeviceIds: readonly string[];
  readonly state: PairingState;
};

export type JournalLine = PairingRecord & {
  readonly version: typeof recordVersion;
  /** `before`: the effect of this state is about to run. `after`: the state was reached and needs no effect. */
  readonly moment: "before" | "after";
};

/** A pairing that a later version of DeskPair wrote about. It is left alone. */
export type NewerRecord = {
  readonly version: number;
  readonly pairingId: string | null;
  readonly at: string | null;
};

export type JournalContents = {
  /** One record per pairing, its latest; the pairing that was written about last is the last one. */
  readonly pairings: readonly PairingRecord[];
  readonly newer: readonly NewerRecord[];
  /** Lines that are no record: torn by a power cut, or not ours. */
  readonly unreadable: number;
};

/** A line of the file as it stands there, and what it is. */
export type ReadLine = { readonly text: string } & (
  | { readonly is: "record"; readonly record: PairingRecord }
  | { readonly is: "newer"; readonly record: NewerRecord }
  | { readonly is: "unreadable" }
);

/** These come to stand in addresses, and the file may have been edited. */
const id = z.string().check(z.refine(isPathPart));
const cancelled = z.boolean();
const device = z.extend(deviceSchema, { id });
/** An error that is not understood must not cost the record: what is to be done does not depend on it. */
const error = z.catch(appErrorSchema, { code: "interrupted" });

const stateSchema = z.discriminatedUnion("name", [
  z.object({ name: z.literal("creating"), cancelled }),
  z.object({ name: z.literal("locating"), error }),
  z.object({ name: z.literal("proving"), deviceId: id, cancelled }),
  z.object({ name: z.literal("activating"), deviceId: id, cancelled }),
  z.object({ name: z.literal("confirming"), deviceId: id, error, cancelled }),
  z.object({ name: z.literal("naming"), device, cancelled }),
  z.object({ name: z.literal("removing"), deviceId: id, error }),
  z.object({ name: z.literal("paired"), device, warnings: z.catch(z.array(warningSchema), []) }),
  z.object({ name: z.literal("failed"), error, left: leftSchema, deviceId: z.nullable(id) }),
]);

const recordSchema = z.object({
  pairingId: z.string().check(z.regex(/^[A-Za-z0-9-]{1,100}$/)),
  kind: z.enum(["desktop", "fido2"]),
  userId: id,
  username: z.string(),
  environmentId: z.string(),
  apiBase: z.string(),
  hostName: z.string(),
  nickname: z.string(),
  relyingPartyId: z.nullable(z.string()),
  beganAt: z.string(),
  at: z.string(),
  sequence: z.number(),
  knownDeviceIds: z.array(z.string()),
  state: stateSchema,
});

const newerSchema = z.object({
  version: z.number().check(z.gt(recordVersion)),
  pairingId: z.catch(z.nullable(z.string()), null),
  at: z.catch(z.nullable(z.string()), null),
});

/**
 * The version stands first, where a person and a later DeskPair look for it. A server's own words are left out: nobody
 * knows what a server may say.
 */
export const toLine = (line: JournalLine): string => {
  const { version, moment, state, ...rest } = line;
  const withoutWords = (name: string, value: unknown): unknown => (name === "serverMessage" ? undefined : value);
  return `${JSON.stringify({ version, ...rest, moment, state }, withoutWords)}\n`;
};

/** @param known lines that were read before: what they are depends on nothing but their text */
export const readLines = (text: string, known?: ReadonlyMap<string, ReadLine>): readonly ReadLine[] =>
  text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => known?.get(line) ?? readLine(line));

function readLine(text: string): ReadLine {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { text, is: "unreadable" };
  }
  if (isOfThisVersion(json)) {
    const record = recordSchema.safeParse(json);
    return record.success ? { text, is: "record", record: record.data } : { text, is: "unreadable" };
  }
  const newer = newerSchema.safeParse(json);
  return newer.success ? { text, is: "newer", record: newer.data } : { text, is: "unreadable" };
}

const isOfThisVersion = (json: unknown): boolean =>
  typeof json === "object" && json !== null && "version" in json && json.version === recordVersion;

/** The latest line of each pairing, in the order in which they stand in the file. */
export function latestLines(lines: readonly ReadLine[]): ReadonlyMap<string, ReadLine & { readonly is: "record" }> {
  const latest = new Map<string, ReadLine & { readonly is: "record" }>();
  for (const line of lines) {
    if (line.is !== "record") continue;
    const { pairingId, sequence } = line.record;
    if (sequence < (latest.get(pairingId)?.record.sequence ?? 0)) continue;
    // Taken out first, so that it comes to stand at the end.
    latest.delete(pairingId);
    latest.set(pairingId, line);
  }
  return latest;
}

/** The pairings that a later version has written about, by their ids: it knows more about them than this one. */
export const newerIds = (lines: readonly ReadLine[]): ReadonlySet<string | null> =>
  new Set(lines.flatMap((line) => (line.is === "newer" ? [line.record.pairingId] : [])));

export function contentsOf(lines: readonly ReadLine[]): JournalContents {
  const theirs = newerIds(lines);
  const newer = new Map<string | null, NewerRecord>();
  for (const line of lines) if (line.is === "newer") newer.set(line.record.pairingId, line.record);
  return {
    pairings: [...latestLines(lines).values()]
      .map((line) => line.record)
      .filter((record) => !theirs.has(record.pairingId)),
    newer: [...newer.values()],
    unreadable: lines.filter((line) => line.is === "unreadable").length,
  };
}

/**
 * `open`: something is still to be done, or may be left behind. `failed`: it failed, and nothing is left.
 */
export type Standing = "open" | "paired" | "failed";

export function standingOf({ state }: PairingRecord): Standing {
  if (state.name === "paired") return "paired";
  return state.name === "failed" && state.left === "nothing" ? "failed" : "open";
}

export const openPairings = (records: readonly PairingRecord[]): readonly PairingRecord[] =>
  records.filter((record) => standingOf(record) === "open");

export type Place = { readonly apiBase: string; readonly environmentId: string };

/** Whether a pairing was made where we are signed in. Both count: every simulator has the same environment id. */
export const isHere = (record: PairingRecord, place: Place): boolean =>
  record.environmentId === place.environmentId && record.apiBase === place.apiBase;

/**
 * What we know of our own last pairing of this kind for this user, on this computer. It says nothing about now: the
 * device may have been removed since.
 */
export function findOwnPairing(
  records: readonly PairingRecord[],
  place: Place & { readonly hostName: string },
  userId: string,
  kind: PairingRecord["kind"],
): (PairingRecord & { readonly state: Extract<PairingState, { name: "paired" }> }) | null {
  for (const record of records.toReversed()) {
    const { state, hostName } = record;
    const ours = isHere(record, place) && hostName === place.hostName && record.userId === userId;
    if (ours && record.kind === kind && state.name === "paired") return { ...record, state };
  }
  return null;
}
