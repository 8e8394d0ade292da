import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { root } from "../processes.ts";
import { type LockedPackage, productionPackages } from "./lockfile.ts";

const manifestSchema = z.object({
  version: z.string(),
  license: z.string(),
  description: z.string(),
  dependencies: z.record(z.string(), z.string()),
  optionalDependencies: z.record(z.string(), z.string()),
});

/**
 * The software bill of materials in CycloneDX 1.6 (cyclonedx.org/docs/1.6/json): Electron, and every npm package that
 * can be in the product, with version, licence and the checksum by which npm has taken it. The same sources give the
 * same text: there is no date in it, and its number is made of the rest.
 */
export function billOfMaterials(): string {
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
  const packages = productionPackages();
  const own = `pkg:generic/deskpair@${manifest.version}`;
  const electron = electronComponent();
  const bill = {
    metadata: {
      component: {
        type: "application",
        "bom-ref": own,
        name: "DeskPair",
        version: manifest.version,
        description: manifest.description,
        licenses: licences(manifest.license),
        purl: own,
      },
    },
    // The same package may be in two places; it is one component.
    components: [...new Map([electron, ...[...packages.values()].map(component)].map((c) => [c.purl, c])).values()],
    dependencies: [
      {
        ref: own,
        dependsOn: [
          electron.purl,
          ...Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }).flatMap((name) =>
            references(packages, [`node_modules/${name}`]),
          ),
        ],
      },
      ...dependencies(packages),
    ],
  };
  return `${JSON.stringify(
    { bomFormat: "CycloneDX", specVersion: "1.6", serialNumber: numberOf(JSON.stringify(bill)), version: 1, ...bill },
    null,
    2,
  )}\n`;
}

function component(of: LockedPackage) {
  const purl = packageUrl(of);
  const [group, name] = of.name.startsWith("@") ? of.name.split("/") : [undefined, of.name];
  return {
    type: "library",
    "bom-ref": purl,
    ...(group === undefined ? {} : { group }),
    name: name ?? of.name,
    version: of.version,
    scope: of.optional ? "optional" : "required",
    hashes: [{ alg: "SHA-512", content: Buffer.from(of.integrity.replace(/^sha512-/, ""), "base64").toString("hex") }],
    licenses: licences(of.licence),
    purl,
  };
}

/** Electron is a tool for npm, because nothing of its package is shipped; what it downloads is the larger part of us. */
function electronComponent() {
  const { version, license } = z
    .object({ version: z.string(), license: z.string() })
    .parse(JSON.parse(readFileSync(join(root, "node_modules/electron/package.json"), "utf8")));
  const purl = `pkg:npm/electron@${version}`;
  return {
    type: "framework",
    "bom-ref": purl,
    name: "electron",
    version,
    scope: "required",
    description: "Brings Chromium and Node; their licences are in LICENSES.chromium.html beside the app.",
    licenses: licences(license),
    purl,
  };
}

/** github.com/package-url/purl-spec: the at sign of a scope is escaped. */
const packageUrl = (of: LockedPackage): string => `pkg:npm/${of.name.replace("@", "%40")}@${of.version}`;

/** A licence by its SPDX name, or an expression of several. */
const licences = (spdx: string) => (/[ (]/.test(spdx) ? [{ expression: spdx }] : [{ license: { id: spdx } }]);

const references = (packages: ReadonlyMap<string, LockedPackage>, paths: readonly string[]): readonly string[] =>
  paths.flatMap((path) => {
    const found = packages.get(path);
    return found === undefined ? [] : [packageUrl(found)];
  });

function dependencies(packages: ReadonlyMap<string, LockedPackage>) {
  const byReference = new Map<string, Set<string>>();
  for (const each of packages.values()) {
    const known = byReference.get(packageUrl(each)) ?? new Set<string>();
    for (const reference of references(packages, each.dependencies)) known.add(reference);
    byReference.set(packageUrl(each), known);
  }
  return [...byReference].map(([ref, found]) => ({ ref, dependsOn: [...found].toSorted() }));
}

/** A UUID of version 8, which RFC 9562 leaves to whoever makes it: here it is made of the content. */
function numberOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  const [a, b, c, d, e] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 15), hex.slice(15, 18), hex.slice(18, 30)];
  return `urn:uuid:${a}-${b}-8${c}-a${d}-${e}`;
}
