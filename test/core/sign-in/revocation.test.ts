import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { ProfileSave } from "../../../src/contract/ipc.ts";
import { defaultProfileSettings } from "../../../src/contract/settings.ts";
import { type App, createApp } from "../../../src/core/app.ts";
import type { Http, ListenForCallback, Ports } from "../../../src/core/ports.ts";
import { random } from "../../../src/node/host.ts";
import { createHttp } from "../../../src/node/http-undici.ts";
import { memorySecrets } from "../../../src/node/memory-secrets.ts";
import { type AuthorizationServer, startAuthorizationServer } from "../../fakes/authorization-server.ts";
import { soundComputer } from "../../fakes/doctor-ports.ts";
import { answer, failure } from "../../fakes/http.ts";
import { manualClock } from "../../fakes/manual-clock.ts";
import { fakePorts } from "../../fakes/ports.ts";
import { visit } from "./person.ts";
import { pretendListener, quickClock } from "./setting.ts";

let server: AuthorizationServer;
beforeAll(async () => {
  server = await startAuthorizationServer();
});
afterEach(() => server.interfere(null));
afterAll(() => server.close());

const name = "Test tenant";
const apiUrl = "http://127.0.0.1:9";
const done = { ok: true, value: null };

const saveOf = (formerName: string | null, more: Partial<ProfileSave["settings"]> = {}): ProfileSave => ({
  name,
  formerName,
  settings: {
    ...defaultProfileSettings,
    mode: "technician",
    apiUrl,
    authUrl: new URL(server.issuer).origin,
    environmentId: server.environmentId,
    clientId: server.clientId,
    ...more,
  },
});

/** A window with a profile, a key store, and a browser in which somebody says yes. The API refuses every call. */
async function openWindow() {
  const inside = memorySecrets();
  const secrets = { ...inside, kind: async () => "system" as const };
  let isUp = true;
  const send = createHttp();
  const http: Http = async (request) => {
    if (!isUp) return failure("refused", false);
    return request.url.startsWith(apiUrl) ? answer(403) : send(request);
  };
  let returned = (_address: string): void => undefined;
  const listenForCallback: ListenForCallback = (input) => {
    const listener = pretendListener(manualClock());
    returned = listener.returned;
    return listener.listen(input);
  };
  const world = fakePorts({ secrets, listenForCallback });
  const clock = quickClock();
  const ports: Ports = {
    ...world.ports,
    http,
    clock,
    random,
    openPage: async (address) => {
      void visit(address).then(returned);
      return true;
    },
  };
  const app = createApp(ports, { doctor: soundComputer, version: "1", rehearsal: null });
  await app.start();
  expect(await app.commands["profile.save"](saveOf(null))).toEqual(done);
  const signIn = async (keep: boolean): Promise<void> => {
    expect(await app.commands["session.signIn"]({ way: "browser", keep })).toEqual(done);
  };
  /** The refresh token that is kept; `null`: none is. */
  const kept = async (): Promise<string | null> => {
    const read = await inside.read(`sign-in ${name}`);
    const record = read.ok && read.value !== null ? JSON.parse(read.value) : null;
    return record?.secret.refreshToken ?? null;
  };
  return {
    app,
    signIn,
    kept,
    logged: world.logged,
    cutOff: () => {
      isUp = false;
    },
    /** Long enough for every access token to be over. */
    later: () => clock.wait(7_200_000),
    /** Leaves the session as the end of the app does: what is kept stays kept. */
    leave: () => app.stop(),
  };
}

/** Whether the server still takes it. Asking uses it up. */
async function isGood(refreshToken: string | null): Promise<boolean> {
  const body = new URLSearchParams({
    grant_type: "refresh_token",
    client_id: server.clientId,
    refresh_token: refreshToken ?? "",
  });
  return (await fetch(`${server.issuer}/token`, { method: "POST", body })).status === 200;
}

type Deed = (app: App) => Promise<unknown>;

test.each<readonly [string, Deed]>([
  ["another client", (app) => app.commands["profile.save"](saveOf(name, { clientId: "another" }))],
  ["another server", (app) => app.commands["profile.save"](saveOf(name, { authUrl: "http://127.0.0.1:9" }))],
  ["another name", (app) => app.commands["profile.save"]({ ...saveOf(name), name: "Renamed" })],
  ["no profile any more", (app) => app.commands["profile.remove"]({ name })],
])("a kept sign-in is revoked where it came from when the profile gets %s", async (_what, deed) => {
  const { app, signIn, kept } = await openWindow();
  await signIn(true);
  const token = await kept();
  expect(token).not.toBeNull();
  expect(await deed(app)).toEqual(done);
  expect(await kept()).toBeNull();
  expect(await isGood(token)).toBe(false);
});

test("another color changes nothing about it", async () => {
  const { app, signIn, kept } = await openWindow();
  await signIn(true);
  const token = await kept();
  expect(await app.commands["profile.save"](saveOf(name, { color: "red" }))).toEqual(done);
  expect(await kept()).toBe(token);
  expect(await isGood(token)).toBe(true);
});

test("PingOne cannot be told: it is removed here all the same, and written down", async () => {
  const { app, signIn, kept, cutOff, logged } = await openWindow();
  await signIn(true);
  cutOff();
  expect(await app.commands["profile.remove"]({ name })).toEqual(done);
  expect(await kept()).toBeNull();
  expect(logged).toContainEqual({
    level: "warn",
    event: "sign-out.incomplete",
    fields: { code: "network-failed" },
  });
});

test.each([true, false])("a new sign-in (kept: %s) revokes the older kept one of the profile", async (keep) => {
  const { signIn, kept, leave } = await openWindow();
  await signIn(true);
  const older = await kept();
  await leave();
  await signIn(keep);
  const newer = await kept();
  expect(newer !== null).toBe(keep);
  expect(newer).not.toBe(older);
  expect(await isGood(older)).toBe(false);
  if (keep) expect(await isGood(newer)).toBe(true);
});

test.each([true, false])("the end of the app waits for a session that is not kept (kept: %s)", async (keep) => {
  const { app, signIn, leave } = await openWindow();
  expect(app.mustFinish()).toBeNull();
  await signIn(keep);
  expect(app.mustFinish()).toBe(keep ? null : "session");
  const before = server.requests.length;
  await leave();
  expect(server.requests.slice(before).some((request) => request === "POST /as/revoke")).toBe(!keep);
  expect(app.mustFinish()).toBeNull();
});

test("the end of the app waits for a refresh that is under way, and its new token is the one that is kept", async () => {
  const { app, signIn, kept, leave, later } = await openWindow();
  await signIn(true);
  expect(await app.commands["session.begin"](null)).toEqual(done);
  const before = await kept();
  await later();
  const asked = Promise.withResolvers<null>();
  const held = Promise.withResolvers<null>();
  server.interfere((request, _response, serve) => {
    if (request.url?.endsWith("/token") !== true) return serve();
    asked.resolve(null);
    void held.promise.then(serve);
  });
  const finding = app.commands["user.find"]({ query: "ada" });
  await asked.promise;
  expect(app.mustFinish()).toBe("session");
  const left = leave();
  held.resolve(null);
  await left;
  expect(await kept()).not.toBe(before);
  expect(await isGood(await kept())).toBe(true);
  await finding;
});
