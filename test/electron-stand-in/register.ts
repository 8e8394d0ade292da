import { registerHooks } from "node:module";

/**
 * Points `electron` at the stand-in, for `import` and `require` alike. It runs before anything else (`node --import`),
 * so that neither the app nor Playwright's loader can reach the real package, which would try to download its binary.
 */
const standIn = new URL("./electron.ts", import.meta.url).href;
const names = new Set(["electron", "electron/main", "electron/common"]);

registerHooks({
  resolve: (specifier, context, next) =>
    next(names.has(specifier) ? standIn : specifier, context),
});
