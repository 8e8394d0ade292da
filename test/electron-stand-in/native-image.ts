import { readFileSync } from "node:fs";
import type * as Electron from "electron";
import { covered } from "./coverage.ts";

type Image = Pick<Electron.NativeImage, "getSize" | "isEmpty" | "toDataURL" | "toPNG">;

/** An image that is PNG data. Nothing is decoded; the size is read from the header (https://www.w3.org/TR/png-3/#11IHDR). */
export function createImage(png: Buffer): Electron.NativeImage {
  const hasHeader = png.length >= 24 && png.toString("latin1", 12, 16) === "IHDR";
  return covered<Image>("NativeImage", {
    isEmpty: () => png.length === 0,
    getSize: () =>
      hasHeader ? { width: png.readUInt32BE(16), height: png.readUInt32BE(20) } : { width: 0, height: 0 },
    toPNG: () => png,
    toDataURL: () => `data:image/png;base64,${png.toString("base64")}`,
  }) as Electron.NativeImage;
}

export const nativeImage = covered("nativeImage", {
  createEmpty: () => createImage(Buffer.alloc(0)),
  createFromBuffer: (png) => createImage(png),
  createFromPath: (path) => {
    try {
      return createImage(readFileSync(path));
    } catch {
      // Electron gives an empty image for a file that is not there.
      return createImage(Buffer.alloc(0));
    }
  },
} satisfies Pick<typeof Electron.nativeImage, "createEmpty" | "createFromBuffer" | "createFromPath">);
