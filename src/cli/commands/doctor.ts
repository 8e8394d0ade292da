import type { DoctorCheck, DoctorReport, DoctorState } from "../../contract/doctor.ts";
import { type AppError, fail, ok } from "../../contract/errors.ts";
import { defaultProfileSettings } from "../../contract/settings.ts";
import { defaultAgentTrust } from "../../core/agent/trust-settings.ts";
import { examine, type Subject } from "../../core/doctor/examine.ts";
import type { DoctorPorts } from "../../core/doctor/ports.ts";
import { agentTrustBy } from "../../core/policy/allowed.ts";
import { decideBy } from "../../core/policy/applied.ts";
import { explain } from "../../core/policy/explain.ts";
import { valueOf } from "../../core/policy/precedence.ts";
import type { Ports } from "../../core/ports.ts";
import { createDoctorPorts } from "../../node/doctor-ports.ts";
import { dataFolder } from "../../node/host.ts";
import { type Context, prepare, report as reportFailure } from "../context.ts";
import { exitCodeOf, exitDone } from "../exit-codes.ts";
import { findRouteFor } from "../network.ts";
import { type Output, printable, type Style } from "../output.ts";
import { createPorts, createSecrets } from "../ports.ts";
import { enter } from "../sign-in.ts";

/** Whom to look at besides this computer and the environment; `null`: nobody. */
export type DoctorOrder = { readonly user: string | null };

/** This computer and its configuration, as they are. */
type Examined = {
  readonly ports: Ports;
  readonly own: DoctorPorts;
  readonly subject: Omit<Subject, "user">;
};

/**
 * `deskpair doctor [--user …]`. Resolves with the exit number: 0 when nothing failed, else that of the first check that
 * did, in the order in which they are shown. Warnings, and what could not be tested, do not count.
 */
export async function doctor(context: Context, order: DoctorOrder): Promise<number> {
  const prepared = await prepare(context, { policyId: null, relyingPartyId: null });
  if (!prepared.ok) return examineAndTell(context, order, withoutConfiguration(context, prepared.error));
  const { configuration, ports } = prepared.value;
  const { tenant, policyId, relyingPartyId, dataFolder } = configuration;
  const { port, trust } = tenant.agent();
  const sign: { in?: ReturnType<typeof enter> } = {};
  const enterOnce = (): ReturnType<typeof enter> => (sign.in ??= enter(context, ports, configuration));
  // A person needs longer than an examination takes.
  if (context.options.signIn !== null) await enterOnce();
  const code = await examineAndTell(context, order, {
    ports,
    own: createDoctorPorts({
      dataFolder,
      log: context.logPlace,
      findRoute: findRouteFor(context.environment, ports.policy),
      environment: context.environment,
    }),
    subject: {
      endpoints: ok(tenant.endpoints),
      access: async () => {
        const entered = await enterOnce();
        return entered.ok ? ok(entered.value.signedIn) : entered;
      },
      agentPort: port,
      agentTrust: trust,
      policyId,
      relyingPartyId,
      policy: explain(context, configuration.decisions),
    },
  });
  // Also one that came too late for the report: a refresh token whose successor was not written down is lost.
  const entered = await sign.in;
  if (entered?.ok === true && entered.value.forThisCommand) await entered.value.signedIn.end({ forget: false });
  return code;
}

/** What can be examined when nobody knows where PingOne is: this computer, and the agent where it usually listens. */
function withoutConfiguration({ environment, policy, log, logPlace }: Context, error: AppError): Examined {
  const folder = dataFolder(environment);
  const decisions = decideBy(policy);
  const secrets = createSecrets("system", folder);
  const ports = createPorts({ folder, secrets, environment, policy: decisions, log });
  return {
    ports,
    own: createDoctorPorts({
      dataFolder: folder,
      log: logPlace,
      findRoute: findRouteFor(environment, ports.policy),
      environment,
    }),
    subject: {
      endpoints: fail(error),
      access: async () => fail(error),
      agentPort: valueOf(decisions, "AgentPort") ?? defaultProfileSettings.agentPort,
      agentTrust: agentTrustBy(decisions) ?? defaultAgentTrust,
      policyId: null,
      relyingPartyId: null,
      policy: explain({ policy }, decisions),
    },
  };
}

/** The part of the command that needs no process around it. */
export async function examineAndTell(
  { output, signal }: Pick<Context, "output" | "signal">,
  { user }: DoctorOrder,
  { ports, own, subject }: Examined,
): Promise<number> {
  const observe = (check: DoctorCheck): void => {
    output.event({ event: "check", ...jsonOf(check) });
  };
  const report = await examine(ports, own, { ...subject, user }, observe, signal);
  if (signal.aborted) return reportFailure({ output }, { code: "cancelled" });
  tell(output, report);
  const first = report.checks.find(({ state }) => state === "fail")?.error ?? null;
  return first === null ? exitDone : exitCodeOf(first);
}

function tell(output: Output, report: DoctorReport): void {
  const { checks, startedAt, ms, worst } = report;
  const object = {
    ok: worst !== "fail",
    worst,
    startedAt: new Date(startedAt).toISOString(),
    ms,
    checks: checks.map(jsonOf),
  };
  // The whole table belongs to stdout, failed or not: it is what was asked for.
  output.result(object, tableOf(report, output.style));
}

/** The keys are a promise to scripts. `code`: what a pairing would fail with. */
const jsonOf = ({ name, state, evidence, fix, error, ms }: DoctorCheck) => ({
  name,
  state,
  evidence,
  fix,
  code: error?.code ?? null,
  ms,
});

function tableOf({ checks, ms }: DoctorReport, style: Style): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const marks: Readonly<Record<DoctorState, string>> = {
    pass: style.done,
    warn: style.attention,
    fail: style.failed,
    "not-tested": style.dim("-"),
  };
  // A mark may be a word, and may be coloured: its own letters are what has to be aligned.
  const markWidth = Math.max(...Object.values(marks).map((mark) => bare(mark).length));
  const indent = " ".repeat(markWidth + width + 3);
  const rows = checks.flatMap(({ name, state, evidence, fix }) => {
    const mark = marks[state] + " ".repeat(markWidth - bare(marks[state]).length);
    const words = state === "not-tested" ? style.dim(printable(evidence)) : printable(evidence);
    const row = `${mark} ${name.padEnd(width)}  ${words}`;
    return fix === null || state === "pass" ? [row] : [row, `${indent}${style.bold("Fix:")} ${printable(fix)}`];
  });
  const count = (state: DoctorState) => checks.filter((check) => check.state === state).length;
  const sum = `${count("pass")} passed, ${count("warn")} to look at, ${count("fail")} failed, ${count("not-tested")} not tested (${ms} ms).`;
  return [...rows, "", sum].join("\n");
}

const escapes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g");
const bare = (text: string): string => text.replace(escapes, "");
