import {
  copyFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import * as z from "zod/mini";
import { builderFolder, loadBuilder } from "../../scripts/package/builder.ts";
import { configuration } from "../../scripts/package/configuration.ts";
import { layOut, type Stage } from "../../scripts/package/stage.ts";
import { root } from "../../scripts/processes.ts";
import { packagingPlace } from "./packaging.ts";

let stage: Stage;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "deskpair-stage-"));
  stage = layOut(folder, null);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const made = (unsigned = false) =>
  configuration({ stage, output: join(folder, "release"), unsigned, compression: "store" });

describe("the configuration", () => {
  /** electron-builder's own schema and the validator that it brings. */
  const load = createRequire(join(builderFolder, "package.json"));
  const validate = (given: object): readonly string[] => {
    const Validator: new (options: object) => Ajv = load("ajv");
    const ajv = new Validator({ strict: false, allErrors: true });
    const schema: object = JSON.parse(
      readFileSync(join(builderFolder, "node_modules/app-builder-lib/scheme.json"), "utf8"),
    );
    // Hooks are functions, which JSON does not know; the schema takes the name of a file in their place.
    const plain: unknown = JSON.parse(
      JSON.stringify(given, (_key, value: unknown) => (typeof value === "function" ? "hook.js" : value)),
    );
    return ajv.validate(schema, plain) ? [] : ajv.errorsText().split(", ");
  };

  test("is one that electron-builder knows, with and without signing", () => {
    expect(validate(made())).toEqual([]);
    expect(validate(made(true))).toEqual([]);
    // The validator does look.
    expect(validate({ ...made(), msi: { ...made().msi, perMachin: true } })).not.toEqual([]);
  });

  test("publishes nothing, signs what must be signed, and leaves the fuses to us", () => {
    expect(made()).toMatchObject({ appId: "com.deskpair.DeskPair", publish: null, forceCodeSigning: true, asar: true });
    expect(made()).not.toHaveProperty("electronFuses");
    expect(made().mac).toMatchObject({ hardenedRuntime: true, notarize: true });
    expect(made(true).mac).toMatchObject({ identity: null, notarize: false });
  });

  test("installs for all users, without a question, and starts nothing afterwards", () => {
    for (const each of [made().msi, made().nsis]) {
      expect(each).toMatchObject({
        oneClick: true,
        perMachine: true,
        runAfterFinish: false,
        createDesktopShortcut: false,
      });
    }
    expect(made().pkg).toMatchObject({ allowCurrentUserHome: false, allowAnywhere: false, isRelocatable: false });
  });

  test("keeps the two numbers by which Windows finds an older version, whatever else changes", () => {
    expect(made().msi.upgradeCode).toBe("3601367E-6D84-45BA-A6B9-B40B36AE4473");
    expect(made().nsis.guid).toBe("1b58cd09-7aca-424c-82ea-323cbe8abd13");
  });

  /** macOS has codesign; here a stand-in writes down what it is asked for. */
  test.skipIf(process.platform === "win32")(
    "asks macOS for one right for the app and one more for the command line",
    async () => {
      const place = mkdtempSync(join(tmpdir(), "deskpair-sign-"));
      onTestFinished(() => {
        vi.unstubAllEnvs();
        rmSync(place, { recursive: true, force: true });
      });
      const app = join(place, "DeskPair.app");
      const programs = ["Contents/MacOS/DeskPair", "Contents/Resources/bin/deskpair", "Contents/Frameworks/Helper"];
      for (const program of programs) {
        mkdirSync(dirname(join(app, program)), { recursive: true });
        writeFileSync(join(app, program), Buffer.from([0xcf, 0xfa, 0xed, 0xfe, 0, 0, 0, 0]));
      }
      const asked = join(place, "asked");
      writeFileSync(join(place, "codesign"), `#!/bin/sh\necho "$*" >> '${asked}'\n`, { mode: 0o755 });
      vi.stubEnv("PATH", `${place}${delimiter}${process.env["PATH"]}`);

      const { sign, entitlements, entitlementsInherit } = made().mac;
      // As electron-builder hands it over (MacTargetHelper.buildSignOptions).
      const given = {
        app,
        platform: "darwin",
        identity: "nobody",
        identityValidation: false,
        preAutoEntitlements: false,
        optionsForFile: (file: string) => ({ entitlements: file === app ? entitlements : entitlementsInherit }),
      };
      await sign(given);

      const rights = new Map(
        readFileSync(asked, "utf8")
          .split("\n")
          .flatMap((line): [string, readonly string[]][] => {
            const [, plist, file] = /--entitlements (\S+\.plist) (\S+)$/.exec(line) ?? [];
            if (plist === undefined || file === undefined) return [];
            const keys = readFileSync(plist, "utf8").matchAll(/<key>com\.apple\.security\.cs\.([^<]*)<\/key>/g);
            return [[file.slice(app.length + 1), [...keys].map(([, key = ""]) => key)]];
          }),
      );
      const one = ["allow-jit"];
      expect(rights).toEqual(
        new Map([
          ["", one],
          ["Contents/MacOS/DeskPair", one],
          ["Contents/Frameworks/Helper", one],
          ["Contents/Resources/bin/deskpair", ["allow-jit", "disable-library-validation"]],
        ]),
      );
    },
  );

  test("names files that are there, and scripts that can be run", () => {
    const { win, mac, linux, deb, rpm, pkg } = made();
    const files = [
      win.icon,
      mac.icon,
      linux.icon,
      deb.afterInstall,
      deb.afterRemove,
      deb.appArmorProfile,
      rpm.afterInstall,
    ];
    for (const file of files) expect(() => statSync(file)).not.toThrow();
    expect(statSync(join(root, "packaging", pkg.scripts, "postinstall")).mode & 0o111).not.toBe(0);
  });
});

test("of a folder with the command line only the program and its licence are taken", () => {
  const place = mkdtempSync(join(tmpdir(), "deskpair-stage-"));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const built = join(place, "built");
  mkdirSync(built);
  for (const name of ["deskpair", "deskpair.fresh", "LICENSE.node.txt"]) writeFileSync(join(built, name), name);
  const { resources } = layOut(join(place, "stage"), built);
  expect(readdirSync(join(resources, "bin")).toSorted()).toEqual(["LICENSE.node.txt", "deskpair"]);
  expect(statSync(join(resources, "bin/deskpair")).mode & 0o777).toBe(0o755);
});

test("every package that electron-builder is made of is held by its hash, and none runs code when it is installed", () => {
  const { packages } = z
    .object({
      packages: z.record(
        z.string(),
        z.object({ integrity: z.optional(z.string()), hasInstallScript: z.optional(z.boolean()) }),
      ),
    })
    .parse(JSON.parse(readFileSync(join(builderFolder, "package-lock.json"), "utf8")));
  const foreign = Object.entries(packages).filter(([path]) => path !== "");
  expect(foreign.length).toBeGreaterThan(100);
  expect(foreign.filter(([, { integrity }]) => !integrity?.startsWith("sha512-"))).toEqual([]);
  expect(foreign.filter(([, { hasInstallScript }]) => hasInstallScript === true)).toEqual([]);
});

test("the recipes for Windows call the command where the packages put it: beside the app it would be the app", () => {
  const recipes = globSync("docs/fleet/**/*.ps1", { cwd: root });
  expect(recipes.length).toBeGreaterThan(0);
  for (const recipe of recipes) {
    const [, path] = /\$env:ProgramFiles '([^']+)'/.exec(readFileSync(join(root, recipe), "utf8")) ?? [];
    expect(path, recipe).toBe(String.raw`DeskPair\resources\bin\deskpair.exe`);
  }
});

/**
 * WiX runs on Windows alone, but what it is told is written here: electron-builder makes the project and shows it to a
 * hook before it looks for WiX.
 */
test("the MSI is for all users, replaces older ones, and has one shortcut and no action that starts DeskPair", async () => {
  const place = await packagingPlace();
  try {
    const project = join(place, "project.wxs");
    const { build } = await loadBuilder();
    mkdirSync(join(place, "release"));
    const seen = new Error("the project is written");
    const building = build({
      projectDir: stage.app,
      publish: "never",
      win: ["msi"],
      x64: true,
      config: {
        ...configuration({
          stage,
          output: join(place, "release"),
          electronFolders: join(place, "electron"),
          unsigned: true,
          compression: "store",
        }),
        msiProjectCreated: (file: string) => {
          copyFileSync(file, project);
          throw seen;
        },
      },
    });
    await expect(building).rejects.toThrow(seen.message);
    const text = readFileSync(project, "utf8");
    expect(text).toContain(`UpgradeCode="${made().msi.upgradeCode}"`);
    expect(text).toContain('Manufacturer="The DeskPair authors"');
    expect(text).toContain('<Property Id="ALLUSERS" Secure="yes" Value="1"/>');
    expect(text).toContain("<MajorUpgrade ");
    expect(text).toContain('<Directory Id="ProgramFiles64Folder">');
    expect(text.match(/<Shortcut Id="[^"]*"/g)).toEqual(['<Shortcut Id="startMenuShortcut"']);
    expect(text).not.toMatch(/CustomAction|runAfterFinish|ServiceInstall|ScheduledTask|RegistryValue/);
    expect(text).toContain("app.asar");
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}, 60_000);

type Ajv = { validate(schema: object, data: unknown): boolean; errorsText(): string };
