import type { Page } from "@playwright/test";
import { verifyRegistrationResponse } from "@simplewebauthn/server";
import { base64url } from "jose";
import { type Credential, credentialSchema, type EnrolmentResult } from "../../src/contract/enrolment.ts";
import { type CheckedAuthenticator, checkCredential } from "../../src/core/fido2/credential.ts";
import type { CreationOptions } from "../../src/core/fido2/options.ts";
import { vendorOptions } from "../fakes/vendor-options.ts";
import { enrolmentOptions, expect, origin, plugIn, test } from "./opened.ts";

/** What was made, as the contract lets it through. */
function created(result: EnrolmentResult): Credential {
  if (result.outcome !== "created") throw new Error(`Not created: ${JSON.stringify(result)}.`);
  return credentialSchema.parse(result.credential);
}

/** Our own check and one that shares nothing with it; both must agree. */
async function verified(credential: Credential, options: CreationOptions, from = origin) {
  const ours = await checkCredential(credential, options, from);
  expect(ours).toMatchObject({ ok: true });
  if (!ours.ok) throw new Error(ours.error.code);
  const theirs = await verifyRegistrationResponse({
    response: {
      ...credential,
      authenticatorAttachment: credential.authenticatorAttachment ?? "cross-platform",
    },
    expectedChallenge: options.challenge,
    expectedOrigin: from,
    expectedRPID: options.rp.id,
    requireUserVerification: options.authenticatorSelection.userVerification === "required",
    supportedAlgorithmIDs: options.pubKeyCredParams.map(({ alg }) => alg),
  });
  if (!theirs.verified) throw new Error("The independent verifier refuses.");
  return { ours: ours.value, theirs: theirs.registrationInfo };
}

const selection = (changes: Partial<CreationOptions["authenticatorSelection"]>) => ({
  authenticatorSelection: {
    residentKey: "required",
    requireResidentKey: true,
    userVerification: "required",
    ...changes,
  },
});

test.describe("the vendor's own options make a credential that two verifiers accept", () => {
  const kinds: readonly [
    transport: string,
    wanted: "key" | "platform",
    attachment: CheckedAuthenticator["attachment"],
  ][] = [
    ["usb", "key", "cross-platform"],
    ["internal", "platform", "platform"],
    ["hybrid", "key", "cross-platform"],
  ];
  for (const [transport, wanted, attachment] of kinds) {
    test(transport, async ({ page, open }) => {
      await plugIn(page, { transport });
      const options = vendorOptions(selection({ authenticatorAttachment: attachment ?? "cross-platform" }));
      const opened = await open(enrolmentOptions(options, { wanted }));
      const credential = created(await opened.result());
      const { ours, theirs } = await verified(credential, options);
      expect(ours).toMatchObject({
        aaguid: "01020304-0506-0708-0102-030405060708",
        attachment,
        userVerified: true,
        backupEligible: false,
        backedUp: false,
        attestationFormat: "packed",
      });
      expect(ours.transports).toContain(transport);
      expect(theirs).toMatchObject({ fmt: "packed", aaguid: ours.aaguid, userVerified: true, origin });
      expect(credential.clientExtensionResults).toEqual({});
      expect(await opened.results()).toHaveLength(1);
    });
  }
});

test("the credential can be found again without its id, as was asked", async ({ page, open }) => {
  const { cdp, authenticatorId } = await plugIn(page);
  const options = vendorOptions({ extensions: { credProps: true } });
  const opened = await open(enrolmentOptions(options));
  const credential = created(await opened.result());
  expect(credential.clientExtensionResults).toEqual({ credProps: { rk: true } });
  const { credentials } = await cdp.send("WebAuthn.getCredentials", { authenticatorId });
  expect(credentials).toMatchObject([{ rpId: "pingone.eu", isResidentCredential: true }]);
  expect(Buffer.from(credentials[0]?.userHandle ?? "", "base64").toString("base64url")).toBe(options.user.id);
});

test("a passkey that may be copied says so", async ({ page, open }) => {
  await plugIn(page, { transport: "internal", defaultBackupEligibility: true, defaultBackupState: true });
  const options = vendorOptions();
  const opened = await open(enrolmentOptions(options, { wanted: "platform" }));
  const { ours, theirs } = await verified(created(await opened.result()), options);
  expect(ours).toMatchObject({ backupEligible: true, backedUp: true });
  expect(theirs).toMatchObject({ credentialDeviceType: "multiDevice", credentialBackedUp: true });
});

test("RS256 alone is enough", async ({ page, open }) => {
  await plugIn(page);
  const options = vendorOptions({ pubKeyCredParams: [{ type: "public-key", alg: "-257" }] });
  expect(options.pubKeyCredParams).toEqual([{ type: "public-key", alg: -257 }]);
  const opened = await open(enrolmentOptions(options));
  await verified(created(await opened.result()), options);
  // Chromium advises developers to offer both; what is offered is PingOne's to say.
  expect(opened.complaints.splice(0)).toEqual([expect.stringContaining("pubKeyCredParams")]);
});

for (const [attestation, format] of [
  ["none", "none"],
  ["direct", "packed"],
] as const) {
  test(`attestation ${attestation} comes back as ${format}`, async ({ page, open }) => {
    await plugIn(page);
    const options = vendorOptions({ attestation });
    const opened = await open(enrolmentOptions(options));
    const { ours, theirs } = await verified(created(await opened.result()), options);
    expect([ours.attestationFormat, theirs.fmt]).toEqual([format, format]);
  });
}

test("a key without PIN or fingerprint is enough where the policy does not verify the person", async ({
  page,
  open,
}) => {
  await plugIn(page, { protocol: "u2f", ctap2Version: undefined, hasResidentKey: false, hasUserVerification: false });
  const options = vendorOptions(
    selection({ residentKey: "discouraged", requireResidentKey: false, userVerification: "discouraged" }),
  );
  const opened = await open(enrolmentOptions(options));
  const { ours } = await verified(created(await opened.result()), options);
  expect(ours).toMatchObject({ userVerified: false, aaguid: "00000000-0000-0000-0000-000000000000" });
});

test("an identity that is the host itself is accepted", async ({ page, open }) => {
  await plugIn(page);
  const home = "https://auth.example.co.uk";
  const options = vendorOptions({}, "auth.example.co.uk");
  const opened = await open(enrolmentOptions(options), { origin: home });
  await verified(created(await opened.result()), options, home);
});

test("an identity that is a parent of the host is accepted", async ({ page, open }) => {
  await plugIn(page);
  const home = "https://auth.example.co.uk";
  const options = vendorOptions({}, "example.co.uk");
  const opened = await open(enrolmentOptions(options), { origin: home });
  await verified(created(await opened.result()), options, home);
});

for (const [what, relyingPartyId] of [
  ["a foreign domain", "pingone.com"],
  ["a public suffix", "co.uk"],
  ["a sub-domain of the host", "more.auth.example.co.uk"],
  ["a sibling of the host", "other.example.co.uk"],
] as const) {
  test(`an identity that is ${what} is refused by the browser`, async ({ page, open }) => {
    const { cdp, authenticatorId } = await plugIn(page);
    const options = vendorOptions({}, relyingPartyId);
    const opened = await open(enrolmentOptions(options), { origin: "https://auth.example.co.uk" });
    expect(await opened.result()).toEqual({ outcome: "refused", name: "SecurityError" });
    expect((await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials).toEqual([]);
  });
}

test.describe("what goes wrong comes back as a name, once", () => {
  test("the person is not verified", async ({ page, open }) => {
    await plugIn(page, { isUserVerified: false });
    const opened = await open(enrolmentOptions(vendorOptions()));
    expect(await opened.result()).toEqual({ outcome: "refused", name: "NotAllowedError" });
  });

  test("the authenticator is registered already", async ({ page, open }) => {
    const authenticator = await plugIn(page);
    const credentialId = Buffer.from("a credential of an earlier day");
    const { privateKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
    await authenticator.cdp.send("WebAuthn.addCredential", {
      authenticatorId: authenticator.authenticatorId,
      credential: {
        credentialId: credentialId.toString("base64"),
        isResidentCredential: false,
        rpId: "pingone.eu",
        privateKey: Buffer.from(await crypto.subtle.exportKey("pkcs8", privateKey)).toString("base64"),
        signCount: 1,
      },
    });
    // In the vendor's form: bytes as signed numbers.
    const id = [...new Int8Array(credentialId)];
    const options = vendorOptions({ excludeCredentials: [{ type: "public-key", id, transports: ["usb"] }] });
    expect(options.excludeCredentials).toEqual([
      { type: "public-key", id: base64url.encode(credentialId), transports: ["usb"] },
    ]);
    const opened = await open(enrolmentOptions(options));
    expect(await opened.result()).toEqual({ outcome: "refused", name: "InvalidStateError" });
  });

  test("nobody touches the key until the time is over", async ({ page, open }) => {
    await plugIn(page, { automaticPresenceSimulation: false });
    const options = { ...vendorOptions(), timeout: 1_000 };
    const opened = await open(enrolmentOptions(options));
    expect(await opened.result()).toEqual({ outcome: "refused", name: "NotAllowedError" });
  });

  test("an old key cannot do what is required", async ({ page, open }) => {
    await plugIn(page, { protocol: "u2f", ctap2Version: undefined, hasResidentKey: false, hasUserVerification: false });
    const options = { ...vendorOptions(), timeout: 1_000 };
    const opened = await open(enrolmentOptions(options));
    expect(await opened.result()).toEqual({ outcome: "refused", name: "NotAllowedError" });
  });

  test("options that are no options", async ({ page, open }) => {
    await plugIn(page);
    const options = { ...vendorOptions(), challenge: "not base64url!" };
    const opened = await open(enrolmentOptions(options));
    expect(await opened.result()).toEqual({ outcome: "refused", name: "EncodingError" });
  });
});

test.describe("the person cancels", () => {
  const cancellations = {
    "with the button": (page: Page) => page.getByRole("button", { name: "Cancel" }).click(),
    "with Escape": (page: Page) => page.keyboard.press("Escape"),
    "with Enter, where the focus is": (page: Page) => page.keyboard.press("Enter"),
  };
  for (const [how, cancel] of Object.entries(cancellations)) {
    test(how, async ({ page, open }) => {
      const { cdp, authenticatorId } = await plugIn(page, { automaticPresenceSimulation: false });
      const opened = await open(enrolmentOptions(vendorOptions()));
      await expect(page.getByRole("button", { name: "Cancel" })).toBeFocused();
      await cancel(page);
      expect(await opened.result()).toEqual({ outcome: "cancelled" });
      // A touch that comes too late makes nothing and says nothing: the ceremony is over.
      await cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled: true });
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Cancel" }).click();
      expect(await opened.results()).toEqual([{ outcome: "cancelled" }]);
      expect((await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials).toEqual([]);
    });
  }

  test("before main has answered", async ({ page, open }) => {
    const opened = await open(null);
    await expect(page.getByRole("button")).toBeHidden();
    await page.keyboard.press("Escape");
    expect(await opened.result()).toEqual({ outcome: "cancelled" });
  });
});
