import type * as Electron from "electron";
import { fromAlias } from "./aliases.ts";
import { fail, notCovered } from "./coverage.ts";
import type { DevTools } from "./devtools.ts";
import { note } from "./record.ts";

type OpenHandler = Parameters<Electron.WebContents["setWindowOpenHandler"]>[0];
type Details = Parameters<OpenHandler>[0];

/**
 * Asks the app about every window that the page wants to open: by script, by a link with a target, by a click with a
 * modifier key. Chromium has the popup on hold meanwhile, and browser.ts closes it: only `deny` is covered.
 */
export function guardPopups(devtools: DevTools): (handler: OpenHandler) => void {
  let handler: OpenHandler | undefined;

  const ask = (url: string, frameName: string, features: string, disposition: Details["disposition"]): void => {
    const referrer = { url: "", policy: "strict-origin-when-cross-origin" } as const;
    const details: Details = { url, frameName, features, disposition, referrer };
    const action = handler ? handler(details)?.action : "allow";
    note("window.open", url, action);
    if (action === "allow") fail(notCovered(`a new window of the page (${url})`));
  };

  devtools.on("Page.windowOpen", ({ url, windowName, windowFeatures }) => {
    // Chromium tells all features that result from the text; those with a value are what the page wrote.
    const features = windowFeatures.filter((feature) => feature.includes("=") || feature === "noopener").join(",");
    const frameName = windowName === "_blank" ? "" : windowName;
    ask(fromAlias(url), frameName, features, features.includes("=") ? "new-window" : "foreground-tab");
  });
  devtools.on("Page.frameRequestedNavigation", ({ url, disposition }) => {
    if (disposition === "newTab") ask(fromAlias(url), "", "", "background-tab");
    if (disposition === "newWindow") ask(fromAlias(url), "", "", "new-window");
  });
  return (next) => {
    handler = next;
  };
}
