import { type Outcome, ok } from "../contract/errors.ts";
import type { Input } from "../contract/ipc.ts";

export type LinkName = Input<"link.open">["name"];

/**
 * Every address that DeskPair ever opens in the browser. Callers give a name; nobody can give an address.
 *
 * SECURITY: checklist 14, 17. The only file that may open something outside the app.
 */
const addresses: Readonly<Record<LinkName, `https://${string}`>> = Object.freeze({
  "help.pairing":
    "https://developer.pingidentity.com/pingone-api/mfa/users/mfa-devices/create-mfa-user-device-desktop.html",
  "help.roles": "https://developer.pingidentity.com/pingone-api/platform/roles/predefined-roles.html",
  "help.agent": "https://docs.pingidentity.com/pingid/pid_landing_page.html",
});

/** The part of Electron's shell that leaves the app. */
export type Browser = { readonly openExternal: (address: string) => Promise<void> };

/** Opens a link of the table. Throws when the system has no browser to give it to. */
export type OpenLink = (link: { readonly name: LinkName }) => Promise<Outcome<null>>;

export function createLinks(browser: Browser): OpenLink {
  return async ({ name }) => {
    await browser.openExternal(addresses[name]);
    return ok(null);
  };
}
