import { createHash } from "node:crypto";

/** What the browser shows when it has come back from a sign-in: words, and nothing that runs or loads. */

const style =
  "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1.5rem;color-scheme:light dark}";

/** Says nothing of the outcome: whether the sign-in is good is known only after the code has been exchanged. */
export const callbackPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>DeskPair</title>
<style>${style}</style>
</head>
<body>
<h1>Back to DeskPair</h1>
<p>You can close this window and go back to DeskPair.</p>
</body>
</html>
`;

const styleHash = createHash("sha256").update(style).digest("base64");

/** Of every answer of the listener, refusals included. The address holds the code, so it goes nowhere else. */
export const pageHeaders = {
  "content-security-policy": `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  connection: "close",
};
