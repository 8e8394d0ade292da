import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { rolldown } from "rolldown";

/** What is embedded here is in every build, and no note or map of a build names it. */
export const embeddedPackage = "node_modules/quickjs-wasi";

/**
 * Puts what PAC scripts run in, the WebAssembly and the program of the thread, into the code that loads them, which is a
 * file of its own in the builds: so nothing has to be found beside the program, wherever it is installed and however it
 * is packed. The WebAssembly compressed, because it is a third of what the app would weigh, for a script that few
 * networks have.
 */
export const embeddedEngine = {
  name: "embedded-engine",
  load: async (id: string): Promise<string | null> => {
    if (!/[\\/]src[\\/]node[\\/]pac-engine\.ts$/.test(id)) return null;
    // Not import.meta.resolve: the test runner, which builds the command line before some tests, has none.
    const bytes = readFileSync(createRequire(import.meta.url).resolve("quickjs-wasi/quickjs.wasm"));
    const text = brotliCompressSync(bytes).toString("base64");
    return [
      'import { brotliDecompressSync } from "node:zlib";',
      "export const readEngine = async () =>",
      `  new Uint8Array(brotliDecompressSync(Buffer.from("${text}", "base64")));`,
      `export const workerProgram = ${JSON.stringify(await threadProgram(join(dirname(id), "pac-worker.ts")))};`,
    ].join("\n");
  },
};

/** CommonJS: the one form in which a thread takes its program as a text. */
async function threadProgram(input: string): Promise<string> {
  const bundle = await rolldown({ input, platform: "node", logLevel: "warn" });
  const { output } = await bundle.generate({ format: "cjs", minify: true });
  await bundle.close();
  if (output.length !== 1) throw new Error("The program of the thread for PAC scripts is not one file.");
  return output[0].code;
}
