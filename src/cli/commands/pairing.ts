import { describeLeft } from "../../contract/error-words.ts";
import type { Step, StepName, User } from "../../contract/views.ts";
import type { PairingProgress, PairingResult } from "../../core/pairing/run.ts";
import type { PlannedRequest } from "../../core/pingone/devices.ts";
import type { Session } from "../../core/session.ts";
import type { Context } from "../context.ts";
import { exitCodeOf, exitDone } from "../exit-codes.ts";
import { failureText, json, pairs, printable, type Style } from "../output.ts";
import { describeWarning, stepWords } from "../words.ts";

type PairingChoice = Parameters<Session["pair"]>[1];

/**
 * Pairs, shows the steps as they happen and the result at the end. Resolves with the exit number.
 *
 * @param explain what to add to a step that is done, for somebody who sees a pairing for the first time
 */
export async function pairAndReport(
  context: Context,
  session: Session,
  user: User,
  choice: PairingChoice,
  explain: Partial<Record<StepName, string>> = {},
): Promise<number> {
  const { output, signal } = context;
  const { style } = output;
  let shown: readonly Step[] = [];
  const observe = ({ steps }: PairingProgress): void => {
    for (const step of changedSteps(shown, steps)) {
      output.event({ event: "step", step: json.step(step) });
      const line = stepLine(step, style);
      if (line !== null) output.say(line);
      const explanation = explain[step.name];
      if (explanation !== undefined && step.outcome === "done") output.say(style.dim(`      ${explanation}`));
    }
    shown = steps;
  };
  const onCancel = (): void => output.say("Cancelling, and removing what was created. Ctrl-C again leaves at once.");
  const what = choice.kind === "desktop" ? "this workstation" : "a security key";
  output.say(`Pairing ${what} for ${style.bold(printable(user.username))}`);
  signal.addEventListener("abort", onCancel, { once: true });
  const result = await session.pair(user, choice, observe, signal);
  signal.removeEventListener("abort", onCancel);

  if (result.ok) {
    output.result(successObject(result), successText(result, style));
    return exitDone;
  }
  const failed = {
    ok: false,
    error: json.error(result.error),
    left: result.left,
    pairingId: result.pairingId,
    ...(result.deviceId === null ? {} : { device: { id: result.deviceId } }),
    user: json.user(result.user),
    steps: result.steps.map(json.step),
    warnings: result.warnings.map(json.warning),
  };
  const left = `  ${describeLeft(result.left)}${result.deviceId === null ? "" : ` (${result.deviceId})`}`;
  output.failure(failed, `\n${failureText(result.error, style)}\n${left}`);
  return exitCodeOf(result.error, result.left);
}

type Success = Extract<PairingResult, { ok: true }>;

const successObject = (result: Success): object => ({
  ok: true,
  changed: result.changed,
  pairingId: result.pairingId,
  device: json.device(result.device),
  user: json.user(result.user),
  steps: result.steps.map(json.step),
  ...(result.authenticator === null ? {} : { authenticator: result.authenticator }),
  warnings: result.warnings.map(json.warning),
});

function successText({ changed, device, user, pairingId, authenticator, warnings }: Success, style: Style): string {
  const paired = authenticator === null ? "This workstation" : "The security key";
  return [
    "",
    `${style.done} ${style.bold(`${paired} is ${changed ? "now" : "already"} an MFA device of ${printable(user.username)}.`)}`,
    "",
    pairs([
      ["Device", device.id],
      ["Type", device.type],
      ["Status", device.status],
      ["Name", device.nickname],
      ...(authenticator === null
        ? [["System", device.system] as const]
        : [
            ["Authenticator", authenticator.name ?? authenticator.aaguid] as const,
            ["Attachment", [authenticator.attachment, ...authenticator.transports].join(", ")] as const,
            [
              "Copies",
              authenticator.backedUp ? "copied to others" : authenticator.backupEligible ? "possible" : "none",
            ] as const,
          ]),
      ["Relying party", device.relyingPartyId],
      ["Created", device.createdAt],
      ["User", user.id],
      ["Pairing", pairingId],
    ]),
    ...warnings.map((warning) => `\n${style.attention} ${printable(describeWarning(warning))}`),
  ].join("\n");
}

/** What is new or different. Steps are only ever added or finished, never taken back. */
function changedSteps(before: readonly Step[], after: readonly Step[]): readonly Step[] {
  return after.filter((step, index) => {
    const known = before[index];
    return known === undefined || known.outcome !== step.outcome;
  });
}

/** `null`: not worth a line. Only the step that waits for a person is announced before it is over. */
function stepLine({ name, outcome, ms }: Step, style: Style): string | null {
  const finished = (mark: string): string => `  ${mark} ${stepWords[name].padEnd(stepWidth)}${style.dim(duration(ms))}`;
  switch (outcome) {
    case "running":
      return name === "register-with-agent"
        ? `  ${style.bold("Now approve with fingerprint, face or PIN on this workstation.")}`
        : null;
    case "done":
      return finished(style.done);
    case "failed":
      return finished(style.failed);
    default:
      return outcome satisfies never;
  }
}

const stepWidth = Math.max(...Object.values(stepWords).map((words) => words.length));

const duration = (ms: number | null): string =>
  ms === null ? "" : `  ${ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`}`.padStart(10);

/**
 * A dry run's result: what would have been sent.
 *
 * @param known what else the command promises to scripts
 */
export function reportPlan(
  { output }: Context,
  user: User,
  requests: readonly PlannedRequest[],
  known: { readonly paired?: boolean } = {},
): number {
  const common = { ok: true, changed: false, dryRun: true, ...known, user: json.user(user) };
  const object = { ...common, requests, steps: [], warnings: [] };
  const text = requests.map(({ method, url, contentType, body }) =>
    [
      `${method} ${url}`,
      ...(contentType === null ? [] : [`Content-Type: ${contentType}`]),
      ...(body === null ? [] : [body]),
    ]
      .map((line, index) => (index === 0 ? line : `    ${line}`))
      .join("\n"),
  );
  if (requests.length === 0) {
    output.result(object, "Nothing would be sent: it is done already.");
    return exitDone;
  }
  output.say("Nothing was written. These requests would be sent, in this order:\n");
  output.result(object, text.join("\n"));
  return exitDone;
}
