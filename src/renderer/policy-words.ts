import type { InForce, PolicyScopeView, SettingInForce } from "../contract/policy-views.ts";

/** The words about the organisation's policy, part of the catalogue. Names, values and reasons come from main, in English. */

const scopes: Readonly<Record<PolicyScopeView["scope"], string>> = { machine: "This computer", user: "This user" };
const states: Readonly<Record<PolicyScopeView["state"], string>> = {
  absent: "No policy",
  read: "Read",
  unreadable: "Cannot be read",
};

export const policyWords = {
  managed: "Managed by your organisation",
  mark: "Managed",
  markLabel: "Managed by your organisation: what is in force",
  settingsNotice: "Your organisation manages this computer. What it fixes cannot be changed here.",
  profilesNotice: "Managed by your organisation: it can be read here, and not changed.",
  profileFixed: "Your organisation says which profile is in use.",
  restart: (count: number) =>
    count === 1
      ? "1 change of the policy takes effect after a restart of DeskPair."
      : `${count} changes of the policy take effect after a restart of DeskPair.`,
  modeRefused: (mode: string) => `Your organisation does not allow this way to sign in (${mode}).`,
  modeRefusedNext: "Choose another profile, or ask the administrator who manages DeskPair.",
  helpLink: (link: string) => `Get help: ${link}`,

  blockedHeading: "A policy has to be put right",
  blockedLead: "Your organisation's policy is not understood, so nobody can sign in on this computer.",
  blockedSession: (setting: string) =>
    `Your organisation's policy is not understood (${setting}). Nothing can be paired until it is put right.`,
  blockedNext:
    "Show this to the administrator who manages DeskPair. Once it is put right, DeskPair goes on within a minute.",
  blockedFacts: { setting: "Setting", place: "Where", problem: "What is wrong" },

  heading: "What is in force",
  hint: "Every setting with its value, and who decides it.",
  open: "What is in force",
  again: "Look again",
  running: "Looking…",
  report: "the list",
  result: {
    sound: "Everything that your organisation's policy says is understood.",
    unsound: "Something in the policy needs a look.",
    none: "No policy manages this computer. These are its settings.",
  },
  sum: (managed: number, wrong: number) =>
    `${managed === 1 ? "1 setting" : `${managed} settings`} managed, ${wrong} to look at`,
  policies: "Policies",
  scopes,
  states,
  unknown: (name: string) => `“${name}” is no setting`,
  unknownMore: (count: number) => `and ${count} more`,
  locked: "Managed",
  refused: "Not understood: nothing goes on until it is put right",
  restartNeeded: "changes with a restart",
  waiting: (value: string) => `After a restart: ${value}`,
  ignored: (origin: string, value: string | null) =>
    value === null ? `Ignored, from ${origin}` : `Ignored, from ${origin}: ${value}`,
};

/** Whether somebody should look at it. */
export const needsALook = ({ problem, ignored }: SettingInForce): boolean =>
  problem !== null || ignored.some(({ value }) => value === null);

/** The list for a ticket: what is on the screen, with the names that the documentation uses. */
export function inForceAsText({ policies, settings }: InForce, hostName: string, version: string): string {
  const ofScope = ({ scope, state, place, problem, unknown, unknownCount }: PolicyScopeView): readonly string[] => [
    `[${state}] ${scope} policy: ${place}${problem === null ? "" : `: ${problem}`}`,
    ...unknown.map(({ name, place: at }) => `    Unknown: ${name} (${at})`),
    ...(unknownCount > unknown.length ? [`    Unknown: ${unknownCount - unknown.length} more`] : []),
  ];
  const ofSetting = (setting: SettingInForce): readonly string[] => [
    `${setting.name} = ${setting.state === "refused" ? "(refused)" : setting.shown} [${setting.origin}${setting.locked ? ", managed" : ""}]`,
    ...(setting.problem === null ? [] : [`    Problem: ${setting.problem}`]),
    ...(setting.waiting === null ? [] : [`    After a restart: ${setting.waiting}`]),
    ...setting.ignored.map(
      ({ origin, value, reason }) => `    Ignored: ${origin}${value === null ? "" : ` = ${value}`}: ${reason}`,
    ),
  ];
  return [`DeskPair ${version} on ${hostName}`, ...policies.flatMap(ofScope), ...settings.flatMap(ofSetting)].join(
    "\n",
  );
}
