import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test as base, type CDPSession, expect, type Page, type Request } from "@playwright/test";
import type { EnrolmentOptions, EnrolmentResult } from "../../src/contract/enrolment.ts";
import { enrolmentChannels } from "../../src/contract/enrolment-channels.ts";
import { describeEnrolment } from "../../src/contract/enrolment-words.ts";
import type { CreationOptions } from "../../src/core/fido2/options.ts";
import { createEnrolmentProtocol, documentAddress, readEnrolmentPage } from "../../src/main/enrolment-protocol.ts";

/**
 * The built page of the enrolment window in a plain Chromium, under the relying party's real address: served by main's
 * own function with main's own headers, without network and without certificate. The bridge is the built preload; what is behind it is a stub of Electron.
 */

export { expect };
export const origin = "https://app.pingone.eu";
const built = join(import.meta.dirname, "../../out");
const page = await readEnrolmentPage(join(built, "enrolment"));
const preload = readFileSync(join(built, "preload/enrolment.cjs"), "utf8");

declare global {
  interface Window {
    /** What the page has handed back, in order. */
    readonly enrolmentResults: EnrolmentResult[];
  }
}

export function enrolmentOptions(
  publicKey: CreationOptions,
  changes: Partial<EnrolmentOptions> = {},
): EnrolmentOptions {
  const wanted = changes.wanted ?? "key";
  return {
    publicKey,
    wanted,
    timeoutMs: 120_000,
    timeLeftMs: 120_000,
    theme: "system",
    words: describeEnrolment({
      platform: "linux",
      wanted,
      user: publicKey.user.name,
      relyingPartyId: publicKey.rp.id,
    }),
    ...changes,
  };
}

export type Opened = {
  /** Addresses that were asked for, and what was answered. */
  readonly requests: string[];
  /** What the console and the Content-Security-Policy complained about. */
  readonly complaints: string[];
  /** The first thing that the page hands back. */
  readonly result: () => Promise<EnrolmentResult>;
  readonly results: () => Promise<EnrolmentResult[]>;
};

type Place = { readonly origin?: string; readonly script?: string };

/**
 * Every test ends with two questions: has the page asked for anything but its two files, and has it tripped over its
 * own policies? A test that provokes that empties the lists.
 *
 * `open` takes the options that main gives; `null`: main never answers the question for them.
 */
export const test = base.extend<{ open: (options: EnrolmentOptions | null, at?: Place) => Promise<Opened> }>({
  open: async ({ page: browserPage }, use) => {
    const requests: string[] = [];
    const complaints: string[] = [];
    let home = origin;
    browserPage.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    browserPage.on("pageerror", (error) => complaints.push(String(error)));

    await use(async (options, at = {}) => {
      home = at.origin ?? origin;
      const serve = createEnrolmentProtocol(home, { ...page, script: at.script ?? page.script });
      await browserPage.route("**/*", async (route) => {
        const { status, headers, body } = await serveTo(serve, route.request());
        requests.push(`${status} ${route.request().url()}`);
        await route.fulfill({ status, headers, body });
      });
      // As Electron does: not in frames.
      await browserPage.addInitScript(`if (window === window.top) {
        const require = (${electronStub.toString()})(${JSON.stringify(enrolmentChannels)}, ${JSON.stringify(options)});
        ${preload}
      }`);
      await browserPage.goto(documentAddress(home));
      const results = () => browserPage.evaluate(() => window.enrolmentResults);
      const result = async (): Promise<EnrolmentResult> => {
        await browserPage.waitForFunction(() => window.enrolmentResults.length > 0);
        const [first] = await results();
        if (first === undefined) throw new Error("There is no result.");
        return first;
      };
      return { requests, complaints, results, result };
    });

    expect(requests).toEqual([`200 ${home}/`, `200 ${home}/page.js`]);
    expect(complaints).toEqual([]);
  },
});

async function serveTo(serve: ReturnType<typeof createEnrolmentProtocol>, request: Request) {
  const response = await serve({ url: request.url(), method: request.method() });
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}

/**
 * Becomes the `require` of the preload, as source text. Main answers the question for the options, or never does; it
 * takes every result and keeps it.
 */
function electronStub(channels: typeof enrolmentChannels, options: EnrolmentOptions | null) {
  const results: EnrolmentResult[] = [];
  Object.defineProperty(window, "enrolmentResults", { value: results });
  return () => ({
    contextBridge: {
      exposeInMainWorld: (name: string, bridge: object) =>
        Object.defineProperty(window, name, { value: Object.freeze(bridge), enumerable: true }),
    },
    ipcRenderer: {
      invoke: (channel: string, ...messages: EnrolmentResult[]) => {
        if (channel === channels.options) {
          return options === null ? new Promise(() => {}) : Promise.resolve({ ok: true, value: options });
        }
        results.push(...structuredClone(messages));
        return Promise.resolve({ ok: true, value: null });
      },
    },
  });
}

export type Authenticator = { readonly cdp: CDPSession; readonly authenticatorId: string };

/** A virtual authenticator of Chromium's, through the DevTools protocol. Origin and RP ID rules are the real ones. */
export async function plugIn(
  browserPage: Page,
  changes: Readonly<Record<string, string | boolean | undefined>> = {},
): Promise<Authenticator> {
  const cdp = await browserPage.context().newCDPSession(browserPage);
  await cdp.send("WebAuthn.enable", { enableUI: false });
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      ctap2Version: "ctap2_1",
      transport: "usb",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      ...changes,
    },
  });
  return { cdp, authenticatorId };
}
