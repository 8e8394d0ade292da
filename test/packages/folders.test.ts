import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join } from "node:path";
import { FuseState, FuseV1Options, getCurrentFuseWire } from "@electron/fuses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fuses } from "../../scripts/package/fuses.ts";
import { root } from "../../scripts/processes.ts";
import { launchApp } from "../electron-stand-in/launch.ts";
import { makePackages, packagingPlace, readArchive } from "./packaging.ts";

/** What `npm run package` makes for the three systems, on folders that look like Electron. */
let place: string;
beforeAll(async () => {
  place = await packagingPlace();
  const args = ["--linux", "--win", "--mac", "--target", "dir,zip", "--unsigned", "--without-command-line"];
  await makePackages(place, ...args);
}, 180_000);
afterAll(() => rmSync(place, { recursive: true, force: true }));

const release = (path = ""): string => join(place, "release", path);
const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();

const systems = [
  { name: "Linux", app: "linux-unpacked", program: "DeskPair", resources: "resources" },
  { name: "Windows", app: "win-unpacked", program: "DeskPair.exe", resources: "resources" },
  { name: "macOS", app: "mac", program: "DeskPair.app", resources: "DeskPair.app/Contents/Resources" },
] as const;
const archiveOf = ({ app, resources }: (typeof systems)[number]) =>
  readArchive(release(`${app}/${resources}/app.asar`));

/** What lies beside the archive, on every system. */
const documents = [
  "LICENSE.txt",
  "THIRD-PARTY-LICENCES.txt",
  "app.asar",
  "bill-of-materials.cdx.json",
  "docs/admin-guide.md",
  ...filesBelow(join(root, "docs/fleet")).map((path) => `docs/fleet/${path}`),
  "policy/linux/policies.json",
  "policy/macos/DeskPair.jamf.json",
  "policy/macos/DeskPair.mobileconfig",
  "policy/macos/com.deskpair.DeskPair.plist",
  "policy/windows/DeskPair.admx",
  "policy/windows/en-US/DeskPair.adml",
];

describe("the archive", () => {
  /** The bundler names parts that are loaded later by their content; all else is listed. */
  const unhashed = (path: string): string => path.replace(/-[\w-]{8}(?=\.\w+$)/, "-HASH");

  test("has exactly the files that belong in it", () => {
    const { files } = archiveOf(systems[0]);
    const chunks = files.filter((path) => path.startsWith("out/main/chunks/"));
    expect(
      files
        .filter((path) => !chunks.includes(path))
        .map(unhashed)
        .toSorted(),
    ).toEqual([
      "out/enrolment/index.html",
      "out/enrolment/page.js",
      "out/main/index.js",
      "out/preload/enrolment.cjs",
      "out/preload/index.cjs",
      "out/renderer/assets/icon-HASH.svg",
      "out/renderer/assets/index-HASH.css",
      "out/renderer/assets/index-HASH.js",
      "out/renderer/index.html",
      "package.json",
    ]);
    for (const path of chunks) expect(unhashed(path)).toMatch(/^out\/main\/chunks\/[\w-]+-HASH\.js$/);
  });

  test("has every file of the main process that is imported, and none that is not", () => {
    const { files, read } = archiveOf(systems[0]);
    const reached = new Set<string>();
    const follow = (path: string): void => {
      if (reached.has(path)) return;
      reached.add(path);
      for (const [, specifier = ""] of read(path)
        .toString()
        .matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)) {
        follow(join(dirname(path), specifier));
      }
    };
    follow("out/main/index.js");
    expect([...reached].toSorted()).toEqual(files.filter((path) => path.startsWith("out/main/")));
  });

  test("needs nothing that is not in it but Electron and what Node brings", () => {
    const { files, read } = archiveOf(systems[0]);
    const asked = files
      .filter((path) => /^out\/(?:main|preload)\//.test(path))
      .flatMap((path) =>
        [
          ...read(path)
            .toString()
            .matchAll(/^import\b[^;'"]*["']([^"'.][^"']*)["']|\brequire\("([^".][^"]*)"\)/gm),
        ].map(([, imported, required]) => imported ?? required ?? ""),
      );
    expect(asked).toContain("electron");
    const foreign = asked.filter((name) => name !== "electron" && !name.startsWith("node:"));
    expect(foreign.filter((name) => !builtinModules.includes(name))).toEqual([]);
  });

  test("is the same for every system, and at most 4 MB", () => {
    const [linux, ...others] = systems.map(archiveOf);
    expect(linux?.size).toBeLessThanOrEqual(4 * 1024 * 1024);
    for (const other of others) expect(other.hash).toBe(linux?.hash);
  });

  test("says who it is, and nothing of how it is made", () => {
    const { read } = archiveOf(systems[0]);
    expect(JSON.parse(read("package.json").toString())).toEqual({
      name: "deskpair",
      productName: "DeskPair",
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      description: expect.any(String),
      license: "MIT",
      type: "module",
      main: "out/main/index.js",
      desktopName: "com.deskpair.DeskPair.desktop",
      author: { name: "The DeskPair authors" },
      homepage: expect.any(String),
    });
  });

  test("is all that the app needs to start and show its window", async () => {
    const { files, read } = archiveOf(systems[0]);
    const folder = join(place, "app");
    for (const path of files) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), read(path));
    }
    const app = await launchApp({ app: folder });
    try {
      const page = await app.firstWindow();
      await page.getByRole("heading", { level: 1 }).waitFor();
      expect(await app.evaluate(({ app: { name } }) => name)).toBe("DeskPair");
    } finally {
      await app.close();
    }
  }, 60_000);

  test("asks nobody for updates", () => {
    const { files, read } = archiveOf(systems[0]);
    for (const path of files) {
      expect(read(path).toString("latin1")).not.toMatch(
        /\bautoUpdater\b|electron-updater|setFeedURL|update\.electronjs\.org/,
      );
    }
    expect(filesBelow(release()).filter((path) => /update|latest.*\.yml$/i.test(path))).toEqual([]);
  });
});

describe.each(systems)("the folder for $name", (system) => {
  test("has these files beside the archive", () => {
    const own = { Linux: [], Windows: ["native/registry.node"], macOS: ["en.lproj/InfoPlist.strings", "icon.icns"] }[
      system.name
    ];
    const found = filesBelow(release(`${system.app}/${system.resources}`));
    expect(found).toEqual([...documents, ...own].toSorted());
  });

  test("has every fuse as it was decided, read back from the program", async () => {
    const { version, ...wire } = await getCurrentFuseWire(release(`${system.app}/${system.program}`));
    expect(version).toBe("1");
    const decided = Object.entries(fuses).map(([fuse, on]) => [fuse, on ? FuseState.ENABLE : FuseState.DISABLE]);
    expect(wire).toEqual(Object.fromEntries(decided));
    expect(wire).toMatchObject({ [FuseV1Options.RunAsNode]: FuseState.DISABLE });
  });

  test("is also in a zip, and its checksum in the list", () => {
    const short = { Linux: "linux", Windows: "win", macOS: "mac" }[system.name];
    const name = readdirSync(release()).find((file) => file.endsWith(`-${short}-x64.zip`)) ?? "";
    const sum = createHash("sha256")
      .update(readFileSync(release(name)))
      .digest("hex");
    expect(readFileSync(release("SHA256SUMS"), "utf8").split("\n")).toContain(`${sum}  ${name}`);
    // The names stand in a zip as they are.
    const bytes = readFileSync(release(name));
    expect(bytes.includes(`${system.resources}/app.asar`)).toBe(true);
    expect(bytes.includes("app-update.yml")).toBe(false);
  });

  test("has Chromium's texts in one language", () => {
    const found = filesBelow(release(system.app)).filter((path) => path.endsWith(".pak"));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/en(?:-US)?(?:\.lproj\/locale)?\.pak$/);
  });
});

test("Windows: the program has the hash of the archive in its resources, and says who it is", () => {
  const program = readFileSync(release("win-unpacked/DeskPair.exe"));
  const integrity = [{ file: "resources\\app.asar", alg: "SHA256", value: archiveOf(systems[1]).hash }];
  expect(program.includes(Buffer.from(JSON.stringify(integrity)))).toBe(true);
  for (const text of ["DeskPair", "The DeskPair authors"]) {
    expect(program.includes(Buffer.from(text, "utf16le"))).toBe(true);
  }
  // For updaters alone.
  expect(filesBelow(release("win-unpacked"))).not.toContain("resources/elevate.exe");
});

test("macOS: the property list has the hash of the archive, the identity, and the oldest system", () => {
  const list = readFileSync(release("mac/DeskPair.app/Contents/Info.plist"), "utf8").replace(/>\s+</g, "><");
  expect(list).toContain(
    `<key>ElectronAsarIntegrity</key><dict><key>Resources/app.asar</key><dict><key>algorithm</key><string>SHA256</string><key>hash</key><string>${archiveOf(systems[2]).hash}</string>`,
  );
  expect(list).toContain("<key>CFBundleIdentifier</key><string>com.deskpair.DeskPair</string>");
  expect(list).toContain("<key>LSMinimumSystemVersion</key><string>13.0</string>");
});
