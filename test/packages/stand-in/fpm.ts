import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

/**
 * A stand-in for fpm, which electron-builder downloads to make a deb: takes the arguments that electron-builder gives
 * fpm 1.17 and lets dpkg-deb do it. It does not compress, and an argument that it does not know fails.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    s: { type: "string", short: "s" },
    t: { type: "string", short: "t" },
    d: { type: "string", short: "d", multiple: true, default: [] },
    force: { type: "boolean" },
    architecture: { type: "string", default: "" },
    "after-install": { type: "string", default: "" },
    "after-remove": { type: "string", default: "" },
    description: { type: "string", default: "" },
    version: { type: "string", default: "" },
    package: { type: "string", default: "" },
    name: { type: "string", default: "" },
    maintainer: { type: "string", default: "" },
    vendor: { type: "string", default: "" },
    url: { type: "string", default: "" },
    category: { type: "string", default: "" },
    license: { type: "string", default: "" },
    "deb-priority": { type: "string", default: "" },
    "deb-compression": { type: "string" },
    "deb-recommends": { type: "string", multiple: true, default: [] },
  },
});
if (values.s !== "dir" || values.t !== "deb") throw new Error(`Not made for ${values.s ?? ""} to ${values.t ?? ""}.`);

const folder = mkdtempSync(join(tmpdir(), "deskpair-deb-"));
// Made for its owner alone, and the root of the package: it would be that of the computer.
chmodSync(folder, 0o755);
try {
  for (const each of positionals) {
    const [from = "", to = ""] = each.split("=");
    const target = join(folder, to);
    mkdirSync(dirname(target), { recursive: true });
    // As with fpm: a folder with a slash at its end stands for what is in it, and links stay links.
    if (from.endsWith("/")) {
      for (const name of readdirSync(from)) {
        cpSync(join(from, name), join(target, name), { recursive: true, verbatimSymlinks: true });
      }
    } else {
      cpSync(from, target, { verbatimSymlinks: true });
    }
  }
  const control = join(folder, "DEBIAN");
  mkdirSync(control);
  const [synopsis = "", ...more] = values.description.split("\n");
  const kilobytes = Math.ceil(sizeOf(folder) / 1024);
  const fields = [
    `Package: ${values.name}`,
    `Version: ${values.version}`,
    `License: ${values.license}`,
    `Vendor: ${values.vendor}`,
    `Architecture: ${values.architecture}`,
    `Maintainer: ${values.maintainer}`,
    `Installed-Size: ${kilobytes}`,
    `Depends: ${values.d.join(", ")}`,
    `Recommends: ${values["deb-recommends"].join(", ")}`,
    `Section: ${values.category}`,
    `Priority: ${values["deb-priority"]}`,
    `Homepage: ${values.url}`,
    `Description: ${[synopsis, ...more.map((line) => ` ${line.trim() === "" ? "." : line.trim()}`)].join("\n")}`,
  ];
  writeFileSync(join(control, "control"), `${fields.join("\n")}\n`);
  cpSync(values["after-install"], join(control, "postinst"));
  cpSync(values["after-remove"], join(control, "postrm"));
  for (const script of ["postinst", "postrm"]) chmodSync(join(control, script), 0o755);
  execFileSync("dpkg-deb", ["--root-owner-group", "-Znone", "--build", folder, values.package], { stdio: "inherit" });
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function sizeOf(path: string): number {
  const found = lstatSync(path);
  if (!found.isDirectory()) return found.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
