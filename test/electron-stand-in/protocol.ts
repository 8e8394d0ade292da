import type * as Electron from "electron";
import { isCustomScheme, registerScheme } from "./aliases.ts";
import { browserRunning } from "./browser.ts";
import { covered, notCovered } from "./coverage.ts";
import { note } from "./record.ts";

export type ProtocolHandler = Parameters<Electron.Protocol["handle"]>[1];

/** The schemes that one session answers by itself. */
export type Protocols = {
  readonly protocol: Pick<Electron.Protocol, "handle" | "unhandle" | "isProtocolHandled">;
  readonly handlerOf: (scheme: string) => ProtocolHandler | undefined;
};

const builtIn = new Set(["http", "https"]);

export function createProtocols(): Protocols {
  const handlers = new Map<string, ProtocolHandler>();
  return {
    protocol: covered("protocol", {
      handle: (scheme, handler) => {
        if (handlers.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`);
        if (!builtIn.has(scheme) && !isCustomScheme(scheme)) {
          throw notCovered(`protocol.handle('${scheme}') without registerSchemesAsPrivileged`);
        }
        handlers.set(scheme, handler);
      },
      unhandle: (scheme) => {
        if (!handlers.delete(scheme)) throw new Error(`Failed to unhandle protocol: ${scheme}`);
      },
      isProtocolHandled: (scheme) => handlers.has(scheme),
    }),
    handlerOf: (scheme) => handlers.get(scheme),
  };
}

export const registerSchemesAsPrivileged: Electron.Protocol["registerSchemesAsPrivileged"] = (schemes) => {
  if (browserRunning()) {
    throw new Error("protocol.registerSchemesAsPrivileged should be called before app is ready");
  }
  note("protocol.registerSchemesAsPrivileged", schemes);
  for (const { scheme, privileges } of schemes) {
    // The alias of a scheme is an https address: standard, secure and subject to the page's policy.
    if (!privileges?.standard || !privileges.secure)
      throw notCovered(`the scheme '${scheme}' unless standard and secure`);
    for (const privilege of ["bypassCSP", "allowServiceWorkers", "allowExtensions"] as const) {
      if (privileges[privilege]) throw notCovered(`the privilege ${privilege} of the scheme '${scheme}'`);
    }
    registerScheme(scheme);
  }
};
