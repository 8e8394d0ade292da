import { describe, expect, test } from "vitest";
import { type RequestName, requestNames } from "../../src/contract/channels.ts";
import { fail, type Outcome, ok } from "../../src/contract/errors.ts";
import type { Handlers } from "../../src/contract/ipc.ts";
import type { LogFields, LogLevel } from "../../src/core/ports.ts";
import { createIncidentRecorder } from "../../src/main/incident.ts";
import { serve } from "../../src/main/ipc.ts";
import { messageLimit } from "../../src/main/message-size.ts";
import { isTrusted, type SenderEvent } from "../../src/main/sender.ts";
import { requestSamples } from "./samples.ts";

/** The page's side of every channel, with main's own trust check, and the log of what main wrote down. */
function openChannels(run: (name: RequestName, input: unknown) => Promise<Outcome<unknown>>) {
  const page = { name: "our page" };
  const home = "app://deskpair/index.html";
  const lines: { readonly level: LogLevel; readonly event: string; readonly fields: LogFields }[] = [];
  const log = (level: LogLevel, event: string, fields: LogFields = {}): void => {
    lines.push({ level, event, fields });
  };
  const listeners = new Map<string, (event: SenderEvent, ...messages: unknown[]) => Promise<unknown>>();
  const handlers = Object.fromEntries(requestNames.map((name) => [name, (input: unknown) => run(name, input)]));
  serve(
    {
      handle: (channel, listener) => {
        listeners.set(channel, listener);
      },
    },
    {
      handlers: handlers as Handlers,
      trusts: (event) => isTrusted(event, { contents: () => [page], url: home }),
      recordIncident: createIncidentRecorder(log, { uuid: () => "incident-1", fraction: () => 0 }),
      log,
    },
  );
  const ours: SenderEvent = { sender: page, senderFrame: { url: home, parent: null } };
  return {
    page,
    ours,
    lines,
    channels: [...listeners.keys()],
    send: (name: string, messages: readonly unknown[], event: SenderEvent = ours) => {
      const listener = listeners.get(name);
      if (listener === undefined) throw new Error(`Nobody serves ${name}.`);
      // As Electron does: what arrives is a copy.
      return listener(event, ...structuredClone(messages));
    },
  };
}

const good = (name: RequestName) => async (): Promise<Outcome<unknown>> => ok(requestSamples[name].output);
const refused = (reason: string) => ({ ok: false, error: { code: "message-refused", reason } });

test("21, 23: exactly the channels of the contract are served", () => {
  expect(openChannels(good("app.snapshot")).channels.toSorted()).toEqual([...requestNames].toSorted());
});

test("every channel has samples", () => {
  expect(Object.keys(requestSamples).toSorted()).toEqual([...requestNames].toSorted());
  for (const name of requestNames) expect(requestSamples[name].bad.length).toBeGreaterThan(0);
});

describe.each(requestNames)("%s", (name) => {
  const sample = requestSamples[name];

  test("a good message reaches the handler parsed, and the answer comes back", async () => {
    const received: unknown[] = [];
    const { send, lines } = openChannels(async (channel, input) => {
      received.push([channel, input]);
      return ok(sample.output);
    });
    expect(await send(name, [sample.input])).toEqual({ ok: true, value: sample.output });
    expect(received).toEqual([[name, sample.input]]);
    expect(lines).toEqual([]);
  });

  test("an expected failure comes back as it is", async () => {
    const error = { code: "agent-missing", port: 9410 } as const;
    const { send } = openChannels(async () => fail(error));
    expect(await send(name, [sample.input])).toEqual({ ok: false, error });
  });

  test.each(sample.bad.map((bad) => [bad]))("24, 27: %j is refused, and not written down", async (bad) => {
    const { send, lines } = openChannels(() => Promise.reject(new Error("must not run")));
    expect(await send(name, [bad])).toEqual(refused("malformed"));
    expect(lines).toEqual([{ level: "warn", event: "ipc.refused", fields: { channel: name, reason: "malformed" } }]);
  });

  test("24: no message, two messages, and an unknown key are refused", async () => {
    const { send } = openChannels(() => Promise.reject(new Error("must not run")));
    expect(await send(name, [])).toEqual(refused("malformed"));
    expect(await send(name, [sample.input, null])).toEqual(refused("malformed"));
    const extra = sample.input === null ? { extra: true } : { ...sample.input, extra: true };
    expect(await send(name, [extra])).toEqual(refused("malformed"));
  });

  test("24: an answer with an unknown key never leaves main", async () => {
    const output =
      sample.output === null ? { accessToken: "planted-token" } : { ...sample.output, extra: "planted-token" };
    const { send, lines } = openChannels(async () => ok(output));
    const answer = await send(name, [sample.input]);
    expect(answer).toEqual({ ok: false, error: { code: "internal", incidentId: "incident-1" } });
    expect(JSON.stringify([answer, lines])).not.toContain("planted-token");
  });

  test("24: a failure with an unknown key never leaves main", async () => {
    const error = { code: "cancelled", extra: "planted-token" } as const;
    const { send, lines } = openChannels(async () => fail(error));
    const answer = await send(name, [sample.input]);
    expect(answer).toEqual({ ok: false, error: { code: "internal", incidentId: "incident-1" } });
    expect(JSON.stringify([answer, lines])).not.toContain("planted-token");
  });

  test("28: what is too large is refused before it is read", async () => {
    const { send, lines } = openChannels(() => Promise.reject(new Error("must not run")));
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    const wide = Object.fromEntries(Array.from({ length: messageLimit }, (_value, index) => [`k${index}`, 1]));
    for (const large of ["x".repeat(messageLimit), new Uint8Array(messageLimit), Array(messageLimit), wide, cycle]) {
      expect(await send(name, [large])).toEqual(refused("too-large"));
    }
    expect(lines.map(({ fields }) => fields)).toEqual(
      Array.from({ length: 5 }, () => ({ channel: name, reason: "too-large" })),
    );
  });

  test("23: nobody but the main frame of our page is served", async () => {
    const { send, page, ours, lines } = openChannels(() => Promise.reject(new Error("must not run")));
    const frame = (url: string, parent: unknown = null) => ({ url, parent });
    const strangers: readonly SenderEvent[] = [
      { sender: page, senderFrame: null },
      { sender: page, senderFrame: frame("app://deskpair/index.html", ours.senderFrame) },
      { sender: page, senderFrame: frame("about:blank", ours.senderFrame) },
      { sender: page, senderFrame: frame("about:srcdoc", ours.senderFrame) },
      { sender: page, senderFrame: frame("about:blank") },
      { sender: page, senderFrame: frame("") },
      { sender: page, senderFrame: frame("app://other/index.html") },
      { sender: page, senderFrame: frame("app://deskpair.example.com/index.html") },
      { sender: page, senderFrame: frame("app://deskpair:81/index.html") },
      { sender: page, senderFrame: frame("https://deskpair/index.html") },
      { sender: page, senderFrame: frame("file:///deskpair/index.html") },
      { sender: page, senderFrame: frame("data:text/html,app://deskpair/") },
      { sender: page, senderFrame: frame("blob:app://deskpair/1") },
      { sender: { name: "another window" }, senderFrame: frame("app://deskpair/index.html") },
      { sender: page, senderFrame: goneFrame() },
    ];
    for (const stranger of strangers) {
      expect(await send(name, [sample.input], stranger)).toEqual(refused("untrusted-sender"));
    }
    expect(lines.map(({ fields }) => fields["reason"])).toEqual(strangers.map(() => "untrusted-sender"));
  });

  test("27: a bug in a handler is an incident, and what was sent is nowhere in the log", async () => {
    const planted = sample.input === null ? "planted" : JSON.stringify(sample.input);
    const { send, lines } = openChannels(async (_channel, input) => {
      throw new TypeError(`at first sight impossible:\n    at ${JSON.stringify(input)} ${planted}`);
    });
    expect(await send(name, [sample.input])).toEqual({
      ok: false,
      error: { code: "internal", incidentId: "incident-1" },
    });
    expect(lines).toEqual([
      {
        level: "error",
        event: "ipc.failed",
        fields: { channel: name, incidentId: "incident-1", thrown: "TypeError", at: expect.stringContaining("at ") },
      },
    ]);
    expect(JSON.stringify(lines)).not.toContain(planted);
    expect(JSON.stringify(lines)).not.toContain("impossible");
    expect(JSON.stringify(lines)).not.toContain("planted");
  });

  test("a handler that throws something that is no error is an incident, too", async () => {
    const { send } = openChannels(() => Promise.reject("planted-token"));
    const { lines, send: sendAgain } = openChannels(() => Promise.reject(null));
    const internal = { ok: false, error: { code: "internal", incidentId: "incident-1" } };
    expect(await send(name, [sample.input])).toEqual(internal);
    expect(await sendAgain(name, [sample.input])).toEqual(internal);
    expect(lines.map(({ fields }) => fields)).toEqual([{ channel: name, incidentId: "incident-1", thrown: "null" }]);
  });
});

/** A frame whose document is gone: Electron throws when anything of it is read. */
function goneFrame(): NonNullable<SenderEvent["senderFrame"]> {
  const gone = (): never => {
    throw new Error("Render frame was disposed before WebFrameMain could be accessed");
  };
  return {
    get url() {
      return gone();
    },
    get parent() {
      return gone();
    },
  };
}
