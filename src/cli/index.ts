import { enableCompileCache } from "node:module";
import { join } from "node:path";

/** Put in by the build (`scripts/build-cli.ts`) from package.json. */
declare const DESKPAIR_VERSION: string;

// Start-up time is what a fleet pays a thousand times, so this file loads next to nothing: it answers what needs no
// program, switches on the cache of compiled code, and only then loads the rest, which the cache thereby covers.
const [only, ...others] = process.argv.slice(2);
if (others.length === 0 && (only === "--version" || only === "-V")) {
  process.stdout.write(`${DESKPAIR_VERSION}\n`);
} else {
  const folder = cacheFolder();
  if (folder !== null) enableCompileCache(join(folder, "compiled"));
  const { main } = await import("./main.ts");
  await main(process, DESKPAIR_VERSION);
}

/**
 * SECURITY: this user's own cache folder. Node's default is a folder in the shared temporary directory, where another
 * user of the machine could put code before us. `null`: no home is known, so no cache is kept.
 */
function cacheFolder(): string | null {
  const { HOME, LOCALAPPDATA, XDG_CACHE_HOME } = process.env;
  if (process.platform === "win32") return LOCALAPPDATA ? join(LOCALAPPDATA, "DeskPair", "Cache") : null;
  if (process.platform === "darwin") return HOME ? join(HOME, "Library", "Caches", "DeskPair") : null;
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, "deskpair");
  return HOME ? join(HOME, ".cache", "deskpair") : null;
}
