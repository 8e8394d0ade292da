import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createLoader } from "../src/cli/executable/loader.ts";
import { compiledSuffix } from "../src/cli/executable/parts.ts";

// `node executable-warm.ts FOLDER ARGUMENTS…`: runs the parts in the folder as the executable would, and leaves beside
// each one that was loaded what V8 compiled of it. Compiled right after loading it would hold no function that a pairing
// calls; compiled after a pairing it holds those, and no others.
const [folder = ""] = process.argv.splice(2, 1);
const { program, scripts } = createLoader({
  source: (name) => readFileSync(join(folder, name), "utf8"),
  compiled: () => null,
});
process.on("exit", (code) => {
  if (code !== 0) return;
  for (const [name, script] of scripts) writeFileSync(join(folder, name + compiledSuffix), script.createCachedData());
});
await program().main(process, "0");
