/**
 * Node's HTTP clients, not imported but asked for.
 *
 * An `import` of `node:http` reads all its exports to make the module's namespace, and with them the getters behind
 * which Node keeps its own undici: some 25 ms at every start of the command line, for nothing. Asking for the module
 * leaves the getters alone. TLS takes another 10 ms and is loaded by whoever needs it.
 */
export const http = process.getBuiltinModule("node:http");
export const https = () => process.getBuiltinModule("node:https");
