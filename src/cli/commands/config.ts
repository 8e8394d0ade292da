import { configurationUnder, decideBy } from "../../core/policy/applied.ts";
import {
  type ExplainedScope,
  type ExplainedSetting,
  type Explanation,
  explain,
  originWords,
} from "../../core/policy/explain.ts";
import { emptyConfiguration } from "../../core/profiles/file.ts";
import { savedWindowSettings } from "../../core/settings.ts";
import { createFiles } from "../../node/files.ts";
import { dataFolder } from "../../node/host.ts";
import { configPlace, readConfigFile } from "../config-file.ts";
import { type Context, report } from "../context.ts";
import { exitDone } from "../exit-codes.ts";
import { chosenProfile } from "../managed.ts";
import { type Output, printable, type Style, table } from "../output.ts";

/** As for a configuration that is wrong: something in it has no effect, or not the one that was meant. */
const exitNotSound = 10;

/**
 * `deskpair config explain`: every setting, where its value comes from, and what was ignored. Works also where nothing
 * else does, because it is what one asks then: a configuration file that is broken is told beside the rest. Resolves
 * with the exit number: 0 when all that is set is in force or has merely lost, 10 when something is wrong.
 */
export async function configExplain(context: Context): Promise<number> {
  const { options, environment, policy, output } = context;
  const place = configPlace(options.config, environment);
  const file = await readConfigFile(place);
  const byPolicy = decideBy(policy);
  const own = configurationUnder(byPolicy, (file.ok ? file.value : null) ?? emptyConfiguration);
  const flags = { "--profile": options.profile, "--log-level": options.logLevel };
  const name = chosenProfile(byPolicy, own, options.profile, environment);
  const values = name !== null && Object.hasOwn(own.profiles, name) ? own.profiles[name] : undefined;
  const decisions = decideBy(policy, {
    flags,
    environment,
    profile: name === null || values === undefined ? null : { name, values },
    window: await savedWindowSettings(createFiles(dataFolder(environment))),
  });
  const code = tellExplanation(output, explain({ policy }, decisions));
  return file.ok ? code : report(context, file.error);
}

/** Gives the exit number. */
export function tellExplanation(output: Output, explanation: Explanation): number {
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
