import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../processes.ts";
import { builderFolder } from "./builder.ts";

/** What electron-builder hands over to be signed: options of `signAsync` (github.com/electron/osx-sign), as far as we read them. */
export type SignOptions = {
  readonly app: string;
  readonly optionsForFile?: (file: string) => object | null;
};

/**
 * Signs the app for macOS as electron-builder does, except that the command line gets entitlements of its own: it loads
 * the library of the key store, which is inside it and so has no signature of our team. electron-builder knows one file
 * for the app and one for all within it, and the app is to have no such right. Rejects when codesign does.
 */
export async function signApp(options: SignOptions): Promise<void> {
  const module: { readonly default: Signer } = await import(
    pathToFileURL(join(builderFolder, "node_modules/@electron/osx-sign/dist/cjs/index.js")).href
  );
  const command = join(options.app, "Contents/Resources/bin/deskpair");
  const entitlements = join(root, "packaging/macos/command-entitlements.plist");
  await module.default.signAsync({
    ...options,
    optionsForFile: (file) => {
      const general = options.optionsForFile?.(file) ?? null;
      return file === command ? { ...general, entitlements } : general;
    },
  });
}

type Signer = { readonly signAsync: (options: SignOptions) => Promise<void> };
