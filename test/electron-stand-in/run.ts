import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startApp } from "./app.ts";
import { application, electronVersion, ownArguments } from "./application.ts";

/** What Electron's start program does for `electron <app>`: shape the process, run the app, then become ready. */
process.argv = [join(import.meta.dirname, "electron"), ...ownArguments];
Object.defineProperty(process, "type", { value: "browser" });
Object.defineProperty(process, "defaultApp", { value: true, enumerable: true });
Object.defineProperty(process, "resourcesPath", { value: join(application.path, "resources") });
Object.defineProperty(process.versions, "electron", { value: electronVersion, enumerable: true });

const require = createRequire(import.meta.url);
for (const module of application.preloads) require(module);
await import(pathToFileURL(application.entry).href);
await startApp();
