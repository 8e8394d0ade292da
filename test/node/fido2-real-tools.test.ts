import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createToolCeremony } from "../../src/node/fido2-ceremony.ts";
import { type Fido2Tools, findFido2Tools, runTool } from "../../src/node/fido2-tools.ts";
import { recordingLog } from "../fakes/log.ts";
import { creationOptions, origin, touchOnly } from "./fido2-enrolment.ts";

/** libfido2's own tools: those that are installed, or Debian's when we may install them. */
function obtainTools(): Fido2Tools | null {
  const found = findFido2Tools(null);
  if (found !== null || process.getuid?.() !== 0) return found;
  const install = ["install", "-y", "--no-install-recommends", "fido2-tools"];
  // A machine that has never asked what there is has to ask first.
  for (const step of [install, ["update"], install]) {
    if (findFido2Tools(null) === null) spawnSync("apt-get", step, { stdio: "ignore", timeout: 90_000 });
  }
  return findFido2Tools(null);
}

const tools = obtainTools();

describe("libfido2's own tools, without a key", () => {
  test("are installed", () => {
    expect(
      tools,
      "The package fido2-tools (libfido2) is not installed, so its answers were not tested.",
    ).not.toBeNull();
  });
  if (tools === null) return;

  const run = (file: string, ...args: string[]) => runTool({ file, args, signal: AbortSignal.timeout(10_000) });

  test("say their version and how they are used", async () => {
    const version = await run(tools.token, "-V");
    expect(version).toMatchObject({ kind: "ended", code: 0, complaint: expect.stringMatching(/^1\.\d+\.\d+\n$/) });
    expect(await run(tools.cred, "-M")).toMatchObject({
      kind: "ended",
      code: 1,
      complaint: expect.stringMatching(
        /^usage: fido2-cred -M \[-[a-z]*r[a-z]*v[a-z]*\] .*\[-i input_file\].* device \[type\]\n/,
      ),
    });
  });

  test("list nothing and are content with it", async () => {
    const listed = await run(tools.token, "-L");
    expect(listed).toMatchObject({ kind: "ended", code: 0, complaint: "" });
    expect(listed, "A security key is plugged in. Take it out to run this test.").toMatchObject({ output: "" });
  });

  test("take parameters as we write them, and fail over a key that is not there", async () => {
    const folder = mkdtempSync(join(tmpdir(), "real-fido2-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, "parameters");
    writeFileSync(file, `${Buffer.alloc(32).toString("base64")}\npingone.com\nada\nAQID\n`);
    // In the order in which the ceremony gives them: it gets past the options and the file, to the key.
    expect(await run(tools.cred, "-M", "-i", file, "-r", "-v", "/dev/hidraw-none", "es256")).toMatchObject({
      kind: "ended",
      code: 1,
      output: "",
      complaint: expect.stringMatching(/fido_dev_open \/dev\/hidraw-none: FIDO_ERR_[A-Z_]+\n$/),
    });
    writeFileSync(file, "one line\n");
    expect(await run(tools.cred, "-M", "-i", file, "/dev/hidraw-none")).toMatchObject({
      code: 1,
      complaint: "fido2-cred: input error\n",
    });
    expect(await run(tools.token, "-I", "/dev/hidraw-none")).toMatchObject({ code: 1, output: "" });
  });

  test("a ceremony with them says that no key is plugged in", async () => {
    const ceremony = createToolCeremony({
      tools,
      log: recordingLog().log,
      person: { askPin: async () => null, tell: () => undefined },
    });
    expect(
      await ceremony({
        origin,
        options: creationOptions(touchOnly),
        wanted: "key",
        timeoutMs: 20_000,
        signal: new AbortController().signal,
      }),
    ).toEqual({ ok: false, error: { code: "key-missing" } });
  });
});
