import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { parseAst } from "rolldown/parseAst";

/** Reads source files as syntax trees, so that no import can hide behind its spelling. */

export const root = resolve(import.meta.dirname, "../..");
const sourceRoot = join(root, "src");

export type Tree = { readonly type: string; readonly [key: string]: unknown };

export const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";

/** `path` is relative to `src`, with forward slashes. */
export type SourceFile = { readonly path: string; readonly text: string; readonly tree: Tree };

export function parse(path: string, text: string): SourceFile {
  const lang = path.endsWith(".tsx") ? "tsx" : path.endsWith(".d.ts") ? "dts" : "ts";
  const tree: unknown = parseAst(text, { lang }, path);
  if (!isTree(tree)) throw new Error(`${path} could not be read.`);
  return { path, text, tree };
}

export function readSources(folder: string = sourceRoot): readonly SourceFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => parse(relative(sourceRoot, file).split(sep).join("/"), readFileSync(file, "utf8")));
}

/** Calls `visit` for the node and everything below it, with the nodes above it, nearest first. */
export function walk(
  node: unknown,
  visit: (node: Tree, above: readonly Tree[]) => void,
  above: readonly Tree[] = [],
): void {
  if (Array.isArray(node)) {
    for (const each of node) walk(each, visit, above);
    return;
  }
  if (!isTree(node)) return;
  visit(node, above);
  const below = [node, ...above];
  for (const [key, child] of Object.entries(node)) if (key !== "type") walk(child, visit, below);
}

export type ImportKind = "value" | "type" | "dynamic";

export type Import = {
  /** The importing file. */
  readonly from: string;
  readonly kind: ImportKind;
  /** `core/ports.ts` for a file of ours, `node:fs` for what Node brings, else the package as it is written. */
  readonly to: string;
};

/** Every way to name another module: static, type-only, re-export, dynamic, in a type, by require. */
export function importsOf({ path, tree }: SourceFile): readonly Import[] {
  const found: Import[] = [];
  const add = (kind: ImportKind, specifier: unknown): void => {
    found.push({ from: path, kind, to: isLiteral(specifier) ? target(path, specifier.value) : "(computed)" });
  };
  walk(tree, (node) => {
    switch (node.type) {
      // Without `type` before the braces the import stays, even if every name in it is a type.
      case "ImportDeclaration":
        return add(node["importKind"] === "type" ? "type" : "value", node["source"]);
      case "ExportAllDeclaration":
      case "ExportNamedDeclaration":
        if (isTree(node["source"])) add(node["exportKind"] === "type" ? "type" : "value", node["source"]);
        return;
      case "TSImportType":
        return add("type", node["source"]);
      case "TSExternalModuleReference":
        return add("value", node["expression"]);
      case "ImportExpression":
        return add("dynamic", node["source"]);
      case "CallExpression": {
        const name = calledName(node["callee"]);
        if (["require", "require.resolve", "import.meta.resolve", "process.getBuiltinModule"].includes(name)) {
          add("value", Array.isArray(node["arguments"]) ? node["arguments"][0] : undefined);
        }
        return;
      }
    }
  });
  return found;
}

const isLiteral = (node: unknown): node is Tree & { readonly value: string } =>
  isTree(node) && node.type === "Literal" && typeof node["value"] === "string";

/** `a.b.c` of a chain of names; empty for anything else. */
export function calledName(node: unknown): string {
  if (!isTree(node)) return "";
  if (node.type === "Identifier") return String(node["name"]);
  if (node.type === "MetaProperty") return `${calledName(node["meta"])}.${calledName(node["property"])}`;
  if (node.type === "ChainExpression") return calledName(node["expression"]);
  if (node.type !== "MemberExpression") return "";
  const property = node["computed"] === true ? literalText(node["property"]) : calledName(node["property"]);
  return `${calledName(node["object"])}.${property}`;
}

const literalText = (node: unknown): string => (isLiteral(node) ? node.value : "");

function target(from: string, specifier: string): string {
  if (specifier.startsWith(".")) {
    // Without what follows a question mark, which is for the bundler.
    const [path = ""] = specifier.split("?");
    return relative(sourceRoot, resolve(sourceRoot, dirname(from), path))
      .split(sep)
      .join("/");
  }
  return builtinModules.includes(specifier) ? `node:${specifier}` : specifier;
}
