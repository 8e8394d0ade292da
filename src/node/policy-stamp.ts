import { lstat } from "node:fs/promises";

/** What changes when one of these files does: kind, owner, rights, size and times. Opens none of them. */
export async function stampOfFiles(paths: readonly string[]): Promise<string> {
  const stamps = await Promise.all(
    paths.map(async (path) => {
      const facts = await lstat(path, { bigint: true }).catch(() => null);
      if (facts === null) return `${path} none`;
      const { dev, ino, mode, uid, size, mtimeNs, ctimeNs } = facts;
      return [path, dev, ino, mode, uid, size, mtimeNs, ctimeNs].join(" ");
    }),
  );
  return stamps.join("\n");
}
