import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { root } from "./source.ts";

const read = (path: string): string => readFileSync(join(root, path), "utf8");
const names = z.record(z.string(), z.string());
const manifest = z
  .object({ dependencies: names, optionalDependencies: names, devDependencies: names, scripts: names, engines: names })
  .parse(JSON.parse(read("package.json")));
const dependencies = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.devDependencies };

describe("45: what is installed is what was meant", () => {
  test("every version is exact", () => {
    const ranged = Object.entries(dependencies).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[a-z]+\.\d+)?$/.test(version),
    );
    expect(ranged).toEqual([]);
  });

  test("npm runs nothing of a package, and asks for none", () => {
    const options = read(".npmrc")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    expect(options).toEqual(expect.arrayContaining(["ignore-scripts=true", "save-exact=true"]));
    const hooks = Object.keys(manifest.scripts).filter((name) =>
      /^(pre|post)?(install|prepare|pack|publish|publishOnly)$/.test(name),
    );
    expect(hooks).toEqual([]);
  });

  const packages = z
    .object({
      packages: z.record(
        z.string(),
        z.object({
          version: z.optional(z.string()),
          integrity: z.optional(z.string()),
          resolved: z.optional(z.string()),
          link: z.optional(z.boolean()),
          hasInstallScript: z.optional(z.boolean()),
          optional: z.optional(z.boolean()),
          optionalDependencies: z.optional(names),
        }),
      ),
    })
    .parse(JSON.parse(read("package-lock.json"))).packages;
  const foreign = Object.entries(packages).filter(
    ([path, { link }]) => path.includes("node_modules/") && link !== true,
  );

  test("every package of the lockfile is held by its hash, and by no address", () => {
    expect(foreign.length).toBeGreaterThan(50);
    expect(foreign.filter(([, { integrity }]) => !integrity?.startsWith("sha512-")).map(([path]) => path)).toEqual([]);
    expect(Object.entries(packages).filter(([, { resolved }]) => resolved?.includes("://") === true)).toEqual([]);
  });

  test("every platform's package is locked: npm drops one that its registry lacks, and `npm ci` then fails", () => {
    const wanted = Object.values(packages).flatMap(({ optionalDependencies }) =>
      Object.keys(optionalDependencies ?? {}),
    );
    expect(wanted.length).toBeGreaterThan(20);
    const locked = new Set(foreign.map(([path]) => path.slice(path.lastIndexOf("node_modules/") + 13)));
    expect(wanted.filter((name) => !locked.has(name))).toEqual([]);
  });

  test("no package that we need wants to run code when it is installed", () => {
    // fsevents is an optional file watcher for the Mac, and native-reg brings its library compiled: both without a script.
    const known = new Set([
      "node_modules/fsevents",
      "node_modules/playwright/node_modules/fsevents",
      "node_modules/native-reg",
    ]);
    const scripted = foreign.filter(([path, { hasInstallScript }]) => hasInstallScript === true && !known.has(path));
    expect(scripted.map(([path]) => path)).toEqual([]);
  });

  const registry = join(root, "node_modules/native-reg");
  if (!existsSync(registry))
    console.warn("Not run: what native-reg brings. It is not installed, and only Windows needs it.");
  test.skipIf(!existsSync(registry))("native-reg brings compiled what its script would compile", () => {
    for (const processor of ["x64", "arm64"]) {
      const library = readFileSync(join(registry, `prebuilds/win32-${processor}/node.napi.node`));
      expect(library.subarray(0, 2).toString()).toBe("MZ");
    }
  });

  test("the lockfile is of this package.json", () => {
    const installed = Object.entries(dependencies).map(([name]) => [name, packages[`node_modules/${name}`]?.version]);
    expect(Object.fromEntries(installed)).toEqual(dependencies);
  });
});

/**
 * When each major of Electron came out. The latest three are supported and a new one comes every eight weeks
 * (electronjs.org/docs/latest/tutorial/electron-timelines), so each has about 24 weeks. A new major is a new line.
 */
const released: Readonly<Record<string, string>> = {
  "43": "2026-06-30",
  "44": "2026-08-25",
  "45": "2026-10-20",
};
const supportedDays = 24 * 7;

describe("45: Electron", () => {
  const [major = ""] = (dependencies["electron"] ?? "").split(".");

  test("is of a major that still gets security fixes", () => {
    const date = released[major];
    expect(date, `Electron ${major} is not in the table of test/arch/repository.test.ts`).toBeDefined();
    const age = (Date.now() - Date.parse(`${date}T00:00:00Z`)) / 86_400_000;
    expect(age, `Electron ${major} is out of support: take a newer one`).toBeLessThan(supportedDays);
  });

  test("has no step that would fetch its binary while it is installed", () => {
    const { scripts = {} } = z
      .object({ scripts: z.optional(names) })
      .parse(JSON.parse(read("node_modules/electron/package.json")));
    expect(Object.keys(scripts).filter((name) => /install/.test(name))).toEqual([]);
  });
});

test("every dependency has its line in docs/dependencies.md: what for, and why this one", () => {
  const journal = existsSync(join(root, "docs/dependencies.md")) ? read("docs/dependencies.md") : "";
  // A row of a table: the name, what for, why this one.
  const rows = journal.split("\n").map((line) =>
    line
      .split("|")
      .map((cell) => cell.trim())
      .filter((cell) => cell !== ""),
  );
  const explained = (name: string): boolean =>
    rows.some((cells) => cells.length >= 3 && cells[0]?.includes(`\`${name}\``));
  expect(Object.keys(dependencies).filter((name) => !explained(name))).toEqual([]);
});

describe("what is tracked", () => {
  const tracked = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  })
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(root, path)) && statSync(join(root, path)).isFile());
  const textFiles = tracked.filter((path) => !/\.(png|jpg|ico|icns|woff2)$/.test(path));

  test("mentions no place on the machine where it was written", () => {
    expect(tracked.length).toBeGreaterThan(50);
    // Built of pieces, so that this file does not mention what it looks for.
    const places = [
      ["", "work", "main"],
      ["", "work", "shared"],
      ["..", "shared"],
      ["", "tmp", "brief"],
      ["", "tmp", "mine"],
    ];
    const wanted = places.map((parts) => parts.join("/"));
    const home = homedir();
    if (home.split("/").length > 2) wanted.push(home);
    const found = textFiles.flatMap((path) => {
      const text = read(path);
      return wanted.filter((place) => text.includes(place)).map((place) => `${path}: ${place}`);
    });
    expect(found).toEqual([]);
  });

  test("holds no private key and nothing that was built or installed", () => {
    const keys = textFiles.filter((path) => /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(read(path)));
    expect(keys).toEqual([]);
    expect(tracked.filter((path) => /^(out|dist|node_modules)\//.test(path) || basename(path) === ".env")).toEqual([]);
  });
});
