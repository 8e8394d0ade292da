import { join } from "node:path";

/**
 * SECURITY: this user's own cache folder. Node's default is a folder in the shared temporary directory, where another
 * user of the machine could put code before us. `null`: no home is known, so no cache is kept.
 */
export function cacheFolder(): string | null {
  const { HOME, LOCALAPPDATA, XDG_CACHE_HOME } = process.env;
  if (process.platform === "win32") return LOCALAPPDATA ? join(LOCALAPPDATA, "DeskPair", "Cache") : null;
  if (process.platform === "darwin") return HOME ? join(HOME, "Library", "Caches", "DeskPair") : null;
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, "deskpair");
  return HOME ? join(HOME, ".cache", "deskpair") : null;
}
