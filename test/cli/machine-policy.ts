import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/**
 * The machine's policy as a program finds it, in /etc/deskpair, without touching this machine's: the program runs in a
 * mount namespace of its own, with a layer over /etc. There its user is root, so that the files of the test are root's.
 */
export const underPolicy = (layer: string, command: readonly string[]): readonly string[] => [
  "unshare",
  "--user",
  "--map-root-user",
  "--mount",
  "sh",
  "-c",
  'mount -t overlay overlay -o "lowerdir=$0:/etc" /etc && exec "$@"',
  layer,
  ...command,
];

/** Why no program can be run under a policy here; `null`: it can. */
export function whyNoPolicy(): string | null {
  if (process.platform !== "linux") return "only Linux has mount namespaces";
  const tried = spawnSync("unshare", underPolicy(layerFolder(), ["true"]).slice(1), { encoding: "utf8" });
  return tried.status === 0 ? null : `unshare: ${(tried.stderr || String(tried.error)).trim()}`;
}

/** A layer with this policy. A text is written as it is. */
export function policyFolder(policies: unknown): string {
  const layer = layerFolder();
  const file = join(layer, "deskpair", "policies.json");
  writeFileSync(file, typeof policies === "string" ? policies : JSON.stringify(policies));
  chmodSync(file, 0o644);
  return layer;
}

function layerFolder(): string {
  const layer = mkdtempSync(join(tmpdir(), "deskpair-etc-"));
  chmodSync(layer, 0o755);
  mkdirSync(join(layer, "deskpair"), { mode: 0o755 });
  try {
    onTestFinished(() => rmSync(layer, { recursive: true, force: true }));
  } catch {
    // Outside a test: removed with the process.
    process.once("exit", () => rmSync(layer, { recursive: true, force: true }));
  }
  return layer;
}
