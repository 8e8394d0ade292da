import { join } from "node:path";
import { root } from "../processes.ts";
import { burnFuses } from "./fuses.ts";
import { signApp } from "./sign.ts";
import { appName, registryLibrary, type Stage } from "./stage.ts";

const packaging = (path: string): string => join(root, "packaging", path);

/** What electron-builder tells a hook. */
type Packed = {
  readonly appOutDir: string;
  readonly arch: number;
  readonly electronPlatformName: string;
  readonly packager: { readonly appInfo: { readonly productFilename: string } };
};

export type PackagingOptions = {
  readonly stage: Stage;
  /** Where the packages go. */
  readonly output: string;
  /** Folders `<platform>-<arch>` with an unpacked Electron each; without, electron-builder downloads it. */
  readonly electronFolders?: string;
  /** Without: a package for Windows or macOS that cannot be signed is not made. */
  readonly unsigned: boolean;
  readonly compression: "store" | "normal" | "maximum";
};

/** The program's file name on Linux. The command `deskpair` is another program. */
const linuxExecutable = "DeskPair";

/**
 * Windows finds an older DeskPair by these two, so they are the same for ever: with another one, an update would be a
 * second installation beside the first.
 */
const upgradeCode = "3601367E-6D84-45BA-A6B9-B40B36AE4473";
const installerGuid = "1b58cd09-7aca-424c-82ea-323cbe8abd13";

/**
 * The one configuration of electron-builder 26 (electron.build/configuration) for all three systems. Updates belong to
 * whoever manages the computer, so nothing in it publishes anything or writes the file that an updater would read.
 */
export function configuration({ stage, output, electronFolders, unsigned, compression }: PackagingOptions) {
  return {
    appId: appName,
    productName: "DeskPair",
    copyright: "Copyright © 2026 The DeskPair authors",
    electronVersion: stage.electron,
    directories: { output, buildResources: packaging("") },
    extraMetadata: { author: { name: "The DeskPair authors" }, homepage: "https://deskpair.example" },
    files: ["package.json", "out/**/*"],
    extraResources: [{ from: stage.resources, to: "." }],
    asar: true,
    compression,
    artifactName: "${productName}-${version}-${os}-${arch}.${ext}",
    // The page speaks English; a language of Chromium's own takes half a megabyte.
    electronLanguages: ["en-US"],
    publish: null,
    // Nothing of node_modules is shipped. Without this answer npm would be asked what there is, and told to rebuild it.
    beforeBuild: () => Promise.resolve(false),
    ...(electronFolders === undefined
      ? {}
      : {
          electronDist: ({ platformName, arch }: { readonly platformName: string; readonly arch: string }) =>
            join(electronFolders, `${platformName}-${arch}`),
        }),
    // Its own setting knows eight fuses and leaves out what is not said; ours decides all of them.
    afterPack: async ({ appOutDir, arch, electronPlatformName, packager }: Packed) => {
      const { productFilename } = packager.appInfo;
      const name = { win32: `${productFilename}.exe`, darwin: `${productFilename}.app` }[electronPlatformName];
      await burnFuses(join(appOutDir, name ?? linuxExecutable), arch === armOf64Bits ? "arm64" : "x64");
    },
    forceCodeSigning: !unsigned,

    win: {
      target: ["msi", "nsis"],
      icon: packaging("icons/icon.ico"),
      requestedExecutionLevel: "asInvoker",
      extraResources: [registryLibrary],
      signExts: [".node"],
    },
    msi: {
      artifactName: "${productName}-${version}-${arch}.${ext}",
      oneClick: true,
      perMachine: true,
      upgradeCode,
      runAfterFinish: false,
      createDesktopShortcut: false,
      createStartMenuShortcut: true,
    },
    nsis: {
      artifactName: "${productName}-${version}-${arch}-setup.${ext}",
      guid: installerGuid,
      // No questions: for all users or not at all.
      oneClick: true,
      perMachine: true,
      allowElevation: true,
      runAfterFinish: false,
      createDesktopShortcut: false,
      createStartMenuShortcut: true,
      deleteAppDataOnUninstall: false,
      // Both are for updaters.
      differentialPackage: false,
      packElevateHelper: false,
    },

    mac: {
      target: ["pkg"],
      icon: packaging("icons/icon.icns"),
      category: "public.app-category.utilities",
      minimumSystemVersion: "13.0",
      hardenedRuntime: true,
      gatekeeperAssess: false,
      entitlements: packaging("macos/entitlements.plist"),
      entitlementsInherit: packaging("macos/entitlements.plist"),
      sign: signApp,
      notarize: !unsigned,
      ...(unsigned ? { identity: null } : {}),
    },
    pkg: {
      artifactName: "${productName}-${version}-${arch}.${ext}",
      installLocation: "/Applications",
      // For all users, and there alone: a copy that somebody has moved is no place to update.
      allowAnywhere: false,
      allowCurrentUserHome: false,
      isRelocatable: false,
      overwriteAction: "upgrade",
      scripts: "macos/scripts",
    },

    linux: {
      target: ["deb", "rpm"],
      icon: packaging("icons/linux"),
      executableName: linuxExecutable,
      syncDesktopName: true,
      category: "System;Security;",
      maintainer: "The DeskPair authors <packages@deskpair.example>",
      vendor: "The DeskPair authors",
      synopsis: "Pairs workstations and security keys with PingOne MFA",
    },
    deb: {
      ...linuxPackage(stage),
      artifactName: "${name}_${version}_${arch}.${ext}",
      priority: "optional",
      depends: [
        "libasound2 | libasound2t64",
        "libatspi2.0-0 | libatspi2.0-0t64",
        "libgbm1",
        "libgtk-3-0 | libgtk-3-0t64",
        "libnotify4",
        "libnss3",
        "libsecret-1-0",
        "libuuid1",
        "libxss1",
        "libxtst6",
        "xdg-utils",
      ],
      // Signing in is kept only where a key store runs.
      recommends: ["gnome-keyring | kwalletmanager | keepassxc"],
    },
    rpm: {
      ...linuxPackage(stage),
      artifactName: "${name}-${version}.${arch}.${ext}",
      depends: [
        "(alsa-lib or libasound2)",
        "at-spi2-core",
        "(mesa-libgbm or libgbm1)",
        "(gtk3 or libgtk-3-0)",
        "libnotify",
        "(nss or mozilla-nss)",
        "libsecret",
        "(libuuid or libuuid1)",
        "(libXScrnSaver or libXss1)",
        "(libXtst or libXtst6)",
        "xdg-utils",
      ],
    },
  };
}

/** How electron-builder counts processors. */
const armOf64Bits = 3;

const linuxPackage = (stage: Stage) => ({
  packageName: "deskpair",
  packageCategory: "utils",
  afterInstall: packaging("linux/after-install.sh"),
  afterRemove: packaging("linux/after-remove.sh"),
  appArmorProfile: packaging("linux/apparmor-profile"),
  // The command and the documents, in the package itself: the system knows whose they are and takes them away again.
  fpm: [`${stage.linux}/=/`],
});
