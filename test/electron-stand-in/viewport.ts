import type { Size } from "./browser.ts";
import { type DevTools, ignoreGone } from "./devtools.ts";

/** What a page is shown with: its size, its zoom, and what CSS is told about colours. */
export type Viewport = {
  readonly resize: (size: Size) => void;
  readonly zoom: (factor: number) => void;
  readonly zoomFactor: () => number;
  /** Electron counts zoom in steps of a fifth: level 1 is 120 %, level -1 is 1/1.2. */
  readonly zoomToLevel: (level: number) => void;
  readonly zoomLevel: () => number;
  readonly apply: () => Promise<void>;
};

/**
 * Zoom has no command of its own. A page that is zoomed sees fewer, larger CSS pixels, which is what is set here, so
 * that layout and media queries follow it. Before `start` resolves, changes are only remembered.
 */
export function createViewport(devtools: () => DevTools | undefined, first: Size): Viewport {
  let size = first;
  let factor = 1;
  const apply = async (): Promise<void> => {
    await devtools()
      ?.send("Emulation.setDeviceMetricsOverride", {
        width: Math.max(1, Math.round(size.width / factor)),
        height: Math.max(1, Math.round(size.height / factor)),
        deviceScaleFactor: factor,
        mobile: false,
      })
      .catch(ignoreGone);
  };
  const zoom = (next: number): void => {
    factor = next;
    void apply();
  };
  return {
    resize: (next) => {
      size = next;
      void apply();
    },
    zoom,
    zoomFactor: () => factor,
    zoomToLevel: (level) => zoom(1.2 ** level),
    zoomLevel: () => Math.log(factor) / Math.log(1.2),
    apply,
  };
}
