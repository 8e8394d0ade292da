import { fail, ok } from "../contract/errors.ts";
import type { Decisions } from "../core/policy/precedence.ts";
import type { Ceremony, Files, Log, Ports, SecretStore } from "../core/ports.ts";
import { createFiles } from "../node/files.ts";
import { clock, hostName, random, systemPlatform } from "../node/host.ts";
import { createHttp } from "../node/http-node.ts";
import { holdLock, withLock } from "../node/lock.ts";
import { createLoopbackHttp, probe } from "../node/loopback.ts";
import { createSurveyPort, ownerOf } from "../node/port-owner.ts";
import type { Environment } from "./config-file.ts";
import { findRouteFor } from "./network.ts";
import type { SecretStoreKind } from "./setting-values.ts";

/**
 * The core's ports on this machine. Nothing is opened before it is used; and what only some commands use (the key store
 * with its native library, the listener, the opener of pages, locks) is loaded when it is asked for the first time,
 * because every start pays for what is loaded.
 */
export function createPorts(parts: {
  readonly folder: string;
  readonly secrets: SecretStore;
  readonly environment: Environment;
  /** What the organisation has decided; `unmanaged` against a simulator, to which none of it applies. */
  readonly policy: Decisions;
  readonly log: Log;
  readonly configuration?: Files;
  readonly ceremony?: Ceremony;
  /** Against a simulator in this very process. */
  readonly simulated?: boolean;
}): Ports {
  const { folder, environment } = parts;
  const ports: Ports = {
    http: createHttp(findRouteFor(environment, () => ports.policy())),
    agentHttp: createLoopbackHttp(),
    probeAgent: probe,
    agentOwners: createSurveyPort(environment),
    ceremony: parts.ceremony ?? noCeremony,
    // Asked only about what to expect; the ceremony itself knows whether its tools are there.
    authenticators: { platform: systemPlatform(), tools: "usable", simulated: parts.simulated === true },
    openPage: async (url) => {
      const { createPageOpener } = await import("../node/open-page.ts");
      return createPageOpener({ platform: systemPlatform(), environment })(url);
    },
    listenForCallback: async (request) => {
      const { createCallbackListener } = await import("../node/callback.ts");
      return createCallbackListener({ ownerOf })(request);
    },
    clock,
    random,
    files: createFiles(folder),
    configuration: parts.configuration ?? noFiles,
    secrets: parts.secrets,
    lock: (name) => holdLock(folder, name),
    inTurn: async (name, work) => (await import("../node/in-turn.ts")).createInTurn(folder)(name, work),
    readKeyFile: async (path) => (await import("../node/key-file.ts")).readKeyFile(path),
    policy: () => parts.policy,
    log: parts.log,
    hostName: hostName(),
  };
  return ports;
}

/** How long to wait for another process that changes what is kept. */
const turnMs = 10_000;

/** Where sign-ins are kept, by what the operator chose. */
export function createSecrets(kind: SecretStoreKind, folder: string): SecretStore {
  switch (kind) {
    case "system":
      return onceAsked(async () => (await import("../node/keyring.ts")).createKeyring());
    case "file":
      return onceAsked(async () => {
        const { createSecretFile } = await import("../node/secret-file.ts");
        return createSecretFile(createFiles(folder), (work) => withLock(folder, "secrets", work, { waitMs: turnMs }));
      });
    case "memory":
      return onceAsked(async () => (await import("../node/memory-secrets.ts")).memorySecrets());
    default:
      return kind satisfies never;
  }
}

/** A store that is made when it is asked for the first time. */
function onceAsked(make: () => Promise<SecretStore>): SecretStore {
  let made: Promise<SecretStore> | null = null;
  const store = (): Promise<SecretStore> => (made ??= make());
  return {
    kind: async () => (await store()).kind(),
    read: async (name) => (await store()).read(name),
    write: async (name, secret) => (await store()).write(name, secret),
    remove: async (name) => (await store()).remove(name),
  };
}

/** For a command that is about none of it. */
const noCeremony: Ceremony = async () =>
  fail({ code: "ceremony-unavailable", reason: "this command enrols no security keys" });
const noFiles: Files = {
  read: async () => ok(null),
  replace: async () => fail(notWritable),
  append: async () => fail(notWritable),
  setAside: async () => fail(notWritable),
};
const notWritable = { code: "storage-failed", operation: "write", problem: "nothing is to be written here" } as const;
