import { existsSync, readFileSync } from "node:fs";
import { extname, join, resolve, sep } from "node:path";
import type { Page } from "playwright";
import { contentSecurityPolicy } from "../../src/contract/content-security-policy.ts";

/** The built page as the app serves it, for a browser without the app: same headers, no network, no server. */

export const pageUrl = "https://page.deskpair.invalid/index.html";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

const folder = resolve(import.meta.dirname, "../../out/renderer");

/** Answers for the page's own host out of `out/renderer`. Everything else is cut off and listed in what it returns. */
export async function servePage(page: Page): Promise<{ readonly foreign: readonly string[] }> {
  if (!existsSync(join(folder, "index.html"))) throw new Error("The page is not built: run `npm run build` first.");
  const foreign: string[] = [];
  await page.route("**/*", async (route) => {
    const url = new URL(route.request().url());
    const file = join(folder, decodeURIComponent(url.pathname));
    if (url.origin !== new URL(pageUrl).origin || !file.startsWith(folder + sep) || !existsSync(file)) {
      foreign.push(url.href);
      return route.abort();
    }
    return route.fulfill({
      body: readFileSync(file),
      headers: {
        "content-type": types[extname(file)] ?? "application/octet-stream",
        "content-security-policy": contentSecurityPolicy,
        "x-content-type-options": "nosniff",
      },
    });
  });
  return { foreign };
}
