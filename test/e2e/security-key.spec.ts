import type { Page } from "@playwright/test";
import { verifyRegistrationResponse } from "@simplewebauthn/server";
import { readCreationOptions } from "../../src/core/fido2/options.ts";
import { makeCredential, type Simulator } from "../../src/simulator/index.ts";
import { startGateway } from "../cli/gateway.ts";
import { button, expect, findUser, heading, sentence, signIn, test, text } from "./running-app.ts";
import { plugIn } from "./virtual-authenticator.ts";

/** A security key from the button to the ACTIVE device: main, the enrolment window, its own session, the real page. */

const touchOnly = "Any security key, touch only";
const companyKeys = "Company security keys only";

async function askForKey(page: Page, policy: string): Promise<void> {
  await page.getByLabel(text.user.policy, { exact: true }).selectOption({ label: policy });
  await button(page, text.keys.pair).click();
  await expect(page.getByRole("alertdialog")).toBeVisible();
}

const devicesOf = (simulator: Simulator) => simulator.world.devicesOf(simulator.users[0]?.id ?? "");

test("a key is enrolled for the relying party, and what leaves the app holds before an independent judge", async ({
  launch,
  simulate,
}) => {
  const simulator = await simulate();
  const gateway = await startGateway({ port: Number(new URL(simulator.apiUrl).port), agentPort: simulator.agentPort });
  const activations: { origin: string; attestation: string }[] = [];
  gateway.intercept = ({ method, path, body }) => {
    if (method === "POST" && /\/devices\/[^/]+$/.test(path)) activations.push(JSON.parse(body));
    return null;
  };
  const { app, page } = await launch();
  await plugIn(app, { transport: "usb" });
  const url = `http://127.0.0.1:${gateway.port}`;
  await signIn(page, { ...simulator, apiUrl: url, authUrl: url });
  await findUser(page, "ada@example.com");
  await askForKey(page, touchOnly);
  await page.getByLabel(text.keys.name, { exact: true }).fill("Blue key");
  await button(page, text.keys.start).click();

  await expect(heading(page, text.paired.keyHeading)).toBeVisible();
  const [device] = devicesOf(simulator);
  expect(device).toMatchObject({ type: "FIDO2", status: "ACTIVE", nickname: "Blue key" });

  // The challenge is in the client data; that it is PingOne's own has been checked by the simulator.
  const [activation] = activations;
  const sent = JSON.parse(activation?.attestation ?? "");
  const encoded = (padded: string) => Buffer.from(padded, "base64").toString("base64url");
  const clientData = JSON.parse(Buffer.from(sent.response.clientDataJSON, "base64").toString());
  const { verified } = await verifyRegistrationResponse({
    response: {
      ...sent,
      rawId: encoded(sent.rawId),
      response: {
        clientDataJSON: encoded(sent.response.clientDataJSON),
        attestationObject: encoded(sent.response.attestationObject),
      },
    },
    expectedChallenge: clientData.challenge,
    expectedOrigin: "https://app.pingone.eu",
    expectedRPID: "pingone.eu",
    requireUserVerification: false,
    supportedAlgorithmIDs: [-7, -37, -257],
  });
  expect(verified).toBe(true);
  expect(activation?.origin).toBe("https://app.pingone.eu");
  gateway.close();
});

test("a key that the policy does not list is refused before it is activated, and nothing is left", async ({
  launch,
  simulate,
}) => {
  const simulator = await simulate();
  const { app, page } = await launch();
  await plugIn(app);
  await signIn(page, simulator);
  await findUser(page, "ada@example.com");
  await askForKey(page, companyKeys);
  await button(page, text.keys.start).click();

  await expect(heading(page, text.failed.keyHeading)).toBeVisible();
  const { message } = text.describeError({ code: "authenticator-not-allowed", aaguid: "" });
  await expect(sentence(page, message)).toBeVisible();
  await expect(sentence(page, text.describeLeft("nothing"))).toBeVisible();
  expect(devicesOf(simulator)).toEqual([]);
  expect(simulator.world.log.map(({ operation }) => operation)).not.toContain("activate-device");
});

test("cancelled in the main window while the key waits for a finger: the enrolment window closes, the device goes", async ({
  launch,
  simulate,
}) => {
  const simulator = await simulate();
  const { app, page } = await launch();
  await plugIn(app, { automaticPresenceSimulation: false });
  await signIn(page, simulator);
  await findUser(page, "ada@example.com");
  await askForKey(page, touchOnly);
  await button(page, text.keys.start).click();
  await expect(heading(page, text.pairing.ceremonyHeading)).toBeVisible();
  await expect.poll(() => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(2);
  await page.keyboard.press("Escape");

  await expect(heading(page, text.failed.cancelledHeading)).toBeVisible();
  expect(devicesOf(simulator)).toEqual([]);
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
  // The same choices again, without starting over.
  await button(page, text.failed.retry).click();
  await expect(page.getByRole("alertdialog")).toBeVisible();
});

test("what this system cannot do is said before anything is created, and the browser is a way out", async ({
  launch,
  simulate,
}) => {
  const simulator = await simulate();
  const { app, page } = await launch();
  await signIn(page, simulator);
  await findUser(page, "ada@example.com");
  await button(page, text.keys.pair).click();
  await expect(page.getByText("deskpair pair fido2 --user ada@example.com")).toBeVisible();
  await expect(button(page, text.keys.openPage)).toHaveAttribute("aria-disabled", "true");
  await page.keyboard.press("Escape");

  await button(page, text.frame.settings).click();
  const field = page.getByLabel(text.settings.enrolmentPage, { exact: true });
  await field.fill("https://keys.example.com/enrol");
  await field.press("Enter");
  await button(page, text.back).click();
  await button(page, text.keys.pair).click();
  await button(page, text.keys.openPage).click();
  await expect(heading(page, text.browser.waitingHeading)).toBeVisible();
  await expect(page.getByText("https://keys.example.com/enrol")).toBeVisible();
  expect(simulator.world.log.filter(({ wrote }) => wrote)).toHaveLength(0);

  // The user enrols a key in the browser, which this test plays.
  await enrolElsewhere(simulator);
  await expect(heading(page, text.paired.keyHeading)).toBeVisible({ timeout: 15_000 });
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
});

test("the demo pairs a pretend key", async ({ launch }) => {
  const { page } = await launch("--demo");
  await button(page, text.keys.pair).click();
  await expect(sentence(page, text.keys.simulated)).toBeVisible();
  await button(page, text.keys.start).click();
  await expect(heading(page, text.paired.keyHeading)).toBeVisible();
});

/** The requests of "Create MFA User Device (FIDO2)" and "Activate MFA User Device (FIDO2)", as another client's. */
async function enrolElsewhere(simulator: Simulator): Promise<void> {
  const { apiUrl, authUrl, environmentId, clientId, clientSecret, policyId, users } = simulator;
  const token = await fetch(`${authUrl}/${environmentId}/as/token`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  const { access_token } = (await token.json()) as { access_token: string };
  const post = async (path: string, type: string, body: object) => {
    const response = await fetch(`${apiUrl}/environments/${environmentId}/users/${users[0]?.id}/devices${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${access_token}`, "content-type": type },
      body: JSON.stringify(body),
    });
    return (await response.json()) as { id: string; status: string; publicKeyCredentialCreationOptions: string };
  };
  const rp = { id: "pingone.eu", name: "PingOne" };
  const created = await post("", "application/json", { type: "FIDO2", rp, policy: { id: policyId } });
  const options = readCreationOptions(created.publicKeyCredentialCreationOptions);
  if (!options.ok) throw new Error(options.error.code);
  const origin = "https://app.pingone.eu";
  const attestation = JSON.stringify(makeCredential(options.value, origin));
  const active = await post(`/${created.id}`, "application/vnd.pingidentity.device.activate+json", {
    origin,
    attestation,
  });
  expect(active.status).toBe("ACTIVE");
}
