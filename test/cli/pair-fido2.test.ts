import { describe, expect, test } from "vitest";
import { plainKey, withPin } from "../fakes/fido2-tools/installed.ts";
import { createDesk, pair, pin, policies, userId } from "./security-key.ts";

const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const done = (name: string, correlationId: unknown = uuid) => ({
  name,
  outcome: "done",
  ms: expect.any(Number),
  correlationId,
});

const success = {
  ok: true,
  changed: true,
  pairingId: uuid,
  device: {
    id: uuid,
    type: "FIDO2",
    status: "ACTIVE",
    nickname: "Blue key",
    rpId: "pingone.eu",
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  },
  user: { id: userId, username: "ada@example.com" },
  steps: [
    done("check-prerequisites", null),
    done("create-device"),
    done("run-ceremony", null),
    done("activate-device"),
    done("name-device"),
  ],
  authenticator: {
    aaguid: plainKey.aaguid,
    name: expect.stringContaining("YubiKey 5"),
    attachment: "cross-platform",
    transports: ["usb"],
    userVerified: true,
    backupEligible: false,
    backedUp: false,
  },
  warnings: [],
};

const keyWithPin = withPin(plainKey, pin);

describe("a pairing that succeeds", () => {
  test("with the PIN from standard input, as JSON", async () => {
    const { environment, devices, key, place } = await createDesk();
    key.plug({ keys: [keyWithPin] });
    const run = await place.run(pair("--nickname", "Blue key", "-O", "json"), { environment, stdin: `${pin}\n` });
    expect(run.lines).toEqual([success]);
    expect(run.stderr).toBe("Touch the security key when it blinks.\n");
    expect(run.code).toBe(0);
    expect(devices()).toMatchObject([
      { type: "FIDO2", status: "ACTIVE", typeFields: { fidoDeviceMetadata: { mdsIdentifier: plainKey.aaguid } } },
    ]);
    // Token, client data and attestation object, in two or three forms: they were there to be searched for.
    expect(place.gateway.secrets.size).toBeGreaterThanOrEqual(6);
    // Desktop agents are no part of this.
    expect(place.simulator.world.log.filter(({ server }) => server === "agent")).toEqual([]);
  });

  test("without a PIN, in words, under PingOne's own name", async () => {
    const { environment, devices, place } = await createDesk();
    const run = await place.run(pair("--policy", policies.touchOnly), { environment });
    expect(run.stderr.replaceAll(/ +\d+(\.\d)? m?s$/gm, "")).toMatch(
      /^Pairing a security key for ada@example\.com\n {2}✓ [^\n]*\n {2}✓ Create the device in PingOne\nTouch the security key when it blinks\.\n {2}✓ Use the security key\n {2}✓ Activate the device\n$/,
    );
    expect(run.stdout).toMatch(/^\n✓ The security key is now an MFA device of ada@example\.com\.\n\n/);
    expect(run.stdout).toMatch(/\n {2}Authenticator +YubiKey 5[^\n]*\n/);
    expect(run.stdout).toContain(`  Device         ${devices()[0]?.id}\n`);
    expect(run.code).toBe(0);
    expect(place.writes()).toEqual(["POST create-device", "POST activate-device"]);
  });

  test("as one line per change and the result as the last one", async () => {
    const { environment, place } = await createDesk();
    // A policy that lists this model.
    const run = await place.run(pair("--policy", policies.companyKeys, "-O", "ndjson"), { environment });
    expect(run.lines.slice(4, 6)).toMatchObject([
      { event: "step", step: { name: "run-ceremony", outcome: "running", ms: null } },
      { event: "step", step: { name: "run-ceremony", outcome: "done" } },
    ]);
    expect(run.json).toMatchObject({ ok: true, authenticator: { userVerified: false } });
  });

  test("a key that is plugged in when it is asked for", async () => {
    const { environment, key, place } = await createDesk();
    key.plug({ keys: [] });
    const running = place.start(pair("--policy", policies.touchOnly, "-O", "json"), { environment });
    await running.printed("Insert the security key.");
    key.plug({ keys: [plainKey] });
    const run = await running.ended;
    expect(run.json).toMatchObject({ ok: true, device: { status: "ACTIVE" } });
    expect(run.stderr).toBe("Insert the security key.\nTouch the security key when it blinks.\n");
  });

  test("the answer to the activation is lost, but the device is ACTIVE", async () => {
    const { environment, place } = await createDesk();
    place.simulator.setFault("activate-lost", 1);
    const run = await place.run(pair("--policy", policies.touchOnly, "-O", "json"), { environment });
    expect(run.json).toMatchObject({ ok: true, changed: true, device: { status: "ACTIVE" } });
    expect(run.json).toHaveProperty("steps[4].name", "confirm-activation");
    expect(place.writes().filter((write) => write.includes("activate"))).toHaveLength(1);
  });

  test.each(["fido2-options-unsigned", "fido2-options-base64url", "fido2-options-object", "extra-fields"] as const)(
    "options in other forms: %s",
    async (fault) => {
      const { environment, place } = await createDesk();
      place.simulator.setFault(fault);
      const run = await place.run(pair("--policy", policies.touchOnly, "-O", "json"), { environment });
      expect(run.json).toMatchObject({ ok: true, device: { status: "ACTIVE" } });
    },
  );

  test("a role that may not read policies, with both named by the operator", async () => {
    const { environment, key, place } = await createDesk();
    place.simulator.setFault("policies-forbidden");
    key.plug({ keys: [keyWithPin] });
    const named = pair("--policy", policies.passkeys, "--rp-id", "pingone.eu", "-O", "json");
    const run = await place.run(named, { environment, stdin: pin });
    expect(run.json).toMatchObject({ ok: true, device: { status: "ACTIVE", rpId: "pingone.eu" }, warnings: [] });
  });
});

test("a dry run writes nothing, asks no key, and shows what it would send", async () => {
  const { environment, key, place } = await createDesk();
  // Also without a key: it may be made before one is bought.
  key.plug({ keys: [] });
  const run = await place.run(pair("--dry-run", "--nickname", "Blue key", "-O", "json"), { environment });
  const { environmentId } = place.simulator;
  const devices = `http://127.0.0.1:${place.gateway.port}/v1/environments/${environmentId}/users/${userId}/devices`;
  expect(run.json).toMatchObject({ ok: true, changed: false, dryRun: true });
  expect(run.json).toHaveProperty("requests", [
    {
      method: "POST",
      url: devices,
      contentType: "application/json",
      body: JSON.stringify({
        type: "FIDO2",
        rp: { id: "pingone.eu", name: "pingone.eu" },
        policy: { id: policies.passkeys },
      }),
    },
    {
      method: "POST",
      url: expect.stringContaining(`${devices}/`),
      contentType: "application/vnd.pingidentity.device.activate+json",
      body: expect.stringContaining("origin"),
    },
    {
      method: "PUT",
      url: expect.stringMatching(/\/nickname$/),
      contentType: "application/json",
      body: expect.any(String),
    },
  ]);
  expect(run.code).toBe(0);
  expect(place.writes()).toEqual([]);
});
