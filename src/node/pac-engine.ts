import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** What a PAC script runs in. The builds put both in here, so that no file has to travel with them. */

/** The bytes of QuickJS as WebAssembly. */
export const readEngine = (): Promise<Uint8Array<ArrayBuffer>> =>
  readFile(fileURLToPath(import.meta.resolve("quickjs-wasi/quickjs.wasm"))).then((bytes) => new Uint8Array(bytes));

/** The program of the thread: where it is, or its text. */
export const workerProgram: URL | string = new URL("./pac-worker.ts", import.meta.url);
