import { spawn } from "node:child_process";
import { once } from "node:events";

/** Runs a program in a process of its own, to its end, which nobody but the program brings about. */
export async function runToItsEnd(
  program: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<{ readonly code: unknown; readonly output: string }> {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "pipe"],
    env: environment,
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => output.push(chunk.toString()));
  }
  const [code]: unknown[] = await once(child, "close");
  return { code, output: output.join("") };
}
