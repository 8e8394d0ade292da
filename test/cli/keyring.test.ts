import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createPlace, program } from "./command-line.ts";
import { hasSecretService, inSession, missing } from "./secret-service.ts";

if (!hasSecretService) {
  test(`no secret service on this machine (${missing.join(", ")}): the key store of the system was not tested, its absence was`, async () => {
    const place = await createPlace();
    const { clientSecret: stdin } = place.simulator;
    const environment = { DESKPAIR_CLIENT_SECRET_FILE: undefined };
    const run = await place.run(["auth", "login", "-O", "json"], { environment, stdin });
    expect(run.json).toMatchObject({ error: { code: "secret-store-failed" } });
  });
} else {
  test("a secret service keeps what one command gives it for the next one, and nothing is on the disk in clear", async () => {
    const place = await createPlace();
    const { clientSecret } = place.simulator;
    const runtime = join(place.folder, "run");
    mkdirSync(runtime, { mode: 0o700 });
    const { DESKPAIR_CLIENT_SECRET_FILE: _, ...environment } = place.environment;
    const deskpair = `'${process.execPath}' '${program}'`;
    const script = `
      cat | ${deskpair} auth login -O json
      ${deskpair} auth status -O json
      ${deskpair} devices list --user ada@example.com -O json
      ${deskpair} auth logout -O json
      ${deskpair} auth status -O json`;
    // The simulator is in this process, which therefore must not wait for the session with its hands tied.
    const lines = await inSession(script, { ...environment, XDG_RUNTIME_DIR: runtime }, clientSecret);
    expect(lines).toMatchObject([
      { ok: true, changed: true, mode: "worker", kept: "system" },
      { ok: true, kept: "system", proven: true },
      { ok: true, devices: [] },
      { ok: true, changed: true },
      { ok: false, error: { code: "sign-in-required" } },
    ]);
    const found = spawnSync("grep", ["-rl", clientSecret, place.folder, "--exclude=secret"], { encoding: "utf8" });
    expect(found.stdout).toBe("");
  });
}
