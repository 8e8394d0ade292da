import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** The bytes of QuickJS as WebAssembly. The builds put them in here, so that no file has to travel with them. */
export const readEngine = (): Promise<Uint8Array<ArrayBuffer>> =>
  readFile(fileURLToPath(import.meta.resolve("quickjs-wasi/quickjs.wasm"))).then((bytes) => new Uint8Array(bytes));
