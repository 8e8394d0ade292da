import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isRelyingPartyId, liesInside } from "../core/agent/origin.ts";

/**
 * What the enrolment window can load: one document and one script, under the address of the relying party. Nothing of
 * it ever comes from the network, and nothing else is there.
 *
 * SECURITY: checklist 4, 5, 6, 9.
 */

/** The built page, as text: once the window is open, no address leads to a file. */
export type EnrolmentPage = { readonly document: string; readonly script: string };

/** @param folder where `index.html` and `page.js` were built to. Throws when they are not there. */
export async function readEnrolmentPage(folder: string): Promise<EnrolmentPage> {
  const [document, script] = await Promise.all([
    readFile(join(folder, "index.html"), "utf8"),
    readFile(join(folder, "page.js"), "utf8"),
  ]);
  return { document, script };
}

/**
 * Why a ceremony cannot be run for this address, or `null`. The browser would refuse most of it too, but only after
 * asking the relying party's own server whether it agrees.
 */
export function objectionTo(origin: string, relyingPartyId: string): string | null {
  if (!isRelyingPartyId(relyingPartyId)) return "its relying party is not a domain";
  if (!URL.canParse(origin) || new URL(origin).origin !== origin) return "its origin is not an origin";
  const { protocol, hostname, port } = new URL(origin);
  if (protocol !== "https:" || port !== "") return "its origin is not plain https";
  return liesInside(hostname, relyingPartyId) ? null : "its origin lies outside of the relying party";
}

const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  // The page brings its style inside the script, as a constructed sheet, which needs no source; nothing else is served.
  "style-src 'none'",
  "img-src 'none'",
  "font-src 'none'",
  "connect-src 'none'",
  "worker-src 'none'",
  "frame-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/**
 * Everything that the Chromium of Electron 45 lets a policy decide about. There is no "all others" in the header, so
 * they are written out; a test asks Chromium for its list.
 */
const forbiddenFeatures = [
  "accelerometer aria-notify autoplay browsing-topics camera",
  "captured-surface-control clipboard-read clipboard-write compute-pressure cross-origin-isolated deferred-fetch",
  "deferred-fetch-minimal digital-credentials-create digital-credentials-get display-capture encrypted-media",
  "fullscreen gamepad geolocation gyroscope hid identity-credentials-get idle-detection interest-cohort keyboard-map",
  "language-detector language-model local-fonts local-network local-network-access loopback-network magnetometer",
  "media-playback-while-not-visible microphone midi on-device-speech-recognition otp-credentials payment",
  "picture-in-picture private-state-token-issuance private-state-token-redemption publickey-credentials-get",
  "screen-wake-lock serial speaker-selection storage-access summarizer sync-xhr translator unload usb",
  "window-management xr-spatial-tracking",
  "ch-device-memory ch-downlink ch-dpr ch-ect ch-prefers-color-scheme ch-prefers-reduced-motion",
  "ch-prefers-reduced-transparency ch-rtt ch-save-data ch-ua ch-ua-arch ch-ua-bitness ch-ua-form-factors",
  "ch-ua-full-version ch-ua-full-version-list ch-ua-high-entropy-values ch-ua-mobile ch-ua-model ch-ua-platform",
  "ch-ua-platform-version ch-ua-wow64 ch-viewport-height ch-viewport-width ch-width",
].flatMap((line) => line.split(" "));

/** Sent with every answer; the page's tests serve it with the same. */
export const enrolmentHeaders = {
  "content-security-policy": contentSecurityPolicy,
  "permissions-policy": [
    "publickey-credentials-create=(self)",
    ...forbiddenFeatures.map((feature) => `${feature}=()`),
  ].join(", "),
  "x-content-type-options": "nosniff",
  "x-dns-prefetch-control": "off",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
} as const;

/** What is read of a request. Electron hands over a whole `Request`. */
export type EnrolmentRequest = {
  readonly url: string;
  readonly method: string;
  /** Who asks, as the browser knows it; absent where the browser itself does. */
  readonly initiatorOrigin?: string;
};

/** The address of the document. */
export const documentAddress = (origin: string): string => `${origin}/`;

/**
 * Answers for every https request of the window's session. Exact addresses only: no query, no other way to write one,
 * nobody else's page asking. Whatever differs is a plain 404.
 */
export function createEnrolmentProtocol(
  origin: string,
  page: EnrolmentPage,
): (request: EnrolmentRequest) => Promise<Response> {
  const served = new Map<string, readonly [body: string, type: string]>([
    [documentAddress(origin), [page.document, "text/html; charset=utf-8"]],
    [`${origin}/page.js`, [page.script, "text/javascript; charset=utf-8"]],
  ]);
  return async ({ url, method, initiatorOrigin }) => {
    const ours = method === "GET" && (initiatorOrigin === undefined || initiatorOrigin === origin);
    const [body, type] = (ours ? served.get(url) : undefined) ?? [null, "text/plain; charset=utf-8"];
    return new Response(body ?? "Not found", {
      status: body === null ? 404 : 200,
      headers: { ...enrolmentHeaders, "content-type": type },
    });
  };
}
