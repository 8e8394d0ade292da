import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test as base, type ElectronApplication, expect } from "@playwright/test";
import { verifyRegistrationResponse } from "@simplewebauthn/server";
import { rolldown } from "rolldown";
import type { Credential } from "../../src/contract/enrolment.ts";
import { enrolmentBridgeName } from "../../src/contract/enrolment-channels.ts";
import type { Outcome } from "../../src/contract/errors.ts";
import { checkCredential } from "../../src/core/fido2/credential.ts";
import { launchApp } from "../electron-stand-in/launch.ts";
import { vendorOptions } from "../fakes/vendor-options.ts";
import { plugIn } from "./virtual-authenticator.ts";

/** The enrolment window with everything real but the key: main, its own session, the built preload, the built page. */

const origin = "https://app.pingone.eu";
const options = vendorOptions({
  authenticatorSelection: {
    authenticatorAttachment: "cross-platform",
    residentKey: "required",
    requireResidentKey: true,
    userVerification: "required",
  },
});

type Enrolment = {
  readonly app: ElectronApplication;
  readonly begin: (timeoutMs?: number) => Promise<Outcome<Credential>>;
  /** Runs in the page of the enrolment window, when it has shown what to do. */
  readonly inPage: (code: string) => Promise<unknown>;
  readonly windows: () => Promise<number>;
  readonly written: () => Promise<string[]>;
};

const test = base.extend<{ enrolment: Enrolment }, { folder: string }>({
  folder: [
    async ({}, use) => {
      const folder = await mkdtemp(join(tmpdir(), "deskpair-enrolment-app-"));
      const bundle = await rolldown({
        input: join(import.meta.dirname, "enrolment-app/main.ts"),
        platform: "node",
        external: ["electron"],
        logLevel: "warn",
      });
      await bundle.write({ file: join(folder, "main.js"), format: "esm" });
      await bundle.close();
      await writeFile(join(folder, "package.json"), '{ "name": "enrolment-app", "type": "module", "main": "main.js" }');
      await use(folder);
      await rm(folder, { recursive: true, force: true });
    },
    { scope: "worker" },
  ],
  enrolment: async ({ folder }, use) => {
    const app = await launchApp({ app: folder, env: { DESKPAIR_BUILT: resolve(import.meta.dirname, "../../out") } });
    await app.firstWindow();
    await use({
      app,
      begin: (timeoutMs = 120_000) =>
        app.evaluate((_electron, given) => globalThis.ceremony({ ...given, signal: new AbortController().signal }), {
          origin,
          options,
          wanted: "key",
          timeoutMs,
        } as const),
      inPage: (code) =>
        app.evaluate(async ({ BrowserWindow }, script) => {
          const shown = () =>
            BrowserWindow.getAllWindows().find((window) => window.getParentWindow() && window.isVisible());
          const next = () => new Promise((resolve) => setImmediate(resolve));
          while (!shown()) await next();
          return shown()?.webContents.executeJavaScript(script);
        }, code),
      windows: () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length),
      written: () => app.evaluate(() => globalThis.written),
    });
    await app.close();
  },
});

const codeOf = (outcome: Outcome<unknown>): string => (outcome.ok ? "created" : outcome.error.code);

test("a key is enrolled, and an independent verifier accepts it", async ({ enrolment }) => {
  await plugIn(enrolment.app);
  const outcome = await enrolment.begin();
  if (!outcome.ok) throw new Error(`The ceremony ended with ${codeOf(outcome)}.`);
  const credential = outcome.value;
  expect(await checkCredential(credential, options, origin)).toMatchObject({
    ok: true,
    value: { attachment: "cross-platform", transports: ["usb"], userVerified: true, attestationFormat: "packed" },
  });
  const { verified } = await verifyRegistrationResponse({
    response: { ...credential, authenticatorAttachment: "cross-platform" },
    expectedChallenge: options.challenge,
    expectedOrigin: origin,
    expectedRPID: "pingone.eu",
    requireUserVerification: true,
    supportedAlgorithmIDs: [-7, -37, -257],
  });
  expect(verified).toBe(true);
  expect(await enrolment.windows()).toBe(1);
  expect(await enrolment.written()).toEqual(["enrolment.opened", "enrolment.ended"]);
});

test("the next one, in a session of its own, is as good", async ({ enrolment }) => {
  await plugIn(enrolment.app);
  expect(codeOf(await enrolment.begin())).toBe("created");
  expect(codeOf(await enrolment.begin())).toBe("created");
  expect(await enrolment.windows()).toBe(1);
});

test("a person who is not verified is a refusal, and nothing is said about why", async ({ enrolment }) => {
  await plugIn(enrolment.app, { isUserVerified: false });
  expect(codeOf(await enrolment.begin())).toBe("key-refused");
});

test("nobody touches the key: the time ends it, and the window goes", async ({ enrolment }) => {
  await plugIn(enrolment.app, { automaticPresenceSimulation: false });
  expect(await enrolment.begin(1_500)).toEqual({ ok: false, error: { code: "key-timed-out", seconds: 2 } });
  expect(await enrolment.windows()).toBe(1);
});

test.describe("while a key is waited for", () => {
  test.beforeEach(({ enrolment }) => plugIn(enrolment.app, { automaticPresenceSimulation: false }));

  test("the page is where the relying party is, and knows two calls", async ({ enrolment }) => {
    const outcome = enrolment.begin();
    expect(
      await enrolment.inPage(`({
        address: location.href,
        secure: isSecureContext,
        heading: document.querySelector("h1").textContent,
        bridge: Object.keys(window[${JSON.stringify(enrolmentBridgeName)}]).sort(),
        others: ["deskpair", "require", "process", "module", "Buffer", "ipcRenderer", "electron", "global"]
          .filter((name) => name in window),
      })`),
    ).toEqual({
      address: `${origin}/`,
      secure: true,
      heading: expect.stringMatching(/key/),
      bridge: ["options", "result"],
      others: [],
    });
    await enrolment.inPage('document.getElementById("cancel").click()');
    expect(codeOf(await outcome)).toBe("cancelled");
  });

  test("nothing in it leads anywhere", async ({ enrolment }) => {
    const outcome = enrolment.begin();
    expect(await enrolment.inPage('window.open("https://collector.example/")')).toBeNull();
    await enrolment.inPage('location.href = "https://collector.example/"');
    await expect.poll(enrolment.written).toContain("guard.navigation-refused");
    expect(await enrolment.inPage("location.href")).toBe(`${origin}/`);
    expect(
      await enrolment.inPage('fetch("https://collector.example/").then(() => "sent", (thrown) => thrown.name)'),
    ).toBe("TypeError");
    expect(
      await enrolment.inPage(
        "navigator.credentials.get({ publicKey: { challenge: new Uint8Array(32) } }).catch((thrown) => thrown.name)",
      ),
    ).toBe("NotAllowedError");
    await enrolment.inPage('dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }))');
    expect(codeOf(await outcome)).toBe("cancelled");
  });

  test("a page that lies is not believed, and what it kept is gone with it", async ({ enrolment }) => {
    const first = enrolment.begin();
    await enrolment.inPage('localStorage.setItem("kept", "x"); document.cookie = "kept=x"');
    expect(
      await enrolment.inPage(`deskpairEnrolment.result({ outcome: "created", credential: { id: "made up" } })`),
    ).toMatchObject({ ok: false, error: { code: "message-refused" } });
    expect(codeOf(await first)).toBe("ceremony-failed");

    const second = enrolment.begin();
    expect(await enrolment.inPage("[localStorage.length, document.cookie]")).toEqual([0, ""]);
    await enrolment.inPage('document.getElementById("cancel").click()');
    expect(codeOf(await second)).toBe("cancelled");
  });

  test("the window is closed", async ({ enrolment }) => {
    const outcome = enrolment.begin();
    await enrolment.inPage("1");
    await enrolment.app.evaluate(({ BrowserWindow }) => {
      for (const window of BrowserWindow.getAllWindows()) if (window.getParentWindow()) window.close();
    });
    expect(codeOf(await outcome)).toBe("cancelled");
    expect(await enrolment.windows()).toBe(1);
  });

  test("the page crashes", async ({ enrolment }) => {
    const outcome = enrolment.begin();
    await enrolment.inPage("1");
    await enrolment.app.evaluate(({ BrowserWindow }) => {
      const window = BrowserWindow.getAllWindows().find((each) => each.getParentWindow());
      // Never answered: there is nobody left to answer.
      window?.webContents.debugger.sendCommand("Page.crash").catch(() => undefined);
    });
    expect(codeOf(await outcome)).toBe("ceremony-failed");
    expect(await enrolment.windows()).toBe(1);
  });
});
