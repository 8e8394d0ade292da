import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { brotliCompressSync } from "node:zlib";

/**
 * Puts the WebAssembly that PAC scripts run in into the code that loads it, which is a file of its own in the builds: so
 * nothing has to be found beside the program, wherever it is installed and however it is packed. Compressed, because it is
 * a third of what the app would weigh, for a script that few networks have.
 */
export const embeddedEngine = {
  name: "embedded-engine",
  load: (id: string): string | null => {
    if (!/[\\/]src[\\/]node[\\/]pac-engine\.ts$/.test(id)) return null;
    // Not import.meta.resolve: the test runner, which builds the command line before some tests, has none.
    const bytes = readFileSync(createRequire(import.meta.url).resolve("quickjs-wasi/quickjs.wasm"));
    const text = brotliCompressSync(bytes).toString("base64");
    return [
      'import { brotliDecompressSync } from "node:zlib";',
      "export const readEngine = async () =>",
      `  new Uint8Array(brotliDecompressSync(Buffer.from("${text}", "base64")));`,
    ].join("\n");
  },
};
