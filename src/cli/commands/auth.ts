import { type AppError, fail, type Outcome, ok } from "../../contract/errors.ts";
import { decideBy } from "../../core/policy/applied.ts";
import type { Ports } from "../../core/ports.ts";
import { readKept } from "../../core/sign-in/kept.ts";
import { keptFor, type SignedIn, signIn, type WayIn } from "../../core/sign-in/open.ts";
import { revokeKept } from "../../core/sign-in/revocation.ts";
import { dataFolder } from "../../node/host.ts";
import type { Configuration } from "../configuration.ts";
import { type Context, prepare, report } from "../context.ts";
import { exitDone } from "../exit-codes.ts";
import { pairs, printable } from "../output.ts";
import { readLine } from "../pin.ts";
import { createPorts, createSecrets } from "../ports.ts";
import type { Order } from "../program.ts";
import { readSecret, typedSecret } from "../secret.ts";
import { readSecretStore } from "../setting-values.ts";
import { enter, readWorkerSecret, tell } from "../sign-in.ts";

type AuthOrder = Extract<Order, { name: "auth-login" | "auth-status" | "auth-logout" }>;

/** `deskpair auth …`. Resolves with the exit number. */
export async function auth(context: Context, order: AuthOrder): Promise<number> {
  if (order.name === "auth-login" && context.options.signIn !== null) return report(context, notBoth);
  const forgetting = order.name === "auth-logout";
  const prepared = await prepare(context, { policyId: null, relyingPartyId: null, forgetting });
  if (!prepared.ok) {
    const { profile } = context.options;
    // What is kept says itself where it came from: it can be taken back for a profile that is gone, or not allowed.
    return forgetting && profile !== null ? logoutByName(context, profile) : report(context, prepared.error);
  }
  const { configuration, ports } = prepared.value;
  switch (order.name) {
    case "auth-login":
      return login(context, ports, configuration, order.way);
    case "auth-status":
      return order.offline ? statusOffline(context, ports, configuration) : status(context, ports, configuration);
    case "auth-logout":
      return logout(context, ports, configuration);
    default:
      return order satisfies never;
  }
}

const notBoth: AppError = {
  code: "usage-invalid",
  problem: "A login is kept, and --sign-in is for one command. For a login without a browser there is --device-code.",
};

async function login(
  context: Context,
  ports: Ports,
  configuration: Configuration,
  way: "browser" | "device-code",
): Promise<number> {
  const { output, signal } = context;
  const { tenant } = configuration;
  const hasKey = tenant.mode === "worker" && tenant.clientAuthentication === "private-key-jwt";
  // Before somebody signs in for nothing.
  if (!hasKey && (await ports.secrets.kind()) === "memory") return report(context, noStore(configuration));
  const wayIn = await wayInFor(context, configuration, way);
  if (!wayIn.ok) return report(context, wayIn.error);
  const entered = await signIn(ports, tenant, wayIn.value, (waiting) => tell(context, waiting), signal);
  if (!entered.ok) return report(context, entered.error);
  const signedIn = entered.value;
  if (!hasKey && !signedIn.kept) {
    await signedIn.end({ forget: false });
    return report(context, notKept);
  }
  const facts = await factsOf(ports, configuration, signedIn.name, signedIn);
  const words = hasKey
    ? `The key is accepted for ${printable(signedIn.name)}; nothing else has to be kept.`
    : `Signed in as ${printable(signedIn.name)}.`;
  output.result({ ok: true, changed: !hasKey, ...facts }, `${output.style.done} ${words}\n\n${factsText(facts)}`);
  return exitDone;
}

const noStore = ({ secretStore }: Configuration): AppError => ({
  code: "secret-store-failed",
  problem:
    secretStore === "memory"
      ? "DESKPAIR_SECRET_STORE is memory, which keeps nothing when the command ends"
      : "there is none, or it does not answer",
});

const notKept: AppError = {
  code: "secret-store-failed",
  problem: "it did not take the sign-in, or the application gives no refresh token (grant type REFRESH_TOKEN)",
};

/** A person signs in one way or the other; of a worker application the secret is asked for. */
async function wayInFor(
  context: Context,
  configuration: Configuration,
  way: "browser" | "device-code",
): Promise<Outcome<WayIn>> {
  const { tenant, secret } = configuration;
  if (tenant.mode !== "worker") return ok({ way, keep: true });
  if (way === "device-code") {
    const problem =
      "This profile is for a worker application: --device-code is for people (mode technician or self-service).";
    return fail({ code: "usage-invalid", problem });
  }
  if (tenant.clientAuthentication === "private-key-jwt") return ok({ way: "secret", clientSecret: null, keep: false });
  const given = secret === null ? await askSecret(context) : await readWorkerSecret(context, configuration);
  return given.ok ? ok({ way: "secret", clientSecret: given.value, keep: true }) : given;
}

/** PingOne's have 64 characters; what is longer than this was not typed. */
const longestSecret = 1_024;

/** At the terminal, without an echo; or from a pipe. */
async function askSecret({ options, output, stdin, signal }: Context): Promise<Outcome<string>> {
  const input = stdin();
  if (input.isTTY !== true) {
    const read = await readSecret({ value: "-", setting: "standard input" }, () => input);
    return read.ok ? ok(read.value.secret) : read;
  }
  if (!options.interactive) return fail({ code: "configuration-missing", settings: ["DESKPAIR_CLIENT_SECRET_FILE"] });
  // The echo is off before the question is there, so that a quick answer is not shown.
  const answer = readLine(input, signal, longestSecret);
  output.prompt("Client secret: ");
  const typed = await answer;
  output.prompt("\n");
  if (typed === null) return fail({ code: "cancelled" });
  const secret = typedSecret(typed);
  typed.fill(0);
  return secret;
}

async function status(context: Context, ports: Ports, configuration: Configuration): Promise<number> {
  const entered = await enter(context, ports, configuration);
  if (!entered.ok) {
    const { error } = entered;
    const isNobody = error.code === "configuration-missing" && configuration.tenant.mode === "worker";
    return report(context, isNobody ? { code: "sign-in-required" } : error);
  }
  const { signedIn, forThisCommand } = entered.value;
  try {
    // Only administrators and applications may read it; a user would meet a refusal.
    const isAdmin = signedIn.actor.mode !== "self-service";
    const environmentName = isAdmin ? await signedIn.session.readEnvironmentName() : null;
    const facts = await factsOf(ports, configuration, signedIn.name, signedIn);
    return reportStatus(context, { ...facts, environmentName, proven: true });
  } finally {
    if (forThisCommand) await signedIn.end({ forget: false });
  }
}

/** Asks nobody, so it does not know whether what is kept still holds. */
async function statusOffline(context: Context, ports: Ports, configuration: Configuration): Promise<number> {
  const { tenant } = configuration;
  const kept = tenant.profile === null ? ok(null) : await readKept(ports.secrets, tenant.profile, keptFor(tenant));
  if (!kept.ok) return report(context, kept.error);
  const secret = kept.value?.secret ?? null;
  if (secret === null && sourceOf(configuration) === null) return report(context, { code: "sign-in-required" });
  const person = secret?.kind === "refresh-token" ? secret : null;
  const actor =
    person !== null && tenant.mode === "self-service"
      ? { mode: tenant.mode, userId: person.subject, scopes: person.scopes }
      : null;
  const name = person === null ? tenant.clientId : (person.name ?? person.subject);
  const facts = await factsOf(ports, configuration, name, { actor, kept: secret !== null });
  return reportStatus(context, { ...facts, environmentName: null, proven: false });
}

function logout(context: Context, ports: Ports, { profile, tenant }: Configuration): Promise<number> {
  return forget(context, ports, tenant.profile, { profile, mode: tenant.mode });
}

async function logoutByName(context: Context, profile: string): Promise<number> {
  const { environment, policy, log } = context;
  const kind = readSecretStore(environment, true);
  if (!kind.ok) return report(context, kind.error);
  const folder = dataFolder(environment);
  const secrets = createSecrets(kind.value, folder);
  const ports = createPorts({ folder, secrets, environment, policy: decideBy(policy), log });
  return forget(context, ports, profile, { profile, mode: null });
}

/** @param kept the name under which it is kept; `null`: nothing is */
async function forget(
  context: Context,
  ports: Ports,
  kept: string | null,
  whose: { readonly profile: string | null; readonly mode: string | null },
): Promise<number> {
  const { output } = context;
  const revoked = kept === null ? ok(false) : await revokeKept(ports, kept);
  if (!revoked.ok) {
    if (revoked.error.code !== "secret-store-failed" && revoked.error.code !== "storage-failed") {
      output.warn("The sign-in is forgotten on this computer, but PingOne could not be told to end it.");
    }
    return report(context, revoked.error);
  }
  const changed = revoked.value;
  output.result(
    { ok: true, changed, ...whose },
    `${output.style.done} ${changed ? "Signed out; nothing is kept any more." : "Nobody was signed in."}`,
  );
  return exitDone;
}

type Facts = {
  readonly profile: string | null;
  readonly production: boolean;
  readonly mode: string;
  readonly name: string;
  readonly userId: string | null;
  readonly environmentId: string;
  readonly host: string;
  readonly clientId: string;
  /** Where the sign-in is kept; `null`: it is not. */
  readonly kept: "system" | "file" | null;
  /** The setting that names the secret or key of a worker application; `null`: none does. */
  readonly source: string | null;
};

async function factsOf(
  ports: Ports,
  configuration: Configuration,
  name: string,
  { actor, kept }: { readonly actor: SignedIn["actor"] | null; readonly kept: boolean },
): Promise<Facts> {
  const { profile, production, tenant } = configuration;
  const store = kept ? await ports.secrets.kind() : "memory";
  return {
    profile,
    production,
    mode: tenant.mode,
    name,
    userId: actor?.mode === "self-service" ? actor.userId : null,
    environmentId: tenant.endpoints.environmentId,
    host: new URL(tenant.endpoints.apiBase).host,
    clientId: tenant.clientId,
    kept: store === "memory" ? null : store,
    source: kept ? null : sourceOf(configuration),
  };
}

function sourceOf({ tenant, secret, keyFileSetting }: Configuration): string | null {
  if (tenant.mode !== "worker") return null;
  return tenant.clientAuthentication === "private-key-jwt" ? keyFileSetting : (secret?.setting ?? null);
}

const places = { system: "in the key store of this system", file: "in a file that only you can read" } as const;

function factsText(facts: Facts & { readonly environmentName?: string | null }): string {
  const environment = facts.environmentName == null ? "" : ` (${facts.environmentName})`;
  return pairs([
    ["Who", facts.name],
    ["How", facts.mode],
    ["Profile", `${facts.profile ?? "none"}${facts.production ? ", production" : ""}`],
    ["Environment", `${facts.environmentId}${environment}`],
    ["Host", facts.host],
    ["Client", facts.clientId],
    ["Kept", facts.kept === null ? (facts.source ?? "nowhere") : places[facts.kept]],
  ]);
}

function reportStatus(
  { output }: Context,
  facts: Facts & { readonly environmentName: string | null; readonly proven: boolean },
): number {
  const words = facts.proven ? "Signed in, and PingOne agrees." : "A sign-in is there; PingOne was not asked.";
  output.result({ ok: true, ...facts }, `${output.style.done} ${words}\n\n${factsText(facts)}`);
  return exitDone;
}
