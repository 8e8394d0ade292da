import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { root } from "../../scripts/processes.ts";
import { bareEnvironment, program } from "./command-line.ts";
import { whyNoPolicy } from "./machine-policy.ts";

const missing = whyNoPolicy();
if (missing !== null) console.warn(`Not run: the commands of the administrator's guide. ${missing}`);

/** The commands of a section of the guide, as they are printed there, for somebody who is root already. */
function commandsOf(heading: string): string {
  const guide = readFileSync(join(root, "docs/admin-guide.md"), "utf8");
  const section = guide.split(`\n${heading}\n`)[1]?.split(/\n##/)[0] ?? "";
  const commands = /```sh\n(.*?)```/s.exec(section)?.[1];
  if (commands === undefined) throw new Error(`The guide has no commands under ${heading}.`);
  return commands.replaceAll("sudo ", "");
}

/** Over what this machine has, in a mount namespace of its own: nothing of it stays. */
const overlay = (folder: string, layer: string): string =>
  `mount -t overlay overlay -o "lowerdir=${folder},upperdir=${layer}/upper,workdir=${layer}/work" ${folder}`;

test.skipIf(missing !== null)("Linux: what the guide says puts a policy in force, and logs where it says", () => {
  const place = mkdtempSync(join(tmpdir(), "deskpair-guide-"));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  for (const layer of ["etc", "log"]) {
    for (const part of ["upper", "work"]) mkdirSync(join(place, layer, part), { recursive: true });
  }
  copyFileSync(join(root, "policy/linux/policies.json"), join(place, "policies.json"));
  const script = [
    "set -e",
    overlay("/etc", join(place, "etc")),
    overlay("/var/log", join(place, "log")),
    commandsOf("### Linux"),
    commandsOf("## Where the log is"),
    // A second file beside the sample, as the guide says that there can be.
    `umask 022; printf '{ "LogDirectory": "/var/log/deskpair" }' > /etc/deskpair/policies.d/10-log.json`,
    '"$@"',
  ].join("\n");
  const command = [process.execPath, program, "config", "explain", "--output", "json"];
  const run = spawnSync("unshare", ["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", ...command], {
    cwd: place,
    env: { ...bareEnvironment(place) },
    encoding: "utf8",
  });
  expect(run.stderr).toBe("");
  const told: unknown = JSON.parse(run.stdout);
  const sample: Record<string, unknown> = JSON.parse(readFileSync(join(root, "policy/linux/policies.json"), "utf8"));
  expect(told).toMatchObject({
    ok: true,
    policies: [{ scope: "machine", state: "read", place: "/etc/deskpair", problem: null, unknown: [] }, {}],
    settings: expect.arrayContaining(
      Object.keys(sample).map((name) =>
        expect.objectContaining({ name, source: "machine-policy", locked: true, state: "in-force" }),
      ),
    ),
  });
  const logs = readdirSync(join(place, "log/upper/deskpair"));
  expect(logs).toEqual([expect.stringMatching(/^deskpair-cli-.+-\d{4}-\d\d-\d\d\.log$/)]);
});
