import { constants } from "node:fs";
import { access, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { FolderFacts } from "../core/doctor/ports.ts";

/**
 * Whether a folder can be written to, without writing: asks the system for the rights and the room. On Windows the
 * answer knows nothing of access lists, so it can be too good.
 */
export async function readFolderFacts(
  path: string,
  platform: NodeJS.Platform = process.platform,
): Promise<FolderFacts> {
  const own = await modeOf(path);
  const place = own === null ? await nearest(dirname(path)) : path;
  const [writable, room] = await Promise.all([isWritable(place), roomIn(place)]);
  return {
    path,
    exists: own !== null,
    writable,
    openToOthers: own === null || platform === "win32" ? null : (own & 0o077) !== 0,
    freeBytes: room,
  };
}

/** `null`: there is nothing of this name that we may look at. */
const modeOf = async (path: string): Promise<number | null> => (await stat(path).catch(() => null))?.mode ?? null;

/** The first folder above that is there. */
async function nearest(path: string): Promise<string> {
  const above = dirname(path);
  return above === path || (await modeOf(path)) !== null ? path : nearest(above);
}

const isWritable = (path: string): Promise<boolean> =>
  access(path, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );

async function roomIn(path: string): Promise<number | null> {
  const facts = await statfs(path).catch(() => null);
  return facts === null ? null : facts.bavail * facts.bsize;
}
