import type { BrowserWindow, BrowserWindowConstructorOptions, WebContents } from "electron";
import { type Credential, type EnrolmentOptions, enrolmentOptionsSchema } from "../contract/enrolment.ts";
import { describeEnrolment } from "../contract/enrolment-words.ts";
import { type AppError, fail, type Outcome } from "../contract/errors.ts";
import type { Settings } from "../contract/settings.ts";
import type { Ceremony, CeremonyRequest, Clock, Log, Random } from "../core/ports.ts";
import { type EnrolmentServer, serveEnrolment } from "./enrolment-calls.ts";
import { documentAddress, type EnrolmentPage, objectionTo } from "./enrolment-protocol.ts";
import { outcomeOf, timedOut } from "./enrolment-result.ts";
import { closeSession, openSession, type SessionSource } from "./enrolment-session.ts";
import { type GuardedContents, guardContents } from "./guards.ts";
import { isTrusted } from "./sender.ts";
import { backgroundColors } from "./window.ts";

/**
 * Lets an authenticator make a credential for the relying party's own domain. WebAuthn gives one only to a page that
 * lives there, so for the length of one ceremony there is such a page: in a window and a session of its own, served
 * from memory, without network, storage that stays, permissions, or any word to main but two.
 */

export type EnrolmentParts = {
  readonly BrowserWindow: new (options: BrowserWindowConstructorOptions) => EnrolmentWindow;
  readonly session: SessionSource;
  /** The window that this one stands before; `null`: on its own. */
  readonly parent: () => BrowserWindowConstructorOptions["parent"] | null;
  readonly appearance: () => { readonly theme: Settings["theme"]; readonly dark: boolean };
  readonly readPage: () => Promise<EnrolmentPage>;
  /** The built preload of this window. */
  readonly preload: string;
  readonly platform: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
};

export type EnrolmentWindow = Pick<BrowserWindow, "show" | "isDestroyed" | "destroy" | "loadURL"> & {
  readonly webContents: EnrolmentContents;
  once(event: "closed", listener: () => void): unknown;
};

export type EnrolmentContents = GuardedContents & {
  /** Hears this page and no other. */
  readonly ipc: EnrolmentServer;
  on(event: "render-process-gone" | "preload-error", listener: () => void): unknown;
};

/** One ceremony at a time: the request that comes while another runs is refused. Never throws. */
export function createCeremony(parts: EnrolmentParts): Ceremony {
  let running = false;
  return async (request) => {
    const objection = objectionTo(request.origin, request.options.rp.id);
    if (objection !== null) return failed(objection);
    if (running) return failed("another enrolment is open");
    running = true;
    try {
      const page = await parts.readPage();
      // Somebody who has cancelled must not see a window come up.
      if (request.signal.aborted) return fail({ code: "cancelled" });
      return await runCeremony(parts, request, page);
    } catch (thrown) {
      parts.log("error", "enrolment.broken", { thrown: thrown instanceof Error ? thrown.name : typeof thrown });
      return failed("its window could not be opened");
    } finally {
      running = false;
    }
  };
}

const failed = (problem: string): Outcome<never> => fail({ code: "ceremony-failed", problem });

async function runCeremony(
  parts: EnrolmentParts,
  request: CeremonyRequest,
  page: EnrolmentPage,
): Promise<Outcome<Credential>> {
  const { clock, log } = parts;
  const { origin, timeoutMs, signal } = request;
  const given = enrolmentOptionsSchema.safeParse(optionsFor(parts, request));
  if (!given.success) return failed("its options cannot be shown");

  const ended = Promise.withResolvers<Outcome<Credential>>();
  const cleanUp: (() => void)[] = [];
  // The first reason to end is the one that counts; the later ones come from taking everything down.
  const end = (error: AppError): void => ended.resolve(fail(error));
  const endBroken = (problem: string) => (): void => ended.resolve(failed(problem));
  const startedAt = clock.monotonic();
  const leftMs = (): number => Math.max(0, timeoutMs - (clock.monotonic() - startedAt));

  try {
    const partition = `enrolment-${parts.random.uuid()}`;
    const session = openSession(parts.session, { partition, origin, page, log });
    cleanUp.push(() => closeSession(session, log));
    const window = new parts.BrowserWindow(enrolmentWindowOptions(parts, partition));
    cleanUp.push(() => (window.isDestroyed() ? undefined : window.destroy()));
    // Kept, because a window that is gone no longer tells.
    const contents = window.webContents;
    // Every page is guarded when it is made. Again, because in development that guard lets one address through.
    guardContents(contents, null, log);

    const trusted = { contents: () => [contents], url: documentAddress(origin) };
    cleanUp.push(
      serveEnrolment(contents.ipc, {
        trusts: (event) => isTrusted(event, trusted),
        options: () => {
          // Not before the page can be told what to do: the system's own dialog then finds a window to stand before.
          window.show();
          return { ...given.data, timeLeftMs: leftMs() };
        },
        onResult: (result) =>
          ended.resolve(
            result === null
              ? failed("its page gave an answer that cannot be read")
              : outcomeOf(result, { limitMs: timeoutMs, isUp: leftMs() === 0 }),
          ),
        log,
      }),
    );

    window.once("closed", () => end({ code: "cancelled" }));
    contents.on("render-process-gone", endBroken("its page stopped working"));
    contents.on("preload-error", endBroken("its page has no connection to the app"));
    window.loadURL(documentAddress(origin)).catch(endBroken("its page could not be loaded"));

    const cancel = (): void => end({ code: "cancelled" });
    signal.addEventListener("abort", cancel, { once: true });
    cleanUp.push(() => signal.removeEventListener("abort", cancel));
    const limit = new AbortController();
    cleanUp.push(() => limit.abort());
    // Also resolves when it is called off, which is after the end.
    void clock.wait(timeoutMs, limit.signal).then(() => end(timedOut(timeoutMs)));

    log("info", "enrolment.opened", { relyingPartyId: request.options.rp.id, wanted: request.wanted });
    const outcome = await ended.promise;
    log("info", "enrolment.ended", { outcome: outcome.ok ? "created" : outcome.error.code });
    return outcome;
  } finally {
    // Backwards: nobody is heard any more, then the window goes, then what it lived in.
    for (const step of cleanUp.toReversed()) step();
  }
}

function optionsFor(parts: EnrolmentParts, { options, wanted, timeoutMs }: CeremonyRequest): EnrolmentOptions {
  return {
    // Longer than what is left when the page asks: the limit that ends it is ours, so that it can be told apart.
    publicKey: { ...options, timeout: timeoutMs },
    wanted,
    timeoutMs,
    timeLeftMs: timeoutMs,
    theme: parts.appearance().theme,
    words: describeEnrolment({
      platform: parts.platform,
      wanted,
      user: options.user.name,
      relyingPartyId: options.rp.id,
    }),
  };
}

/**
 * Every switch that bears on security is written out, as for the main window.
 *
 * SECURITY: checklist 1, 2, 7, 8.
 */
export function enrolmentWindowOptions(
  parts: Pick<EnrolmentParts, "parent" | "appearance" | "preload">,
  partition: string,
): BrowserWindowConstructorOptions {
  const parent = parts.parent();
  return {
    title: "DeskPair",
    width: 420,
    height: 300,
    useContentSize: true,
    minWidth: 320,
    minHeight: 240,
    minimizable: false,
    maximizable: false,
    fullscreenable: false,
    show: false,
    autoHideMenuBar: true,
    backgroundColor: parts.appearance().dark ? backgroundColors.dark : backgroundColors.light,
    // Over the window that asked for it: nothing else can be done there meanwhile.
    ...(parent === null || parent === undefined ? {} : { parent, modal: true }),
    webPreferences: {
      partition,
      preload: parts.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      plugins: false,
      navigateOnDragDrop: false,
      enableWebSQL: false,
      webgl: false,
      spellcheck: false,
      disableDialogs: true,
      autoplayPolicy: "document-user-activation-required",
      devTools: false,
    },
  };
}

/** Compile-time only: Electron's own objects are what this takes. */
type Accepts<Wanted, Given extends Wanted> = Given;
/** @public Nobody imports it; it fails to compile when it no longer holds. */
export type CheckedAgainstElectron = [Accepts<EnrolmentWindow, BrowserWindow>, Accepts<EnrolmentContents, WebContents>];
