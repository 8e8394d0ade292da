import type { DoctorCheck, DoctorCheckName, DoctorReport } from "../../contract/doctor.ts";
import { describeError } from "../../contract/error-words.ts";
import type { Outcome } from "../../contract/errors.ts";
import { findAgent } from "../agent/find.ts";
import type { AgentTrust } from "../agent/trust-settings.ts";
import { readFidoPolicies } from "../fido2/policy.ts";
import { journalFile } from "../pairing/journal.ts";
import { createPingOne } from "../pingone/client.ts";
import type { Endpoints } from "../pingone/endpoints.ts";
import type { Explanation } from "../policy/explain.ts";
import type { Http, Ports } from "../ports.ts";
import { createServerClock } from "../server-clock.ts";
import { type Actor, type Connection, openSession } from "../session.ts";
import { judgeHealthy, judgeIdentity, judgeInstalled, judgePort, judgeRunning } from "./agent.ts";
import { judgeClock } from "./clock.ts";
import { judgeDataFolder, judgeJournal, judgeKeyStore, judgeLog } from "./computer.ts";
import {
  isNotSignedIn,
  judgeCapabilities,
  judgeMfaPolicy,
  judgePairingAllowed,
  judgePermissions,
  judgeRelyingParty,
  judgeSignIn,
} from "./environment.ts";
import { type Exam, startExam } from "./exam.ts";
import {
  type Handshake,
  isReached,
  judgeNetwork,
  judgeProxy,
  judgeTls,
  type Server,
  serversOf,
  type Trip,
  travel,
} from "./network.ts";
import { judgePolicy } from "./policy.ts";
import type { DoctorPorts } from "./ports.ts";
import { readCapabilities, readDeviceLimit } from "./readings.ts";
import { chosenPolicy } from "./requirements.ts";
import { judgeDeviceLimit, judgeUser } from "./user.ts";
import { notTested } from "./verdict.ts";

/** Whom and what to examine. */
export type Subject = {
  /** Where the environment is; fails with what is missing or wrong in the configuration. */
  readonly endpoints: Outcome<Endpoints>;
  /** As whom; fails with `sign-in-required` when nobody is signed in. May have to sign in first, as every command does. */
  readonly access: () => Promise<Outcome<DoctorAccess>>;
  readonly agentPort: number;
  readonly agentTrust: AgentTrust;
  /** Of the profile; `null`: not set. */
  readonly policyId: string | null;
  readonly relyingPartyId: string | null;
  /** What the organisation's policy says, and what is wrong with it. */
  readonly policy: Explanation;
  /** Username, email or id; `null`: no user is looked at, except the one who signed in as themselves. */
  readonly user: string | null;
};

export type DoctorAccess = Pick<Connection, "tokens" | "actor">;

/** One question each; the whole has its own limit, see `examinationMs`. */
const localMs = 1_500;
const networkMs = 2_500;
const tokenMs = 2_500;
const readMs = 3_000;
/** PowerShell needs its time on Windows. */
const programsMs = 4_500;

const needSignIn = [
  "permissions",
  "capabilities",
  "mfa-policy",
  "pairing-allowed",
  "relying-party",
  "user",
  "device-limit",
] as const satisfies readonly DoctorCheckName[];

/**
 * Looks at every prerequisite of a pairing and says what it found. Reads only: no request that changes anything, no
 * file, no pairing sent to the agent. A token is asked for, as every command does.
 *
 * Takes less than five seconds, whatever hangs, and never fails: what could not be found out is `not-tested`, with why.
 * When `signal` aborts, it answers at once with what it has.
 *
 * @param observe called with each check as it ends
 */
export async function examine(
  ports: Ports,
  own: DoctorPorts,
  subject: Subject,
  observe: (check: DoctorCheck) => void,
  signal: AbortSignal,
): Promise<DoctorReport> {
  const exam = startExam(ports.clock, observe, signal);
  await Promise.all([
    examineComputer(exam, ports, own, subject),
    examineAgent(exam, ports, own, subject),
    examinePingOne(exam, ports, own, subject),
  ]);
  return exam.report();
}

async function examineComputer(exam: Exam, ports: Ports, own: DoctorPorts, { policy }: Subject): Promise<void> {
  const [kept, journal, folder, log] = await Promise.all([
    exam.ask(localMs, () => ports.secrets.kind()),
    exam.ask(localMs, () => ports.files.read(journalFile)),
    exam.ask(localMs, () => own.dataFolder()),
    exam.ask(localMs, () => own.log()),
  ]);
  exam.conclude("key-store", kept, judgeKeyStore);
  exam.conclude("journal", journal, judgeJournal);
  exam.conclude("data-folder", folder, judgeDataFolder);
  exam.conclude("log", log, judgeLog);
  exam.conclude("policy", { ok: true, value: policy, ms: 0 }, judgePolicy);
}

async function examineAgent(exam: Exam, ports: Ports, own: DoctorPorts, subject: Subject): Promise<void> {
  const { agentPort: port, agentTrust: trust } = subject;
  const asked = exam.ask(localMs, () => ports.probeAgent(port));
  const installation = exam.ask(programsMs, (signal) => own.agentInstallation(signal));
  const identity = async (): Promise<boolean> => {
    const found = await exam.ask(programsMs, () => findAgent(ports, port, trust));
    exam.conclude("agent-identity", found, (value) => judgeIdentity(value, trust.mode));
    return found.ok && found.value.ok;
  };
  const programs = async (): Promise<void> => {
    const [probed, looked] = await Promise.all([asked, installation]);
    const ms = Math.max(probed.ms, looked.ms);
    // One of the two is enough to say something.
    const facts = {
      port,
      listening: probed.ok && probed.value === "listening",
      installation: looked.ok ? looked.value : { told: false as const, problem: "the system did not answer in time" },
    };
    exam.conclude("agent-installed", { ok: true, value: facts, ms: looked.ms }, judgeInstalled);
    const both = probed.ok ? { ok: true as const, value: facts, ms } : probed;
    exam.conclude("agent-running", both, judgeRunning);
    exam.conclude("agent-port", both, judgePort);
  };
  const health = async (): Promise<void> => {
    const [probed, trusted] = await Promise.all([asked, identity()]);
    if (!probed.ok || probed.value === "closed") {
      return exam.skip(["agent-healthy"], "Nothing listens on the port, so nobody can answer.");
    }
    // A stranger is not even said hello to.
    if (!trusted) return exam.skip(["agent-healthy"], "Who listens is not trusted, so nothing was asked.");
    const url = `http://localhost:${port}/`;
    const answered = await exam.ask(localMs, (signal) =>
      ports.agentHttp({ method: "GET", url, headers: {}, timeoutMs: localMs - 100, maxBytes: 100_000, signal }),
    );
    exam.conclude("agent-healthy", answered, (value) => judgeHealthy(value, port));
  };
  await Promise.all([programs(), health()]);
}

async function examinePingOne(exam: Exam, ports: Ports, own: DoctorPorts, subject: Subject): Promise<void> {
  const { endpoints } = subject;
  if (!endpoints.ok) {
    const { error } = endpoints;
    const known = { ok: true, value: endpoints, ms: 0 } as const;
    exam.conclude("sign-in", known, (value) => judgeSignIn(value, ""));
    const because = describeError(error).message;
    return exam.skip(["network", "proxy", "tls", "clock", ...needSignIn], because);
  }
  const servers = serversOf(endpoints.value);
  if (!(await examineWay(exam, own, servers))) {
    return exam.skip(["clock", "sign-in", ...needSignIn], "PingOne's servers could not be reached.");
  }
  const serverClock = createServerClock(ports.clock);
  const http = serverClock.watch(patient(ports.http));
  const time = async (): Promise<void> => {
    // Needs no sign-in, and every environment has it.
    const url = `${endpoints.value.issuer}/.well-known/openid-configuration`;
    const headers = { accept: "application/json" };
    const asked = await exam.ask(tokenMs, (signal) =>
      http({ method: "GET", url, headers, timeoutMs: tokenMs, maxBytes: 100_000, signal }),
    );
    exam.conclude("clock", asked, () => judgeClock(serverClock.offset()));
  };
  await Promise.all([
    time(),
    examineSecurity(exam, own, servers),
    examineAccess(exam, { ...ports, http }, subject, endpoints.value),
  ]);
}

/** `false`: there is no way to PingOne, so nothing behind it needs to be tried. */
async function examineWay(exam: Exam, own: DoctorPorts, servers: readonly Server[]): Promise<boolean> {
  const asked = await exam.ask(networkMs, (signal) =>
    Promise.all(
      servers.map(async (server): Promise<Trip> => {
        return travel(server, await own.route(server.url), (place) => own.reach(place, signal));
      }),
    ),
  );
  exam.conclude("network", asked, judgeNetwork);
  exam.conclude("proxy", asked, judgeProxy);
  const reached = asked.ok && asked.value.every(isReached);
  if (!reached) exam.skip(["tls"], "PingOne's servers could not be reached.");
  return reached;
}

async function examineSecurity(exam: Exam, own: DoctorPorts, servers: readonly Server[]): Promise<void> {
  const asked = await exam.ask(networkMs, async (signal) => {
    const secure = servers.filter((server) => server.secure);
    const handshakes = secure.map(async (server): Promise<Handshake> => {
      return { server, facts: await own.connectTls(server, signal) };
    });
    const [broken, ...met] = await Promise.all([own.brokenAuthorityFiles(), ...handshakes]);
    return { broken, met };
  });
  exam.conclude("tls", asked, ({ met, broken }) => judgeTls(met, broken));
}

async function examineAccess(exam: Exam, ports: Ports, subject: Subject, endpoints: Endpoints): Promise<void> {
  const entered = await exam.ask(tokenMs, () => subject.access());
  if (!entered.ok) {
    exam.conclude("sign-in", entered, () => notTested(""));
    return exam.skip(needSignIn, "There is no token to ask with.");
  }
  const { value: access } = entered;
  const token = access.ok
    ? await exam.ask(tokenMs, () => access.value.tokens.current())
    : { ok: true as const, value: access, ms: entered.ms };
  exam.conclude("sign-in", token, (value) => judgeSignIn(value, access.ok ? describeActor(access.value.actor) : ""));
  if (!access.ok || !token.ok || !token.value.ok) {
    const nobody = token.ok && !token.value.ok && isNotSignedIn(token.value.error);
    return exam.skip(needSignIn, nobody ? "Nobody is signed in." : "There is no token to ask with.");
  }
  await examineEnvironment(exam, ports, subject, endpoints, access.value);
}

function describeActor({ mode }: Actor): string {
  switch (mode) {
    case "technician":
      return "the signed-in administrator";
    case "self-service":
      return "the signed-in user";
    case "worker":
      return "the worker application";
    default:
      return mode satisfies never;
  }
}

async function examineEnvironment(
  exam: Exam,
  ports: Ports,
  subject: Subject,
  endpoints: Endpoints,
  { tokens, actor }: DoctorAccess,
): Promise<void> {
  const { policyId, relyingPartyId } = subject;
  // Aborted from the start: nothing is tried twice, because what needs a second try is what is to be told.
  const once = new AbortController();
  once.abort();
  const session = openSession(
    ports,
    { endpoints, tokens, actor, agent: () => ({ port: subject.agentPort, trust: subject.agentTrust }) },
    once.signal,
  );
  const pingOne = createPingOne(ports, { endpoints, tokens, mode: actor.mode }, undefined, once.signal);
  const isUser = actor.mode === "self-service";

  const deviceLimit = exam.ask(readMs, () => readDeviceLimit(pingOne));
  const permissions = async (): Promise<void> => {
    exam.conclude("permissions", await exam.ask(readMs, () => session.readRights()), judgePermissions);
  };
  const capabilities = async (): Promise<void> => {
    if (isUser) return exam.skip(["capabilities"], "Only an administrator may read it.");
    const [flags, limit] = await Promise.all([exam.ask(readMs, () => readCapabilities(pingOne)), deviceLimit]);
    exam.conclude("capabilities", flags, (value) =>
      judgeCapabilities(value, limit.ok ? limit.value : { state: "not-readable" }),
    );
  };
  const policies = async (): Promise<void> => {
    const [mfa, fido] = await Promise.all([
      exam.ask(readMs, () => session.readPolicies()),
      exam.ask(readMs, () => readFidoPolicies(pingOne)),
    ]);
    exam.conclude("mfa-policy", mfa, (value) => judgeMfaPolicy(value, policyId));
    exam.conclude("pairing-allowed", mfa, (value) => judgePairingAllowed(value, policyId));
    const policy = mfa.ok && mfa.value.ok ? chosenPolicy(mfa.value.value, policyId) : null;
    const { hostname } = new URL(endpoints.apiBase);
    exam.conclude("relying-party", fido, (value) => judgeRelyingParty(relyingPartyId, value, policy, hostname));
  };
  const user = async (): Promise<void> => {
    const query = subject.user ?? (actor.mode === "self-service" ? actor.userId : null);
    if (query === null) return exam.skip(["user", "device-limit"], "No user was named.");
    const found = await exam.ask(readMs, () => session.resolveUser(query));
    exam.conclude("user", found, judgeUser);
    if (!found.ok || !found.value.ok) return exam.skip(["device-limit"], "The user could not be read.");
    const { id } = found.value.value;
    const [devices, limit] = await Promise.all([exam.ask(readMs, () => session.listDevices(id)), deviceLimit]);
    exam.conclude("device-limit", devices, (value) =>
      judgeDeviceLimit(value, limit.ok ? limit.value : { state: "not-readable" }),
    );
  };
  await Promise.all([permissions(), capabilities(), policies(), user()]);
}

/** Nobody waits longer than this for one answer; the connection is then given up, too. */
const patient =
  (http: Http): Http =>
  (request) =>
    http({ ...request, timeoutMs: Math.min(request.timeoutMs, readMs) });
