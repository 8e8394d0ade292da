import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { signInAt } from "./browser.ts";
import type { Running, StartOptions } from "./command-line.ts";
import { createSignInPlace, type SignInPlace } from "./sign-in-place.ts";

/**
 * Secrets are searched for in what every run of these tests has printed, logged and kept. Here, besides, in what other
 * users and programs of the computer could see of the process and of everything that it starts, in every way in which
 * it gets one.
 */

const pair = ["pair", "desktop", "--user", "ada@example.com"];

/** Arguments and environment of the process, while it waits for the person at the workstation. */
async function visibleOf(running: Running): Promise<string> {
  const folder = `/proc/${running.child.pid}`;
  const [line, environment] = await Promise.all([
    readFile(join(folder, "cmdline"), "utf8"),
    readFile(join(folder, "environ"), "utf8"),
  ]);
  return `${line}\n${environment}`;
}

type Way = {
  readonly what: string;
  readonly args?: readonly string[];
  readonly before?: (place: SignInPlace, environment: StartOptions["environment"]) => Promise<void>;
  readonly environment: (place: SignInPlace) => Promise<NonNullable<StartOptions["environment"]>>;
  readonly stdin?: (place: SignInPlace) => string;
  readonly person?: (place: SignInPlace, running: Running) => Promise<void>;
};

const inBrowser = async (place: SignInPlace, running: Running): Promise<void> => {
  await signInAt(await place.addressOf(running), "admin");
};
const withCode = async (_place: SignInPlace, running: Running): Promise<void> => {
  await running.printed("Ctrl-C gives up.");
  const [, address = "", code = ""] =
    /Open (\S+) on any device, and enter the code (\S+)/.exec(running.everything()) ?? [];
  await signInAt(`${address}?user_code=${code}`, "admin");
};
const secretFile = async (place: SignInPlace): Promise<string> => {
  const file = join(place.folder, "the-secret");
  await writeFile(file, place.simulator.clientSecret, { mode: 0o600 });
  return file;
};
const keyed = async (place: SignInPlace) => {
  const file = join(place.folder, "the-key.pem");
  await writeFile(file, place.simulator.workerKeyPem, { mode: 0o600 });
  return { ...place.worker, DESKPAIR_CLIENT_ID: place.simulator.workerKeyClientId, DESKPAIR_CLIENT_KEY_FILE: file };
};

const ways: readonly Way[] = [
  {
    what: "a secret file",
    environment: async (place) => ({ ...place.worker, DESKPAIR_CLIENT_SECRET_FILE: await secretFile(place) }),
  },
  {
    what: "a secret file, sent in the body",
    environment: async (place) => ({
      ...place.worker,
      DESKPAIR_CLIENT_SECRET_FILE: await secretFile(place),
      DESKPAIR_CLIENT_AUTHENTICATION: "secret-post",
    }),
  },
  {
    what: "a secret file, as the key of a signature",
    environment: async (place) => ({
      ...place.worker,
      DESKPAIR_CLIENT_SECRET_FILE: await secretFile(place),
      DESKPAIR_CLIENT_AUTHENTICATION: "secret-jwt",
    }),
  },
  {
    what: "a secret on standard input",
    environment: async (place) => ({ ...place.worker, DESKPAIR_CLIENT_SECRET_FILE: "-" }),
    stdin: (place) => place.simulator.clientSecret,
  },
  { what: "a key file", environment: keyed },
  {
    what: "a secret that is kept",
    environment: async (place) => place.worker,
    before: async (place, environment = {}) => {
      const stdin = place.simulator.clientSecret;
      expect((await place.run(["auth", "login"], { environment, stdin })).code).toBe(0);
    },
  },
  {
    what: "a sign-in that is kept",
    environment: async (place) => place.technician,
    before: async (place, environment = {}) => {
      const running = place.start(["auth", "login"], { environment });
      await inBrowser(place, running);
      expect((await running.ended).code).toBe(0);
    },
  },
  {
    what: "the browser",
    args: ["--sign-in", "browser"],
    environment: async (place) => place.technician,
    person: inBrowser,
  },
  {
    what: "a device code",
    args: ["--sign-in", "device-code"],
    environment: async (place) => place.technician,
    person: withCode,
  },
];

test.each(ways)("$what: nothing of it is seen", async ({ args = [], before, environment, stdin, person }) => {
  const place = await createSignInPlace();
  const temporary = join(place.folder, "temporary");
  await mkdir(temporary);
  const variables = { ...(await environment(place)), TMPDIR: temporary };
  await before?.(place, variables);
  place.simulator.setFault("agent-silent");
  const running = place.start([...pair, ...args], {
    environment: variables,
    ...(stdin === undefined ? {} : { stdin: stdin(place) }),
  });
  await person?.(place, running);
  await running.printed("Now approve");
  const visible = await visibleOf(running);
  expect(visible).toContain("DESKPAIR_API_URL");
  running.child.kill("SIGINT");
  const run = await running.ended;
  expect(run.code, run.stderr).toBe(130);
  const opener = await place.openerSaw().catch(() => "");
  const { codes, refreshTokens, deviceCodes } = place.simulator.world.signIn;
  const { clientSecret, workerKeyPem } = place.simulator;
  const keyLine = workerKeyPem.split("\n")[1] ?? "";
  const secrets = [clientSecret, keyLine, ...codes.keys(), ...refreshTokens.keys(), ...deviceCodes.keys()];
  for (const secret of [...secrets, ...place.gateway.secrets]) {
    expect(`${visible}\n${opener}`.includes(secret)).toBe(false);
  }
  // A browser is told the address and nothing about us.
  expect(opener).not.toContain("DESKPAIR_");
  expect(await readdir(temporary)).toEqual([]);
});
