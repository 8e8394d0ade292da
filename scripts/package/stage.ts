import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as z from "zod/mini";
import { root } from "../processes.ts";
import { billOfMaterials } from "./bill-of-materials.ts";
import { bundledPackages } from "./bundled.ts";
import { licenceTexts } from "./licences.ts";
import { productionPackages } from "./lockfile.ts";

const manifestSchema = z.object({
  name: z.string(),
  productName: z.string(),
  version: z.string(),
  description: z.string(),
  license: z.string(),
  type: z.string(),
  main: z.string(),
});

/** What belongs in the archive, by the folder of `out` that it is in. Everything else stays behind, above all the maps. */
const parts: readonly (readonly [string, RegExp])[] = [
  ["main", /\.js$/],
  ["preload", /\.cjs$/],
  ["renderer", /\.(?:html|js|css|svg|png|woff2)$/],
  ["enrolment", /\.(?:html|js)$/],
];

export const appName = "com.deskpair.DeskPair";

/** Where the packages for Linux put the app; the paths in `packaging/linux` say the same. */
const linuxFolder = "/opt/DeskPair";

/** Reads the registry of Windows. The one package of which a file is shipped as it is, see `registryLibrary`. */
const registryPackage = "node_modules/native-reg";

/** For electron-builder, which puts the kind of processor in. `src/node/registry-library.ts` looks for it under `to`. */
export const registryLibrary = {
  from: join(root, registryPackage, "prebuilds/win32-${arch}/node.napi.node"),
  to: "native/registry.node",
};

export type Stage = {
  /** What the archive is made of. */
  readonly app: string;
  /** What lies beside it, in the folder `resources`. */
  readonly resources: string;
  /** What the packages for Linux have besides, from the root of the file system. */
  readonly linux: string;
  readonly version: string;
  readonly electron: string;
};

/**
 * Lays out in `folder` what is packaged: copies, so that the packager sees neither the repository nor its node_modules
 * and nothing of them can slip in. `executable` is the folder with the command line's executable, or `null`.
 */
export function layOut(folder: string, executable: string | null): Stage {
  const stage = { app: join(folder, "app"), resources: join(folder, "resources"), linux: join(folder, "linux") };
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));

  for (const [part, wanted] of parts) {
    const from = join(root, "out", part);
    for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !wanted.test(entry.name)) continue;
      const file = join(entry.parentPath, entry.name);
      write(join(stage.app, "out", part, file.slice(from.length + 1)), readFileSync(file));
    }
  }
  // Without the scripts and dependencies of ours: none of them is there.
  write(
    join(stage.app, "package.json"),
    `${JSON.stringify({ ...manifest, desktopName: `${appName}.desktop` }, null, 2)}\n`,
  );

  const licence = readFileSync(join(root, "LICENSE"), "utf8");
  write(join(stage.resources, "LICENSE.txt"), licence);
  write(
    join(stage.resources, "THIRD-PARTY-LICENCES.txt"),
    licenceTexts([...bundledPackages(join(root, "out")), registryPackage], productionPackages()),
  );
  write(join(stage.resources, "bill-of-materials.cdx.json"), billOfMaterials());
  const guide = readFileSync(join(root, "docs/admin-guide.md"), "utf8");
  write(join(stage.resources, "docs/admin-guide.md"), guide);
  cpSync(join(root, "docs/fleet"), join(stage.resources, "docs/fleet"), { recursive: true });
  cpSync(join(root, "policy"), join(stage.resources, "policy"), { recursive: true });

  const documents = join(stage.linux, "usr/share/doc/deskpair");
  write(join(documents, "copyright"), licence);
  write(join(documents, "admin-guide.md"), guide);
  write(join(documents, "CHANGELOG.md"), readFileSync(join(root, "CHANGELOG.md"), "utf8"));
  if (executable !== null) {
    const bin = join(stage.resources, "bin");
    // By name: a build that was ended leaves a hundred megabytes of an unfinished program beside them.
    for (const name of ["deskpair", "deskpair.exe"]) {
      if (existsSync(join(executable, name))) write(join(bin, name), readFileSync(join(executable, name)), 0o755);
    }
    write(join(bin, "LICENSE.node.txt"), readFileSync(join(executable, "LICENSE.node.txt")));
    mkdirSync(join(stage.linux, "usr/bin"), { recursive: true });
    symlinkSync(`${linuxFolder}/resources/bin/deskpair`, join(stage.linux, "usr/bin/deskpair"));
  }
  const { version: electron } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(root, "node_modules/electron/package.json"), "utf8")));
  return { ...stage, version: manifest.version, electron };
}

function write(file: string, content: string | Buffer, mode = 0o644): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  // Not the mode of the checkout, which is whatever somebody's umask makes it.
  writeFileSync(file, content, { mode });
}
