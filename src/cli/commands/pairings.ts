import type { Step } from "../../contract/views.ts";
import { listPairings } from "../../core/pairing/journal.ts";
import { type NewerRecord, openPairings, type PairingRecord, standingOf } from "../../core/pairing/record.ts";
import type { Recovered, RecoveryReport } from "../../core/pairing/recovery.ts";
import { createFiles } from "../../node/files.ts";
import { dataFolder } from "../../node/host.ts";
import { type Context, inSession, report } from "../context.ts";
import { exitCodeOf, exitDone } from "../exit-codes.ts";
import { json, printable, type Style, table } from "../output.ts";
import type { Order } from "../program.ts";

type PairingsOrder = Extract<Order, { name: "pairings-list" | "pairings-recover" }>;

/** `deskpair pairings …`. Resolves with the exit number. */
export function pairings(context: Context, order: PairingsOrder): Promise<number> {
  return order.name === "pairings-list" ? list(context, order.all) : recover(context);
}

/** Reads this computer's journal and nothing else: it asks nobody, and waits for no other DeskPair. */
async function list(context: Context, all: boolean): Promise<number> {
  const { output } = context;
  const read = await readJournal(context);
  if (!read.ok) return report(context, read.error);
  const { newer, unreadable } = read.value;
  const open = openPairings(read.value.pairings);
  const shown = all ? read.value.pairings : open;
  output.result(
    { ok: true, open: open.length, pairings: shown.map(recordObject), newer: newer.length, unreadable },
    [
      shown.length === 0 ? (all ? "No pairing is on record." : "No pairing is open.") : recordTable(shown),
      ...notes(newer, unreadable),
    ].join("\n"),
  );
  return exitDone;
}

/** Nothing open means nothing to sign in for. */
async function recover(context: Context): Promise<number> {
  const read = await readJournal(context);
  if (!read.ok) return report(context, read.error);
  if (openPairings(read.value.pairings).length === 0) {
    return reportRecovery(context, { recovered: [], elsewhere: [], newer: read.value.newer });
  }
  return inSession(context, { policyId: null, relyingPartyId: null }, async ({ session }) => {
    const seen = new Map<string, readonly Step[]>();
    const done = await session.recoverPairings(({ record, steps }) => {
      const known = seen.get(record.pairingId) ?? [];
      for (const step of steps.filter((each, index) => known[index]?.outcome !== each.outcome)) {
        context.output.event({ event: "step", pairingId: record.pairingId, step: json.step(step) });
      }
      seen.set(record.pairingId, steps);
    }, context.signal);
    return done.ok ? reportRecovery(context, done.value) : report(context, done.error);
  });
}

const readJournal = ({ environment }: Context) => listPairings({ files: createFiles(dataFolder(environment)) });

function reportRecovery({ output }: Context, { recovered, elsewhere, newer }: RecoveryReport): number {
  const left = recovered.filter(({ outcome }) => outcome === "left");
  const object = {
    ok: left.length === 0,
    changed: recovered.length > left.length,
    recovered: recovered.map(recoveredObject),
    elsewhere: elsewhere.map(recordObject),
    newer: newer.length,
  };
  const { style } = output;
  const lines = [
    ...(recovered.length === 0
      ? ["Nothing was left to finish or to undo here."]
      : recovered.map((each) => line(each, style))),
    ...(elsewhere.length === 0
      ? []
      : [`\n${style.attention} Open elsewhere; sign in there to finish them:`, recordTable(elsewhere)]),
    ...notes(newer, 0),
  ];
  const [first] = left;
  if (first?.state.name !== "failed") {
    output.result(object, lines.join("\n"));
    return exitDone;
  }
  output.failure(object, lines.join("\n"));
  return exitCodeOf(first.state.error, first.state.left);
}

function line({ record, outcome, state }: Recovered, style: Style): string {
  const what = `${record.kind === "desktop" ? "workstation" : "security key"} of ${printable(record.username)}`;
  switch (outcome) {
    case "paired":
      return `${style.done} Finished: the ${what} is active.`;
    case "undone":
      return `${style.done} Undone: nothing is left of the ${what}.`;
    case "left": {
      const device = state.name === "failed" && state.deviceId !== null ? ` (device ${state.deviceId})` : "";
      return `${style.failed} Still open: the ${what}${device}. The next recovery tries again.`;
    }
    default:
      return outcome satisfies never;
  }
}

/** The keys are a promise to scripts. */
const recordObject = (record: PairingRecord) => ({
  pairingId: record.pairingId,
  kind: record.kind,
  standing: standingOf(record),
  state: record.state.name,
  user: { id: record.userId, username: record.username },
  device: deviceOf(record),
  environmentId: record.environmentId,
  host: URL.parse(record.apiBase)?.host ?? record.apiBase,
  computer: record.hostName,
  beganAt: record.beganAt,
  at: record.at,
});

const recoveredObject = ({ record, outcome, state, steps }: Recovered) => ({
  ...recordObject({ ...record, state }),
  outcome,
  left: state.name === "failed" ? state.left : "nothing",
  error: state.name === "failed" ? json.error(state.error) : null,
  steps: steps.map(json.step),
});

function deviceOf({ state }: PairingRecord): { readonly id: string } | null {
  if ("device" in state) return { id: state.device.id };
  return "deviceId" in state && state.deviceId !== null ? { id: state.deviceId } : null;
}

const recordTable = (records: readonly PairingRecord[]): string =>
  table(
    ["PAIRING", "KIND", "STATE", "USER", "DEVICE", "HOST", "BEGAN"],
    records.map((record) => {
      const { pairingId, kind, state, user, device, host, beganAt } = recordObject(record);
      return [pairingId, kind, state, user.username, device?.id ?? "", host, beganAt];
    }),
  );

function notes(newer: readonly NewerRecord[], unreadable: number): readonly string[] {
  return [
    ...(newer.length === 0
      ? []
      : [`\nA newer DeskPair has written about ${counted(newer.length)}, and is left to it.`]),
    ...(unreadable === 0
      ? []
      : [
          `\n${unreadable === 1 ? "1 line" : `${unreadable} lines`} of the journal cannot be read; nothing else is lost.`,
        ]),
  ];
}

const counted = (count: number): string => (count === 1 ? "1 pairing" : `${count} pairings`);
