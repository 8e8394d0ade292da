import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  begin,
  type Effect,
  isOver,
  type PairingEvent,
  type PairingState,
  transition,
} from "../../../src/core/pairing/machine.ts";
import { active, attestation, type EventName, events, request, secrets } from "./samples.ts";

/** What the world may answer to an effect. */
const answers: Readonly<Record<Exclude<Effect["run"], "abort-proof">, readonly EventName[]>> = {
  create: [
    "created",
    "created without options",
    "created with unsigned options",
    "created without relying party",
    "create refused",
    "create lost",
  ],
  locate: ["located", "located none", "locate failed"],
  prove: ["proved", "prove failed"],
  activate: [
    "activated",
    "activated, named already",
    "activated, but pending",
    "activated, but another",
    "activate refused",
    "activate lost",
  ],
  confirm: ["confirmed active", "confirmed pending", "confirmed another", "confirmed gone", "confirm failed"],
  name: ["named", "name failed"],
  remove: ["removed", "remove refused", "remove lost"],
};
const cancel: PairingEvent = { type: "cancel" };

type Told = { readonly event: PairingEvent; readonly before: PairingState; readonly after: PairingState };
type Story = { readonly told: readonly Told[]; readonly effects: readonly Effect[]; readonly end: PairingState };

/**
 * Runs the machine as `run.ts` does: one effect after the other, each answered by what `choices` picks, with as many
 * cancels before each answer as `cancels` says.
 */
function play(choices: readonly number[], cancels: readonly number[]): Story {
  let { state, effect } = begin();
  const told: Told[] = [];
  const effects: Effect[] = [];
  const tell = (event: PairingEvent): Effect | null => {
    const next = transition(request, state, event);
    told.push({ event, before: state, after: next.state });
    state = next.state;
    if (next.effect !== null) effects.push(next.effect);
    return next.effect;
  };
  if (effect !== null) effects.push(effect);
  for (let step = 0; effect !== null && effect.run !== "abort-proof"; step += 1) {
    if (step > 20) throw new Error("It does not end.");
    for (let count = 0; count < (cancels[step] ?? 0); count += 1) tell(cancel);
    const possible: readonly EventName[] = answers[effect.run];
    const name = possible[(choices[step] ?? 0) % possible.length];
    effect = name === undefined ? null : tell(events[name]);
  }
  return { told, effects, end: state };
}

const stories = fc
  .tuple(
    fc.array(fc.nat(30), { minLength: 8, maxLength: 8 }),
    fc.array(fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(2)), { minLength: 8, maxLength: 8 }),
  )
  .map(([choices, cancels]) => play(choices, cancels));
const holds = (property: (story: Story) => void): void => {
  fc.assert(
    fc.property(stories, (story) => {
      property(story);
    }),
    { numRuns: 2_000 },
  );
};
const count = (story: Story, run: Effect["run"]): number => story.effects.filter((e) => e.run === run).length;

test("always ends, in paired or in failed", () => {
  holds(({ end }) => expect(isOver(end)).toBe(true));
});

test("creates, proves, activates and names at most once", () => {
  holds((story) => {
    for (const run of ["create", "prove", "activate", "name"] as const)
      expect(count(story, run)).toBeLessThanOrEqual(1);
    expect(count(story, "create")).toBe(1);
  });
});

test("activates only with the proof that came in", () => {
  holds(({ effects, told }) => {
    const activation = effects.find((effect) => effect.run === "activate");
    if (activation?.run !== "activate") return;
    expect(activation.proof).toEqual({ kind: "desktop", attestation });
    expect(told.some(({ event, before }) => event.type === "proved" && before.name === "proving")).toBe(true);
  });
});

test("touches no device but the one that it made", () => {
  holds(({ effects }) => {
    for (const effect of effects) if ("deviceId" in effect) expect(effect.deviceId).toBe("d1");
  });
});

test("is paired only with our device, ACTIVE", () => {
  holds(({ end }) => {
    if (end.name === "paired") expect(end.device).toMatchObject({ id: active.id, status: "ACTIVE" });
  });
});

test("once a device is known, every failure removes it, unless PingOne could not be asked about it", () => {
  holds((story) => {
    const known = story.told.some(({ after }) => "deviceId" in after && after.deviceId !== null);
    if (story.end.name !== "failed" || !known) return;
    expect(count(story, "remove")).toBe(story.told.at(-1)?.event.type === "confirm-failed" ? 0 : 1);
  });
});

test("says “nothing left” only of a device that was never made, or was removed", () => {
  holds(({ end, told }) => {
    if (end.name !== "failed") return;
    const last = told.at(-1)?.event;
    const nothing =
      last?.type === "removed" ||
      (last?.type === "create-failed" && last.certainty === "not-done") ||
      (last?.type === "located" && last.deviceId === null);
    expect(end.left === "nothing").toBe(nothing);
    // What may still be there is named, where its id is known.
    if (end.left === "device") expect(end.deviceId).toBe("d1");
  });
});

test("a cancel that came in time never ends in a paired device", () => {
  holds(({ end, told }) => {
    const inTime = told.some(({ event, before }) => event.type === "cancel" && "cancelled" in before);
    if (inTime) expect(end).toMatchObject({ name: "failed", error: { code: "cancelled" } });
  });
});

test("a cancel aborts the proof at most once, and only while it runs", () => {
  holds((story) => {
    expect(count(story, "abort-proof")).toBeLessThanOrEqual(1);
    for (const { event, before, after } of story.told) {
      if (event.type !== "cancel") continue;
      expect(after.name).toBe(before.name);
      const next = transition(request, after, cancel);
      expect(next).toEqual({ state: after, effect: null });
    }
  });
});

test("no state holds the signed options or the attestation", () => {
  holds(({ told }) => {
    const states = JSON.stringify(told.map(({ after }) => after));
    for (const secret of secrets) expect(states).not.toContain(secret);
  });
});

test("events in any order, late or doubled, break none of this", () => {
  const names = Object.keys(events) as EventName[];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...names), { maxLength: 30 }), (sequence) => {
      let state = begin().state;
      let creates = 1;
      for (const name of sequence) {
        const event = events[name];
        const next = transition(request, state, event);
        if (next.effect?.run === "create") creates += 1;
        if (next.effect?.run === "activate") expect([state.name, event.type]).toEqual(["proving", "proved"]);
        if (next.effect !== null && "deviceId" in next.effect) expect(next.effect.deviceId).toBe("d1");
        if (isOver(state)) expect(next).toEqual({ state, effect: null });
        if (next.state.name === "paired") expect(next.state.device.status).toBe("ACTIVE");
        for (const secret of secrets) expect(JSON.stringify(next.state)).not.toContain(secret);
        state = next.state;
      }
      expect(creates).toBe(1);
    }),
    { numRuns: 2_000 },
  );
});
