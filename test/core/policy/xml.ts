/** An element as it was parsed. `text` is what stands directly in it. */
export type Tree = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Tree[];
  readonly text: string;
};

const token =
  /<\?[^>]*\?>|<!DOCTYPE [^>[]*>|<\/([A-Za-z][\w.-]*)>|<([A-Za-z][\w.-]*)((?:\s+[A-Za-z][\w.:-]*="[^"<]*")*)\s*(\/?)>|([^<]+)/y;

/**
 * A strict parser for what templates and property lists consist of: elements, attributes in double quotes, text, the five
 * entities. Throws at everything else, and wherever XML would not be well-formed.
 */
export function parseXml(source: string): Tree {
  type Open = { name: string; attributes: Record<string, string>; children: Tree[]; text: string };
  const top: Open = { name: "", attributes: {}, children: [], text: "" };
  const open: Open[] = [top];
  token.lastIndex = 0;
  while (token.lastIndex < source.length) {
    const at = token.lastIndex;
    const found = token.exec(source);
    if (found === null) throw new Error(`not well-formed at ${at}: ${source.slice(at, at + 40)}`);
    const [, closed, name, attributes = "", empty, text] = found;
    const current = open.at(-1) ?? top;
    if (text !== undefined) current.text += decoded(text);
    else if (name !== undefined) {
      const element: Open = { name, attributes: attributesOf(attributes), children: [], text: "" };
      current.children.push(element);
      if (empty === "") open.push(element);
    } else if (closed !== undefined) {
      if (current.name !== closed) throw new Error(`</${closed}> closes <${current.name}>`);
      open.pop();
    }
  }
  const [root, ...others] = top.children;
  if (open.length !== 1 || root === undefined || others.length > 0 || top.text.trim() !== "") {
    throw new Error("there must be one element, and it must end");
  }
  return root;
}

function attributesOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([A-Za-z][\w.:-]*)="([^"]*)"/g)].map(
    ([, key = "", value = ""]) => [key, value] as const,
  );
  if (new Set(pairs.map(([key]) => key)).size !== pairs.length) throw new Error(`an attribute twice: ${text}`);
  return Object.fromEntries(pairs.map(([key, value]) => [key, decoded(value)]));
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

const decoded = (text: string): string =>
  text.replace(/&(\w*);?/g, (whole, name: string) => {
    const character = entities[name];
    if (character === undefined || !whole.endsWith(";")) throw new Error(`not an entity: ${whole}`);
    return character;
  });

/** The value that a property list holds (Apple, PropertyList-1.0.dtd). */
export function readPropertyList(source: string): unknown {
  const root = parseXml(source);
  const [only, ...others] = root.children;
  if (root.name !== "plist" || only === undefined || others.length > 0) throw new Error("not a property list");
  return plistValue(only);
}

function plistValue({ name, children, text }: Tree): unknown {
  switch (name) {
    case "string":
    case "date":
      return text;
    case "integer":
      if (!/^-?\d+$/.test(text)) throw new Error(`not an integer: ${text}`);
      return Number(text);
    case "true":
    case "false":
      return name === "true";
    case "array":
      return children.map(plistValue);
    case "dict": {
      const pairs: [string, unknown][] = [];
      for (let index = 0; index < children.length; index += 2) {
        const [key, value] = [children[index], children[index + 1]];
        if (key?.name !== "key" || value === undefined) throw new Error("a dict is keys and values in turn");
        pairs.push([key.text, plistValue(value)]);
      }
      if (new Set(pairs.map(([key]) => key)).size !== pairs.length) throw new Error("a key twice");
      return Object.fromEntries(pairs);
    }
    default:
      throw new Error(`not of a property list: ${name}`);
  }
}
