/**
 * The modules of a QR code as lines for a terminal, two rows of modules in one line of half blocks. Light modules are
 * what is drawn, so that the code stands as it should on a dark terminal.
 *
 * @param rows a row a text of `0` (light) and `1` (dark); none: no lines
 * @param colored sets both colours, so that it is right on a light terminal, too
 */
export function qrLines(rows: readonly string[], colored: boolean): readonly string[] {
  const lines: string[] = [];
  for (let index = 0; index < rows.length; index += 2) {
    const upper = rows[index] ?? "";
    // Below an odd last row the quiet zone goes on.
    const lower = rows[index + 1] ?? "0".repeat(upper.length);
    const line = upper.replaceAll(/./g, (module, column: number) => halves[`${module}${lower[column] ?? "0"}`] ?? " ");
    lines.push(colored ? `\u001b[97;40m${line}\u001b[0m` : line);
  }
  return lines;
}

/** Upper and lower module. */
const halves: Readonly<Record<string, string | undefined>> = { "00": "█", "01": "▀", "10": "▄", "11": " " };
