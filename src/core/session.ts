import { fail, type Outcome, ok } from "../contract/errors.ts";
import type { AuthenticatorKind, Device, Policies, Right, Routes, User } from "../contract/views.ts";
import type { AgentSettings } from "./agent/client.ts";
import { originFor } from "./agent/origin.ts";
import { expectedRoute } from "./fido2/ceremony.ts";
import { policyFor, readFidoPolicies } from "./fido2/policy.ts";
import { listPairings } from "./pairing/journal.ts";
import { clientsFor, ownDevice, pairOne } from "./pairing/pair.ts";
import { type PairingChoice, preflight } from "./pairing/preflight.ts";
import { newDevice } from "./pairing/proof.ts";
import { isHere, type PairingRecord } from "./pairing/record.ts";
import { type RecoveryProgress, type RecoveryReport, recoverPairings } from "./pairing/recovery.ts";
import type { PairingProgress, PairingResult } from "./pairing/run.ts";
import { type Access, type Answer, createPingOne } from "./pingone/client.ts";
import type { PlannedRequest } from "./pingone/devices.ts";
import * as devices from "./pingone/devices.ts";
import { type Endpoints, isIdentifier, isPathPart } from "./pingone/endpoints.ts";
import { traceIn } from "./pingone/errors.ts";
import { readEnvironmentName, readPolicies } from "./pingone/policies.ts";
import { createRetryBudget } from "./pingone/retry-budget.ts";
import type { Tokens } from "./pingone/tokens.ts";
import * as users from "./pingone/users.ts";
import type { Ports } from "./ports.ts";
import { readRights } from "./rights.ts";

/** Who is signed in. A user who signed in as themselves serves nobody else. */
export type Actor =
  | { readonly mode: "technician" | "worker" }
  | { readonly mode: "self-service"; readonly userId: string; readonly scopes: readonly string[] };

export type Connection = {
  readonly endpoints: Endpoints;
  readonly tokens: Tokens;
  readonly actor: Actor;
  /** Asked at each use, because the operator may change it while signed in. */
  readonly agent: () => AgentSettings;
};

/**
 * One operator in one environment: everything that the window and the command line do to PingOne and to this
 * workstation goes through here.
 */
export type Session = {
  /** Proves the credential by getting a token. */
  readonly signIn: () => Promise<Outcome<null>>;
  /** What the session may do, as far as reading tells; writes nothing. */
  readonly readRights: () => Promise<readonly Right[]>;
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
  /**
   * Runs to the end; `signal` cancels, and the pairing then undoes what it did before it resolves. What an earlier
   * pairing of this user left open is brought to its end first. A workstation that is paired with this user already is
   * left as it is (`changed: false`), unless the choice forces it. Fails with `not-now` while another process pairs.
   */
  readonly pair: (
    user: User,
    choice: PairingChoice,
    observe: (progress: PairingProgress) => void,
    signal: AbortSignal,
  ) => Promise<PairingResult>;
  /** Finishes or undoes every pairing of this environment that was interrupted; see `recovery.ts`. */
  readonly recoverPairings: (
    observe: (progress: RecoveryProgress) => void,
    signal: AbortSignal,
  ) => Promise<Outcome<RecoveryReport>>;
  /** The device as which our own record says that this workstation was paired with this user; it may be gone since. */
  readonly ownDeviceId: (userId: string) => Promise<string | null>;
  /** Reads, and never writes. Empty: the workstation is paired already, and nothing would be sent. */
  readonly planPairing: (user: User, choice: PairingChoice) => Promise<Outcome<readonly PlannedRequest[]>>;
  readonly planRemoval: (userId: string, deviceId: string) => Outcome<readonly PlannedRequest[]>;
};

/** @param giveUp once aborted, a request that failed is not tried again: for those who cannot wait */
export function openSession(ports: Ports, connection: Connection, giveUp?: AbortSignal): Session {
  const { tokens, actor } = connection;
  const access: Access = {
    endpoints: connection.endpoints,
    tokens,
    mode: actor.mode,
    retries: createRetryBudget(ports.clock),
  };
  const pingOne = createPingOne(ports, access, undefined, giveUp);

  const findUsers = async (query: string): Promise<Outcome<readonly User[]>> => {
    const wanted = query.trim();
    // Searching is for administrators; a user would only meet a refusal.
    if (actor.mode === "self-service") {
      const own = await readUser(actor.userId);
      return own.ok ? ok(isNamed(own.value, wanted) ? [own.value] : []) : own;
    }
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
    const refused = refusalOf(userId);
    if (refused !== null) return refused;
    const answer = await users.readUser(pingOne, userId);
    if (!answer.ok) {
      const { error, status } = answer;
      return fail(status === 404 ? { code: "user-not-found", query: userId, ...traceIn(error) } : error);
    }
    if (answer.value.mfaEnabled !== null) return ok(answer.value);
    return ok({ ...answer.value, mfaEnabled: await users.readMfaEnabled(pingOne, userId) });
  };

  const isForeign = (userId: string): boolean => actor.mode === "self-service" && userId !== actor.userId;
  /** Before every request about a user: an id may come from a page or an argument. `null`: it may be sent. */
  const refusalOf = (userId: string): ReturnType<typeof fail> | null =>
    !isPathPart(userId) || isForeign(userId) ? fail({ code: "user-not-found", query: userId }) : null;

  return {
    readRights: () => readRights(pingOne, actor),
    signIn: async () => {
      const token = await tokens.current();
      return token.ok ? ok(null) : token;
    },
    readEnvironmentName: () => readEnvironmentName(pingOne),
    findUsers,
    resolveUser: async (query) => {
      const wanted = query.trim();
      if (wanted === "") return fail({ code: "usage-invalid", problem: "The user is empty." });
      if (actor.mode === "self-service") {
        const own = await readUser(actor.userId);
        if (!own.ok || isNamed(own.value, wanted)) return own;
        return fail({ code: "user-not-found", query: wanted });
      }
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
      const refused = refusalOf(userId);
      if (refused !== null) return refused;
      const answer = await users.enableMfa(pingOne, userId);
      return answer.ok ? ok(null) : fail(answer.error);
    },
    listDevices: async (userId) => refusalOf(userId) ?? toOutcome(await devices.listDevices(pingOne, userId)),
    readDevice: async (userId, deviceId) => {
      const refused = refusalOf(userId);
      if (refused !== null) return refused;
      if (!isIdentifier(deviceId)) return fail({ code: "device-not-found", deviceId });
      const answer = await devices.readDevice(pingOne, userId, deviceId);
      if (answer.ok || answer.status !== 404) return toOutcome(answer);
      return fail({ code: "device-not-found", deviceId, ...traceIn(answer.error) });
    },
    removeDevice: async (userId, deviceId) => {
      const refused = refusalOf(userId);
      if (refused !== null) return refused;
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
    pair: async (user, choice, observe, signal) => {
      const refused = refusalOf(user.id);
      if (refused === null) return pairOne({ ports, access, agent: connection.agent }, user, choice, observe, signal);
      const pairingId = ports.random.uuid();
      return { ...refused, pairingId, user, left: "nothing", deviceId: null, steps: [], warnings: [] };
    },
    recoverPairings: (observe, signal) => {
      const isOurs = (record: PairingRecord): boolean => isHere(record, access.endpoints) && !isForeign(record.userId);
      return recoverPairings(ports, isOurs, clientsFor(ports, access, signal), observe, signal);
    },
    ownDeviceId: async (userId) => {
      if (isForeign(userId)) return null;
      const listed = await listPairings(ports);
      return listed.ok
        ? (ownDevice(ports, listed.value.pairings, access.endpoints, userId, "desktop")?.id ?? null)
        : null;
    },
    planPairing: async (user, choice) => {
      const refused = refusalOf(user.id);
      if (refused !== null) return refused;
      const listed = await listPairings(ports);
      if (!listed.ok) return listed;
      const own = ownDevice(ports, listed.value.pairings, access.endpoints, user.id, choice.kind);
      const checked = await preflight(ports, pingOne, "dry-run", user, choice, null, own);
      if (!checked.ok) return checked;
      if (checked.value.is === "paired") return ok([]);
      const { request } = checked.value;
      const planned = devices.planDevice(pingOne, user.id, newDevice(request), request.nickname);
      const middle =
        choice.kind === "desktop" ? [plannedRegistration(connection.agent().port, request.relyingPartyId)] : [];
      return ok([planned.create, ...middle, planned.activate, ...(request.nickname === "" ? [] : [planned.name])]);
    },
    planRemoval: (userId, deviceId) => {
      if (!isIdentifier(deviceId)) return fail({ code: "device-not-found", deviceId });
      return refusalOf(userId) ?? ok(devices.planRemoval(pingOne, userId, deviceId));
    },
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

/** Whether somebody who signed in as themselves means themselves. */
const isNamed = ({ id, username, email }: User, wanted: string): boolean =>
  [id, username, email ?? ""].some((name) => name.toLowerCase() === wanted.toLowerCase());

const toOutcome = <T>(answer: Answer<T>): Outcome<T> => (answer.ok ? ok(answer.value) : fail(answer.error));
