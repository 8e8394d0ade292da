import { join } from "node:path";
import { build } from "vite";
import { root } from "./processes.ts";

/**
 * Builds the page of the enrolment window into `out/enrolment`: exactly one document and one script, because the app
 * serves exactly these two under the relying party's address. Throws when the build makes anything else.
 *
 * A build of its own, beside that of the app's pages: sharing one would let the bundler split a file that both use.
 */
export async function buildEnrolment(folder: string = join(root, "out/enrolment")): Promise<void> {
  const built = await build({
    configFile: false,
    root: join(root, "src/enrolment"),
    logLevel: "warn",
    build: {
      outDir: folder,
      emptyOutDir: true,
      // The Chromium in Electron 45. Nothing older ever runs it.
      target: "chrome156",
      minify: true,
      modulePreload: false,
      rolldownOptions: { output: { entryFileNames: "page.js" } },
    },
  });
  const files = [built].flat().flatMap((each) => ("output" in each ? each.output.map(({ fileName }) => fileName) : []));
  if (files.toSorted().join() !== "index.html,page.js") {
    throw new Error(`The enrolment page must be index.html and page.js, not ${files.join(", ")}.`);
  }
}

if (import.meta.main) await buildEnrolment();
