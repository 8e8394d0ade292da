import { type PolicyName, policyNames, policyOf } from "../../src/core/policy/policies.ts";
import { policySections } from "../../src/core/policy/policy.ts";
import { explanationOf } from "./words.ts";
import { type Element, element, render } from "./xml.ts";

/**
 * The templates of Group Policy and Intune: what there is (ADMX) and the words for it (ADML). Form: Microsoft, "Group
 * Policy ADMX Syntax Reference Guide" and its PolicyDefinitions schema.
 */

const key = "Software\\Policies\\DeskPair";
const schema = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions";
const versions = { revision: "1.0", schemaVersion: "1.0", xmlns: schema };
const declaration = '<?xml version="1.0" encoding="utf-8"?>\n';

const words = (id: string): string => `$(string.${id})`;
/** Ids are letters, digits and underscores. */
const id = (text: string): string => text.replaceAll(/[^A-Za-z0-9]+/g, "_");
const categoryId = (section: string): string => `Category_${id(section)}`;
const supportedId = (since: string): string => `Supported_${id(since)}`;
const choiceId = (name: PolicyName, value: string): string => `${name}_${id(value)}`;
const sinceAll = [...new Set(policyNames.map((name) => policyOf(name).since))];

export function admx(): string {
  const categories = [
    element("category", { name: "DeskPair", displayName: words("DeskPair") }),
    ...policySections.map((section) =>
      element("category", { name: categoryId(section), displayName: words(categoryId(section)) }, [
        element("parentCategory", { ref: "DeskPair" }),
      ]),
    ),
  ];
  const definitions = sinceAll.map((since) =>
    element("definition", { name: supportedId(since), displayName: words(supportedId(since)) }),
  );
  return `${declaration}${render(
    element("policyDefinitions", versions, [
      element("policyNamespaces", {}, [element("target", { prefix: "deskpair", namespace: "DeskPair.Policies" })]),
      element("resources", { minRequiredRevision: "1.0", fallbackCulture: "en-US" }),
      element("supportedOn", {}, [element("definitions", {}, definitions)]),
      element("categories", {}, categories),
      element("policies", {}, policyNames.map(definition)),
    ]),
  )}`;
}

function definition(name: PolicyName): Element {
  const { kind, section, since } = policyOf(name);
  const isSwitch = kind.type === "switch";
  const attributes = {
    name,
    // Of the computer or of the user; the computer's goes before the user's.
    class: "Both",
    displayName: words(name),
    explainText: words(`${name}_Explain`),
    key,
    ...(isSwitch ? { valueName: name } : { presentation: `$(presentation.${name})` }),
  };
  const switched = [
    element("enabledValue", {}, [element("decimal", { value: "1" })]),
    element("disabledValue", {}, [element("decimal", { value: "0" })]),
  ];
  return element("policy", attributes, [
    element("parentCategory", { ref: categoryId(section) }),
    element("supportedOn", { ref: supportedId(since) }),
    ...(isSwitch ? switched : [element("elements", {}, [valueElement(name)])]),
  ]);
}

function valueElement(name: PolicyName): Element {
  const { kind } = policyOf(name);
  const required = { id: name, valueName: name, required: "true" };
  switch (kind.type) {
    case "choice":
      return element(
        "enum",
        required,
        kind.choices.map((value) =>
          element("item", { displayName: words(choiceId(name, value)) }, [
            element("value", {}, [element("string", {}, value)]),
          ]),
        ),
      );
    case "number":
      return element("decimal", { ...required, minValue: String(kind.least), maxValue: String(kind.most) });
    case "list":
      // An empty prefix numbers the values 1, 2, 3 and leaves the data to be what was typed.
      return element("list", { id: name, key: `${key}\\${name}`, valuePrefix: "" });
    case "profiles":
      return element("text", { ...required, maxLength: "16384" });
    default:
      return element("text", { ...required, maxLength: "1023" });
  }
}

export function adml(): string {
  const strings: readonly (readonly [string, string])[] = [
    ["DeskPair", "DeskPair"],
    ...sinceAll.map((since) => [supportedId(since), `DeskPair ${since} and later`] as const),
    ...policySections.map((section) => [categoryId(section), section] as const),
    ...policyNames.flatMap(stringsOf),
  ];
  return `${declaration}${render(
    element("policyDefinitionResources", versions, [
      element("displayName", {}, "DeskPair"),
      element("description", {}, "Settings of DeskPair, which pairs workstations and security keys with PingOne MFA."),
      element("resources", {}, [
        element(
          "stringTable",
          {},
          strings.map(([name, text]) => element("string", { id: name }, text)),
        ),
        element("presentationTable", {}, policyNames.flatMap(presentation)),
      ]),
    ]),
  )}`;
}

function stringsOf(name: PolicyName): readonly (readonly [string, string])[] {
  const { title, kind } = policyOf(name);
  return [
    [name, title],
    [`${name}_Explain`, explanationOf(name).join("\n\n")],
    ...kind.choices.map((value) => [choiceId(name, value), value] as const),
  ];
}

function presentation(name: PolicyName): readonly Element[] {
  const { kind, title, example } = policyOf(name);
  const label = `${title}:`;
  const one = (control: Element): readonly Element[] => [element("presentation", { id: name }, [control])];
  switch (kind.type) {
    case "switch":
      return [];
    case "choice":
      return one(
        element(
          "dropdownList",
          { refId: name, noSort: "true", defaultItem: String(Math.max(0, kind.choices.indexOf(String(example)))) },
          label,
        ),
      );
    case "number":
      return one(element("decimalTextBox", { refId: name, defaultValue: String(example) }, label));
    case "list":
      return one(element("listBox", { refId: name }, label));
    default:
      return one(element("textBox", { refId: name }, [element("label", {}, label)]));
  }
}
