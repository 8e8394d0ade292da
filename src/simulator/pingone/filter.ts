import type { JsonObject } from "../message.ts";
import type { Checked, Detail } from "./refusals.ts";

/**
 * The filter language of "SCIM filter language": `attribute operator value`, joined with `and` and `or` (`and` binds
 * stronger), grouped with parentheses.
 *
 * Assumed: `\` and `"` in a value are escaped with a backslash; text is compared without regard to case; operators and
 * the two joining words may be written in any case, attribute names only as documented (`username`, not `userName`).
 */

export const operators = ["eq", "sw", "ew", "co"] as const;
type Operator = (typeof operators)[number];

type Attribute<T> = {
  /** "Not every attribute supports every operator." */
  readonly operators: readonly Operator[];
  /** `null`: this item has no value, so nothing matches. */
  readonly read: (item: T) => string | boolean | null;
};
export type Attributes<T> = Readonly<Record<string, Attribute<T>>>;
type Test<T> = (item: T) => boolean;

type Token = { readonly kind: "(" | ")" | "word" | "text"; readonly text: string };

const unreadable = (message: string, innerError?: JsonObject): Detail => ({
  code: "INVALID_FILTER",
  target: "filter",
  message,
  ...(innerError === undefined ? {} : { innerError }),
});

const tokenPattern = /\s*(?:([()])|"((?:[^"\\]|\\["\\])*)"|([A-Za-z][A-Za-z0-9.]*))/y;

const tokensOf = (filter: string): Checked<readonly Token[]> => {
  const tokens: Token[] = [];
  const text = filter.trimEnd();
  let position = 0;
  while (position < text.length) {
    tokenPattern.lastIndex = position;
    const match = tokenPattern.exec(text);
    if (match === null) {
      return { ok: false, detail: unreadable(`The filter cannot be read from position ${position + 1} on.`) };
    }
    const [whole, parenthesis, quoted, word] = match;
    position += whole.length;
    if (parenthesis === "(" || parenthesis === ")") tokens.push({ kind: parenthesis, text: parenthesis });
    else if (quoted !== undefined) tokens.push({ kind: "text", text: quoted.replace(/\\(["\\])/g, "$1") });
    else tokens.push({ kind: "word", text: word ?? "" });
  }
  return { ok: true, value: tokens };
};

const compare: Readonly<Record<Operator, (value: string, wanted: string) => boolean>> = {
  eq: (value, wanted) => value === wanted,
  sw: (value, wanted) => value.startsWith(wanted),
  ew: (value, wanted) => value.endsWith(wanted),
  co: (value, wanted) => value.includes(wanted),
};

/** More than anybody writes, and far less than what would exhaust the stack. */
const mostGroups = 50;

/** After a problem, reading goes on to the end with a test that nothing passes; the first problem is reported. */
const parse = <T>(tokens: readonly Token[], attributes: Attributes<T>): Checked<Test<T>> => {
  let next = 0;
  let groups = 0;
  const problems: Detail[] = [];
  const refuse = (...what: Parameters<typeof unreadable>): Test<T> => {
    problems.push(unreadable(...what));
    return () => false;
  };
  const take = (): Token | undefined => tokens[next++];
  const takeWord = (word: string): boolean => {
    const token = tokens[next];
    const found = token?.kind === "word" && token.text.toLowerCase() === word;
    if (found) next++;
    return found;
  };

  const comparison = (name: Token): Test<T> => {
    if (name.kind !== "word") return refuse("An attribute name is missing.");
    const attribute = Object.hasOwn(attributes, name.text) ? attributes[name.text] : undefined;
    if (attribute === undefined) {
      const supportedAttributes = Object.keys(attributes);
      return refuse(`The attribute ${name.text} cannot be used in a filter.`, { supportedAttributes });
    }
    const written = take();
    const operator = attribute.operators.find(
      (supported) => written?.kind === "word" && supported === written.text.toLowerCase(),
    );
    if (operator === undefined) {
      const supportedOperators = attribute.operators;
      return refuse(`The attribute ${name.text} does not support this operator.`, { supportedOperators });
    }
    const value = take();
    const isLiteral = value?.kind === "word" && /^(true|false)$/.test(value.text);
    if (value === undefined || (value.kind !== "text" && !isLiteral)) {
      return refuse(`The value of ${name.text} must stand in double quotes.`);
    }
    const wanted = value.text.toLowerCase();
    return (item) => {
      const actual = attribute.read(item);
      return actual !== null && compare[operator](String(actual).toLowerCase(), wanted);
    };
  };

  const group = (): Test<T> => {
    const token = take();
    if (token === undefined) return refuse("The filter ends too early.");
    if (token.kind !== "(") return comparison(token);
    if (++groups > mostGroups) return refuse("The filter has too many groups.");
    const inside = alternatives();
    return take()?.kind === ")" ? inside : refuse("A closing parenthesis is missing.");
  };

  const conjunction = (): Test<T> => {
    const parts = [group()];
    while (takeWord("and")) parts.push(group());
    return (item) => parts.every((part) => part(item));
  };

  const alternatives = (): Test<T> => {
    const parts = [conjunction()];
    while (takeWord("or")) parts.push(conjunction());
    return (item) => parts.some((part) => part(item));
  };

  const whole = alternatives();
  if (next < tokens.length) refuse("The filter goes on after its end; `and` or `or` is missing.");
  const [problem] = problems;
  return problem === undefined ? { ok: true, value: whole } : { ok: false, detail: problem };
};

/** Turns a filter into a test of one item, or says what is wrong with it. */
export const compileFilter = <T>(filter: string, attributes: Attributes<T>): Checked<Test<T>> => {
  const tokens = tokensOf(filter);
  return tokens.ok ? parse(tokens.value, attributes) : tokens;
};

/** The items that the `filter` of a query lets through; all of them when there is none. */
export const filtered = <T>(
  items: readonly T[],
  query: URLSearchParams,
  attributes: Attributes<T>,
): Checked<readonly T[]> => {
  const filter = query.get("filter");
  if (filter === null) return { ok: true, value: items };
  const test = compileFilter(filter, attributes);
  return test.ok ? { ok: true, value: items.filter(test.value) } : test;
};
