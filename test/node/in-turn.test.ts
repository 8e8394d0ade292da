import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { createInTurn } from "../../src/node/in-turn.ts";
import { holdLock } from "../../src/node/lock.ts";
import { fakeClock } from "../fakes/clock.ts";
import { gate } from "../fakes/http.ts";
import { runToItsEnd } from "./own-process.ts";

vi.setConfig({ testTimeout: 60_000 });

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "deskpair-in-turn-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const module = JSON.stringify(new URL("../../src/node/in-turn.ts", import.meta.url).href);

test("two processes that read and then write the same file lose nothing of each other", async () => {
  const folder = await temporaryFolder();
  const counter = join(folder, "counter");
  await writeFile(counter, "0");
  const program = `
    import { readFile, writeFile } from "node:fs/promises";
    const { createInTurn } = await import(${module});
    const inTurn = createInTurn(${JSON.stringify(folder)});
    for (let round = 0; round < 25; round += 1) {
      await inTurn("sign-in", async () => {
        const count = Number(await readFile(${JSON.stringify(counter)}, "utf8"));
        await new Promise((resolve) => setImmediate(resolve));
        await writeFile(${JSON.stringify(counter)}, String(count + 1));
      });
    }`;
  const ended = await Promise.all([runToItsEnd(program), runToItsEnd(program)]);
  expect(ended).toEqual([
    { code: 0, output: "" },
    { code: 0, output: "" },
  ]);
  expect(await readFile(counter, "utf8")).toBe("50");
  expect(await readdir(folder)).toEqual(["counter"]);
});

test("two calls of one process take turns, work of another name does not wait for them", async () => {
  const inTurn = createInTurn(await temporaryFolder());
  const begun = gate<null>();
  const goOn = gate<null>();
  const order: string[] = [];
  const first = inTurn("sign-in", async () => {
    begun.open(null);
    await goOn.passed;
    order.push("first");
    return 1;
  });
  await begun.passed;
  const second = inTurn("sign-in", async () => {
    order.push("second");
    return 2;
  });
  expect(await inTurn("journal", async () => "other")).toBe("other");
  goOn.open(null);
  expect(await Promise.all([first, second])).toEqual([1, 2]);
  expect(order).toEqual(["first", "second"]);
});

/** As long as one token request may take (see `core/sign-in/transport.ts`). */
const requestMs = 30_000;

test("whoever holds it for as long as a request may take is waited for, and nobody for ever", async () => {
  const folder = await temporaryFolder();
  const held = await holdLock(folder, "sign-in");
  if (!held.ok) throw new Error("The lock is not free.");
  const clock = fakeClock();
  const before = clock.monotonic();
  expect(await createInTurn(folder, clock)("sign-in", async () => "done")).toBe("done");
  expect(clock.monotonic() - before).toBeGreaterThan(requestMs);
  expect(clock.monotonic() - before).toBeLessThan(2 * requestMs);
  await held.value.release();
});

test("where nothing can be written the work is done all the same, once", async () => {
  const file = join(await temporaryFolder(), "in-the-place-of-the-folder");
  await writeFile(file, "");
  let times = 0;
  const inTurn = createInTurn(file);
  expect(
    await inTurn("sign-in", async () => {
      times += 1;
      return times;
    }),
  ).toBe(1);
  expect(times).toBe(1);
});

test("work that throws is passed on, and the next one gets its turn", async () => {
  const folder = await temporaryFolder();
  const inTurn = createInTurn(join(folder, "data"));
  await expect(inTurn("sign-in", () => Promise.reject(new Error("a bug")))).rejects.toThrow("a bug");
  expect(await inTurn("sign-in", async () => "next")).toBe("next");
  expect(await readdir(join(folder, "data"))).toEqual([]);
});
