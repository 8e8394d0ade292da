import type { DoctorCheck, DoctorCheckName, DoctorReport, DoctorState } from "../contract/doctor.ts";

/** The words of the doctor's screen, part of the catalogue. What a check saw comes from main, in English. */

const names: Readonly<Record<DoctorCheckName, string>> = {
  network: "Network",
  proxy: "Proxy",
  tls: "Secure connection",
  clock: "Clock",
  "key-store": "Key store",
  journal: "Record of pairings",
  "data-folder": "Data folder",
  log: "Log",
  policy: "Your organisation's policy",
  "sign-in": "Sign-in",
  permissions: "Permissions",
  capabilities: "Licence",
  "mfa-policy": "MFA policy",
  "pairing-allowed": "Pairing allowed",
  "relying-party": "Relying party",
  "agent-installed": "Installed",
  "agent-running": "Running",
  "agent-port": "Port",
  "agent-identity": "Which program it is",
  "agent-healthy": "Answers",
  user: "User",
  "device-limit": "Number of devices",
};

const states: Readonly<Record<DoctorState, string>> = {
  pass: "Passed",
  warn: "Look at this",
  fail: "Failed",
  "not-tested": "Not tested",
};

export const doctorWords = {
  heading: "Check everything",
  lead: "Looks at everything that a pairing needs. Nothing is changed by it.",
  running: "Checking…",
  again: "Check again",
  open: "Check everything",
  hint: "When something does not work, this says which part.",
  report: "the report",
  fix: "What to do",
  names,
  states,
  groups: {
    computer: "This computer",
    pingOne: "PingOne",
    agent: "PingID Desktop app",
    user: "User",
  },
  result: {
    pass: "Everything is in order.",
    "not-tested": "Nothing is wrong with what could be tested.",
    warn: "Pairing should work. Some things are worth a look.",
    fail: "Something stands in the way of a pairing.",
  } satisfies Readonly<Record<DoctorState, string>>,
  sum: (failed: number, warned: number, untested: number) =>
    `${failed} failed, ${warned} to look at, ${untested} not tested`,
};

/** The report for a ticket: what is on the screen, with the names that the documentation uses. */
export function reportAsText({ checks, startedAt, ms }: DoctorReport, hostName: string, version: string): string {
  const head = `DeskPair ${version} on ${hostName}, ${new Date(startedAt).toISOString()}, ${ms} ms`;
  const lines = ({ name, state, evidence, fix }: DoctorCheck): readonly string[] => [
    `[${state}] ${name}: ${evidence}`,
    ...(fix === null ? [] : [`    Fix: ${fix}`]),
  ];
  return [head, ...checks.flatMap(lines)].join("\n");
}
