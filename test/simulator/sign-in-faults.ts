import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import { expect } from "vitest";
import type { signInFaults } from "../../src/simulator/faults/sign-in.ts";
import type { FaultName } from "../../src/simulator/index.ts";
import { at, expectRefusal, send, textAt } from "./client.ts";
import type { withKeys } from "./fido2-client.ts";
import {
  askToken,
  destinationOf,
  deviceGrant,
  issuerOf,
  makeVerifier,
  obtainCode,
  post,
  redeem,
  refresh,
  requestOf,
  signInAs,
  submitPage,
  tokensIn,
} from "./sign-in-client.ts";

/** What each fault of a sign-in does, as its description promises. */

type Scene = Awaited<ReturnType<typeof withKeys>>;
type Check = (scene: Scene, name: FaultName) => Promise<void>;

const discoveryOf = ({ simulator }: Scene) => send("GET", `${issuerOf(simulator)}/.well-known/openid-configuration`);

const verifyIdToken = ({ simulator }: Scene, idToken: string) =>
  jwtVerify(idToken, createRemoteJWKSet(new URL(`${issuerOf(simulator)}/jwks`)), {
    currentDate: new Date("2026-03-01T12:00:00.500Z"),
  });

const pollOnce = async ({ simulator }: Scene, name: FaultName) => {
  const client_id = simulator.technicianClientId;
  const begun = await post(`${issuerOf(simulator)}/device_authorization`, { client_id, scope: "openid" });
  simulator.setFault(name);
  const device_code = textAt(begun.body, "device_code");
  const poll = () => askToken(simulator, { grant_type: deviceGrant, device_code, client_id });
  return { first: await poll(), poll };
};

const errorIs = (reply: Awaited<ReturnType<typeof send>>, error: string): void =>
  expect([reply.status, at(reply.body, "error")]).toEqual([400, error]);

const shifted =
  (iso: string): Check =>
  async (scene, name) => {
    scene.simulator.setFault(name);
    expect(new Date((await scene.call("GET", "")).headers.get("date") ?? "").toISOString()).toBe(iso);
    const { id, access } = await signInAs(scene.simulator);
    for (const token of [id, access]) expect(decodeJwt(token).iat).toBe(Date.parse(iso) / 1000);
    expect(decodeJwt(id)["auth_time"]).toBe(Date.parse(iso) / 1000);
    expect((await scene.create()).status).toBe(201);
  };

export const signInTable: Readonly<Record<keyof typeof signInFaults, Check>> = {
  "sign-in-wrong-state": async ({ simulator }, name) => {
    simulator.setFault(name);
    const request = { ...requestOf(simulator, makeVerifier()), username: "admin", decision: "allow" };
    const to = destinationOf(await submitPage(simulator, request));
    expect(to.searchParams.get("state")).not.toBe(request.state);
    expect(to.searchParams.get("code")).not.toBeNull();
  },
  "id-token-wrong-nonce": async (scene, name) => {
    scene.simulator.setFault(name);
    const { id } = await signInAs(scene.simulator);
    expect((await verifyIdToken(scene, id)).payload["nonce"]).not.toBe("nonce of the test");
  },
  "id-token-forged": async (scene, name) => {
    scene.simulator.setFault(name);
    const { id, access } = await signInAs(scene.simulator);
    expect(decodeJwt(id)["nonce"]).toBe("nonce of the test");
    await expect(verifyIdToken(scene, id)).rejects.toMatchObject({ code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
    await verifyIdToken(scene, access);
  },
  "discovery-wrong-issuer": async (scene, name) => {
    scene.simulator.setFault(name);
    const { status, body } = await discoveryOf(scene);
    expect(status).toBe(200);
    expect(at(body, "issuer")).not.toBe(issuerOf(scene.simulator));
    expect(at(body, "token_endpoint")).toBe(`${issuerOf(scene.simulator)}/token`);
  },
  "discovery-html": async (scene, name) => {
    scene.simulator.setFault(name);
    const reply = await discoveryOf(scene);
    expect([reply.status, reply.headers.get("content-type"), reply.body]).toEqual([
      200,
      expect.stringContaining("text/html"),
      null,
    ]);
  },
  "signing-key-rotated": async (scene, name) => {
    const before = await send("GET", `${issuerOf(scene.simulator)}/jwks`);
    const old = await signInAs(scene.simulator);
    scene.simulator.setFault(name);
    const next = await signInAs(scene.simulator);
    const after = await send("GET", `${issuerOf(scene.simulator)}/jwks`);
    expect(at(after.body, "keys.0.kid")).not.toBe(at(before.body, "keys.0.kid"));
    await verifyIdToken(scene, next.id);
    await expect(verifyIdToken(scene, old.id)).rejects.toMatchObject({ code: "ERR_JWKS_NO_MATCHING_KEY" });
    // What was signed before stays good at the API, and one rotation is enough.
    expect((await scene.call("GET", "")).status).toBe(200);
    expect(scene.simulator.activeFault()).toBeNull();
  },
  "token-redirects": async ({ simulator }, name) => {
    const obtained = await obtainCode(simulator, "admin");
    simulator.setFault(name);
    const reply = await redeem(simulator, obtained);
    expect(reply.status).toBe(307);
    expect(destinationOf(reply).pathname).toBe("/followed-the-redirect");
    expect(simulator.world.signIn.grants.size).toBe(0);
  },
  "token-500-once": async ({ simulator }, name) => {
    const obtained = await obtainCode(simulator, "admin");
    simulator.setFault(name);
    expectRefusal(await redeem(simulator, obtained), 500, "UNEXPECTED_ERROR");
    expect((await redeem(simulator, obtained)).status).toBe(200);
  },
  "clock-ahead": shifted("2026-03-01T12:10:00.000Z"),
  "clock-behind": shifted("2026-03-01T11:50:00.000Z"),
  "refresh-refused": async ({ simulator }, name) => {
    simulator.setFault(name);
    // Signing in works; only the renewal does not.
    const tokens = await signInAs(simulator);
    errorIs(await refresh(simulator, tokens), "invalid_grant");
  },
  "device-code-slow-down": async (scene, name) => {
    const { first } = await pollOnce(scene, name);
    errorIs(first, "slow_down");
    expect(scene.simulator.activeFault()).toBeNull();
    // From now on the longer interval counts.
    expect([...scene.simulator.world.signIn.deviceCodes.values()]).toMatchObject([{ intervalSeconds: 10 }]);
  },
  "device-code-denied": async (scene, name) => {
    const { first, poll } = await pollOnce(scene, name);
    errorIs(first, "access_denied");
    errorIs(await poll(), "access_denied");
    tokensIn(await redeem(scene.simulator, await obtainCode(scene.simulator, "admin")), "");
  },
  "device-code-expired": async (scene, name) => {
    errorIs((await pollOnce(scene, name)).first, "expired_token");
  },
};
