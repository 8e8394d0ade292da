import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { cacheFolder } from "./cache-folder.ts";
import { start } from "./entry.ts";

await start(() => {
  // Before the rest is loaded, so that the cache of compiled code covers it.
  const folder = cacheFolder();
  if (folder !== null) enableCompileCache(join(folder, "compiled"));
  return import("./main.ts");
});
