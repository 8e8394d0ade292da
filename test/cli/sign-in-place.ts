import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { createPlace, type Place, type Running } from "./command-line.ts";

export type SignInPlace = Place & {
  readonly technician: Readonly<Record<string, string | undefined>>;
  readonly selfService: Readonly<Record<string, string | undefined>>;
  /** A worker application of which nothing is configured but its client id. */
  readonly worker: Readonly<Record<string, string | undefined>>;
  readonly redirectPort: number;
  /** The address that the program wants to be opened: what the system's opener got, or what it printed. */
  readonly addressOf: (running: Running) => Promise<string>;
  /** Everything that the system's opener was started with: its arguments and its environment. */
  readonly openerSaw: () => Promise<string>;
  /** Grants that have not been revoked. */
  readonly openGrants: () => number;
};

/**
 * A place where people sign in: with an opener of pages that writes down what it gets and opens nothing, and a file as
 * key store. The sign-in goes to the simulator itself, because its tokens name its own address.
 */
export async function createSignInPlace(): Promise<SignInPlace> {
  const place = await createPlace({ redirectPorts: "any", pollingSeconds: 0.05 });
  const { folder, simulator } = place;
  const tools = join(folder, "tools");
  const seen = join(folder, "opened");
  await mkdir(tools);
  const opener = join(tools, "xdg-open");
  await writeFile(opener, `#!/bin/sh\n{ echo "$@"; tr '\\0' '\\n' </proc/$$/environ; } >>'${seen}'\n`);
  await chmod(opener, 0o755);
  const redirectPort = await freePort();
  const common = {
    PATH: [tools, place.environment["PATH"]].join(delimiter),
    DESKPAIR_AUTH_URL: simulator.authUrl,
    DESKPAIR_CLIENT_SECRET_FILE: undefined,
    DESKPAIR_REDIRECT_PORT: String(redirectPort),
    DESKPAIR_SECRET_STORE: "file",
  };
  return {
    ...place,
    technician: { ...common, DESKPAIR_MODE: "technician", DESKPAIR_CLIENT_ID: simulator.technicianClientId },
    selfService: { ...common, DESKPAIR_MODE: "self-service", DESKPAIR_CLIENT_ID: simulator.selfServiceClientId },
    worker: common,
    redirectPort,
    addressOf: async (running) => {
      await running.printed("code_challenge_method");
      await running.printed("\n");
      const address = /http:\/\/[^\s"]+\/as\/authorize[^\s"]+/.exec(running.everything())?.[0];
      if (address === undefined) throw new Error("No address was printed.");
      return address;
    },
    openerSaw: () => readFile(seen, "utf8"),
    openGrants: () => [...simulator.world.signIn.grants.values()].filter(({ revoked }) => !revoked).length,
  };
}

/** One that is free now; the simulator takes whichever it is. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
