import { chmodSync, rmSync } from "node:fs";
import { expect, test } from "vitest";
import { describeError } from "../../src/contract/error-words.ts";
import type { AppError } from "../../src/contract/errors.ts";
import type { CreationOptions } from "../../src/core/fido2/options.ts";
import { plainKey, withPin } from "../fakes/fido2-tools/installed.ts";
import type { PretendKey } from "../fakes/fido2-tools/pretend-key.ts";
import type { Fault } from "../fakes/fido2-tools/tool.ts";
import { alive, bench, creationOptions, leftovers, seen, touchOnly, types } from "./fido2-enrolment.ts";

const needsPin = creationOptions({ ...touchOnly, userVerification: "required" });
const needsStorage = creationOptions({ ...touchOnly, residentKey: "required", requireResidentKey: true });
const keyWithPin = withPin(plainKey, "123456");

test.for<[string, Partial<PretendKey>, CreationOptions, AppError]>([
  [
    "no PIN is set",
    {},
    needsPin,
    unavailable("this key has no PIN or fingerprint set up yet, which the policy asks for"),
  ],
  [
    "it can have none",
    { versions: [], algorithms: [] },
    needsPin,
    unavailable("this key cannot verify a person, which the policy asks for"),
  ],
  [
    "it stores nothing",
    { options: {} },
    needsStorage,
    unavailable("this key cannot keep a discoverable credential, which the policy asks for"),
  ],
  [
    "it is full",
    { isFull: true },
    needsStorage,
    unavailable("this key has no room for another discoverable credential"),
  ],
  [
    "its PIN must be changed",
    { ...keyWithPin, mustChangePin: true },
    needsPin,
    unavailable("the PIN of this key has to be changed before it can be used"),
  ],
  [
    "it signs in another way",
    { algorithms: ["eddsa"] },
    creationOptions(touchOnly),
    unavailable("this key and PingOne have no signature algorithm in common"),
  ],
  [
    "it attests nothing, which the tool cannot print",
    { attestation: "none" },
    creationOptions(touchOnly),
    unavailable("the installed libfido2 cannot print what this key answered"),
  ],
  ["its PIN is locked", { ...keyWithPin, pinTries: 0 }, needsPin, { code: "pin-refused", remaining: 0 }],
  ["nobody touched it", { touch: "never" }, creationOptions(touchOnly), { code: "key-refused" }],
  ["it was pulled out", { touch: "pulled" }, creationOptions(touchOnly), { code: "key-missing" }],
])("a key of which is known: %s", async ([, change, options, error]) => {
  const { enrol, installed } = bench(types("123456"));
  installed.plug({ keys: [{ ...plainKey, ...change }] });
  expect(await enrol({ options })).toEqual({ ok: false, error });
  expect(describeError(error).message).toMatch(/^[A-Z][^]*\.$/);
  expect(alive(installed)).toEqual([]);
  expect(leftovers()).toEqual([]);
});

test("no key, several keys", async () => {
  const { enrol, heard, installed } = bench();
  installed.plug({ keys: [] });
  expect(await enrol()).toEqual({ ok: false, error: { code: "key-missing" } });
  installed.plug({ keys: [plainKey, { ...plainKey, path: "/dev/hidraw4" }] });
  const reason = "several security keys are plugged in; leave only the one to enrol";
  expect(await enrol()).toEqual({ ok: false, error: unavailable(reason) });
  expect(heard).toEqual(["insert", "choose-one"]);
});

test("wrong PINs are counted by the key, until it wants to be taken out, and then for good", async () => {
  const { enrol, heard, installed } = bench(types("wrong one"));
  installed.plug({ keys: [{ ...keyWithPin, pinTries: 5 }] });
  const remaining = async () => {
    const outcome = await enrol({ options: needsPin });
    return outcome.ok ? outcome : outcome.error;
  };
  expect(await remaining()).toEqual({ code: "pin-refused", remaining: 4 });
  expect(await remaining()).toEqual({ code: "pin-refused", remaining: 3 });
  expect(heard).toEqual(["pin 5", "touch", "pin 4", "touch"]);
  expect(await remaining()).toEqual({ code: "pin-refused", remaining: 2 });
  expect(heard.slice(4)).toEqual(["pin 3", "touch", "reinsert"]);
  // Out and in again, and the last tries.
  installed.plug({ keys: [{ ...keyWithPin, pinTries: 2 }] });
  expect(await remaining()).toEqual({ code: "pin-refused", remaining: 1 });
  expect(await remaining()).toEqual({ code: "pin-refused", remaining: 0 });
  expect(heard.slice(7)).toEqual(["pin 2", "touch", "pin 1", "touch"]);
});

test.for(["", "123", "x".repeat(64), "1234\n5678", "1234\u00005678"])(
  "what cannot be a PIN (%j) never reaches the tool and costs no try",
  async (pin) => {
    const { enrol, installed } = bench(types(pin));
    installed.plug({ keys: [keyWithPin] });
    expect(await enrol({ options: needsPin })).toEqual({ ok: false, error: { code: "pin-refused", remaining: 8 } });
    expect(installed.plugged().keys[0]?.pinTries).toBe(8);
    expect(alive(installed)).toEqual([]);
  },
);

test("a person who does not want to give the PIN has cancelled", async () => {
  const { enrol, heard, installed } = bench();
  installed.plug({ keys: [keyWithPin] });
  expect(await enrol({ options: needsPin })).toEqual({ ok: false, error: { code: "cancelled" } });
  expect(heard).toEqual(["pin 8"]);
  expect(alive(installed)).toEqual([]);
});

test("the computer's own authenticator is not behind these tools", async () => {
  const { enrol, installed } = bench();
  expect(await enrol({ wanted: "platform" })).toMatchObject({ error: { code: "ceremony-unavailable" } });
  expect(installed.runs()).toEqual([]);
});

test("a relying party id that is more than one line asks no key", async () => {
  const { enrol, installed } = bench();
  const rp = { id: "pingone.com\nevil.example", name: "PingOne" };
  expect(await enrol({ options: creationOptions(touchOnly, { rp }) })).toMatchObject({
    error: { code: "ceremony-failed" },
  });
  expect(installed.runs()).toEqual([]);
});

test.for(["missing", "not executable"])("tools that are %s", async (state) => {
  const { enrol, installed, log } = bench();
  const { tools } = installed;
  for (const path of [tools.token, tools.cred]) {
    if (state === "missing") rmSync(path);
    else chmodSync(path, 0o644);
  }
  const reason = "libfido2's tools are not there or may not be run";
  expect(await enrol()).toEqual({ ok: false, error: unavailable(reason) });
  expect(log.lines).toMatchObject([{ level: "warn", fields: { result: "not-started" } }]);
});

const modes: readonly Pick<Fault, "tool" | "mode">[] = [
  { tool: "fido2-token", mode: "-L" },
  { tool: "fido2-token", mode: "-I" },
  { tool: "fido2-cred", mode: "-M" },
];

test.for(
  modes.flatMap((at) => (["print-garbage", "print-without-end", "crash"] as const).map((does) => ({ ...at, does }))),
)("$tool $mode that does not behave: $does", async (fault) => {
  const { enrol, installed } = bench();
  installed.plug({ fault });
  const outcome = await enrol();
  expect(outcome).toMatchObject({ ok: false, error: { code: "ceremony-failed" } });
  expect(JSON.stringify(outcome)).not.toContain("manual says");
  expect(alive(installed)).toEqual([]);
  expect(leftovers()).toEqual([]);
});

test.for(modes.flatMap((at) => (["abort", "time-out"] as const).map((by) => ({ ...at, by }))))(
  "$tool $mode that hangs is killed with all that it started: $by",
  async ({ by, tool, mode }) => {
    const { clock, enrol, installed } = bench();
    installed.plug({ fault: { tool, mode, does: "hang-with-child" } });
    const stop = new AbortController();
    const outcome = enrol({ signal: stop.signal });
    await seen(() => expect(alive(installed)).toHaveLength(2));
    if (by === "abort") stop.abort();
    else clock.ring();
    const error: AppError = by === "abort" ? { code: "cancelled" } : { code: "key-timed-out", seconds: 119 };
    expect(await outcome).toEqual({ ok: false, error });
    await seen(() => expect(alive(installed)).toEqual([]));
    expect(leftovers()).toEqual([]);
  },
);

test("an abort before anything starts nothing", async () => {
  const { enrol, installed } = bench();
  expect(await enrol({ signal: AbortSignal.abort() })).toEqual({ ok: false, error: { code: "cancelled" } });
  expect(installed.runs()).toEqual([]);
});

test("no touch until the time is up", async () => {
  const { clock, enrol, heard, installed } = bench();
  installed.plug({ keys: [{ ...plainKey, touch: "when-told" }] });
  const outcome = enrol();
  await seen(() => expect(installed.waitsForTouch()).not.toBeNull());
  clock.ring();
  expect(await outcome).toEqual({ ok: false, error: { code: "key-timed-out", seconds: 119 } });
  expect(heard).toEqual(["touch"]);
  expect(alive(installed)).toEqual([]);
});

function unavailable(reason: string): AppError {
  return { code: "ceremony-unavailable", reason };
}
