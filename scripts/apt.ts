import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Installs packages where we are root on Debian, and does nothing elsewhere. What came of it shows afterwards. */
export function installWithApt(packages: readonly string[]): void {
  if (process.platform !== "linux" || process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return;
  const apt = (args: readonly string[]) =>
    spawnSync("apt-get", [...args], {
      stdio: ["ignore", 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  apt(["-qq", "update"]);
  apt(["-qq", "install", "-y", "--no-install-recommends", ...packages]);
}
