/** An element with its attributes, and either text or elements in it. */
export type Element = {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly content?: string | readonly Element[];
};

export const element = (
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  content: string | readonly Element[] = [],
): Element => ({ name, attributes, content });

export const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Two blanks per level; text stays on the line of its element, because blanks in it would count. */
export function render({ name, attributes = {}, content = [] }: Element, depth = 0): string {
  const indent = "  ".repeat(depth);
  const open = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escape(value)}"`)].join(" ");
  if (typeof content === "string") return `${indent}<${open}>${escape(content)}</${name}>\n`;
  if (content.length === 0) return `${indent}<${open}/>\n`;
  return `${indent}<${open}>\n${content.map((child) => render(child, depth + 1)).join("")}${indent}</${name}>\n`;
}
