import { fail, type Outcome, ok } from "../contract/errors.ts";
import type { AuthenticatorKind, Device, Policies, Routes, Step, User } from "../contract/views.ts";
import { originFor } from "./agent/origin.ts";
import { expectedRoute } from "./fido2/ceremony.ts";
import { policyFor, readFidoPolicies } from "./fido2/policy.ts";
import { cancelled } from "./pairing/machine.ts";
import { type PairingChoice, preflight } from "./pairing/preflight.ts";
import { newDevice } from "./pairing/proof.ts";
import { type PairingProgress, type PairingResult, runPairing } from "./pairing/run.ts";
import { type Answer, createPingOne } from "./pingone/client.ts";
import type { PlannedRequest } from "./pingone/devices.ts";
import * as devices from "./pingone/devices.ts";
import { type Endpoints, isIdentifier, isPathPart } from "./pingone/endpoints.ts";
import { traceIn } from "./pingone/errors.ts";
import { readEnvironmentName, readPolicies } from "./pingone/policies.ts";
import { type Credential, createTokens } from "./pingone/tokens.ts";
import * as users from "./pingone/users.ts";
import type { Ports } from "./ports.ts";

export type Connection = {
  readonly endpoints: Endpoints;
  readonly credential: Credential;
  /** Asked at each use, because the operator may change it while signed in. */
  readonly agentPort: () => number;
};

/**
 * One operator in one environment: everything that the window and the command line do to PingOne and to this
 * workstation goes through here.
 */
export type Session = {
  /** Proves the credential by getting a token. */
  readonly signIn: () => Promise<Outcome<null>>;
  /** `null` when the role may not read it. */
  readonly readEnvironmentName: () => Promise<string | null>;
  /** Exactly one user, by id, username or email; an email that several share is refused. */
  readonly resolveUser: (query: string) => Promise<Outcome<User>>;
  /** Exact matches, or else everybody whose username, email or name begins with the query. Empty: nobody. */
  readonly findUsers: (query: string) => Promise<Outcome<readonly User[]>>;
  readonly readUser: (userId: string) => Promise<Outcome<User>>;
  readonly enableMfa: (userId: string) => Promise<Outcome<null>>;
  readonly listDevices: (userId: string) => Promise<Outcome<readonly Device[]>>;
  readonly readDevice: (userId: string, deviceId: string) => Promise<Outcome<Device>>;
  /** `removed: false`: it was gone already. */
  readonly removeDevice: (userId: string, deviceId: string) => Promise<Outcome<{ readonly removed: boolean }>>;
  readonly readPolicies: () => Promise<Outcome<Policies>>;
  /**
   * What would happen on this computer under a FIDO policy, by its id; `null`: the environment's default. Never fails:
   * what cannot be read is assumed.
   */
  readonly readRoutes: () => Promise<(fidoPolicyId: string | null) => Routes>;
  /** Runs to the end; `signal` cancels, and the pairing then undoes what it did before it resolves. */
  readonly pair: (
    user: User,
    choice: PairingChoice,
    observe: (progress: PairingProgress) => void,
    signal: AbortSignal,
  ) => Promise<PairingResult>;
  /** Reads, and never writes. */
  readonly planPairing: (user: User, choice: PairingChoice) => Promise<Outcome<readonly PlannedRequest[]>>;
  readonly planRemoval: (userId: string, deviceId: string) => Outcome<readonly PlannedRequest[]>;
};

export function openSession(ports: Ports, connection: Connection): Session {
  const { endpoints, credential } = connection;
  const tokens = createTokens(ports.http, ports.clock, endpoints, credential);
  const pingOne = createPingOne(ports, endpoints, tokens);

  const findUsers = async (query: string): Promise<Outcome<readonly User[]>> => {
    const wanted = query.trim();
    // "Begins with nothing" is everybody.
    if (wanted === "") return ok([]);
    if (isIdentifier(wanted)) {
      const byId = await users.readUser(pingOne, wanted);
      if (byId.ok) return ok([byId.value]);
      if (byId.status !== 404) return fail(byId.error);
    }
    // Usernames are unique, emails are not ("User"); an exact username wins over an equal email of somebody else.
    for (const filter of [
      users.exactly("username", wanted),
      users.exactly("email", wanted),
      users.beginningWith(wanted),
    ]) {
      const found = await users.searchUsers(pingOne, filter);
      if (!found.ok || found.value.length > 0) return toOutcome(found);
    }
    return ok([]);
  };

  const readUser = async (userId: string): Promise<Outcome<User>> => {
    if (!isPathPart(userId)) return fail({ code: "user-not-found", query: userId });
    const answer = await users.readUser(pingOne, userId);
    if (!answer.ok) {
      const { error, status } = answer;
      return fail(status === 404 ? { code: "user-not-found", query: userId, ...traceIn(error) } : error);
    }
    if (answer.value.mfaEnabled !== null) return ok(answer.value);
    return ok({ ...answer.value, mfaEnabled: await users.readMfaEnabled(pingOne, userId) });
  };

  return {
    signIn: async () => {
      const token = await tokens.current();
      return token.ok ? ok(null) : token;
    },
    readEnvironmentName: () => readEnvironmentName(pingOne),
    findUsers,
    resolveUser: async (query) => {
      const wanted = query.trim();
      if (wanted === "") return fail({ code: "usage-invalid", problem: "The user is empty." });
      if (isIdentifier(wanted)) {
        const byId = await readUser(wanted);
        if (byId.ok || byId.error.code !== "user-not-found") return byId;
      }
      for (const attribute of ["username", "email"] as const) {
        const found = await users.searchUsers(pingOne, users.exactly(attribute, wanted));
        if (!found.ok) return fail(found.error);
        const [first] = found.value;
        if (found.value.length > 1) return fail({ code: "user-ambiguous", query: wanted, count: found.value.length });
        if (first !== undefined) return first.mfaEnabled === null ? readUser(first.id) : ok(first);
      }
      return fail({ code: "user-not-found", query: wanted });
    },
    readUser,
    enableMfa: async (userId) => {
      const answer = await users.enableMfa(pingOne, userId);
      return answer.ok ? ok(null) : fail(answer.error);
    },
    listDevices: async (userId) =>
      isPathPart(userId)
        ? toOutcome(await devices.listDevices(pingOne, userId))
        : fail({ code: "user-not-found", query: userId }),
    readDevice: async (userId, deviceId) => {
      if (!isIdentifier(deviceId)) return fail({ code: "device-not-found", deviceId });
      const answer = await devices.readDevice(pingOne, userId, deviceId);
      if (answer.ok || answer.status !== 404) return toOutcome(answer);
      return fail({ code: "device-not-found", deviceId, ...traceIn(answer.error) });
    },
    removeDevice: async (userId, deviceId) => {
      if (!isIdentifier(deviceId)) return fail({ code: "device-not-found", deviceId });
      const answer = await devices.removeDevice(pingOne, userId, deviceId);
      return answer.ok ? ok({ removed: answer.value }) : fail(answer.error);
    },
    readRoutes: async () => {
      const read = await readFidoPolicies(pingOne);
      const policies = read.ok ? read.value : null;
      return (fidoPolicyId) => {
        const policy = policyFor(policies, fidoPolicyId);
        const routeOf = (wanted: AuthenticatorKind) => expectedRoute(ports.authenticators, wanted, policy);
        return { key: routeOf("key"), platform: routeOf("platform") };
      };
    },
    readPolicies: async () => toOutcome(await readPolicies(pingOne)),
    pair: (user, choice, observe, signal) => pair(ports, connection, tokens, user, choice, observe, signal),
    planPairing: async (user, choice) => {
      const checked = await preflight(ports, pingOne, "dry-run", user, choice, null);
      if (!checked.ok) return checked;
      const { request } = checked.value;
      const planned = devices.planDevice(pingOne, user.id, newDevice(request), request.nickname);
      const middle =
        choice.kind === "desktop" ? [plannedRegistration(connection.agentPort(), request.relyingPartyId)] : [];
      return ok([planned.create, ...middle, planned.activate, ...(request.nickname === "" ? [] : [planned.name])]);
    },
    planRemoval: (userId, deviceId) =>
      isIdentifier(deviceId)
        ? ok(devices.planRemoval(pingOne, userId, deviceId))
        : fail({ code: "device-not-found", deviceId }),
  };
}

function plannedRegistration(agentPort: number, relyingPartyId: string | null): PlannedRequest {
  const origin = relyingPartyId === null ? null : originFor(relyingPartyId, null);
  return {
    method: "POST",
    url: `http://localhost:${agentPort}/register`,
    contentType: "application/jwt",
    body: `{signed options of the create reply; Origin ${origin?.ok ? origin.value : "from its relying party"}}`,
  };
}

async function pair(
  ports: Ports,
  connection: Connection,
  tokens: ReturnType<typeof createTokens>,
  user: User,
  choice: PairingChoice,
  observe: (progress: PairingProgress) => void,
  signal: AbortSignal,
): Promise<PairingResult> {
  // One transaction id per pairing, so that PingOne's support finds all its requests together.
  const pairingId = ports.random.uuid();
  const clients = {
    forward: createPingOne(ports, connection.endpoints, tokens, pairingId, signal),
    undo: createPingOne(ports, connection.endpoints, tokens, pairingId),
  };
  const started = ports.clock.monotonic();
  const step: Step = {
    name: "check-prerequisites",
    outcome: "running",
    startedAt: ports.clock.now(),
    ms: null,
    deadlineAt: null,
    correlationId: null,
  };
  observe({ pairingId, steps: [step], cancelling: signal.aborted });
  const agentPort = connection.agentPort();
  const checked = await preflight(ports, clients.forward, pairingId, user, choice, agentPort);
  const ms = Math.round(ports.clock.monotonic() - started);
  if (!checked.ok) {
    const error = signal.aborted ? cancelled : checked.error;
    const { correlationId = null } = traceIn(checked.error);
    const steps: readonly Step[] = [{ ...step, outcome: "failed", ms, correlationId }];
    return { ok: false, pairingId, user, error, left: "nothing", deviceId: null, steps, warnings: [] };
  }
  const { request, warnings } = checked.value;
  const earlier: readonly Step[] = [{ ...step, outcome: "done", ms }];
  const result = await runPairing(ports, clients, agentPort, user, request, earlier, observe, signal);
  return { ...result, warnings: [...warnings, ...result.warnings] };
}

const toOutcome = <T>(answer: Answer<T>): Outcome<T> => (answer.ok ? ok(answer.value) : fail(answer.error));
