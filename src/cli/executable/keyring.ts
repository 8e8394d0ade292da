import type { AsyncEntry as Entry } from "@napi-rs/keyring";
import { cacheFolder } from "../cache-folder.ts";
import { assetOf } from "./assets.ts";
import { loadLibrary } from "./library.ts";
import { keyringLibrary } from "./parts.ts";

// Inside the executable this file is `@napi-rs/keyring` (`scripts/executable.ts`): that package looks for its library in
// node_modules, and there are none. Like the package, it throws when it cannot be loaded; there is no key store then.
const library = assetOf(keyringLibrary);
if (library === null) throw new Error("This executable was built without the library of the key store.");

const loaded = loadLibrary(library, cacheFolder());
if (!isKeyring(loaded)) throw new Error("The library of the key store is another one.");

export const { AsyncEntry } = loaded;

function isKeyring(value: unknown): value is { readonly AsyncEntry: typeof Entry } {
  return typeof value === "object" && value !== null && "AsyncEntry" in value;
}
