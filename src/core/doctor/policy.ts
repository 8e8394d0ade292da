import { type ExplainedSetting, type Explanation, originWords } from "../policy/explain.ts";
import { failed, pass, type Verdict, warn } from "./verdict.ts";

/** Whether the organisation's policy is understood, and what it holds. */
export function judgePolicy({ policies, settings }: Explanation): Verdict {
  const refused = settings.find(({ state, locked }) => state === "refused" && locked);
  if (refused !== undefined) {
    return failed({ code: "blocked-by-policy", setting: refused.name }, { evidence: told(refused), fix: putRight });
  }
  const fixed = settings.filter(({ source }) => source === "machine-policy" || source === "user-policy");
  const odd = [
    ...policies.flatMap(({ place, problem }) => (problem === null ? [] : [`${place}: ${problem}`])),
    ...policies.flatMap(({ unknown }) => unknown.map(({ name, place }) => `${name} (${place}) is not known`)),
    ...fixed.filter(({ problem }) => problem !== null).map(told),
    ...settings.flatMap(({ name, ignored }) =>
      ignored
        .filter(({ value, source }) => value === null && source.endsWith("-policy"))
        .map(({ place, reason }) => `${name} (${place}): ${reason}`),
    ),
  ];
  const [first] = odd;
  if (first !== undefined) {
    const more = odd.length === 1 ? "" : ` And ${odd.length - 1} more.`;
    return warn(`${first.replace(/\.$/, "")}.${more}`.slice(0, 1_000), putRight);
  }
  const present = policies.filter(({ state }) => state !== "absent").map(({ place }) => place);
  if (present.length === 0) return pass("No policy manages this computer.");
  return pass(
    `${fixed.length} ${fixed.length === 1 ? "setting is" : "settings are"} managed by your organisation (${present.join(", ")}).`.slice(
      0,
      1_000,
    ),
  );
}

const told = ({ name, problem, source, place }: ExplainedSetting): string =>
  `${name}, ${originWords({ source, place })}: ${problem ?? "it is not understood"}`;

const putRight = "Put the policy right; deskpair config explain tells all of it.";
