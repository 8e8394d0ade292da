import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commandsOf, readSource } from "./powershell.ts";
import { readRecipe, readTable, recipes } from "./recipes.ts";

const table = readTable();
const retryLater = [...table].filter(([, verdict]) => verdict === "retry later").map(([number]) => number);
const inOrder = (numbers: readonly number[]) => numbers.toSorted((one, other) => one - other);
const numbersIn = (text: string | undefined) => inOrder((text ?? "").split(/[,|]/).map(Number));
const partBetween = (text: string, start: string, end: string) => text.split(start)[1]?.split(end)[0];

/** A row of the table "What each system is told", by the heading of the column. */
function told(system: string): Readonly<Record<string, string>> {
  const rows = readRecipe("README.md")
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").map((cell) => cell.trim().replaceAll("`", "")));
  const start = rows.findIndex((row) => row.includes("Intune detection"));
  const column = rows[start]?.indexOf(system) ?? -1;
  return Object.fromEntries(rows.slice(start + 2, start + 6).map((row) => [row[1] ?? "", row[column] ?? ""]));
}

test("the table has every exit number that there is, and the script's own time limit", () => {
  const [, part = ""] = readFileSync(join(recipes, "../command-line.md"), "utf8").split("## Exit codes");
  const numbers = [...part.matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number));
  expect(numbers.length).toBeGreaterThan(15);
  expect(inOrder([...table.keys()])).toEqual(inOrder([...numbers, 124]));
  expect([...table].filter(([, verdict]) => verdict === "compliant")).toEqual([[0, "compliant"]]);
});

test("the role implements the table", () => {
  const variables = readRecipe("ansible/roles/deskpair_pair/vars/main.yml");
  expect(numbersIn(partBetween(variables, "deskpair_pair_retry_later: [", "]"))).toEqual(inOrder(retryLater));
  expect(numbersIn(partBetween(variables, "deskpair_pair_compliant: [", "]"))).toEqual([0]);
});

test("both scripts for Jamf share their middle, which implements the table", () => {
  const middles = ["extension-attribute", "pair"].map((name) =>
    partBetween(readRecipe(`jamf/${name}.sh`), "# ---- From here", "up to here. ----"),
  );
  expect(middles[0]).toBe(middles[1]);
  expect(numbersIn(/^ +([\d |]+)\) echo 'Retry later'/m.exec(middles[0] ?? "")?.[1])).toEqual(inOrder(retryLater));
});

/** What the recipes may call. Nothing that runs text as code, loads something, or changes the system. */
const known: ReadonlySet<string> = new Set([
  "Add-Content",
  "ConvertFrom-Json",
  "Get-Date",
  "Get-Item",
  "Get-PingOneUser",
  "Invoke-DeskPair",
  "Invoke-Program",
  "Join-Path",
  "Move-Item",
  "New-Item",
  "New-Object",
  "Set-StrictMode",
  "Test-Path",
  "Write-Line",
  "Write-Output",
]);

describe.each([
  ["intune/Detect-DeskPair.ps1", "Intune detection"],
  ["intune/Repair-DeskPair.ps1", "Intune remediation"],
  ["configmgr/Find-DeskPair.ps1", "ConfigMgr discovery"],
  ["configmgr/Repair-DeskPair.ps1", "ConfigMgr remediation"],
])("%s, which cannot be run here", (path, system) => {
  const text = readRecipe(path);
  const { code, problem } = readSource(text);

  test("is whole, in ASCII, and strict from its first line on", () => {
    expect(problem).toBeNull();
    // Without a byte order mark Windows PowerShell takes anything else for another letter.
    expect(text).toMatch(/^[\n -~]*$/);
    expect(code.trim().split("\n").slice(0, 2)).toEqual(["Set-StrictMode -Version 2.0", "$ErrorActionPreference = ''"]);
    expect(text).toContain("$ErrorActionPreference = 'Stop'");
  });

  test("calls known commands by their full names, and no text as code", () => {
    expect([...commandsOf(code)].filter((command) => !known.has(command))).toEqual([]);
    // The call operator, dot sourcing, and the ways in which a text becomes code.
    expect(code).not.toMatch(/(^|[\s(=|;{])[&.]\s*[$'"({A-Za-z]/m);
    expect(code).not.toMatch(/Invoke-Expression|\biex\b|ScriptBlock|Add-Type|Start-Process|EncodedCommand|Download/i);
  });

  test("asks DeskPair with a dry run where it detects, and without where it pairs", () => {
    const call = /Invoke-DeskPair '(.*)'/.exec(text)?.[1];
    expect(call).toBe(/detection|discovery/.test(system) ? "--dry-run" : "");
    expect(text).toContain('"pair desktop --user `"$user`" --output json --non-interactive $Options"');
  });

  test("implements the table", () => {
    expect(numbersIn(/^\$RetryLater = (.*)$/m.exec(text)?.[1])).toEqual(inOrder(retryLater));
    expect(text).toMatch(/^\$Compliant = 0$/m);
    expect(text).toContain("elseif ($RetryLater -contains $number) { $verdict = 'RetryLater' }\n");
    expect(text).toContain("else { $verdict = 'NeedsPerson' }\n");
    const words = { compliant: "Compliant", remediate: "Remediate", "retry later": "RetryLater" };
    const exits = [...text.matchAll(/^ {4}('(\w+)'|default) \{ exit (\d+) \}$/gm)].map(
      ([, , word = "NeedsPerson", number]) => [word, `exit ${number}`],
    );
    const expected = Object.entries(told(system)).map(([verdict, cell]) => [
      verdict in words ? words[verdict as keyof typeof words] : "NeedsPerson",
      cell,
    ]);
    if (system === "ConfigMgr discovery") {
      expect(exits).toEqual([]);
      // Its words are its values.
      expect(expected.every(([word, cell]) => word === cell)).toBe(true);
      expect(text).toMatch(/^Write-Output \$found\.Verdict$/m);
    } else {
      expect(exits).toEqual(expected.filter(([, cell]) => cell !== ""));
    }
  });

  test("has the same middle as the others", () => {
    const middle = (of: string) => partBetween(readRecipe(of), "# ---- From here", "up to here. ----");
    expect(middle(path)).toBe(middle("intune/Detect-DeskPair.ps1"));
    expect(middle(path)).toContain("function Invoke-DeskPair");
  });
});

test("the reader of PowerShell sees what does not balance, and what is called", () => {
  expect(readSource('if ($a) { "x $(Get-Date) }" }\n')).toEqual({ code: 'if ($a) { "$(Get-Date)" }\n', problem: null });
  expect(readSource("{ '}' # }\n").problem).toBe("line 1: } is missing");
  expect(readSource('"a `" b\n').problem).toBe('line 2: a text in " does not end');
  expect(readSource("(]\n").problem).toBe("line 1: ] closes nothing");
  expect(readSource("<# (\n").problem).toBe("line 1: a comment does not end");
  const { code } = readSource('$x = @{ Key = 1 }; gci | % { iex "$(curl)" } # del\n');
  expect([...commandsOf(code)]).toEqual(["gci", "%", "iex", "curl"]);
});
