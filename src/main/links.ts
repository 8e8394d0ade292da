import { fail, type Outcome, ok } from "../contract/errors.ts";
import type { Input } from "../contract/ipc.ts";
import { isLoopbackHost } from "../core/pingone/endpoints.ts";

export type LinkName = Input<"link.open">["name"];

/**
 * Every address that the page can have opened in the browser. It gives a name; it cannot give an address.
 *
 * SECURITY: checklist 14, 17. The only file that may open something outside the app.
 */
const addresses: Readonly<Record<Exclude<LinkName, "help.organisation">, `https://${string}`>> = Object.freeze({
  "help.pairing":
    "https://developer.pingidentity.com/pingone-api/mfa/users/mfa-devices/create-mfa-user-device-desktop.html",
  "help.roles": "https://developer.pingidentity.com/pingone-api/platform/roles/predefined-roles.html",
  "help.agent": "https://docs.pingidentity.com/pingid/pid_landing_page.html",
});

/** The part of Electron's shell that leaves the app. */
export type Browser = { readonly openExternal: (address: string) => Promise<void> };

/** Opens a link of the table. Throws when the system has no browser to give it to. */
export type OpenLink = (link: { readonly name: LinkName }) => Promise<Outcome<null>>;

/**
 * Opens a page of the organisation: where its users enrol their keys, or PingOne's sign-in. `false`: the system said that
 * it could not.
 *
 * SECURITY: https only, whatever the settings say; http for this computer only, which is where a simulator is.
 */
export async function openConfiguredPage(browser: Browser, address: string): Promise<boolean> {
  const url = URL.parse(address);
  if (url === null) return false;
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopbackHost(url.hostname))) return false;
  try {
    await browser.openExternal(url.href);
    return true;
  } catch {
    return false;
  }
}

/** @param helpAddress where the organisation's policy says that people find help; `null`: nowhere */
export function createLinks(browser: Browser, helpAddress: () => string | null): OpenLink {
  return async ({ name }) => {
    if (name !== "help.organisation") await browser.openExternal(addresses[name]);
    else {
      const address = URL.parse(helpAddress() ?? "");
      // SECURITY: the page cannot say which, and a policy of another scheme has been refused where it was read.
      if (address === null || !["https:", "mailto:"].includes(address.protocol)) return fail(noHelp);
      await browser.openExternal(address.href);
    }
    return ok(null);
  };
}

const noHelp = { code: "not-now", doing: "no policy says where help is" } as const;
