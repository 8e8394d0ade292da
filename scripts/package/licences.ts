import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../processes.ts";
import { type LockedPackage, packageName } from "./lockfile.ts";

const names = /^(?:licen[cs]e|copying|notice|copyrightnotice)\b/i;

/**
 * The licences of the packages that are shipped, one text for all that share it. Throws where a package comes without
 * one and `packaging/licences` has none: what we may not show the licence of, we may not ship.
 */
export function licenceTexts(bundled: readonly string[], packages: ReadonlyMap<string, LockedPackage>): string {
  const byText = new Map<string, string[]>();
  for (const path of bundled) {
    const known = packages.get(path);
    if (known === undefined) throw new Error(`${path} is in the product and is no dependency of it.`);
    const text = licenceOf(path);
    byText.set(text, [...(byText.get(text) ?? []), `${known.name} ${known.version} (${known.licence})`]);
  }
  const parts = [...byText].map(([text, users]) => `${users.join("\n")}\n\n${text}\n`);
  return [
    "DeskPair contains the following packages. The licences of Electron and of what it is made of are in the files\n" +
      "LICENSE.electron.txt and LICENSES.chromium.html.\n",
    ...parts,
  ].join(`\n${"=".repeat(100)}\n\n`);
}

function licenceOf(path: string): string {
  const folder = join(root, path);
  const files = readdirSync(folder).filter((name) => names.test(name));
  const ours = join(root, "packaging/licences", `${packageName(path)}.txt`);
  if (files.length === 0 && existsSync(ours)) return readFileSync(ours, "utf8").trim();
  if (files.length === 0) throw new Error(`${path} comes without the text of its licence.`);
  const texts = files
    .toSorted()
    .map((name) => readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n").trim());
  return texts.join("\n\n");
}
