import { type PolicyName, policyNames, policyOf } from "../../src/core/policy/policies.ts";
import { policySections } from "../../src/core/policy/policy.ts";
import { shown } from "../../src/core/policy/understand.ts";
import { sampleValues, whenBadOf } from "./words.ts";

export const linuxSample = (): string => `${JSON.stringify(Object.fromEntries(sampleValues()), null, 2)}\n`;

const begin = "<!-- The tables are generated: node scripts/run.mjs policy-files -->";
const end = "<!-- End of what is generated -->";

/** The guide with its tables as the settings are now. Throws when the marks between which they stand are gone. */
export function withTables(guide: string): string {
  const from = guide.indexOf(begin);
  const to = guide.indexOf(end);
  if (from < 0 || to < from) throw new Error("docs/admin-guide.md has lost the marks of its generated tables");
  return `${guide.slice(0, from)}${begin}\n\n${tables()}\n${guide.slice(to)}`;
}

function tables(): string {
  return policySections
    .map((section) => {
      const rows = policyNames.filter((name) => policyOf(name).section === section).map(row);
      const head = "| Name | What it does | Value | If wrong or unreadable | Default | Also set by |";
      return [`### ${section}`, "", head, "| --- | --- | --- | --- | --- | --- |", ...rows, ""].join("\n");
    })
    .join("\n");
}

const types = {
  choice: "text",
  text: "text",
  profiles: "object",
  number: "number",
  switch: "true or false",
  list: "list",
} as const;

function row(name: PolicyName): string {
  const { explanation, kind, security, restart, usual, flag, environment, profile, window, since } = policyOf(name);
  const does = [
    explanation,
    ...(security === null ? [] : [`*${security}.*`]),
    ...(restart ? ["Needs a restart."] : []),
    ...(since === "0.1.0" ? [] : [`Since ${since}.`]),
  ];
  const others = [
    ...(flag === null ? [] : [`\`${flag}\``]),
    ...(environment === null ? [] : [`\`${environment}\``]),
    ...(profile === null ? [] : [`\`${profile}\` of a profile`]),
    ...(window === null ? [] : ["the window"]),
  ];
  const value = kind.type === "switch" ? types.switch : `${types[kind.type]}: ${kind.must}`;
  const cells = [
    `\`${name}\``,
    does.join(" "),
    value,
    whenBadOf(name),
    usual === null ? "–" : shown(usual),
    others.join(", ") || "–",
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
