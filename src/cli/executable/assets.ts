import { getAssetKeys, getRawAsset } from "node:sea";

/** A part of the executable that this process runs from; nothing is copied. `null`: it has none of this name. */
export function assetOf(name: string): Uint8Array | null {
  return getAssetKeys().includes(name) ? new Uint8Array(getRawAsset(name)) : null;
}
