import type { Files, HttpRequest, HttpResult, Ports } from "../../../src/core/ports.ts";

/**
 * A moment at which a process can end, or a cable be pulled: before and after everything that leaves the process.
 *
 * @param label what it was, e.g. `after http POST devices`
 * @param last what still happens if it ends here: half a line on the disk
 */
export type Moment = (label: string, last?: () => Promise<unknown>) => Promise<void>;

/** The same ports, with every moment told. */
export function withMoments(ports: Ports, moment: Moment): Ports {
  const around = async <T>(label: string, call: () => Promise<T>): Promise<T> => {
    await moment(`before ${label}`);
    const result = await call();
    await moment(`after ${label}`);
    return result;
  };
  const http =
    <R extends HttpRequest>(name: string, send: (request: R) => Promise<HttpResult>) =>
    (request: R): Promise<HttpResult> =>
      around(`${name} ${request.method} ${lastParts(request.url)}`, () => send(request));
  const { files, lock } = ports;
  const telling: Files = {
    read: (name) => around("read", () => files.read(name)),
    replace: (name, text) => around("replace", () => files.replace(name, text)),
    append: (name, text) =>
      around("append", async () => {
        await moment("in the middle of append", () => files.append(name, text.slice(0, text.length / 2)));
        return files.append(name, text);
      }),
    setAside: (name) => around("setAside", () => files.setAside(name)),
  };
  return {
    ...ports,
    http: http("http", ports.http),
    agentHttp: http("agent", ports.agentHttp),
    agentOwners: (port) => around("owners", () => ports.agentOwners(port)),
    probeAgent: (port) => around("probe", () => ports.probeAgent(port)),
    ceremony: (request) => around("ceremony", () => ports.ceremony(request)),
    files: telling,
    ...(lock === undefined ? {} : { lock: (name) => around("lock", () => lock(name)) }),
  };
}

/** The last words of an address, ids as `*`. */
const lastParts = (url: string): string =>
  new URL(url).pathname
    .split("/")
    .slice(-2)
    .map((part) => (/^[0-9a-f-]{36}$/.test(part) ? "*" : part))
    .join("/");
