import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** A key that is open. */
export type RegistryKey = { readonly registryKey?: never };

/**
 * What is used of native-reg 1.1.1: the functions of its library, called without the package around it
 * (github.com/simonbuchan/native-reg, `reg.cc`). All of them throw what the system reports, its number as `errno`.
 */
export type Registry = {
  /** `null`: there is no such key. */
  readonly openKey: (above: number, path: string, options: number, access: number) => RegistryKey | null;
  readonly enumKeyNames: (key: RegistryKey) => readonly string[];
  readonly enumValueNames: (key: RegistryKey) => readonly string[];
  /** Data as they lie in the registry, with the number of their type. `null`: there is no such value. */
  readonly queryValue: (key: RegistryKey, name: string) => (Buffer & { readonly type: number }) | null;
  readonly closeKey: (key: RegistryKey) => void;
};

/**
 * `null`: not Windows, or the library is not there or cannot be loaded here.
 *
 * SECURITY: only from the folders of this program. The package's own way looks into variables of the environment
 * (`NATIVE_REG_PREBUILD`) and beside any node.exe, and Node's climbs to `C:\node_modules`, which every user may make.
 */
export function loadRegistry(): Registry | null {
  if (process.platform !== "win32") return null;
  for (const place of places) {
    try {
      const file = place();
      const library: unknown = file === null ? null : createRequire(file)(file);
      if (isRegistry(library)) return library;
    } catch {
      // The next place, and after the last one reg.exe.
    }
  }
  return null;
}

/**
 * In the installed app, beside the installed command line, and with the sources or their build. A command line that was
 * copied somewhere has none of them: what lies around it may be anybody's.
 */
const places: readonly (() => string | null)[] = [
  () => {
    const resources: unknown = Reflect.get(process, "resourcesPath");
    return typeof resources === "string" ? join(resources, shipped) : null;
  },
  () => (isInstalled(process.execPath) ? join(dirname(process.execPath), "..", shipped) : null),
  () => (isCommandLine(process.execPath) ? null : join(import.meta.dirname, "../..", prebuilt)),
  () => (isCommandLine(process.execPath) ? null : join(import.meta.dirname, "../../..", prebuilt)),
];

/** The one file, wherever it lies: never node.exe. */
const isCommandLine = (program: string): boolean => /[\\/]deskpair\.exe$/i.test(program);
/** Where the installer puts it, and where only administrators write. */
const isInstalled = (program: string): boolean => /[\\/]resources[\\/]bin[\\/]deskpair\.exe$/i.test(program);

const shipped = "native/registry.node";
const prebuilt = join("node_modules/native-reg/prebuilds", `win32-${process.arch}`, "node.napi.node");

/** Its functions are on its prototype, where they cannot be listed. */
function isRegistry(value: unknown): value is Registry {
  if (typeof value !== "object" || value === null) return false;
  const names = ["openKey", "enumKeyNames", "enumValueNames", "queryValue", "closeKey"] as const;
  return names.every((name) => typeof Reflect.get(value, name) === "function");
}
