import { describe, expect, test } from "vitest";
import { simulatedKey, simulatedPlatform, yubiKey5, yubiKey5Nfc } from "../../src/simulator/fido2/models.ts";
import { at, expectRefusal, signedIn } from "./client.ts";
import { type Answering, policyNamed, withKeys } from "./fido2-client.ts";

const keysOnly = "Company security keys only";
const builtInOnly = "Built-in authenticators only";

const refused = (message: string) => ({ code: "INVALID_VALUE", target: "attestation", message });

describe("the policies of the environment", () => {
  test("are what the pages say, and each MFA policy names its FIDO policy", async () => {
    const { simulator, call } = await signedIn();
    const mfa = at((await call("GET", "/deviceAuthenticationPolicies")).body, "_embedded.deviceAuthenticationPolicies");
    const fido = at((await call("GET", "/fido2Policies")).body, "_embedded.fido2Policies");
    const byName = (list: unknown, name: string): unknown =>
      Array.isArray(list) ? list.find((entry) => at(entry, "name") === name) : undefined;
    const fidoPolicyOf = (name: string): unknown => at(byName(mfa, name), "fido2.fido2PolicyId");

    expect(fidoPolicyOf("Everyone")).toBe(at(byName(fido, "Passkeys"), "id"));
    expect(fidoPolicyOf("No new desktops")).toBeNull();
    expect(fidoPolicyOf(keysOnly)).toBe(at(byName(fido, "Security Keys"), "id"));
    expect(fidoPolicyOf(builtInOnly)).toBe(at(byName(fido, "Built-in authenticators"), "id"));
    expect(at(byName(mfa, "No new security keys"), "fido2.pairingDisabled")).toBe(true);
    expect(simulator.policyId).toBe("6f1d0c52-0e5b-4a7e-9a53-2f8f0a5b7c11");

    expect(byName(fido, "Passkeys")).toMatchObject({
      default: true,
      relyingPartyId: "pingone.eu",
      authenticatorAttachment: "BOTH",
      discoverableCredentials: "REQUIRED",
      userVerification: { option: "REQUIRED" },
      backupEligibility: { allow: true },
      attestationRequirements: "DIRECT",
      mdsAuthenticatorsRequirements: { option: "NONE", allowedAuthenticators: null },
    });
    expect(byName(fido, "Security Keys")).toMatchObject({
      default: false,
      relyingPartyId: "pingone.eu",
      authenticatorAttachment: "CROSS_PLATFORM",
      discoverableCredentials: "DISCOURAGED",
      userVerification: { option: "PREFERRED" },
      backupEligibility: { allow: false },
      mdsAuthenticatorsRequirements: {
        option: "SPECIFIC",
        allowedAuthenticators: [{ id: simulatedKey }, { id: yubiKey5Nfc }, { id: yubiKey5 }],
      },
      publicKeyCredentialHints: ["SECURITY_KEY"],
    });
    expect(byName(fido, "Built-in authenticators")).toMatchObject({
      authenticatorAttachment: "PLATFORM",
      publicKeyCredentialHints: ["CLIENT_DEVICE"],
    });
    expect(byName(fido, "PingOne's own pages")).toMatchObject({ default: false, relyingPartyId: "pingone.com" });
  });

  test("decide what the options ask for", async () => {
    const { beginKey } = await withKeys();
    const any = await beginKey();
    expect(any.options).not.toHaveProperty(["authenticatorSelection", "authenticatorAttachment"]);
    expect(any.options).not.toHaveProperty("hints");
    expect((await beginKey(keysOnly)).options).toMatchObject({
      authenticatorSelection: {
        authenticatorAttachment: "cross-platform",
        residentKey: "discouraged",
        requireResidentKey: false,
        userVerification: "preferred",
      },
      attestation: "direct",
      hints: ["security-key"],
    });
    expect((await beginKey(builtInOnly)).options).toMatchObject({
      authenticatorSelection: { authenticatorAttachment: "platform", residentKey: "required" },
      hints: ["client-device"],
    });
    // No FIDO policy named: the default one counts.
    expect((await beginKey("No new desktops")).options).toMatchObject({
      authenticatorSelection: { userVerification: "required" },
    });
  });

  test("have the relying party of the environment", async () => {
    const { simulator, beginKey, answer, activateKey, createKey } = await withKeys({
      relyingPartyId: "login.customer.example",
    });
    const { id, options } = await beginKey(keysOnly);
    const { body } = answer(options, { origin: "https://login.customer.example" });
    expect((await activateKey(id, body)).body).toMatchObject({
      status: "ACTIVE",
      rp: { id: "login.customer.example" },
    });
    const policy = { id: policyNamed(simulator, keysOnly) };
    expectRefusal(await createKey({ rp: { id: "pingone.eu", name: "PingOne" }, policy }), 400, "INVALID_DATA", {
      code: "INVALID_VALUE",
      target: "rp.id",
    });
  });
});

describe("the FIDO policy", () => {
  test.each<[string, string, Answering, string]>([
    ["security keys", keysOnly, {}, "Security key"],
    ["a security key without verified user", keysOnly, { userVerified: false }, "Security key"],
    ["a key of the list", keysOnly, { aaguid: yubiKey5Nfc }, "Security key"],
    ["built-in authenticators", builtInOnly, { attachment: "platform" }, "This computer"],
    ["what nothing tells the attachment of", builtInOnly, { aaguid: "0".repeat(32) }, "This computer"],
    ["anything", "No new desktops", { attachment: "platform" }, "Passkey"],
  ])("lets %s pass", async (_name, policy, answering, displayName) => {
    const { enrol } = await withKeys();
    expect((await enrol(policy, answering)).activated.body).toMatchObject({ status: "ACTIVE", displayName });
  });

  test.each<[string, string, Answering, string]>([
    [
      "a built-in authenticator where a key is wanted",
      keysOnly,
      { attachment: "platform" },
      "The FIDO policy allows only security keys.",
    ],
    [
      "a key where a built-in authenticator is wanted",
      builtInOnly,
      {},
      "The FIDO policy allows only authenticators that are built in.",
    ],
    [
      "Windows Hello where a key is wanted, although nobody says what it is",
      keysOnly,
      { aaguid: "9ddd1817-af5a-4672-a2b9-3e3dd95000a9" },
      "The FIDO policy allows only security keys.",
    ],
    [
      "a model that is not on the list",
      keysOnly,
      { aaguid: "11111111-2222-4333-8444-555555555555" },
      "The FIDO policy does not allow this model of authenticator.",
    ],
    [
      "a model that nobody vouches for",
      keysOnly,
      { aaguid: yubiKey5Nfc, attestation: "none" },
      "The FIDO policy requires an attestation of the authenticator's model.",
    ],
    [
      "a credential that can be copied",
      keysOnly,
      { backupEligible: true },
      "The FIDO policy does not allow credentials that can be copied to other devices.",
    ],
    [
      "a user who is not verified",
      builtInOnly,
      { attachment: "platform", userVerified: false },
      "The FIDO policy requires that the user is verified.",
    ],
  ])("refuses %s", async (_name, policy, answering, message) => {
    const { simulator, enrol } = await withKeys();
    const { id, activated } = await enrol(policy, answering);
    expectRefusal(activated, 400, "INVALID_DATA", refused(message));
    expect(simulator.world.devices.get(id)).toMatchObject({ status: "ACTIVATION_REQUIRED", failures: 1 });
  });

  test("tells the software authenticator's two forms apart", async () => {
    const { enrol } = await withKeys();
    const key = await enrol(keysOnly);
    const builtIn = await enrol(builtInOnly, { attachment: "platform" });
    expect(at(key.activated.body, "fidoDeviceMetadata.mdsIdentifier")).toBe(simulatedKey);
    expect(at(builtIn.activated.body, "fidoDeviceMetadata.mdsIdentifier")).toBe(simulatedPlatform);
  });
});
