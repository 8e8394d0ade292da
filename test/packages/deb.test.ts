import { execFile, execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { root } from "../../scripts/processes.ts";
import { createPlace } from "../cli/command-line.ts";
import { makePackages, packagingPlace } from "./packaging.ts";

const run = promisify(execFile);

/** Why the package cannot be installed on this machine, in half a sentence, or `null`. */
function obstacle(): string | null {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "that takes root on Linux";
  if (process.arch !== "x64") return "it is made for x64";
  const known = spawnSync("dpkg-query", ["-W", "-f=${db:Status-Abbrev}", "deskpair"], { encoding: "utf8" });
  if (known.error !== undefined) return "there is no dpkg";
  return known.stdout.startsWith("i") ? "DeskPair is installed here, and the tests would remove it" : null;
}
const why = obstacle();
if (why !== null) process.stderr.write(`The deb is not installed by the tests: ${why}.\n`);

let place: string;
let deb: string;
beforeAll(async () => {
  if (why !== null) return;
  place = await packagingPlace();
  await makePackages(place, "--linux", "--target", "deb", "--executables", join(root, "release/executable"));
  deb = join(place, "release", readdirSync(join(place, "release")).find((name) => name.endsWith(".deb")) ?? "");
}, 120_000);
afterAll(() => {
  if (why === null) rmSync(place, { recursive: true, force: true });
});

/** Installs it until the end of the test. What it depends on is not needed by a stand-in for Electron. */
async function install(env: Readonly<Record<string, string | undefined>> = process.env): Promise<void> {
  onTestFinished(purge);
  await run("dpkg", ["--force-depends", "--install", deb], { env });
}
const purge = async (): Promise<void> => void (await run("dpkg", ["--purge", "deskpair"]));
const packaged = (): readonly string[] =>
  execFileSync("dpkg", ["--listfiles", "deskpair"], { encoding: "utf8" }).trim().split("\n");

/** Everywhere a package could leave something. */
const searched =
  "/opt /etc /usr/bin /usr/sbin /usr/lib/systemd /lib/systemd /usr/share /usr/local /var/cache /var/log /var/spool /run";
const left = (): readonly string[] =>
  spawnSync("find", [...searched.split(" "), "/var/lib/dpkg/info", "-xdev", "-iname", "*deskpair*"], {
    encoding: "utf8",
  })
    .stdout.split("\n")
    .filter((path) => path !== "" && !path.startsWith("/etc/deskpair"));

describe.skipIf(why !== null)("the deb", () => {
  test("belongs to root, is writable for nobody else, and nothing in it runs with more rights than its user", async () => {
    await install();
    for (const path of packaged()) {
      const { uid, gid, mode } = lstatSync(path);
      if (!/deskpair/i.test(path)) continue;
      expect([uid, gid], path).toEqual([0, 0]);
      if (lstatSync(path).isSymbolicLink()) continue;
      expect(mode & 0o022, path).toBe(0);
      // The sandbox's program needs the rights of root where the kernel keeps namespaces from users.
      if (!path.endsWith("/chrome-sandbox")) expect(mode & 0o6000, path).toBe(0);
    }
    const namespaces = readFileSync("/proc/sys/user/max_user_namespaces", "utf8").trim() !== "0";
    const sandbox = statSync("/opt/DeskPair/chrome-sandbox").mode & 0o7777;
    if (!namespaces) expect(sandbox).toBe(0o4755);
    else expect([0o755, 0o4755]).toContain(sandbox);
  }, 60_000);

  test("puts the app, the command, the menu entry and the documents where they are looked for, and nothing else", async () => {
    await install();
    expect(readlinkSync("/usr/bin/deskpair")).toBe("/opt/DeskPair/resources/bin/deskpair");
    const files = packaged().filter((path) => !lstatSync(path).isDirectory());
    const places = new Set(
      files.map((path) =>
        path
          .split("/")
          .slice(0, path.startsWith("/opt") ? 3 : 5)
          .join("/"),
      ),
    );
    expect([...places].toSorted()).toEqual([
      "/opt/DeskPair",
      "/usr/bin/deskpair",
      "/usr/share/applications/com.deskpair.DeskPair.desktop",
      "/usr/share/doc/deskpair",
      "/usr/share/icons/hicolor",
    ]);
    for (const file of ["copyright", "admin-guide.md", "CHANGELOG.md"]) {
      expect(files).toContain(`/usr/share/doc/deskpair/${file}`);
    }
    const entry = readFileSync("/usr/share/applications/com.deskpair.DeskPair.desktop", "utf8");
    expect(entry.split("\n")).toEqual(
      expect.arrayContaining([
        "Name=DeskPair",
        "Exec=/opt/DeskPair/DeskPair %U",
        "Icon=DeskPair",
        "StartupWMClass=com.deskpair.DeskPair",
        "Categories=System;Security;",
      ]),
    );
    const bin = "/opt/DeskPair/resources/bin/";
    expect(files.filter((path) => path.startsWith(bin)).toSorted()).toEqual([
      `${bin}LICENSE.node.txt`,
      `${bin}deskpair`,
    ]);
    // No service, no timer, no entry that starts it with the session.
    expect(files.filter((path) => /systemd|init\.d|cron|autostart|\.service$|\.timer$/.test(path))).toEqual([]);
    expect(files.filter((path) => /update/i.test(path))).toEqual([]);
  }, 60_000);

  test("brings a command that pairs a workstation, and what it has written stays when the package goes", async () => {
    await install();
    // As whoever is logged on, who is not root.
    const { stdout: version } = await run("/usr/bin/deskpair", ["--version"], { uid: 65_534, gid: 65_534, cwd: "/" });
    expect(version).toMatch(/^\d+\.\d+\.\d+\n$/);

    const { environment, simulator, folder } = await createPlace();
    const args = ["pair", "desktop", "--user", "ada@example.com", "--output", "json"];
    const { stdout } = await run("/usr/bin/deskpair", args, { env: { ...environment } });
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, changed: true, device: { status: "ACTIVE" } });
    expect(simulator.world.log.some(({ server }) => server === "agent")).toBe(true);

    const data = readdirSync(join(folder, "data"));
    expect(data.length).toBeGreaterThan(0);
    await run("dpkg", ["--remove", "deskpair"]);
    await purge();
    expect(readdirSync(join(folder, "data"))).toEqual(data);
  }, 60_000);

  test("is taken away without a trace, by removing as by purging", async () => {
    const before = left();
    await install();
    expect(left()).toContain("/opt/DeskPair");
    await run("dpkg", ["--remove", "deskpair"]);
    // dpkg's own notes stay until the package is purged.
    expect(left().filter((path) => !path.startsWith("/var/lib/dpkg/info/"))).toEqual(before);
    await purge();
    expect(left()).toEqual(before);
  }, 60_000);

  /** As on Ubuntu 24.04: an AppArmor that understands the profile, and writes down what it is told. */
  function pretendAppArmor(): Readonly<Record<string, string | undefined>> {
    const programs = join(place, "programs");
    mkdirSync(programs, { recursive: true });
    writeFileSync(join(programs, "apparmor_parser"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
    const made = mkdirSync("/etc/apparmor.d", { recursive: true });
    if (made !== undefined) onTestFinished(() => rmdirSync("/etc/apparmor.d"));
    return { ...process.env, PATH: `${programs}:${process.env["PATH"]}` };
  }

  test("has an AppArmor profile while it is installed, also across an update by dpkg or rpm", async () => {
    const env = pretendAppArmor();
    await install(env);
    const profile = "/etc/apparmor.d/DeskPair";
    const text = readFileSync("/opt/DeskPair/resources/apparmor-profile", "utf8");
    expect(text).toMatch(/^profile DeskPair \/opt\/DeskPair\/DeskPair flags=\(unconfined\) \{\n {2}userns,$/m);
    expect(readFileSync(profile, "utf8")).toBe(text);
    expect([statSync(profile).uid, statSync(profile).mode & 0o777]).toEqual([0, 0o644]);

    const before = packaged();
    await run("dpkg", ["--force-depends", "--install", deb], { env });
    expect(packaged()).toEqual(before);
    expect(readFileSync(profile, "utf8")).toBe(text);
    // With rpm the old package's script runs after the new one's, and is told how many of it remain.
    await run("/bin/sh", ["/var/lib/dpkg/info/deskpair.postrm", "1"], { env });
    expect(existsSync(profile)).toBe(true);

    await run("dpkg", ["--remove", "deskpair"], { env });
    expect(existsSync(profile)).toBe(false);
  }, 60_000);
});
