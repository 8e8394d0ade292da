import { beforeEach, expect, test } from "vitest";
import type { User } from "../../src/contract/views.ts";
import type { PairingChoice } from "../../src/core/pairing/preflight.ts";
import type { Session } from "../../src/core/session.ts";
import { type Desk, openDesk } from "./desk.ts";
import { person, userId } from "./pretend-pingone.ts";

/** A user who signed in as themselves serves nobody else, whatever id the page or a command line sends. */

const other = "5eed0000-0000-4000-8000-000000000002";
const deviceId = "de71ce00-0000-4000-8000-000000000001";
const choice: PairingChoice = { kind: "desktop", policyId: null, relyingPartyId: null, nickname: null, force: false };
const userOf = (id: string): User => ({
  id,
  username: "ada",
  email: null,
  name: null,
  enabled: true,
  mfaEnabled: true,
});
const { signal } = new AbortController();

let desk: Desk;
beforeEach(() => {
  desk = openDesk({ mode: "self-service", userId, scopes: [] });
});

type Act = (session: Session, id: string) => unknown;
const acts: readonly (readonly [name: string, act: Act])[] = [
  ["readUser", (session, id) => session.readUser(id)],
  ["enableMfa", (session, id) => session.enableMfa(id)],
  ["listDevices", (session, id) => session.listDevices(id)],
  ["readDevice", (session, id) => session.readDevice(id, deviceId)],
  ["removeDevice", (session, id) => session.removeDevice(id, deviceId)],
  ["pair", (session, id) => session.pair(userOf(id), choice, () => undefined, signal)],
  ["planPairing", (session, id) => session.planPairing(userOf(id), choice)],
  ["planRemoval", (session, id) => session.planRemoval(id, deviceId)],
];

test.each(acts)("%s: another user is not found, and nobody is asked", async (_name, act) => {
  expect(await act(desk.session, other)).toMatchObject({ ok: false, error: { code: "user-not-found", query: other } });
  expect(desk.world.pingOne.requests).toEqual([]);
  expect(desk.world.agent.requests).toEqual([]);
  expect(desk.world.files.contents.size).toBe(0);
});

test("pair: a refused pairing leaves nothing and has no steps", async () => {
  const result = await desk.session.pair(userOf(other), choice, () => undefined, signal);
  expect(result).toMatchObject({ ok: false, left: "nothing", deviceId: null, steps: [], warnings: [] });
});

test("ownDeviceId: what a technician paired here for somebody else is not told", async () => {
  const { files } = desk.world;
  const technician = openDesk({ mode: "worker" }, files);
  technician.server.users.push({ ...person, id: other, username: "grace", email: "grace@example.com" });
  const paired = await technician.session.pair(userOf(other), choice, () => undefined, signal);
  expect(paired).toMatchObject({ ok: true });
  expect(await technician.session.ownDeviceId(other)).not.toBeNull();
  expect(await desk.session.ownDeviceId(other)).toBeNull();
});

test.each(acts)("%s: their own id is let through", async (_name, act) => {
  expect(await act(desk.session, userId)).not.toMatchObject({ error: { code: "user-not-found" } });
});
