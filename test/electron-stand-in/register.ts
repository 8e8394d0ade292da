import { enableCompileCache, registerHooks } from "node:module";
import { join } from "node:path";

/**
 * Points `electron` at the stand-in, for `import` and `require` alike. It runs before anything else (`node --import`),
 * so that neither the app nor Playwright's loader can reach the real package, which would try to download its binary.
 */
const standIn = new URL("./electron.ts", import.meta.url).href;
const names = new Set(["electron", "electron/main", "electron/common"]);

// Stripping the types of these files at every start would cost more than everything else that Node does until then.
enableCompileCache(join(import.meta.dirname, "../../node_modules/.cache/electron-stand-in"));

registerHooks({
  resolve: (specifier, context, next) =>
    names.has(specifier) ? { url: standIn, format: "module-typescript", shortCircuit: true } : next(specifier, context),
});
