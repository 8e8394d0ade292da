import { spawn } from "node:child_process";
import { once } from "node:events";

/**
 * Runs a program in a process of its own; the address of the simulator's module is there as `simulatorUrl`. Nobody tells
 * the process to end: it ends when nothing is left to wait for.
 */
export const runToItsEnd = async (program: string): Promise<{ readonly code: unknown; readonly output: string }> => {
  const url = new URL("../../src/simulator/index.ts", import.meta.url).href;
  const whole = `const simulatorUrl = ${JSON.stringify(url)};\n${program}`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", whole], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => output.push(chunk.toString()));
  const [code] = await once(child, "close");
  return { code, output: output.join("") };
};
