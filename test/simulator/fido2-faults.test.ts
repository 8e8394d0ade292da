import { describe, expect, test } from "vitest";
import type { FaultName } from "../../src/simulator/index.ts";
import { at, expectRefusal, type Reply } from "./client.ts";
import { optionsName, readOptions, withKeys } from "./fido2-client.ts";

/** The faults that are not about one of the two pairings do to a security key what they do to a workstation. */

type Scene = Awaited<ReturnType<typeof withKeys>>;

const pendingCount = ({ simulator }: Scene): number => simulator.world.pendingDevices().length;

type Seen = Reply | "lost";
const seen = (request: Promise<Reply>): Promise<Seen> => request.catch(() => "lost" as const);

const statusOf = (what: Seen): number | "lost" => (what === "lost" ? what : what.status);

describe("while a key's device is created", () => {
  test.each<[FaultName, number | "lost", number]>([
    ["roles-missing", 403, 0],
    ["pairing-disabled", 400, 0],
    ["device-limit", 429, 0],
    ["licence-exceeded", 403, 0],
    ["create-429-retry", 429, 0],
    ["create-429-no-header", 429, 0],
    ["create-500-html", 500, 0],
    ["create-502", 502, 0],
    ["create-503-retry", 503, 0],
    ["create-lost-before", "lost", 0],
    ["create-lost", "lost", 1],
    ["create-cut", "lost", 1],
    ["create-truncated", 201, 1],
    ["create-not-json", 201, 1],
    ["create-slow", 201, 1],
  ])("%s: answered with %s, %i left behind", async (name, status, left) => {
    const scene = await withKeys({ slowMs: 5 });
    scene.simulator.setFault(name);
    const reply = await seen(scene.createKey());
    expect(statusOf(reply)).toBe(status);
    expect(pendingCount(scene)).toBe(left);
    if (reply !== "lost" && name !== "create-slow") expect(reply.body ?? {}).not.toHaveProperty(optionsName);
  });

  test("pairing-disabled names the type", async () => {
    const scene = await withKeys();
    scene.simulator.setFault("pairing-disabled");
    const message = "The MFA policy does not allow pairing devices of type FIDO2.";
    expectRefusal(await scene.createKey(), 400, "INVALID_DATA", { code: "INVALID_VALUE", target: "type", message });
  });

  test("extra-fields grow inside the options too, which can be answered all the same", async () => {
    const scene = await withKeys();
    await scene.enrol();
    scene.simulator.setFault("extra-fields");
    const created = await scene.createKey();
    const options = readOptions(created);
    expect(options).toMatchObject({
      addedLater: {},
      rp: { id: "pingone.eu", addedLater: {} },
      excludeCredentials: [{ transports: ["usb", "implant"] }],
      hints: ["implant"],
      extensions: { credProps: true, thoughtProtection: { level: 3 } },
    });
    expect(at(options, "pubKeyCredParams")).toMatchObject([
      { alg: "-7" },
      {},
      {},
      { alg: "-70000" },
      { type: "quantum-key" },
    ]);
    const { body } = scene.answer(options);
    const activated = await scene.activateKey(String(at(created.body, "id")), body);
    expect(activated.body).toMatchObject({
      status: "ACTIVE",
      backup: { addedLater: {} },
      attributes: { addedLater: {} },
    });
  });
});

describe("while a key's device is activated", () => {
  test.each<[FaultName, number | "lost", string]>([
    ["activate-refused", 400, "ACTIVATION_REQUIRED"],
    ["activate-404", 404, "ACTIVATION_REQUIRED"],
    ["activate-500", 500, "ACTIVATION_REQUIRED"],
    ["activate-lost", "lost", "ACTIVE"],
    ["activate-lost-before", "lost", "ACTIVATION_REQUIRED"],
  ])("%s: answered with %s, the device is %s", async (name, status, deviceStatus) => {
    const scene = await withKeys();
    const { id, options } = await scene.beginKey();
    const { body } = scene.answer(options);
    scene.simulator.setFault(name);
    expect(statusOf(await seen(scene.activateKey(id, body)))).toBe(status);
    expect(scene.simulator.world.devices.get(id)?.status).toBe(deviceStatus);
    // In good health again, the same attestation is still worth something, or has done its work.
    scene.simulator.setFault(null);
    const again = await scene.activateKey(id, body);
    expect(again.status).toBe(deviceStatus === "ACTIVE" ? 400 : 200);
  });
});

describe("afterwards", () => {
  test.each<[FaultName, number | "lost", boolean]>([
    ["delete-500", 500, true],
    ["delete-lost", "lost", false],
  ])("%s: answered with %s, the key is still there: %s", async (name, status, isThere) => {
    const scene = await withKeys();
    const { id } = await scene.enrol();
    scene.simulator.setFault(name);
    expect(statusOf(await seen(scene.call("DELETE", `${scene.devices}/${id}`)))).toBe(status);
    expect(scene.simulator.world.devices.has(id)).toBe(isThere);
  });
});

describe("a fault of one pairing", () => {
  test.each<[FaultName, "desktop" | "fido2"]>([
    ["create-without-jwt", "desktop"],
    ["fido2-without-options", "fido2"],
    ["fido2-pairing-disabled", "fido2"],
  ])("%s neither meets nor counts the other", async (name, pairing) => {
    const scene = await withKeys();
    const [met, unmet] = pairing === "desktop" ? [scene.create, scene.createKey] : [scene.createKey, scene.create];
    const optionsOf = (reply: Reply): unknown =>
      Object.keys(reply.body ?? {}).find((key) => key.endsWith("CreationOptions"));
    scene.simulator.setFault(name, 1);
    expect(optionsOf(await unmet())).toBeDefined();
    expect(scene.simulator.activeFault()).toBe(name);
    expect(optionsOf(await met())).toBeUndefined();
    expect(scene.simulator.activeFault()).toBeNull();
  });
});
