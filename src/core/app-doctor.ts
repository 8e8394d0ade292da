import type { DoctorReport } from "../contract/doctor.ts";
import { type AppError, fail, type Outcome, ok } from "../contract/errors.ts";
import type { Snapshot } from "../contract/views.ts";
import type { AgentTrust } from "./agent/trust-settings.ts";
import { type DoctorAccess, examine, type Subject } from "./doctor/examine.ts";
import type { DoctorPorts } from "./doctor/ports.ts";
import { type Endpoints, resolveEndpoints } from "./pingone/endpoints.ts";
import type { Explanation } from "./policy/explain.ts";
import type { Ports } from "./ports.ts";

/** The window's doctor: examines whatever is on the screen now. At most one examination at a time. */
export type AppDoctor = {
  /** Ends when the report is there, within five seconds. Asked again meanwhile, it waits for the same one. */
  readonly run: () => Promise<Outcome<null>>;
  /** Ends an examination without a report: at the end of the app. */
  readonly stop: () => void;
};

type SessionAccess = DoctorAccess & { readonly endpoints: Endpoints };
type Shown = Pick<Snapshot, "operator" | "profiles" | "settings" | "phase">;

export function createAppDoctor(parts: {
  readonly ports: Ports;
  readonly own: DoctorPorts;
  readonly state: () => Shown;
  /** Of the session that is open, and where it is; `null`: nobody is signed in. */
  readonly access: () => SessionAccess | null;
  /** Of the profile in use. */
  readonly agentTrust: () => AgentTrust;
  readonly policy: () => Explanation;
  /** Shows a report, or takes the last one away. */
  readonly show: (report: DoctorReport | null) => void;
}): AppDoctor {
  const { ports, own } = parts;
  let underWay: { readonly done: Promise<Outcome<null>>; readonly abort: AbortController } | null = null;

  const run = async (signal: AbortSignal): Promise<Outcome<null>> => {
    // The last report may be about somebody else.
    parts.show(null);
    const before = whose(parts.state());
    const subject = subjectOf(parts.state(), parts.access(), parts.agentTrust(), parts.policy());
    const report = await examine(ports, own, subject, () => undefined, signal);
    // Signed out, or another profile, in the meantime: nobody who sees the screen now may learn it.
    if (signal.aborted || whose(parts.state()) !== before) return fail({ code: "cancelled" });
    parts.show(report);
    return ok(null);
  };

  return {
    run: () => {
      if (underWay !== null) return underWay.done;
      const abort = new AbortController();
      const done = run(abort.signal).finally(() => {
        underWay = null;
      });
      underWay = { done, abort };
      return done;
    },
    stop: () => underWay?.abort.abort(),
  };
}

const noProfile: AppError = { code: "configuration-missing", settings: ["profile"] };

/**
 * SECURITY: a session is examined where it was opened. The profile may lead elsewhere by now, because another program
 * has changed it, and the token must not follow.
 */
function endpointsOf({ settings, profiles }: Shown, access: SessionAccess | null): Outcome<Endpoints> {
  if (access !== null) return ok(access.endpoints);
  return profiles.current === null ? fail(noProfile) : resolveEndpoints(settings);
}

function subjectOf(shown: Shown, access: SessionAccess | null, agentTrust: AgentTrust, policy: Explanation): Subject {
  const { settings, phase } = shown;
  return {
    endpoints: endpointsOf(shown, access),
    access: async () => (access === null ? fail({ code: "sign-in-required" }) : ok(access)),
    agentPort: settings.agentPort,
    agentTrust,
    policyId: settings.policyId,
    relyingPartyId: settings.relyingPartyId,
    policy,
    user: "user" in phase ? phase.user.id : null,
  };
}

const whose = ({ operator, profiles, phase }: Shown): string =>
  JSON.stringify([
    profiles.current,
    operator?.profile ?? null,
    operator?.actor ?? null,
    "user" in phase ? phase.user.id : null,
  ]);
