import { createHash } from "node:crypto";
import { type HttpReply, textReply } from "../message.ts";
import type { Account } from "./accounts.ts";

/**
 * The pages that a person sees. No scripts, nothing from elsewhere, and no field for a password: a real one must never
 * be typed into a simulator.
 */

const style = `
:root { color-scheme: light dark; --line: light-dark(#8a8f98, #7d838c); --accent: light-dark(#1f5fbf, #8ab4f8); }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; background: light-dark(#f4f5f7, #17191c);
  color: light-dark(#1d2125, #e8eaed); }
main { box-sizing: border-box; max-width: 30rem; margin: 8vh auto; padding: 2rem; border: 1px solid var(--line);
  border-radius: .5rem; background: light-dark(#fff, #1f2226); }
h1 { margin: 0 0 .5rem; font-size: 1.4rem; }
h2 { margin: 2rem 0 .5rem; font-size: 1rem; }
label { display: block; margin-top: 1rem; font-weight: 600; }
input, button { box-sizing: border-box; min-height: 2.75rem; padding: .5rem .75rem; border: 1px solid var(--line);
  border-radius: .25rem; font: inherit; color: inherit; background: transparent; }
input { width: 100%; }
button { margin: 1.25rem .5rem 0 0; padding-inline: 1.25rem; cursor: pointer; }
button.main { border-color: var(--accent); background: var(--accent); color: light-dark(#fff, #17191c); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
[role=alert] { padding: .5rem .75rem; border-left: 4px solid light-dark(#b3261e, #f2b8b5); }
dt { font-weight: 600; } dd { margin: 0 0 .5rem; }
code { font-size: .9em; overflow-wrap: anywhere; }
`;

const styleHash = createHash("sha256").update(style).digest("base64");

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/**
 * `returnsTo`: where the form leads in the end. A browser also applies `form-action` to the redirect that answers a form,
 * and without it would stay on the page.
 */
const page = (status: number, title: string, content: string, returnsTo: string | null = null): HttpReply => {
  const formAction = returnsTo === null ? "'self'" : `'self' ${new URL(returnsTo).origin}`;
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    `form-action ${formAction}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)} - PingOne simulator</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${content}
</main>
</body>
</html>
`;
  return textReply(status, "text/html;charset=utf-8", html, {
    "content-security-policy": policy.join("; "),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
  });
};

const remark = "<p>This is a simulator. Nothing in here is real, and no password is asked for.</p>";

const alert = (problem: string | null): string =>
  problem === null ? "" : `<p role="alert" id="problem">${escaped(problem)}</p>`;

const usernameField = (accounts: readonly Account[], value: string, problem: string | null): string => `
<label for="username">User name</label>
<input id="username" name="username" list="accounts" value="${escaped(value)}" required autocomplete="off"
  autocapitalize="none" spellcheck="false"${problem === null ? "" : ' aria-invalid="true" aria-describedby="problem"'}>
<datalist id="accounts">${accounts.map(({ username }) => `<option value="${escaped(username)}"></option>`).join("")}</datalist>`;

/** Refusing needs no name. */
const buttons = (accept: string, refuse: string): string => `
<button class="main" name="decision" value="allow">${accept}</button>
<button name="decision" value="deny" formnovalidate>${refuse}</button>`;

const accountList = (accounts: readonly Account[]): string => `
<h2>Accounts to try</h2>
<dl>${accounts.map(({ username, note }) => `<dt>${escaped(username)}</dt><dd>${escaped(note ?? "")}</dd>`).join("")}</dl>`;

const asked = (applicationName: string, scope: readonly string[]): string =>
  `<p><strong>${escaped(applicationName)}</strong> asks for ${
    scope.length === 0 ? "nothing but who you are" : `<code>${escaped(scope.join(" "))}</code>`
  }.</p>`;

export type PageForm = {
  readonly applicationName: string;
  readonly scope: readonly string[];
  readonly accounts: readonly Account[];
  readonly username: string;
  /** What was wrong with the last try; `null` on the first. */
  readonly problem: string | null;
};

/** Asks who signs in. `carried`: the authorization request, which comes back with the form. */
export const signInPage = (
  form: PageForm & { readonly carried: URLSearchParams; readonly redirectUri: string },
): HttpReply => {
  const hidden = [...form.carried].map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  );
  const content = `${remark}${asked(form.applicationName, form.scope)}${alert(form.problem)}
<form method="post">
${hidden.join("\n")}${usernameField(form.accounts, form.username, form.problem)}${buttons("Sign in", "Deny")}
</form>${accountList(form.accounts)}`;
  return page(form.problem === null ? 200 : 400, "Sign in", content, form.redirectUri);
};

/** Asks for the code that another device shows, and who allows it. */
export const devicePage = (form: PageForm & { readonly userCode: string }): HttpReply => {
  const content = `${remark}${asked(form.applicationName, form.scope)}
<p>Go on only if you have started this yourself, and the code is the one that you see there.</p>${alert(form.problem)}
<form method="post">
<label for="user_code">Code</label>
<input id="user_code" name="user_code" value="${escaped(form.userCode)}" required autocomplete="off"
  autocapitalize="characters" spellcheck="false">${usernameField(form.accounts, form.username, form.problem)}${buttons(
    "Allow",
    "Deny",
  )}
</form>${accountList(form.accounts)}`;
  return page(form.problem === null ? 200 : 400, "Connect a device", content);
};

/** The end of the way over another device. */
export const decidedPage = (isAllowed: boolean): HttpReply =>
  isAllowed
    ? page(200, "Signed in", "<p>Go back to the application. You can close this page.</p>")
    : page(200, "Denied", "<p>The application was told so. You can close this page.</p>");

/** Something that must not, or cannot, be told to the application. */
export const errorPage = (status: number, problem: string): HttpReply =>
  page(status, "This cannot be done", `<p role="alert">${escaped(problem)}</p>`);
