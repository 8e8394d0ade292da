import { useEffect, useRef } from "react";
import type { DoctorCheck, DoctorCheckName, DoctorReport, DoctorState } from "../../contract/doctor.ts";
import { announce } from "../announcements.ts";
import { useArrival } from "../arrival.ts";
import { reportAsText } from "../doctor-words.ts";
import { useText } from "../language.ts";
import { Button } from "../parts/Button.tsx";
import { Icon, type IconName } from "../parts/Icon.tsx";
import { CopyButton, FailureNotice } from "../parts/Notice.tsx";
import { useRequest } from "../request.ts";
import { useSnapshot } from "../store.ts";
import { durationOf } from "../time.ts";

const icons: Readonly<Record<DoctorState, IconName>> = {
  pass: "check",
  warn: "warning",
  fail: "cross",
  "not-tested": "ahead",
};

const groups = {
  computer: ["network", "proxy", "tls", "clock", "key-store", "journal", "data-folder", "log", "policy"],
  pingOne: ["sign-in", "permissions", "capabilities", "mfa-policy", "pairing-allowed", "relying-party"],
  agent: ["agent-installed", "agent-running", "agent-port", "agent-identity", "agent-healthy"],
  user: ["user", "device-limit"],
} as const satisfies Readonly<Record<string, readonly DoctorCheckName[]>>;
const groupNames = ["computer", "pingOne", "agent", "user"] as const;

/** Examines as soon as it is opened: whoever comes here wants to know, and nothing is changed by it. */
export function Doctor({ onBack }: { readonly onBack: () => void }) {
  const text = useText();
  const words = text.doctor;
  const { doctor, hostName, version } = useSnapshot();
  const arrival = useArrival<HTMLHeadingElement>(words.heading);
  const examination = useRequest("doctor.run");

  const started = useRef(false);
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    void examination.send(null);
  });

  const told = useRef(doctor);
  useEffect(() => {
    if (doctor !== null && doctor !== told.current) announce(`${words.result[doctor.worst]} ${sumOf(doctor, words)}.`);
    told.current = doctor;
  }, [doctor, words]);

  // The last report is gone as soon as another examination begins; until then it would be taken for the new one.
  const report = examination.pending ? null : doctor;
  return (
    <>
      <Button kind="link" icon="back" onPress={onBack}>
        {text.back}
      </Button>
      <h1 tabIndex={-1} ref={arrival}>
        {words.heading}
      </h1>
      <p className="lead">{report === null ? words.lead : words.result[report.worst]}</p>
      <FailureNotice error={examination.error} />
      <div className="actions">
        <Button
          icon={examination.pending ? "busy" : "refresh"}
          unavailable={examination.pending}
          onPress={() => void examination.send(null)}
        >
          {examination.pending ? words.running : words.again}
        </Button>
        {report === null ? null : (
          <>
            <CopyButton label={words.report} value={reportAsText(report, hostName, version)} />
            <span className="small">{sumOf(report, words)}</span>
          </>
        )}
      </div>
      {report === null
        ? null
        : groupNames.map((group) => (
            <Group
              key={group}
              heading={words.groups[group]}
              id={`doctor-${group}`}
              checks={groups[group].flatMap((name) => report.checks.filter((check) => check.name === name))}
            />
          ))}
    </>
  );
}

const countOf = ({ checks }: DoctorReport, state: DoctorState): number =>
  checks.filter((check) => check.state === state).length;

const sumOf = (
  report: DoctorReport,
  words: { readonly sum: (failed: number, warned: number, untested: number) => string },
): string => words.sum(countOf(report, "fail"), countOf(report, "warn"), countOf(report, "not-tested"));

type GroupProps = { readonly heading: string; readonly id: string; readonly checks: readonly DoctorCheck[] };

function Group({ heading, id, checks }: GroupProps) {
  return (
    <section aria-labelledby={id}>
      <h2 className="quiet-heading" id={id}>
        {heading}
      </h2>
      <ul className="card checks" aria-labelledby={id}>
        {checks.map((check) => (
          <Check key={check.name} check={check} />
        ))}
      </ul>
    </section>
  );
}

function Check({ check: { name, state, evidence, fix, ms } }: { readonly check: DoctorCheck }) {
  const { doctor: words } = useText();
  return (
    <li className={`check check-${state}`}>
      <Icon name={icons[state]} />
      <div className="check-words">
        <p className="check-name">
          {words.names[name]} <span className="visually-hidden">({words.states[state]})</span>
        </p>
        {/* What was seen, in main's own English, with names in it from anywhere. */}
        <p lang="en" dir="auto">
          {evidence}
        </p>
        {fix === null ? null : (
          <p className="check-fix">
            <span className="check-fix-label">{words.fix}: </span>
            <span lang="en" dir="auto">
              {fix}
            </span>
          </p>
        )}
      </div>
      <span className="step-time">{durationOf(ms)}</span>
    </li>
  );
}
