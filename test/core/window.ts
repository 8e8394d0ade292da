import { expect, onTestFinished } from "vitest";
import type { PairingStart, ProfileSave, SignIn } from "../../src/contract/ipc.ts";
import { defaultProfileSettings } from "../../src/contract/settings.ts";
import { type Snapshot, snapshotSchema } from "../../src/contract/views.ts";
import { type App, type AppOptions, createApp } from "../../src/core/app.ts";
import type { HttpResult, Ports } from "../../src/core/ports.ts";
import { soundComputer } from "../fakes/doctor-ports.ts";
import { type FakeFiles, memoryFiles } from "../fakes/files.ts";
import { failure, gate } from "../fakes/http.ts";
import { type FakePorts, fakePorts } from "../fakes/ports.ts";
import { environmentId, type Pretend, pretendPingOne, secrets } from "./pretend-pingone.ts";

export type Window = FakePorts & {
  readonly app: App;
  readonly server: Pretend;
  /** Every snapshot since the start, in order. */
  readonly seen: readonly Snapshot[];
  readonly phase: () => Snapshot["phase"];
  /** Resolves with the first snapshot, from now on, whose phase has one of these names. */
  readonly reaches: (...names: readonly Snapshot["phase"]["name"][]) => Promise<Snapshot>;
};

export const clientId = "9b04f7d3-6e28-4c51-8a9f-d2e7130c65b8";
export const profileName = "Test tenant";
/** A tenant with a worker application, as somebody types it. */
export const tenant: ProfileSave = {
  name: profileName,
  formerName: null,
  settings: { ...defaultProfileSettings, mode: "worker", region: "EU", environmentId, clientId },
};
export const withSecret: SignIn = { way: "secret", clientSecret: secrets.clientSecret, keep: false };

/** The window's application against the pretend PingOne. Each of its snapshots is held to what may leave main. */
export function openWindow(
  given: {
    readonly files?: FakeFiles;
    readonly configuration?: FakeFiles;
    readonly secrets?: Ports["secrets"];
    readonly probe?: FakePorts["ports"]["probeAgent"];
  } & Partial<AppOptions> = {},
): Window {
  const server = pretendPingOne();
  const world = fakePorts({
    pingOne: server.pingOne,
    agent: server.agent,
    files: given.files ?? memoryFiles(),
    configuration: given.configuration ?? memoryFiles(),
    ...(given.secrets === undefined ? {} : { secrets: given.secrets }),
    ...(given.probe === undefined ? {} : { probe: given.probe }),
  });
  const app = createApp(world.ports, {
    doctor: soundComputer,
    version: given.version ?? "1.2.3",
    rehearsal: given.rehearsal ?? null,
    ...(given.policy === undefined ? {} : { policy: given.policy }),
  });
  const seen: Snapshot[] = [];
  const waiting: { readonly names: readonly string[]; readonly resolve: (snapshot: Snapshot) => void }[] = [];
  // Gathered here and told at the end, because the app goes on when a listener throws.
  const violations: unknown[] = [];
  onTestFinished(() => {
    expect(violations).toEqual([]);
  });
  app.subscribe((snapshot) => {
    violations.push(...(snapshotSchema.safeParse(snapshot).error?.issues ?? []));
    for (const [name, secret] of Object.entries(secrets)) {
      if (JSON.stringify(snapshot).includes(secret)) violations.push(`a snapshot holds the ${name}`);
    }
    if (snapshot.revision <= (seen.at(-1)?.revision ?? -1)) violations.push(`revision ${snapshot.revision} came late`);
    seen.push(structuredClone(snapshot));
    for (const { names, resolve } of waiting) if (names.includes(snapshot.phase.name)) resolve(snapshot);
  });
  return {
    ...world,
    app,
    server,
    seen,
    phase: () => app.snapshot().phase,
    reaches: (...names) =>
      new Promise((resolve) => {
        waiting.push({ names, resolve });
      }),
  };
}

export const done = { ok: true, value: null } as const;

/** Saves the tenant, signs in and goes to the search, as a person does the first time. */
export async function enter({ app }: Pick<Window, "app">, save: ProfileSave = tenant): Promise<void> {
  expect(await app.commands["profile.save"](save)).toEqual(done);
  expect(await app.commands["session.signIn"](withSecret)).toEqual(done);
  expect(await app.commands["session.begin"](null)).toEqual(done);
}

/** A window that is signed in, with the user on the screen. */
export async function openUser(given: Parameters<typeof openWindow>[0] = {}): Promise<Window> {
  const window = openWindow(given);
  await enter(window);
  expect(await window.app.commands["user.find"]({ query: "ada" })).toEqual(done);
  expect(window.phase().name).toBe("user");
  return window;
}

export const start: Extract<PairingStart, { kind: "desktop" }> = {
  kind: "desktop",
  policyId: null,
  nickname: null,
  despiteExisting: false,
};

/** Starts a pairing and waits for its end. */
export async function paired(window: Window, input: PairingStart = start): Promise<Snapshot["phase"]> {
  const ended = window.reaches("paired", "failed");
  expect(await window.app.commands["pairing.start"](input)).toEqual(done);
  return (await ended).phase;
}

/** Holds a pairing at the agent until the test answers, or the pairing is cancelled. */
export function holdAgent({ server }: Window): {
  readonly asked: Promise<null>;
  readonly answer: (r: HttpResult) => void;
} {
  const asked = gate<null>();
  const answered = gate<HttpResult>();
  server.bend("register", (_healthy, _nth, request) => {
    request.signal?.addEventListener("abort", () => answered.open(failure("cancelled", true)));
    asked.open(null);
    return answered.passed;
  });
  return { asked: asked.passed, answer: answered.open };
}
