import type * as Electron from "electron";
import { emitterWith } from "./coverage.ts";
import { type DevTools, ignoreGone } from "./devtools.ts";

const pages = new Set<DevTools>();
let source: Electron.NativeTheme["themeSource"] = "system";

/** Tells a page what `prefers-color-scheme` is. With `system` nothing is forced: the system is light, or as Playwright says. */
async function tell(devtools: DevTools, value: "dark" | "light" | ""): Promise<void> {
  await devtools
    .send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value }] })
    .catch(ignoreGone);
}

export const nativeTheme = emitterWith(
  "nativeTheme",
  {
    get themeSource() {
      return source;
    },
    set themeSource(value) {
      if (value === source) return;
      source = value;
      for (const page of pages) void tell(page, value === "system" ? "" : value);
      nativeTheme.emit("updated");
    },
    get shouldUseDarkColors() {
      return source === "dark";
    },
    shouldUseHighContrastColors: false,
    shouldUseInvertedColorScheme: false,
    shouldDifferentiateWithoutColor: false,
    inForcedColorsMode: false,
    prefersReducedTransparency: false,
  } satisfies Pick<
    Electron.NativeTheme,
    | "themeSource"
    | "shouldUseDarkColors"
    | "shouldUseHighContrastColors"
    | "shouldUseInvertedColorScheme"
    | "shouldDifferentiateWithoutColor"
    | "inForcedColorsMode"
    | "prefersReducedTransparency"
  >,
  ["updated"],
);

/** Makes a page follow the theme. To be repeated for every document: Playwright's own session may have reset it. */
export async function themePage(devtools: DevTools): Promise<void> {
  pages.add(devtools);
  if (source !== "system") await tell(devtools, source);
}

export const forgetPage = (devtools: DevTools): void => {
  pages.delete(devtools);
};
