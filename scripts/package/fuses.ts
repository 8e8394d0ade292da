import { FuseV1Options, FuseVersion, flipFuses } from "@electron/fuses";

/**
 * Every switch that is burnt into the Electron binary, decided. The type names all there are: with an Electron that
 * brings another one and an `@electron/fuses` that knows it, this file does not compile until somebody has decided.
 */
export const fuses: Readonly<Record<FuseV1Options, boolean>> = {
  // A signed program that runs any script is what malware looks for.
  [FuseV1Options.RunAsNode]: false,
  [FuseV1Options.EnableCookieEncryption]: true,
  // NODE_OPTIONS could load code, and NODE_EXTRA_CA_CERTS could add an authority: both from the user's environment.
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  [FuseV1Options.EnableNodeCliInspectArguments]: false,
  // These two go together: only the archive is loaded, and only as it was packed. Linux has no check of the archive;
  // there, root owns the folder.
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  // We ship no such snapshot; without it Electron would not start.
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  // The page comes from our own scheme. Nothing is loaded from file:.
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  [FuseV1Options.WasmTrapHandlers]: true,
};

/**
 * Burns them in. `program` is the executable, or the `.app`. Throws when the binary has a fuse that is not decided, or
 * lacks one that is. Must happen before signing.
 */
export async function burnFuses(program: string, arch: string): Promise<void> {
  await flipFuses(program, {
    version: FuseVersion.V1,
    strictlyRequireAllFuses: true,
    // The Macs with Apple's processors run nothing unsigned: the signature that Electron came with is broken now.
    resetAdHocDarwinSignature: process.platform === "darwin" && arch === "arm64" && program.endsWith(".app"),
    ...fuses,
  });
}
