import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root, runNode, tool } from "./processes.ts";

/** Whether the window can be shown here; if not, why, in half a sentence. */
export type ElectronHost =
  | { readonly usable: true; readonly binary: string }
  | { readonly usable: false; readonly why: string };

/** The Electron binary, if it has been downloaded. The package itself carries none. */
export function electronBinary(): string | null {
  const folder = tool("electron");
  const pathFile = join(folder, "path.txt");
  if (!existsSync(pathFile)) return null;
  const binary = join(folder, "dist", readFileSync(pathFile, "utf8").trim());
  return existsSync(binary) ? binary : null;
}

/**
 * Finds out whether the app can be opened, downloading Electron if that is all that is missing. Cheap reasons come
 * first: nothing is downloaded for a machine without a display.
 */
export async function findElectron(): Promise<ElectronHost> {
  if (process.platform === "linux") {
    if (!process.env["DISPLAY"] && !process.env["WAYLAND_DISPLAY"])
      return { usable: false, why: "there is no display" };
    if (process.getuid?.() === 0) return { usable: false, why: "Electron does not run as root" };
  }
  const present = electronBinary();
  if (present !== null) return { usable: true, binary: present };
  process.stderr.write("Downloading Electron …\n");
  await runNode([tool("electron/install.js")], { quiet: true, cwd: root });
  const downloaded = electronBinary();
  return downloaded === null
    ? { usable: false, why: "the Electron binary cannot be downloaded" }
    : { usable: true, binary: downloaded };
}
