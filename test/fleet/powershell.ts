/**
 * As much of PowerShell's lexical grammar as the recipes use ("about_Quoting_Rules", "about_Comments"), to read them
 * where no PowerShell is.
 */
export type Source = {
  /** Without comments, with the contents of texts taken out: `''` and `""` stay. What stands in `$(…)` is code. */
  readonly code: string;
  /** What does not balance, with its line; `null`: everything does. */
  readonly problem: string | null;
};

const closing: Readonly<Record<string, string>> = { "(": ")", "{": "}", "[": "]" };

export function readSource(text: string): Source {
  let code = "";
  let at = 0;
  let problem: string | null = null;
  const open: { readonly wants: string; readonly line: number; readonly inText: boolean }[] = [];
  const line = (): number => text.slice(0, at).split("\n").length;
  const complain = (what: string): void => {
    problem ??= `line ${line()}: ${what}`;
  };

  /** From behind the quote to behind the one that ends it, or to behind a `$(` in it, which is code again. */
  const readExpandable = (): void => {
    for (; at < text.length; at += 1) {
      if (text[at] === "`") at += 1;
      else if (text[at] === '"' && text[at + 1] === '"') at += 1;
      else if (text[at] === '"') {
        code += '"';
        at += 1;
        return;
      } else if (text.startsWith("$(", at)) {
        open.push({ wants: ")", line: line(), inText: true });
        code += "$(";
        at += 2;
        return;
      }
    }
    complain('a text in " does not end');
  };
  const skipTo = (end: string, from: number, what: string): void => {
    const found = text.indexOf(end, from);
    if (found === -1) complain(what);
    at = found === -1 ? text.length : found + end.length;
  };

  while (at < text.length) {
    const character = text[at] ?? "";
    if (text.startsWith("<#", at)) skipTo("#>", at + 2, "a comment does not end");
    else if (character === "#") skipTo("\n", at, "the file does not end with a line end");
    else if (character === "'") {
      // Two of them are one in the text; they are read as two texts, which comes to the same.
      skipTo("'", at + 1, "a text in ' does not end");
      code += "''";
    } else if (character === '"') {
      code += '"';
      at += 1;
      readExpandable();
    } else if (closing[character] !== undefined) {
      open.push({ wants: closing[character], line: line(), inText: false });
      code += character;
      at += 1;
    } else if (Object.values(closing).includes(character)) {
      const opened = open.pop();
      if (opened?.wants !== character) complain(`${character} closes nothing`);
      code += character;
      at += 1;
      if (opened?.inText === true) readExpandable();
    } else {
      code += character;
      at += 1;
    }
    // A comment swallows its line end, and lines are what the rest is looked for in.
    if (text[at - 1] === "\n" && !code.endsWith("\n")) code += "\n";
  }
  const left = open.at(-1);
  if (left !== undefined) problem ??= `line ${left.line}: ${left.wants} is missing`;
  return { code, problem };
}

const keywords = new Set(["if", "elseif", "else", "function", "return", "switch", "default", "try", "catch", "exit"]);

/** Every word that stands where a command stands. */
export function commandsOf(code: string): ReadonlySet<string> {
  const words = [...code.matchAll(/(?:^|[{;|(=]|\$\()[ \t]*([A-Za-z%?][\w.-]*)(?![\w.-]|\s*=[^=])/gm)].map(
    ([, word]) => word ?? "",
  );
  return new Set(words.filter((word) => !keywords.has(word)));
}
