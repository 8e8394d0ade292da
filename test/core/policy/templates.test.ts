import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { policyFiles } from "../../../scripts/policy-files.ts";
import { root } from "../../../scripts/processes.ts";
import { type PolicyName, policyNames, policyOf } from "../../../src/core/policy/policies.ts";
import { policySections } from "../../../src/core/policy/policy.ts";
import { parseXml, type Tree } from "./xml.ts";

const read = (path: string): string => readFileSync(join(root, path), "utf8");

test.each([...policyFiles()])("%s is up to date (node scripts/run.mjs policy-files)", (path, text) => {
  expect(existsSync(join(root, path)) && read(path)).toBe(text);
});

/**
 * What Microsoft's PolicyDefinitions schema allows each element that we use: its attributes (`?`: may be left out), and
 * what stands in it, in this order, as a regular expression over the names of its children.
 */
const allowed: Readonly<
  Record<string, { readonly attributes: string; readonly children: RegExp; readonly text?: true }>
> = {
  policyDefinitions: {
    attributes: "revision schemaVersion xmlns",
    children: /^policyNamespaces resources supportedOn categories policies $/,
  },
  policyNamespaces: { attributes: "", children: /^target (using )*$/ },
  target: { attributes: "prefix namespace", children: /^$/ },
  supportedOn: { attributes: "ref?", children: /^(definitions )?$/ },
  definitions: { attributes: "", children: /^(definition )+$/ },
  definition: { attributes: "name displayName", children: /^$/ },
  categories: { attributes: "", children: /^(category )+$/ },
  category: { attributes: "name displayName explainText?", children: /^(parentCategory )?$/ },
  parentCategory: { attributes: "ref", children: /^$/ },
  policies: { attributes: "", children: /^(policy )+$/ },
  policy: {
    attributes: "name class displayName explainText? presentation? key valueName?",
    children: /^(parentCategory )?supportedOn (enabledValue )?(disabledValue )?(elements )?$/,
  },
  enabledValue: { attributes: "", children: /^decimal $/ },
  disabledValue: { attributes: "", children: /^decimal $/ },
  elements: { attributes: "", children: /^((decimal|text|enum|list) )+$/ },
  decimal: { attributes: "id? valueName? required? minValue? maxValue? value?", children: /^$/ },
  text: { attributes: "id valueName? required? maxLength?", children: /^$/ },
  enum: { attributes: "id valueName? required?", children: /^(item )*$/ },
  list: { attributes: "id key? valuePrefix?", children: /^$/ },
  item: { attributes: "displayName", children: /^value $/ },
  value: { attributes: "", children: /^string $/ },
  policyDefinitionResources: {
    attributes: "revision schemaVersion xmlns",
    children: /^displayName description resources $/,
  },
  displayName: { attributes: "", children: /^$/, text: true },
  description: { attributes: "", children: /^$/, text: true },
  resources: { attributes: "minRequiredRevision? fallbackCulture?", children: /^(stringTable presentationTable )?$/ },
  stringTable: { attributes: "", children: /^(string )+$/ },
  string: { attributes: "id?", children: /^$/, text: true },
  presentationTable: { attributes: "", children: /^(presentation )+$/ },
  presentation: { attributes: "id", children: /^((dropdownList|decimalTextBox|textBox|listBox) )*$/ },
  dropdownList: { attributes: "refId noSort? defaultItem?", children: /^$/, text: true },
  decimalTextBox: { attributes: "refId defaultValue? spin?", children: /^$/, text: true },
  listBox: { attributes: "refId", children: /^$/, text: true },
  textBox: { attributes: "refId", children: /^label (defaultValue )?$/ },
  label: { attributes: "", children: /^$/, text: true },
};

function objections({ name, attributes, children, text }: Tree): readonly string[] {
  const rule = allowed[name];
  if (rule === undefined) return [`${name} is no element`];
  const names = rule.attributes.split(" ").filter((each) => each !== "");
  const known = new Set(names.map((each) => each.replace("?", "")));
  const missing = names.filter((each) => !each.endsWith("?") && !Object.hasOwn(attributes, each));
  return [
    ...missing.map((each) => `${name} lacks ${each}`),
    ...Object.keys(attributes).flatMap((each) => (known.has(each) ? [] : [`${name} has ${each}`])),
    ...(rule.children.test(children.map((child) => `${child.name} `).join(""))
      ? []
      : [`${name} holds the wrong things`]),
    ...(rule.text === true || text.trim() === "" ? [] : [`${name} has text in it`]),
    ...children.flatMap(objections),
  ];
}

const admx = parseXml(read("policy/windows/DeskPair.admx"));
const adml = parseXml(read("policy/windows/en-US/DeskPair.adml"));
const all = (tree: Tree, name: string): readonly Tree[] => [
  ...(tree.name === name ? [tree] : []),
  ...tree.children.flatMap((child) => all(child, name)),
];
const child = (tree: Tree | undefined, name: string): Tree | undefined =>
  tree?.children.find((each) => each.name === name);

describe("ADMX and ADML", () => {
  test("have the structure of Microsoft's schema, in one revision", () => {
    expect(objections(admx)).toEqual([]);
    expect(objections(adml)).toEqual([]);
    for (const file of [admx, adml]) {
      expect(file.attributes["xmlns"]).toBe("http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions");
      expect(file.attributes["revision"]).toBe(child(admx, "resources")?.attributes["minRequiredRevision"]);
    }
  });

  test("the check sees what it should", () => {
    const planted = parseXml(
      '<policies><policy name="A" class="Both"><elements/><supportedOn ref="x"/>x</policy></policies>',
    );
    expect(objections(planted)).toEqual([
      "policy lacks displayName",
      "policy lacks key",
      "policy holds the wrong things",
      "policy has text in it",
      "elements holds the wrong things",
    ]);
    for (const broken of [
      "<a><b></a></b>",
      "<a>&nbsp;</a>",
      "<a>",
      "<a/><b/>",
      "<a b='c'/>",
      '<a b="1" b="2"/>',
      "<a>&</a>",
    ]) {
      expect(() => parseXml(broken)).toThrow();
    }
  });

  test("every reference leads somewhere, and nothing is there for nothing", () => {
    const source = read("policy/windows/DeskPair.admx");
    const used = (kind: string): Set<string> =>
      new Set([...source.matchAll(new RegExp(`"\\$\\(${kind}\\.([^)]*)\\)"`, "g"))].map(([, id = ""]) => id));
    const ids = (name: string): readonly string[] => all(adml, name).map(({ attributes }) => attributes["id"] ?? "");
    expect(new Set(ids("string"))).toEqual(used("string"));
    expect(new Set(ids("presentation"))).toEqual(used("presentation"));
    expect(new Set(ids("string")).size).toBe(ids("string").length);
    expect(ids("string").filter((id) => !/^[\p{L}\p{N}_]+$/u.test(id))).toEqual([]);
    const names = new Set(
      ["category", "definition"].flatMap((kind) => all(admx, kind).map((each) => each.attributes["name"])),
    );
    const refs = ["parentCategory", "supportedOn"].flatMap((kind) =>
      all(admx, kind).flatMap((each) => each.attributes["ref"] ?? []),
    );
    expect(refs.filter((ref) => !names.has(ref))).toEqual([]);
    expect(all(admx, "category")).toHaveLength(policySections.length + 1);
  });

  test("every policy is there once, in the computer's and the user's part, where the reader looks", () => {
    const found = all(admx, "policy");
    expect(found.map(({ attributes }) => attributes["name"])).toEqual(policyNames);
    const key = "Software\\Policies\\DeskPair";
    for (const policy of found) {
      const name = policy.attributes["name"] ?? "";
      expect(policy.attributes).toMatchObject({ class: "Both", key });
      const [element] = child(policy, "elements")?.children ?? [];
      const value = element?.name === "list" ? element.attributes["key"] : (element ?? policy).attributes["valueName"];
      expect(value).toBe(element?.name === "list" ? `${key}\\${name}` : name);
    }
  });

  test("each control in a presentation is for its element, and of the kind that fits", () => {
    const controls: Readonly<Record<string, string>> = {
      enum: "dropdownList",
      decimal: "decimalTextBox",
      text: "textBox",
      list: "listBox",
    };
    for (const policy of all(admx, "policy")) {
      const [element] = child(policy, "elements")?.children ?? [];
      const shown = all(adml, "presentation").find(({ attributes }) => attributes["id"] === policy.attributes["name"]);
      expect(shown === undefined).toBe(element === undefined);
      if (element === undefined) continue;
      expect(shown?.children).toMatchObject([
        { name: controls[element.name], attributes: { refId: element.attributes["id"] } },
      ]);
    }
  });

  test("bounds and choices are those of the settings", () => {
    for (const policy of all(admx, "policy")) {
      const { kind } = policyOf(policy.attributes["name"] as PolicyName);
      const choices = all(policy, "string").map(({ text }) => text);
      expect(choices).toEqual([...kind.choices]);
      if (kind.type !== "number") continue;
      expect(all(policy, "decimal")[0]?.attributes).toMatchObject({
        minValue: `${kind.least}`,
        maxValue: `${kind.most}`,
      });
    }
  });
});
