import { verifyRegistrationResponse } from "@simplewebauthn/server";
import { describe, expect, test } from "vitest";
import { simulatedKey, simulatedPlatform } from "../../src/simulator/fido2/models.ts";
import { type Behaviour, makeCredential } from "../../src/simulator/software-authenticator.ts";
import { runToItsEnd } from "./process.ts";

const options = {
  rp: { id: "pingone.eu" },
  challenge: Buffer.alloc(32, 1).toString("base64url"),
  authenticatorSelection: {},
};
const origin = "https://app.pingone.eu";

/** As a relying party that has never heard of this project checks it. */
const verified = (changes: Partial<Behaviour>, relyingParty = options) =>
  verifyRegistrationResponse({
    response: makeCredential(relyingParty, origin, changes),
    expectedChallenge: options.challenge,
    expectedOrigin: origin,
    expectedRPID: options.rp.id,
    requireUserVerification: true,
    supportedAlgorithmIDs: [-7, -37, -257],
  });

describe("the software authenticator", () => {
  test.each<[string, Partial<Behaviour>, object]>([
    ["ES256 by default", {}, { fmt: "packed", aaguid: simulatedKey, credentialDeviceType: "singleDevice" }],
    ["RS256", { algorithm: -257 }, { fmt: "packed" }],
    ["without attestation", { attestation: "none" }, { fmt: "none" }],
    [
      "as another model",
      { aaguid: "11111111-2222-4333-8444-555555555555" },
      { aaguid: "11111111-2222-4333-8444-555555555555" },
    ],
    [
      "that can be copied and has been",
      { backupEligible: true, backedUp: true },
      { credentialDeviceType: "multiDevice", credentialBackedUp: true },
    ],
  ])("makes a credential that an independent verifier accepts: %s", async (_name, changes, expected) => {
    const verdict = await verified(changes);
    expect(verdict.verified).toBe(true);
    expect(verdict.registrationInfo).toMatchObject({ userVerified: true, rpID: "pingone.eu", origin, ...expected });
  });

  test.each<[string, Partial<Behaviour>, RegExp]>([
    ["for another relying party", { relyingPartyId: "pingone.com" }, /RP ID/],
    ["without a person", { userPresent: false }, /presence/],
    ["without a verified person", { userVerified: false }, /verification/],
    ["to another challenge", { clientData: { challenge: "b3RoZXI" } }, /challenge/],
    ["with an algorithm that was not offered", { algorithm: -8 }, /alg "-8"/],
    ["with a backup that cannot be", { backedUp: true }, /backed up/],
  ])("makes a credential that an independent verifier refuses: %s", async (_name, changes, message) => {
    await expect(verified(changes)).rejects.toThrow(message);
  });

  test("is a key unless the options ask for what is built in", () => {
    const builtIn = { ...options, authenticatorSelection: { authenticatorAttachment: "platform" as const } };
    const aaguidIn = (attestationObject: string, aaguid: string) =>
      Buffer.from(attestationObject, "base64url").includes(Buffer.from(aaguid.replaceAll("-", ""), "hex"));
    const key = makeCredential(options, origin);
    expect([key.authenticatorAttachment, key.response.transports]).toEqual(["cross-platform", ["usb"]]);
    expect(aaguidIn(key.response.attestationObject, simulatedKey)).toBe(true);
    const platform = makeCredential(builtIn, origin);
    expect([platform.authenticatorAttachment, platform.response.transports]).toEqual(["platform", ["internal"]]);
    expect(aaguidIn(platform.response.attestationObject, simulatedPlatform)).toBe(true);
    expect(key.id).not.toBe(platform.id);
  });
});

test("the verifier is loaded by the first FIDO2 activation, and not before", { timeout: 30_000 }, async () => {
  const program = `
    const { registerHooks } = await import("node:module");
    const loaded = [];
    registerHooks({
      load: (url, context, next) => (url.includes("@simplewebauthn") && loaded.push(url), next(url, context)),
    });
    const { makeCredential, startSimulator } = await import(simulatorUrl);
    const simulator = await startSimulator({ port: 0, agentPort: 0 });
    const devices = simulator.apiUrl + "/environments/" + simulator.environmentId + "/users/" + simulator.users[0].id + "/devices";
    const token = await (await fetch(simulator.authUrl + "/" + simulator.environmentId + "/as/token", {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: simulator.clientId,
        client_secret: simulator.clientSecret,
      }),
    })).json();
    const post = async (url, type, body) => (await fetch(url, {
      method: "POST",
      headers: { authorization: "Bearer " + token.access_token, "content-type": type },
      body: JSON.stringify(body),
    })).json();
    const created = await post(devices, "application/json", {
      type: "FIDO2",
      rp: { id: "pingone.eu", name: "PingOne" },
      policy: { id: simulator.policyId },
    });
    const before = loaded.length;
    const options = JSON.parse(created.publicKeyCredentialCreationOptions);
    const challenge = Buffer.from(Int8Array.from(options.challenge).buffer).toString("base64url");
    const origin = "https://app.pingone.eu";
    const attestation = JSON.stringify(makeCredential({ ...options, challenge }, origin));
    const activate = "application/vnd.pingidentity.device.activate+json";
    const { status } = await post(devices + "/" + created.id, activate, { origin, attestation });
    await simulator.close();
    console.log(before, status, loaded.length > 0);
  `;
  expect(await runToItsEnd(program)).toEqual({ code: 0, output: "0 ACTIVE true\n" });
});
