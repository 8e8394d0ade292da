import * as fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { type RequestName, requestNames } from "../../src/contract/channels.ts";
import { appErrorSchema, ok } from "../../src/contract/errors.ts";
import { type Snapshot, snapshotSchema } from "../../src/contract/views.ts";
import { createApp } from "../../src/core/app.ts";
import type { HttpResult } from "../../src/core/ports.ts";
import { serve } from "../../src/main/ipc.ts";
import { requestSamples } from "../contract/samples.ts";
import { pretendPingOne, secrets, userId } from "../core/pretend-pingone.ts";
import { profileName, start, tenant, withSecret } from "../core/window.ts";
import { soundComputer } from "../fakes/doctor-ports.ts";
import { answer, failure, refusal, type Script } from "../fakes/http.ts";
import { fakePorts } from "../fakes/ports.ts";
import { limitMs, runs, tell } from "./runs.ts";

/** Any sequence of messages from the page, through main's own door, while answers come when they like. */

type Message = { readonly name: RequestName; readonly input: unknown; readonly gap: number };

const key = { kind: "fido2", policyId: null, nickname: null, authenticator: "key" } as const;
/** What a person at the window would send, in states in which something comes of it. */
const good: Partial<Record<RequestName, readonly unknown[]>> = {
  "profile.save": [tenant, { ...tenant, formerName: profileName, settings: { ...tenant.settings, production: true } }],
  "profile.choose": [{ name: profileName }, { name: "Unknown" }],
  "profile.remove": [{ name: profileName }],
  "session.signIn": [withSecret, { ...withSecret, keep: true }, { way: "kept" }, { way: "browser", keep: false }],
  "user.find": [{ query: "ada" }, { query: "nobody" }],
  "user.open": [{ userId }, { userId: "nobody" }],
  "device.remove": ["made-1", "made-2"].map((deviceId) => ({ deviceId, confirmed: true })),
  "pairing.start": [start, { ...start, despiteExisting: true }, key],
};
const goodInput = (name: RequestName) => fc.constantFrom(...(good[name] ?? [requestSamples[name].input]));

const gap = fc.nat(4);
const message: fc.Arbitrary<Message> = fc.constantFrom(...requestNames).chain((name) =>
  fc.record({
    name: fc.constant(name),
    input: fc.oneof(
      { weight: 6, arbitrary: goodInput(name) },
      { weight: 1, arbitrary: fc.constantFrom(...requestSamples[name].bad) },
      { weight: 1, arbitrary: fc.anything() },
    ),
    gap,
  }),
);
/** As far as a technician comes with nothing in the way; a story begins after some of it. */
const usualWay: readonly Message[] = [
  { name: "profile.save", input: tenant, gap: -1 },
  { name: "session.signIn", input: withSecret, gap: -1 },
  { name: "session.begin", input: null, gap: -1 },
  { name: "user.find", input: { query: "ada" }, gap: -1 },
  { name: "pairing.start", input: start, gap: 3 },
];
type Trouble = "reset" | "status-500" | "status-401" | "html";
const story = fc.record({
  /** How much of the usual way is gone first, each message answered before the next. */
  begin: fc.nat(usualWay.length),
  messages: fc.array(message, { minLength: 1, maxLength: 12 }),
  /** How late each answer comes, in turns of the event loop. */
  delays: fc.array(fc.nat(5), { minLength: 1, maxLength: 10 }),
  troubles: fc.array(fc.option(fc.constantFrom<Trouble>("reset", "status-500", "status-401", "html"), { freq: 8 }), {
    maxLength: 10,
  }),
});

const troubleOf: Readonly<Record<Trouble, HttpResult>> = {
  reset: failure("reset", true),
  "status-500": answer(500),
  "status-401": answer(401, refusal("ACCESS_FAILED")),
  html: answer(200, "<!doctype html>", { "content-type": "text/html" }),
};

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
};

type Told = typeof story extends fc.Arbitrary<infer T> ? T : never;

async function play({ begin, messages, delays, troubles }: Told) {
  const server = pretendPingOne();
  let asked = 0;
  const slow =
    (script: Script): Script =>
    async (request, index) => {
      asked += 1;
      const trouble = troubles[asked] ?? null;
      await turns(delays[asked % delays.length] ?? 0);
      if (trouble !== null) return troubleOf[trouble];
      try {
        return await script(request, index);
      } catch {
        // What the pretend PingOne does not serve, such as a sign-in with a browser.
        return answer(404, refusal("NOT_FOUND"));
      }
    };
  const { ports, logged, files } = fakePorts({ pingOne: slow(server.pingOne), agent: slow(server.agent) });
  const app = createApp(ports, { doctor: soundComputer, version: "1.2.3", rehearsal: null });
  const snapshots: Snapshot[] = [];
  app.subscribe((snapshot) => snapshots.push(structuredClone(snapshot)));
  await app.start();

  const doors = new Map<string, (sender: never, ...given: unknown[]) => Promise<unknown>>();
  const incidents: unknown[] = [];
  serve(
    { handle: (channel, listener) => void doors.set(channel, listener) },
    {
      handlers: { ...app.commands, "link.open": async () => ok(null) },
      trusts: () => true,
      recordIncident: (_event, thrown) => {
        incidents.push(thrown);
        return "incident-1";
      },
      log: ports.log,
    },
  );
  const answers: Promise<unknown>[] = [];
  for (const { name, input, gap: after } of [...usualWay.slice(0, begin), ...messages]) {
    const given = doors.get(name)?.({} as never, input) ?? Promise.reject(new Error(`Nobody serves ${name}.`));
    answers.push(given);
    if (after < 0) await given;
    else await turns(after);
  }
  const outcomes = await Promise.all(answers);
  await app.stop();
  const written = JSON.stringify([logged, [...files.contents.values()]]);
  return { app, server, snapshots, outcomes, incidents, written };
}

test("always an outcome, always a snapshot that fits, never a secret, never busy for ever", {
  timeout: limitMs,
}, async () => {
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", onUnhandled);
  onTestFinished(() => void process.off("unhandledRejection", onUnhandled));
  const phases = new Set<string>();

  await fc.assert(
    fc.asyncProperty(story, async (told) => {
      const { app, server, snapshots, outcomes, incidents, written } = await play(told);
      expect(incidents).toEqual([]);
      for (const outcome of outcomes) {
        expect(outcome).toHaveProperty("ok");
        const { error } = outcome as { readonly error?: unknown };
        if (error === undefined) continue;
        expect(appErrorSchema.safeParse(error).error).toBeUndefined();
        expect(error).not.toHaveProperty("code", "internal");
      }
      let revision = -1;
      for (const snapshot of [...snapshots, app.snapshot()]) {
        expect(snapshotSchema.safeParse(snapshot).error).toBeUndefined();
        expect(snapshot.revision).toBeGreaterThanOrEqual(revision);
        ({ revision } = snapshot);
        phases.add(snapshot.phase.name);
        const shown = JSON.stringify(snapshot);
        for (const secret of Object.values(secrets)) if (shown.includes(secret)) throw new Error("A secret was shown.");
      }
      for (const secret of Object.values(secrets)) if (written.includes(secret)) throw new Error("A secret was kept.");
      expect(app.snapshot().busy).toBeNull();
      expect(app.snapshot().phase.name).not.toBe("pairing");
      // Where nothing was in the way, nothing is half done.
      if (told.troubles.every((trouble) => trouble === null)) {
        expect([...server.devices.values()].filter(({ status }) => status !== "ACTIVE")).toEqual([]);
      }
      await turns(1);
      expect(unhandled).toEqual([]);
    }),
    { numRuns: runs },
  );
  tell("any sequence of messages from the page");
  // The stories would prove nothing if they never came to a pairing.
  for (const phase of ["signed-out", "user", "pairing", "paired", "failed"]) expect(phases).toContain(phase);
});
