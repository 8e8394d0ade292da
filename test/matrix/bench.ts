import { type ErrorCode, fail, type Left, ok } from "../../src/contract/errors.ts";
import type { Warning } from "../../src/contract/views.ts";
import { defaultAgentTrust } from "../../src/core/agent/trust-settings.ts";
import type { PairingChoice } from "../../src/core/pairing/preflight.ts";
import type { PairingResult } from "../../src/core/pairing/run.ts";
import { resolveEndpoints } from "../../src/core/pingone/endpoints.ts";
import { createTokens } from "../../src/core/pingone/tokens.ts";
import type { Clock, Http, HttpRequest, HttpResult, Ports } from "../../src/core/ports.ts";
import { openSession } from "../../src/core/session.ts";
import { createHttp as createNodeHttp } from "../../src/node/http-node.ts";
import { createHttp as createUndiciHttp } from "../../src/node/http-undici.ts";
import { createLoopbackHttp, probe } from "../../src/node/loopback.ts";
import { makeCredential, type Simulator, type User } from "../../src/simulator/index.ts";
import { memoryFiles } from "../fakes/files.ts";
import { fakePorts } from "../fakes/ports.ts";
import { type FaultName, faultOf } from "./faults.ts";
import type { Gateway } from "./gateway.ts";
import { type Flow, kindOf, type RequestKind } from "./requests.ts";

/** One pairing on real sockets under chosen faults, and everything that can be seen of it afterwards. */

export type Bench = { readonly simulator: Simulator; readonly gateway: Gateway };

export type Run = {
  readonly flow: Flow;
  readonly user: User;
  /** Find the user by id, as the window does, and not by name. */
  readonly byId?: boolean;
  /** What becomes of the `nth` request of a kind, from 1; `null`: it goes through. */
  readonly faultAt: (kind: RequestKind, nth: number) => FaultName | null;
  /** Cancels when so many requests have been sent. */
  readonly cancelAt?: number;
  /** The user has an ACTIVE device already, which is none of ours. */
  readonly hasDevice?: boolean;
  /** This computer's clock is ahead by so much. */
  readonly clockOffMs?: number;
};

export type Seen = {
  readonly outcome: "paired" | "failed" | "failed before";
  readonly code: ErrorCode | null;
  readonly left: Left | null;
  readonly warnings: readonly Warning["code"][];
  /** How many requests of each kind were sent. */
  readonly sent: ReadonlyMap<RequestKind, number>;
  /** The user's devices when the pairing had ended, and after the next start had cleaned up. */
  readonly pending: number;
  readonly active: number;
  readonly pendingAfterwards: number;
  readonly activeAfterwards: number;
  /** Secrets that can be read by somebody: in the result, the progress, the log or the journal. None, that is. */
  readonly toldSecrets: readonly string[];
  /** How many were looked for. */
  readonly secretsSought: number;
};

/** Long enough to reach a busy server; what is late in a case of this kind never comes at all. */
const shortMs = 250;

export async function runOn({ simulator, gateway }: Bench, run: Run): Promise<Seen> {
  const files = memoryFiles();
  const authenticators = { platform: "linux", tools: "not-usable", simulated: true } as const;
  const fakes = fakePorts({ files, authenticators });
  const sent = new Map<RequestKind, number>();
  const told: unknown[] = [];
  const abort = new AbortController();
  const about = crypto.randomUUID();
  let healed = false;
  let requestsSent = 0;

  /** Real requests through the gateway, with the fault that the case wants for each. */
  const through =
    <R extends HttpRequest>(http: (request: R) => Promise<HttpResult>) =>
    async (given: R): Promise<HttpResult> => {
      const request = { ...given, headers: { ...given.headers, "x-case": about } };
      const kind = kindOf(request, new Set(sent.keys()));
      const nth = (sent.get(kind) ?? 0) + 1;
      if (!healed) {
        sent.set(kind, nth);
        requestsSent += 1;
        if (requestsSent === run.cancelAt) abort.abort();
      }
      const name = healed ? null : run.faultAt(kind, nth);
      if (name === null) return http(request);
      const fault = faultOf(name);
      const timeoutMs = fault.isTimeOut === true ? shortMs : request.timeoutMs;
      if (fault.doing.at === "port")
        return http({ ...request, timeoutMs, url: elsewhere(request.url, fault.doing.how) });
      const id = crypto.randomUUID();
      const result = await http({
        ...request,
        timeoutMs,
        headers: { ...request.headers, "x-fault": name, "x-request": id },
      });
      // The server is as far as the fault says before anything else is asked of it, however busy the machine is. What
      // was cancelled may never have come that far; only the agent's request can be.
      const isUnsent = !result.ok && (!result.failure.sent || result.failure.kind === "cancelled");
      if (!isUnsent) await gateway.settled(id);
      return result;
    };
  const elsewhere = (url: string, how: "closed" | "mute"): string => {
    const to = new URL(url);
    // Port 1 is nobody's.
    [to.protocol, to.port] = how === "closed" ? ["http:", "1"] : ["https:", String(gateway.mutePort)];
    return to.href;
  };

  const clock: Clock = {
    now: () => Date.now() + (run.clockOffMs ?? 0),
    monotonic: () => performance.now(),
    wait: async () => undefined,
  };
  // Both clients of the product: the window's and the command line's.
  const http: Http = run.flow === "fido2" ? createUndiciHttp() : createNodeHttp();
  const ports: Ports = {
    ...fakes.ports,
    http: through(http),
    agentHttp: through(createLoopbackHttp()),
    probeAgent: probe,
    ceremony: async ({ options, origin, signal }) =>
      signal.aborted ? fail({ code: "cancelled" }) : ok(makeCredential(options, origin)),
    clock,
    random: { uuid: () => crypto.randomUUID(), fraction: () => 0 },
  };
  const { environmentId, clientId, clientSecret } = simulator;
  const base = `http://127.0.0.1:${gateway.port}`;
  const endpoints = resolveEndpoints({
    region: null,
    apiUrl: `${base}/v1`,
    authUrl: base,
    authDomain: null,
    environmentId,
  });
  if (!endpoints.ok) throw new Error(JSON.stringify(endpoints.error));
  const tokens = createTokens(ports, endpoints.value, { kind: "secret-basic", clientId, clientSecret });
  const agent = () => ({ port: gateway.agentPort, trust: defaultAgentTrust });
  const session = openSession(ports, { endpoints: endpoints.value, tokens, actor: { mode: "worker" }, agent });

  const before = run.hasDevice === true ? giveDevice(simulator, run.user) : null;
  const result = await pairAs(run, session, told, abort.signal);
  const here = () => simulator.world.devicesOf(run.user.id).filter(({ id }) => id !== before);
  const count = (status: string) => here().filter((device) => device.status === status).length;
  const [pending, active] = [count("ACTIVATION_REQUIRED"), count("ACTIVE")];

  healed = true;
  const recovered = await session.recoverPairings(() => undefined, new AbortController().signal);
  const text = JSON.stringify([told, result, recovered, fakes.logged, [...files.contents.values()]]);
  const secrets = [...gateway.takeSecrets(about), clientSecret, ...(text.match(/eyJ[\w-]{5,}\./g) ?? [])];
  return {
    ...outcomeOf(result),
    sent,
    pending,
    active,
    pendingAfterwards: count("ACTIVATION_REQUIRED"),
    activeAfterwards: count("ACTIVE"),
    secretsSought: secrets.length,
    toldSecrets: secrets.filter((secret) => text.includes(secret)),
  };
}

/** @returns its id */
function giveDevice(simulator: Simulator, user: User): string {
  const [other] = simulator.world.devicesOf(user.id);
  if (other !== undefined) throw new Error("The user has a device already.");
  const like = [...simulator.world.devices.values()].find(({ type }) => type === "TOTP");
  if (like === undefined) throw new Error("The simulator has no such device.");
  const id = crypto.randomUUID();
  simulator.world.devices.set(id, { ...like, id, userId: user.id });
  return id;
}

type Ended = PairingResult | { readonly ok: false; readonly error: { readonly code: ErrorCode }; readonly left: null };

async function pairAs(
  { flow, user, byId }: Run,
  session: ReturnType<typeof openSession>,
  told: unknown[],
  signal: AbortSignal,
): Promise<Ended> {
  const signedIn = await session.signIn();
  if (!signedIn.ok) return { ...signedIn, left: null };
  const found = await session.resolveUser(byId === true ? user.id : user.username);
  if (!found.ok) return { ...found, left: null };
  const common = { policyId: null, nickname: "DESK-7", force: false } as const;
  const choice: PairingChoice =
    flow === "desktop"
      ? { ...common, kind: "desktop", relyingPartyId: null }
      : { ...common, kind: "fido2", authenticator: "key", relyingPartyId: "pingone.eu" };
  return session.pair(found.value, choice, (progress) => told.push(progress), signal);
}

function outcomeOf(result: Ended): Pick<Seen, "outcome" | "code" | "left" | "warnings"> {
  if (result.ok)
    return { outcome: "paired", code: null, left: null, warnings: result.warnings.map(({ code }) => code) };
  const { code } = result.error;
  if (result.left === null) return { outcome: "failed before", code, left: null, warnings: [] };
  return { outcome: "failed", code, left: result.left, warnings: result.warnings.map((warning) => warning.code) };
}
