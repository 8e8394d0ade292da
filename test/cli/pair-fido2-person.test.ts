import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { readLine } from "../../src/cli/pin.ts";
import { plainKey, withPin } from "../fakes/fido2-tools/installed.ts";
import { alive } from "../node/fido2-enrolment.ts";
import { createDesk, pair, pin, policies } from "./security-key.ts";

const keyWithPin = withPin(plainKey, pin);

describe("Ctrl-C", () => {
  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s while the key waits for a touch", async (signal) => {
    const { environment, expectNothingLeft, key, place } = await createDesk();
    key.plug({ keys: [{ ...plainKey, touch: "when-told" }] });
    const running = place.start(pair("--policy", policies.touchOnly, "-O", "json"), { environment });
    await vi.waitFor(() => expect(key.waitsForTouch()).not.toBeNull(), { timeout: 30_000, interval: 20 });
    expect(alive(key)).toHaveLength(1);
    running.child.kill(signal);
    const run = await running.ended;
    expect(run.json).toMatchObject({ ok: false, error: { code: "cancelled" }, left: "nothing" });
    expect(run.json).toHaveProperty("steps[3]", expect.objectContaining({ name: "remove-device", outcome: "done" }));
    expect(run.code).toBe(130);
    await expectNothingLeft();
  });

  test("while a tool hangs with something that it started", async () => {
    const { environment, expectNothingLeft, key, place } = await createDesk();
    key.plug({ fault: { tool: "fido2-token", mode: "-L", does: "hang-with-child" } });
    const running = place.start(pair("-O", "json"), { environment });
    await vi.waitFor(() => expect(alive(key)).toHaveLength(2), { timeout: 30_000, interval: 20 });
    running.child.kill("SIGINT");
    expect((await running.ended).code).toBe(130);
    await vi.waitFor(expectNothingLeft, { timeout: 30_000, interval: 20 });
  });

  test("while the key is looked for, and while the PIN is awaited on standard input", async () => {
    const { environment, expectNothingLeft, key, place } = await createDesk();
    key.plug({ keys: [] });
    const looking = place.start(pair("-O", "json"), { environment });
    await looking.printed("Insert the security key.");
    looking.child.kill("SIGINT");
    expect((await looking.ended).json).toMatchObject({ error: { code: "cancelled" }, left: "nothing" });
    await expectNothingLeft();

    key.plug({ keys: [keyWithPin] });
    const waiting = place.start(pair("-O", "json"), { environment, stdin: null });
    await vi.waitFor(() => expect(key.runs().at(-1)?.tool).toBe("fido2-cred"), { timeout: 30_000, interval: 20 });
    waiting.child.kill("SIGINT");
    expect((await waiting.ended).json).toMatchObject({ error: { code: "cancelled" }, left: "nothing" });
    await expectNothingLeft();
  });
});

describe("the PIN at a terminal", () => {
  const prompt = "PIN of the security key (8 tries left): ";

  test("is asked for, not shown, and can be corrected", async () => {
    const { environment, devices, key, place } = await createDesk();
    key.plug({ keys: [keyWithPin] });
    const running = place.start(pair(), { environment, stdin: null, atTerminal: true });
    await running.printed(prompt);
    running.child.stdin.write(`${pin}é7\u007f\u007f\r`);
    const run = await running.ended;
    expect(run.stdout).toContain(`${prompt}\r\nTouch the security key when it blinks.\r\n`);
    expect(run.stdout).toContain("The security key is now an MFA device of ada@example.com.");
    expect(run.stdout + run.log).not.toContain("planted");
    expect(run.code).toBe(0);
    expect(devices()).toMatchObject([{ status: "ACTIVE" }]);
  });

  test("Ctrl-C there is one everywhere", async () => {
    const { environment, expectNothingLeft, key, place } = await createDesk();
    key.plug({ keys: [keyWithPin] });
    const running = place.start(pair(), { environment, stdin: null, atTerminal: true });
    await running.printed(prompt);
    running.child.stdin.write("planted\u0003");
    const run = await running.ended;
    expect(stripVTControlCharacters(run.stdout)).toContain("✗ Cancelled.");
    expect(run.stdout).toContain("Nothing was left in PingOne.");
    expect(run.stdout + run.log).not.toContain("planted");
    expect(run.code).toBe(130);
    await expectNothingLeft();
  });

  test("an empty line is a change of mind", async () => {
    const { environment, expectNothingLeft, key, place } = await createDesk();
    key.plug({ keys: [keyWithPin] });
    const running = place.start(pair("-O", "json"), { environment, stdin: null, atTerminal: true });
    await running.printed(prompt);
    running.child.stdin.write("\r");
    const run = await running.ended;
    expect(run.json).toMatchObject({ error: { code: "cancelled" }, left: "nothing" });
    await expectNothingLeft();
    expect(key.plugged().keys[0]?.pinTries).toBe(8);
  });

  test("is not asked for when nothing may be", async () => {
    const { environment, expectNothingLeft, key, place } = await createDesk();
    key.plug({ keys: [keyWithPin] });
    const args = pair("--non-interactive", "-O", "json");
    const run = await place.run(args, { environment, stdin: null, atTerminal: true });
    expect(run.stdout).not.toContain("PIN of the security key");
    expect(run.json).toMatchObject({ error: { code: "ceremony-unavailable" }, left: "nothing" });
    expect(run.json).toHaveProperty("error.message", expect.stringContaining("which --non-interactive forbids"));
    expect(run.code).toBe(33);
    await expectNothingLeft();
  });
});

describe("a line, byte by byte", () => {
  const typed = async (...chunks: readonly string[]) => {
    const input = new PassThrough();
    const given = chunks.map((chunk) => Buffer.from(chunk));
    for (const chunk of given) input.write(chunk);
    input.end();
    const line = await readLine(input, new AbortController().signal);
    return { line, text: line === null ? null : Buffer.from(line).toString("utf8"), given };
  };

  test.each([
    [["1234\n"], "1234"],
    [["12", "34\r\n"], "1234"],
    [["1234"], "1234"],
    [["1234\n5678"], "1234"],
    [["12x\u007f34\n"], "1234"],
    [["\b\b12x\b34\n"], "1234"],
    [["12€\b34\n"], "1234"],
    [["€\b\b12\n"], "12"],
    [[`${"1".repeat(66)}\b\b\b\n`], "1".repeat(63)],
    [["\n"], null],
    [["x\b\n"], null],
    [["12\u0004"], null],
  ])("%j is %j", async (chunks, text) => {
    expect((await typed(...chunks)).text).toBe(text);
  });

  test("what is too long stays too long", async () => {
    expect((await typed(`${"1".repeat(100)}\n`)).line).toHaveLength(64);
  });

  test("what has been read is wiped, and what was taken back, too", async () => {
    const { given, line } = await typed("12xy\b\b", "34\n");
    expect(given.every((chunk) => chunk.every((byte) => byte === 0))).toBe(true);
    expect(new Uint8Array(line?.buffer ?? new ArrayBuffer(0)).filter((byte) => byte !== 0)).toHaveLength(4);
  });

  test("an abort ends it", async () => {
    const abort = new AbortController();
    const line = readLine(new PassThrough(), abort.signal);
    abort.abort();
    expect(await line).toBeNull();
    expect(await readLine(new PassThrough(), abort.signal)).toBeNull();
  });
});
