import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type VerifiedRegistrationResponse, verifyRegistrationResponse } from "@simplewebauthn/server";
import { onTestFinished, vi } from "vitest";
import type { Outcome } from "../../src/contract/errors.ts";
import { type CheckedAuthenticator, type Credential, checkCredential } from "../../src/core/fido2/credential.ts";
import { type CreationOptions, readCreationOptions } from "../../src/core/fido2/options.ts";
import type { CeremonyRequest, Clock } from "../../src/core/ports.ts";
import { createToolCeremony, type Fido2Person } from "../../src/node/fido2-ceremony.ts";
import { clock as systemClock } from "../../src/node/host.ts";
import { type InstalledTools, installTools } from "../fakes/fido2-tools/installed.ts";
import { recordingLog } from "../fakes/log.ts";

/** Every ceremony starts three programs, and the machine may have other things to do. */
const patience = 60_000;
vi.setConfig({ testTimeout: patience });

/** Waits until something can be seen of the tools, which write files and die in their own time. */
export const seen = (look: () => void): Promise<void> => vi.waitFor(look, { timeout: patience, interval: 20 });

/** The vendor's own example of a reply, so that what reaches the tool has gone the whole way. */
const sample: { publicKeyCredentialCreationOptions: string } = JSON.parse(
  readFileSync(new URL("../samples/create-fido2.response.json", import.meta.url), "utf8"),
);

export const origin = "https://apps.pingone.com";

type Selection = CreationOptions["authenticatorSelection"];

export function creationOptions(
  selection: Partial<Selection> = {},
  change: Partial<CreationOptions> = {},
): CreationOptions {
  const read = readCreationOptions(sample.publicKeyCredentialCreationOptions);
  if (!read.ok) throw new Error(read.error.code);
  const authenticatorSelection = { ...read.value.authenticatorSelection, ...selection };
  return { ...read.value, ...change, authenticatorSelection };
}

/** Nothing but a key that somebody touches. */
export const touchOnly = {
  residentKey: "discouraged",
  requireResidentKey: false,
  userVerification: "discouraged",
} as const;

/** The time is up when the test says so; every other wait is over at once. */
export function handClock(): Clock & { readonly ring: () => void } {
  const rung = new AbortController();
  return {
    ...systemClock,
    wait: (ms, signal) => {
      const ends = [rung.signal, ...(signal === undefined ? [] : [signal])];
      return ms === timeoutMs ? systemClock.wait(2 ** 31 - 1, AbortSignal.any(ends)) : systemClock.wait(0, signal);
    },
    ring: () => rung.abort(),
  };
}

/** One that no part of the ceremony uses for anything else. */
export const timeoutMs = 119_000;

export type Bench = {
  readonly installed: InstalledTools;
  readonly log: ReturnType<typeof recordingLog>;
  readonly clock: ReturnType<typeof handClock>;
  /** What the person was told and asked, in order: `touch`, `pin 8`. */
  readonly heard: readonly string[];
  readonly enrol: (request?: Partial<CeremonyRequest>) => Promise<Outcome<Credential>>;
};

/** Pretend tools, a person, and a ceremony that joins them. */
export function bench(person: Partial<Fido2Person> = {}, patienceMs = 0): Bench {
  const installed = installTools();
  onTestFinished(() => {
    // After a test that failed half-way a tool may still wait for something.
    for (const pid of alive(installed)) process.kill(pid, "SIGKILL");
    installed.remove();
  });
  // A temporary folder of its own, because other tests look into theirs at the same time.
  const temporary = join(installed.folder, "temporary");
  mkdirSync(temporary);
  vi.stubEnv("TMPDIR", temporary);
  onTestFinished(() => void vi.unstubAllEnvs());
  const log = recordingLog();
  const clock = handClock();
  const heard: string[] = [];
  const ceremony = createToolCeremony({
    tools: installed.tools,
    log: log.log,
    clock,
    patienceMs,
    person: {
      askPin: async (remaining, signal) => {
        heard.push(`pin ${remaining}`);
        return (await person.askPin?.(remaining, signal)) ?? null;
      },
      tell: (what) => {
        heard.push(what);
        person.tell?.(what);
      },
    },
  });
  return {
    installed,
    log,
    clock,
    heard,
    enrol: (request = {}) =>
      ceremony({
        origin,
        options: creationOptions(touchOnly),
        wanted: "key",
        timeoutMs,
        signal: new AbortController().signal,
        ...request,
      }),
  };
}

export const types = (pin: string) => ({ askPin: async (): Promise<Uint8Array> => new TextEncoder().encode(pin) });

export type Verdict = {
  readonly ours: CheckedAuthenticator;
  readonly theirs: NonNullable<VerifiedRegistrationResponse["registrationInfo"]>;
};

/** What our own check and an independent verifier make of a credential. Throws when either refuses it. */
export async function verify(outcome: Outcome<Credential>, options: CreationOptions): Promise<Verdict> {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.error));
  const credential = outcome.value;
  const ours = await checkCredential(credential, options, origin);
  if (!ours.ok) throw new Error(JSON.stringify(ours.error));
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    response: {
      id: credential.id,
      rawId: credential.rawId,
      type: credential.type,
      clientExtensionResults: {},
      response: {
        clientDataJSON: credential.response.clientDataJSON,
        attestationObject: credential.response.attestationObject,
      },
    },
    expectedChallenge: options.challenge,
    expectedOrigin: origin,
    expectedRPID: options.rp.id,
    requireUserVerification: options.authenticatorSelection.userVerification === "required",
    supportedAlgorithmIDs: options.pubKeyCredParams.map(({ alg }) => alg),
  });
  if (!verified || registrationInfo === undefined) throw new Error("The independent verifier refused the signature.");
  return { ours: ours.value, theirs: registrationInfo };
}

/** Of the processes of all runs, those that still do something. A zombie does nothing. */
export function alive(installed: InstalledTools): readonly number[] {
  return installed
    .runs()
    .flatMap(({ pid, children }) => [pid, ...children])
    .filter((pid) => {
      const file = `/proc/${pid}/stat`;
      return existsSync(file) && !/^\d+ \(.*\) [ZX] /s.test(readFileSync(file, "utf8"));
    });
}

/** What the ceremony has put into the temporary folder and not taken away. */
export const leftovers = (): readonly string[] => readdirSync(tmpdir());
