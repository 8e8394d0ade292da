import { installWithApt } from "../../scripts/apt.ts";
import { ensureBuilt } from "../../scripts/build.ts";
import { ensureExecutable } from "../../scripts/executable.ts";
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
    installBuilder();
  } catch (error) {
    process.stderr.write(`The tests of the packages cannot run. ${error instanceof Error ? error.message : ""}\n`);
  }
  // Elsewhere electron-builder downloads an archiver of its own.
  if (archiver() === null) installWithApt(["7zip"]);
}
