import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { usualLogSettings } from "../../src/core/policy/log-settings.ts";
import { createAppLog } from "../../src/main/log.ts";

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "deskpair-app-log-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
const textIn = (folder: string): string =>
  readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("");

test("what is said before the policy is known goes where the policy says, and nowhere else", () => {
  const folder = temporaryFolder();
  const managed = join(folder, "managed");
  const own = join(folder, "own");
  const { log, follow, place } = createAppLog(own);
  log("info", "early");
  expect([readdirSync(folder), place()]).toEqual([[], { folder: own, managed: false, problem: null }]);

  // A folder for several users is not made.
  follow({ ...usualLogSettings, directory: managed });
  expect(place()).toEqual({ folder: managed, managed: true, problem: "it does not exist" });
  expect(readdirSync(folder)).toEqual([]);
});

test("the level follows the policy at once, the folder only at the next start", () => {
  const folder = temporaryFolder();
  const { log, follow, place } = createAppLog(join(folder, "own"));
  log("info", "early");
  follow({ ...usualLogSettings, directory: folder, level: "error" });
  log("warn", "not.wanted");
  follow({ ...usualLogSettings, directory: null, level: "debug" });
  log("debug", "late");
  expect(place()).toEqual({ folder, managed: true, problem: null });
  const names = readdirSync(folder);
  expect(names).toHaveLength(1);
  expect(names[0]).toContain(`deskpair-app-${userInfo().username}-`);
  expect(
    textIn(folder)
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { event: string }).event),
  ).toEqual(["early", "late"]);
});

test("a log that cannot be written is no reason to stop, and is known to whoever asks", () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  const { log, follow, place } = createAppLog(file);
  follow(usualLogSettings);
  log("info", "lost");
  expect(place()).toMatchObject({ folder: file, problem: expect.stringMatching(/in (its|the) place/) });
});
