import { expect, test } from "vitest";
import { runCommand } from "../../src/node/port-owner-command.ts";

const node = (program: string, environment: Readonly<Record<string, string>> = {}) =>
  runCommand(process.execPath, ["-e", program], environment);

test("gives what a command says and how it ended", async () => {
  expect(await node("console.log('out'); console.error('err')")).toEqual({
    code: 0,
    output: "out\n",
    complaint: "err\n",
  });
  expect(await node("process.exitCode = 3")).toEqual({ code: 3, output: "", complaint: "" });
});

test("passes on the given environment and nothing else, and no input", async () => {
  const result = await node("process.stdin.on('end', () => console.log(Object.keys(process.env).join())).resume()", {
    LC_ALL: "C",
  });
  expect(result?.output).toBe("LC_ALL\n");
});

test("what cannot be started, was killed, or says too much, has not answered", async () => {
  expect(await runCommand("/nowhere/at/all", [], {})).toBeNull();
  expect(await node("process.kill(process.pid, 'SIGKILL')")).toBeNull();
  expect(await node("process.stdout.write('x'.repeat(5_000_000))")).toBeNull();
});
