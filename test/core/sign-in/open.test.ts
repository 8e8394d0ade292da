import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, exportPKCS8, generateKeyPair } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type AppError, fail } from "../../../src/contract/errors.ts";
import { defaultAgentTrust } from "../../../src/core/agent/trust-settings.ts";
import type { Http, Ports, SecretStore } from "../../../src/core/ports.ts";
import { type SignedIn, signIn, type Tenant, type Waiting, type WayIn } from "../../../src/core/sign-in/open.ts";
import { selfServiceScopes, technicianScopes } from "../../../src/core/sign-in/scopes.ts";
import { random } from "../../../src/node/host.ts";
import { createHttp } from "../../../src/node/http-undici.ts";
import { readKeyFile } from "../../../src/node/key-file.ts";
import { memorySecrets } from "../../../src/node/memory-secrets.ts";
import { type AuthorizationServer, startAuthorizationServer } from "../../fakes/authorization-server.ts";
import { answer, failure, gate } from "../../fakes/http.ts";
import { manualClock } from "../../fakes/manual-clock.ts";
import { fakePorts } from "../../fakes/ports.ts";
import { visit } from "./person.ts";
import { expectFailure, pretendListener, quickClock, watched } from "./setting.ts";

let server: AuthorizationServer;
let keyPath: string;
beforeAll(async () => {
  const pair = await generateKeyPair("RS256", { extractable: true });
  const folder = await mkdtemp(join(tmpdir(), "deskpair-open-"));
  keyPath = join(folder, "worker.pem");
  await writeFile(keyPath, await exportPKCS8(pair.privateKey));
  await chmod(keyPath, 0o600);
  server = await startAuthorizationServer({ workerKey: { ...(await exportJWK(pair.publicKey)), kid: "k1" } });
  return () => rm(folder, { recursive: true });
});
afterEach(() => server.interfere(null));
afterAll(() => server.close());

const profile = "Test tenant";
const record = `sign-in ${profile}`;
const apiBase = "http://127.0.0.1:9/v1";

const tenantOf = (mode: Tenant["mode"], more: Partial<Tenant> = {}): Tenant => ({
  profile,
  endpoints: {
    apiBase,
    authBase: new URL(server.issuer).origin,
    issuer: server.issuer,
    environmentId: server.environmentId,
  },
  clientId: mode === "worker" ? server.workers.basic.clientId : server.clientId,
  mode,
  clientAuthentication: "secret-basic",
  redirectPort: 7464,
  keyFile: null,
  agent: () => ({ port: 9410, trust: defaultAgentTrust }),
  ...more,
});

/** A key store that is there, whose every use is noted, and which can be locked. */
function keyStore(kind: "system" | "memory" = "system") {
  const inside = memorySecrets();
  const locked = new Set<"read" | "write" | "remove">();
  const failed = fail({ code: "secret-store-failed", problem: "it is locked" });
  const events: string[] = [];
  const store: SecretStore = {
    kind: async () => kind,
    read: async (name) => (locked.has("read") ? failed : inside.read(name)),
    write: async (name, secret) => {
      events.push(`write ${name}`);
      return locked.has("write") ? failed : inside.write(name, secret);
    },
    remove: async (name) => {
      events.push(`remove ${name}`);
      return locked.has("remove") ? failed : inside.remove(name);
    },
  };
  const text = async (name = record): Promise<string | null> => {
    const read = await inside.read(name);
    return read.ok ? read.value : null;
  };
  /** What is kept for the profile. */
  const kept = async (): Promise<{ secret: Record<string, unknown> } & Record<string, unknown>> =>
    JSON.parse((await text()) ?? "null");
  return { store, inside, locked, events, text, kept };
}
type KeyStore = ReturnType<typeof keyStore>;

/** One process on this computer: its memory is its own, the key store is not. */
function computer(keys: KeyStore = keyStore(), http: Http = createHttp()) {
  const seen = watched(async (request) => {
    if (!request.url.startsWith(apiBase)) return http(request);
    keys.events.push(`${request.method} api`);
    return answer(404);
  });
  const clock = quickClock();
  const told: Waiting[] = [];
  // Nobody is too late: the time passes with the waits of others, and the browser takes its own.
  const listener = pretendListener(manualClock());
  const world = fakePorts({ secrets: keys.store, listenForCallback: listener.listen });
  const ports: Ports = {
    ...world.ports,
    http: async (request) => {
      if (request.url.endsWith("/as/token")) {
        keys.events.push("POST token");
        // A device code is not asked about before the person has entered it.
        if (told[0]?.way === "device-code") await entering.promise;
      }
      return seen.http(request);
    },
    clock,
    random,
    readKeyFile,
    openPage: async (address) => {
      void visit(address).then(listener.returned);
      return true;
    },
  };
  const entering = Promise.withResolvers<unknown>();
  const tell = (waiting: Waiting): void => {
    told.push(waiting);
    if (waiting.way === "device-code" && told.length === 1) entering.resolve(visit(waiting.completeAddress ?? ""));
  };
  return {
    ...seen,
    ports,
    told,
    logged: world.logged,
    enter: (tenant: Tenant, wayIn: WayIn) => signIn(ports, tenant, wayIn, tell, new AbortController().signal),
    /** As `enter`, for what has to succeed. */
    entered: async (tenant: Tenant, wayIn: WayIn): Promise<SignedIn> => {
      const outcome = await signIn(ports, tenant, wayIn, tell, new AbortController().signal);
      if (!outcome.ok) throw new Error(JSON.stringify(outcome.error));
      return outcome.value;
    },
    /** Long enough for every access token to be over. */
    later: () => clock.wait(7_200_000),
  };
}

const done = { ok: true, value: null } as const;
const browser = (keep: boolean): WayIn => ({ way: "browser", keep });
const secretOf = (keep: boolean, clientSecret = server.workers.basic.clientSecret): WayIn => ({
  way: "secret",
  clientSecret,
  keep,
});
const required = (reason?: "expired"): { ok: false; error: AppError } =>
  fail({ code: "sign-in-required", ...(reason === undefined ? {} : { reason }) });

/** Whether the server still takes a refresh token. Uses it up. */
async function isGood(refreshToken: unknown): Promise<boolean> {
  const body = { grant_type: "refresh_token", client_id: server.clientId, refresh_token: String(refreshToken) };
  return (await fetch(`${server.issuer}/token`, { method: "POST", body: new URLSearchParams(body) })).ok;
}

describe.each(["browser", "device-code"] as const)("a person, by %s", (way) => {
  test("technician: who it is, by name, with nothing kept unless that was wished", async () => {
    const keys = keyStore();
    const { entered, told } = computer(keys);
    const { actor, name, kept, endpoints } = await entered(tenantOf("technician"), { way, keep: false });
    expect({ actor, name, kept }).toEqual({ actor: { mode: "technician" }, name: server.account.name, kept: false });
    expect(endpoints.issuer).toBe(server.issuer);
    expect([await keys.text(), keys.events.filter((event) => event !== "POST token")]).toEqual([null, []]);
    expect(told[0]?.way).toBe(way);
    const [first] = told;
    if (first?.way === "device-code") expect(first.qr.length).toBeGreaterThan(20);
  });

  test("self-service: serves the own account, with the scopes that were granted", async () => {
    const { entered } = computer();
    const { actor } = await entered(tenantOf("self-service"), { way, keep: false });
    expect(actor).toEqual({ mode: "self-service", userId: server.account.subject, scopes: expect.any(Array) });
    expect(actor.mode === "self-service" && actor.scopes.toSorted()).toEqual([...selfServiceScopes].toSorted());
  });

  test("kept: the next start continues without asking, with a new refresh token in the store", async () => {
    const keys = keyStore();
    expect((await computer(keys).entered(tenantOf("technician"), { way, keep: true })).kept).toBe(true);
    const before = await keys.kept();
    expect(before).toMatchObject({
      version: 1,
      issuer: server.issuer,
      clientId: server.clientId,
      mode: "technician",
      secret: { kind: "refresh-token", subject: server.account.subject, name: server.account.name },
    });
    const next = computer(keys);
    const { actor, name, kept } = await next.entered(tenantOf("technician"), { way: "kept" });
    expect({ actor, name, kept }).toEqual({ actor: { mode: "technician" }, name: server.account.name, kept: true });
    expect(next.told).toEqual([]);
    const after = await keys.kept();
    expect(after.secret["refreshToken"]).not.toBe(before.secret["refreshToken"]);
    expect({ ...after, secret: null }).toEqual({ ...before, secret: null });
  });
});

test("self-service, kept: the own account and its scopes are known again", async () => {
  const keys = keyStore();
  const { actor } = await computer(keys).entered(tenantOf("self-service"), browser(true));
  expect((await computer(keys).entered(tenantOf("self-service"), { way: "kept" })).actor).toEqual(actor);
});

describe("a worker", () => {
  const workers = [
    ["secret-basic", "basic"],
    ["secret-post", "post"],
    ["secret-jwt", "jwt"],
  ] as const;

  test.each(workers)("with %s, kept or not", async (clientAuthentication, kind) => {
    const { clientId, clientSecret } = server.workers[kind];
    const tenant = tenantOf("worker", { clientId, clientAuthentication });
    const keys = keyStore();
    const first = await computer(keys).entered(tenant, secretOf(false, clientSecret));
    expect(first).toMatchObject({ actor: { mode: "worker" }, name: clientId, kept: false });
    expect(await keys.text()).toBeNull();
    expect(await computer(keys).enter(tenant, { way: "kept" })).toEqual(required());
    expect((await computer(keys).entered(tenant, secretOf(true, clientSecret))).kept).toBe(true);
    expect(await computer(keys).entered(tenant, { way: "kept" })).toMatchObject({ name: clientId, kept: true });
  });

  test("with a key in a file: nothing to keep", async () => {
    const tenant = tenantOf("worker", {
      clientId: server.keyWorker.clientId,
      clientAuthentication: "private-key-jwt",
      keyFile: { path: keyPath, keyId: "k1" },
    });
    const keys = keyStore();
    const wayIn: WayIn = { way: "secret", clientSecret: null, keep: true };
    expect(await computer(keys).entered(tenant, wayIn)).toMatchObject({ name: "worker-key", kept: false });
    expect(await keys.text()).toBeNull();
    const { enter, requests } = computer(keys);
    const missing = { ok: false, error: { code: "configuration-missing", settings: ["private key file"] } };
    expect(await enter({ ...tenant, keyFile: null }, wayIn)).toEqual(missing);
    expect(await enter({ ...tenant, keyFile: { path: `${keyPath}.gone`, keyId: null } }, wayIn)).toMatchObject({
      error: { code: "configuration-invalid", setting: "private key file", problem: "it does not exist" },
    });
    expect(requests).toEqual([]);
  });

  test("without a secret, or with a wrong one: nothing is kept", async () => {
    const keys = keyStore();
    const seen = computer(keys);
    const noSecret: WayIn = { way: "secret", clientSecret: null, keep: true };
    expect(await seen.enter(tenantOf("worker"), noSecret)).toEqual({
      ok: false,
      error: { code: "configuration-missing", settings: ["client secret"] },
    });
    const refused = await seen.enter(tenantOf("worker"), secretOf(true, "planted-wrong-secret"));
    expectFailure(refused, { code: "sign-in-refused", reason: "invalid_client" }, seen);
    expect(await keys.text()).toBeNull();
  });

  test("signed out: the secret is forgotten, or stays where that is wished", async () => {
    const keys = keyStore();
    const stays = await computer(keys).entered(tenantOf("worker"), secretOf(true));
    expect(await stays.end({ forget: false })).toEqual(done);
    expect(await stays.session.signIn()).toEqual(required());
    const goes = await computer(keys).entered(tenantOf("worker"), { way: "kept" });
    expect(await goes.end({ forget: true })).toEqual(done);
    expect(await keys.text()).toBeNull();
  });
});

describe("what does not go together", () => {
  test("a worker's profile and a browser, a person's and a secret, nobody's application", async () => {
    const { enter, requests } = computer();
    for (const way of ["browser", "device-code"] as const) {
      expect(await enter(tenantOf("worker"), { way, keep: false })).toMatchObject({ error: { code: "usage-invalid" } });
    }
    for (const mode of ["technician", "self-service"] as const) {
      expect(await enter(tenantOf(mode), secretOf(false))).toMatchObject({ error: { code: "usage-invalid" } });
    }
    for (const wayIn of [browser(false), secretOf(false), { way: "kept" } as const]) {
      expect(await enter(tenantOf("technician", { clientId: "" }), wayIn)).toEqual({
        ok: false,
        error: { code: "configuration-missing", settings: ["client id"] },
      });
    }
    expect(requests).toEqual([]);
  });
});

describe("what is kept", () => {
  const elsewhere = (): readonly (readonly [string, Tenant])[] => {
    const tenant = tenantOf("technician");
    const { endpoints } = tenant;
    return [
      ["another issuer", { ...tenant, endpoints: { ...endpoints, issuer: `${endpoints.issuer}2` } }],
      ["another API", { ...tenant, endpoints: { ...endpoints, apiBase: "https://api.example.com/v1" } }],
      ["another application", { ...tenant, clientId: "other" }],
      ["another mode", { ...tenant, mode: "self-service" }],
      ["a worker", { ...tenant, mode: "worker" }],
      ["another profile", { ...tenant, profile: "Test" }],
      ["no profile", { ...tenant, profile: null }],
    ];
  };

  test("is never used for another connection, and not lost by that", async () => {
    const keys = keyStore();
    await computer(keys).entered(tenantOf("technician"), browser(true));
    const before = await keys.text();
    for (const [what, tenant] of elsewhere()) {
      const { enter, requests } = computer(keys);
      expect([what, await enter(tenant, { way: "kept" })]).toEqual([what, required()]);
      expect([what, requests]).toEqual([what, []]);
    }
    expect(await keys.text()).toBe(before);
  });

  test("of another API: neither is the secret of a worker", async () => {
    const keys = keyStore();
    const tenant = tenantOf("worker");
    await computer(keys).entered(tenant, secretOf(true));
    const { enter, requests } = computer(keys);
    const other = { ...tenant, endpoints: { ...tenant.endpoints, apiBase: "https://api.example.com/v1" } };
    expect(await enter(other, { way: "kept" })).toEqual(required());
    expect(requests).toEqual([]);
  });

  test.each(["", "{", "null", '{"version":2}', '{"version":1,"issuer":"x"}'])("rubbish (%s) is none", async (text) => {
    const keys = keyStore();
    await keys.inside.write(record, text);
    expect(await computer(keys).enter(tenantOf("technician"), { way: "kept" })).toEqual(required());
    expect(await keys.text()).toBe(text);
  });

  test("cannot be read now: says so, and deletes nothing", async () => {
    const keys = keyStore();
    await computer(keys).entered(tenantOf("technician"), browser(true));
    keys.locked.add("read");
    const { enter, requests } = computer(keys);
    expect(await enter(tenantOf("technician"), { way: "kept" })).toMatchObject({
      error: { code: "secret-store-failed" },
    });
    expect(requests).toEqual([]);
    keys.locked.clear();
    expect((await computer(keys).entered(tenantOf("technician"), { way: "kept" })).kept).toBe(true);
  });

  test("outlives a network that is down, and ends when the server says that it has ended", async () => {
    const keys = keyStore();
    await computer(keys).entered(tenantOf("technician"), browser(true));
    const before = await keys.kept();
    const down = computer(keys, async () => failure("refused", false));
    expect(await down.enter(tenantOf("technician"), { way: "kept" })).toMatchObject({
      error: { code: "network-failed" },
    });
    expect(await keys.kept()).toEqual(before);
    expect(await isGood(before.secret["refreshToken"])).toBe(true);
    expect(await computer(keys).enter(tenantOf("technician"), { way: "kept" })).toEqual(required("expired"));
    expect(await keys.text()).toBeNull();
  });

  test("of an account that the server does not know it as is not used", async () => {
    const keys = keyStore();
    await computer(keys).entered(tenantOf("self-service"), browser(true));
    const text = (await keys.text()) ?? "";
    await keys.inside.write(record, text.replace(server.account.subject, "99999999-2222-4333-8444-555555555555"));
    const { enter } = computer(keys);
    expect(await enter(tenantOf("self-service"), { way: "kept" })).toMatchObject({
      error: { code: "sign-in-invalid" },
    });
    expect(await keys.text()).toBeNull();
  });

  test("a new refresh token is in the store before the access token is used", async () => {
    const keys = keyStore();
    const { entered, later } = computer(keys);
    const { session } = await entered(tenantOf("technician"), browser(true));
    await later();
    keys.events.length = 0;
    await session.readUser("11111111-2222-4333-8444-555555555555");
    expect(keys.events.slice(0, 3)).toEqual(["POST token", `write ${record}`, "GET api"]);
  });
});

test("who signs in while another process refreshes is the one who stays kept", async () => {
  const keys = keyStore();
  const send = createHttp();
  const answered = gate<null>();
  const arrives = gate<null>();
  const slow: Http = async (request) => {
    const result = await send(request);
    if (!String(request.body).includes("grant_type=refresh_token")) return result;
    answered.open(null);
    await arrives.passed;
    return result;
  };
  const issued: unknown[] = [];
  const noting: Http = async (request) => {
    const result = await send(request);
    if (result.ok && request.url.endsWith("/token")) issued.push(JSON.parse(result.response.body).refresh_token);
    return result;
  };
  let turn: Promise<unknown> = Promise.resolve();
  const waits = gate<null>();
  const inTurn: Ports["inTurn"] = (_name, work) => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };
  const first = computer(keys, slow);
  Object.assign(first.ports, { inTurn });
  const second = computer(keys, noting);
  const waiting: Ports["inTurn"] = (name, work) => {
    waits.open(null);
    return inTurn(name, work);
  };
  Object.assign(second.ports, { inTurn: waiting });

  const { session } = await first.entered(tenantOf("technician"), browser(true));
  await first.later();
  const refreshing = session.signIn();
  await answered.passed;
  const entering = second.entered(tenantOf("technician"), browser(true));
  await Promise.race([waits.passed, entering]);
  arrives.open(null);
  await Promise.all([refreshing, entering]);
  expect(issued).toHaveLength(1);
  expect((await keys.kept()).secret["refreshToken"]).toBe(issued[0]);
});

describe("the key store fails, or is none", () => {
  test("none: not kept, and the session is as good as any", async () => {
    const keys = keyStore("memory");
    for (const [mode, wayIn] of [
      ["technician", browser(true)],
      ["worker", secretOf(true)],
    ] as const) {
      const { session, kept } = await computer(keys).entered(tenantOf(mode), wayIn);
      expect([kept, await session.signIn(), await keys.text()]).toEqual([false, done, null]);
    }
  });

  test.each([
    ["technician", browser(true)],
    ["worker", { way: "secret", clientSecret: "", keep: true }],
  ] as const)("while keeping (%s): says so, and the session goes on", async (mode, way) => {
    const wayIn: WayIn = way.way === "secret" ? secretOf(true) : way;
    const keys = keyStore();
    keys.locked.add("write");
    const { entered, logged, later } = computer(keys);
    const { session, kept } = await entered(tenantOf(mode), wayIn);
    expect(kept).toBe(false);
    expect(logged).toContainEqual({
      level: "warn",
      event: "sign-in.not-kept",
      fields: { code: "secret-store-failed" },
    });
    await later();
    expect(await session.signIn()).toEqual(done);
  });

  test("a sign-in that could not be kept uses its own token, not one that somebody has kept before", async () => {
    const keys = keyStore();
    await computer(keys).entered(tenantOf("technician"), browser(true));
    const before = await keys.kept();
    keys.locked.add("write");
    const { entered, requests, later } = computer(keys);
    const { session } = await entered(tenantOf("technician"), browser(true));
    keys.locked.clear();
    await later();
    expect(await session.signIn()).toEqual(done);
    const used = requests.map(({ body }) => new URLSearchParams(body).get("refresh_token")).filter(Boolean);
    expect(used).toHaveLength(1);
    expect(used).not.toContain(before.secret["refreshToken"]);
    expect(await keys.kept()).toEqual(before);
  });

  test("while forgetting: the token is revoked all the same, and the failure is told", async () => {
    const keys = keyStore();
    const { end } = await computer(keys).entered(tenantOf("technician"), browser(true));
    const { secret } = await keys.kept();
    keys.locked.add("remove");
    expect(await end({ forget: true })).toMatchObject({ error: { code: "secret-store-failed" } });
    expect(await isGood(secret["refreshToken"])).toBe(false);
  });
});

describe("signing out", () => {
  test.each([true, false])("kept (forget: %s): revoked at the server, and gone from the store", async (forget) => {
    const keys = keyStore();
    const { end, session } = await computer(keys).entered(tenantOf("technician"), browser(true));
    const { secret } = await keys.kept();
    expect(await end({ forget })).toEqual(done);
    expect(await session.signIn()).toEqual(required());
    expect(await keys.text()).toBeNull();
    expect(await isGood(secret["refreshToken"])).toBe(false);
    expect(await computer(keys).enter(tenantOf("technician"), { way: "kept" })).toEqual(required());
  });

  test("not kept: revoked, and with forgetting nothing of an earlier one stays either", async () => {
    const keys = keyStore();
    await computer(keys).entered(tenantOf("technician"), browser(true));
    const stays = await computer(keys).entered(tenantOf("technician"), browser(false));
    expect(await stays.end({ forget: false })).toEqual(done);
    expect(await keys.text()).not.toBeNull();
    const { secret } = await keys.kept();
    const goes = await computer(keys).entered(tenantOf("technician"), browser(false));
    expect(await goes.end({ forget: true })).toEqual(done);
    expect(await keys.text()).toBeNull();
    expect(await isGood(secret["refreshToken"])).toBe(false);
  });

  test("without a network: the failure is told, and nothing is left here", async () => {
    const keys = keyStore();
    let isUp = true;
    const flaky: Http = async (request) => (isUp ? createHttp()(request) : failure("refused", false));
    const { end, session } = await computer(keys, flaky).entered(tenantOf("technician"), browser(true));
    isUp = false;
    expect(await end({ forget: true })).toMatchObject({ error: { code: "network-failed" } });
    expect([await keys.text(), await session.signIn()]).toEqual([null, required()]);
  });
});

test("the scopes of a technician hold no offline access, and nothing about the environment", () => {
  expect(technicianScopes).toEqual(["openid", "profile"]);
  expect(selfServiceScopes).not.toContain("offline_access");
});
