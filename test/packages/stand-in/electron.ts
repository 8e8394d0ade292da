import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { builderFolder } from "../../../scripts/package/builder.ts";

/**
 * Folders that look like an unpacked Electron to whoever packages one, for each of the three systems: the programs are
 * a few bytes, with the fuses in them. They pack like Electron and do not run.
 */
export async function makeElectronFolders(folder: string): Promise<void> {
  linux(join(folder, "linux-x64"));
  await windows(join(folder, "win32-x64"));
  mac(join(folder, "darwin-x64"));
}

/**
 * The fuses as Electron 45 comes: the sentinel that `@electron/fuses` looks for, version 1, nine of them, each `0` or
 * `1` (electronjs.org/docs/latest/tutorial/fuses).
 */
const fuseWire = Buffer.concat([
  Buffer.from("dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX"),
  Buffer.from([1, 9]),
  Buffer.from("101100011"),
]);

function linux(folder: string): void {
  program(
    join(folder, "electron"),
    Buffer.concat([
      Buffer.from("#!/bin/sh\necho 'a stand-in for Electron' >&2\nexit 70\n# "),
      fuseWire,
      Buffer.from("\n"),
    ]),
  );
  program(join(folder, "chrome-sandbox"), "#!/bin/sh\nexit 70\n");
  program(join(folder, "chrome_crashpad_handler"), "#!/bin/sh\nexit 70\n");
  file(join(folder, "libffmpeg.so"), "");
  common(folder);
}

/** The Windows program must be one: its resources are read and rewritten. */
async function windows(folder: string): Promise<void> {
  const { NtExecutable, NtExecutableResource, Resource }: ResourceEditor = await import(
    pathToFileURL(join(builderFolder, "node_modules/resedit/dist/index.mjs")).href
  );
  const executable = NtExecutable.createEmpty(false, false);
  const resources = NtExecutableResource.from(executable);
  const information = Resource.VersionInfo.createEmpty();
  information.setStringValues({ lang: 1033, codepage: 1200 }, { ProductName: "Electron", FileDescription: "Electron" });
  information.outputToResourceEntries(resources.entries);
  resources.outputResource(executable);
  program(join(folder, "electron.exe"), Buffer.concat([Buffer.from(executable.generate()), fuseWire]));
  file(join(folder, "ffmpeg.dll"), "");
  common(folder);
}

function mac(folder: string): void {
  const contents = join(folder, "Electron.app/Contents");
  const bundle = (at: string, name: string): void => {
    program(join(at, "MacOS", name), "stand-in");
    file(join(at, "Info.plist"), propertyList(name));
  };
  bundle(contents, "Electron");
  for (const helper of ["Helper", "Helper (GPU)", "Helper (Plugin)", "Helper (Renderer)"]) {
    bundle(join(contents, `Frameworks/Electron ${helper}.app/Contents`), `Electron ${helper}`);
  }
  const framework = join(contents, "Frameworks/Electron Framework.framework");
  program(join(framework, "Versions/A/Electron Framework"), fuseWire);
  symlinkSync("Versions/A/Electron Framework", join(framework, "Electron Framework"));
  for (const language of ["en", "de"]) {
    file(join(framework, `Versions/A/Resources/${language}.lproj/locale.pak`), "");
    file(join(contents, `Resources/${language}.lproj/InfoPlist.strings`), "");
  }
  file(join(folder, "LICENSE"), "Electron's licence\n");
  file(join(folder, "LICENSES.chromium.html"), "Chromium's licences\n");
  file(join(folder, "version"), "45.0.0");
}

function common(folder: string): void {
  file(join(folder, "LICENSE"), "Electron's licence\n");
  file(join(folder, "LICENSES.chromium.html"), "Chromium's licences\n");
  file(join(folder, "version"), "45.0.0");
  file(join(folder, "locales/en-US.pak"), "");
  file(join(folder, "locales/de.pak"), "");
  mkdirSync(join(folder, "resources"), { recursive: true });
}

const propertyList = (name: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
  <dict>
    <key>CFBundleExecutable</key><string>${name}</string>
    <key>CFBundleIdentifier</key><string>com.github.Electron</string>
    <key>CFBundleName</key><string>Electron</string>
    <key>CFBundlePackageType</key><string>APPL</string>
    <key>CFBundleVersion</key><string>45.0.0</string>
  </dict>
</plist>
`;

function file(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function program(path: string, content: string | Buffer): void {
  file(path, content);
  chmodSync(path, 0o755);
}

/** What we use of resedit, which electron-builder brings and the type check does not see. */
type ResourceEditor = {
  readonly NtExecutable: { createEmpty(is32Bit: boolean, isLibrary: boolean): { generate(): ArrayBuffer } };
  readonly NtExecutableResource: {
    from(executable: object): { readonly entries: readonly object[]; outputResource(executable: object): void };
  };
  readonly Resource: {
    readonly VersionInfo: {
      createEmpty(): {
        setStringValues(language: { lang: number; codepage: number }, values: Readonly<Record<string, string>>): void;
        outputToResourceEntries(entries: readonly object[]): void;
      };
    };
  };
};
