import {
  type ExplainedScope,
  type ExplainedSetting,
  type Explanation,
  originWords,
} from "../../core/policy/explain.ts";
import { exitDone } from "../exit-codes.ts";
import { type Output, printable, type Style, table } from "../output.ts";

/** As for a configuration that is wrong: something in it has no effect, or not the one that was meant. */
const exitNotSound = 10;

/**
 * `deskpair config explain`: every setting, where its value comes from, and what was ignored. Gives the exit number: 0
 * when all that is set is in force or has merely lost, 10 when something is wrong.
 */
export function configExplain(output: Output, explanation: Explanation): number {
  output.result({ ok: explanation.sound, ...explanation }, explanationText(explanation, output.style));
  return explanation.sound ? exitDone : exitNotSound;
}

function explanationText({ policies, settings }: Explanation, style: Style): string {
  const rows = settings.map(({ name, shown, state, locked, source, place }) => [
    name,
    state === "refused" ? "(refused)" : shown,
    originWords({ source, place }),
    locked ? "managed" : "",
  ]);
  return [
    ...policies.flatMap((scope) => scopeLines(scope, style)),
    "",
    table(["SETTING", "VALUE", "FROM", "LOCKED"], rows),
    ...section("Not as written", settings.flatMap(problemLines), style),
    ...section("Ignored", settings.flatMap(ignoredLines), style),
  ].join("\n");
}

const scopeNames = { machine: "Machine policy", user: "User policy" } as const;
const stateWords = { absent: "none", read: "in force", unreadable: "cannot be read" } as const;

function scopeLines({ scope, state, place, problem, unknown }: ExplainedScope, style: Style): readonly string[] {
  return [
    `${scopeNames[scope]}: ${stateWords[state]} (${printable(place)})`,
    ...(problem === null ? [] : [`  ${style.attention} ${printable(problem)}`]),
    ...unknown.map(({ name, place, reason }) => `  ${style.attention} ${name} (${printable(place)}): ${reason}`),
  ];
}

const problemLines = ({ name, source, place, problem, state }: ExplainedSetting): readonly string[] => {
  if (problem === null) return [];
  const effect = state === "refused" ? "Nothing goes on until it is put right." : "The strictest value holds instead.";
  return [`${name}, ${printable(originWords({ source, place }))}: ${printable(problem)} ${effect}`];
};

const ignoredLines = ({ name, ignored }: ExplainedSetting): readonly string[] =>
  ignored.map(({ source, place, value, reason }) => {
    const what = value === null ? "a value" : `“${value}”`;
    return printable(`${name}: ${what} of ${originWords({ source, place })}: ${reason}`);
  });

const section = (heading: string, lines: readonly string[], style: Style): readonly string[] =>
  lines.length === 0 ? [] : ["", style.bold(heading), ...lines.map((line) => `  ${line}`)];
