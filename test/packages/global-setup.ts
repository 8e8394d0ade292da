import { rmSync } from "node:fs";
import { installWithApt } from "../../scripts/apt.ts";
import { ensureBuilt } from "../../scripts/build.ts";
import { ensureExecutable, executableFile } from "../../scripts/executable.ts";
import { host } from "../../scripts/executable-targets.ts";
import { installBuilder } from "../../scripts/package/builder.ts";
import { archiver } from "./packaging.ts";

/**
 * Once per run and before any test, because two must not install at a time. What is missing afterwards is said here, in
 * one line, and the tests that need it fail.
 */
export async function setup(): Promise<void> {
  await ensureBuilt();
  try {
    await ensureExecutable();
  } catch (error) {
    // An older one would be packaged in its place, and the tests would pass on what the sources no longer are.
    if (host !== null) rmSync(executableFile(host), { force: true });
    tell("The tests of the deb fail: its command line cannot be built.", error);
  }
  try {
    installBuilder();
  } catch (error) {
    tell("The tests of the packages fail.", error);
  }
  // Elsewhere electron-builder downloads an archiver of its own.
  if (archiver() === null) installWithApt(["7zip"]);
}

const tell = (what: string, error: unknown): void =>
  void process.stderr.write(`${what} ${error instanceof Error ? error.message : ""}\n`);
