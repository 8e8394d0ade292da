import { getAsset } from "node:sea";
import { start } from "../entry.ts";
import { assetOf } from "./assets.ts";
import { createLoader } from "./loader.ts";
import { compiledSuffix } from "./parts.ts";

// The main script of the single executable: what `index.ts` is for the command line in a folder. It keeps no cache of
// compiled code on the disk, because it carries one.
const { program } = createLoader({
  source: (name) => getAsset(name, "utf8"),
  compiled: (name) => assetOf(`${name}${compiledSuffix}`),
});

void start(program);
