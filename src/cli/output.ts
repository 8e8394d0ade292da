import type { Writable } from "node:stream";
import type { AppError, Left } from "../contract/errors.ts";
import type { Device, Step, User, Warning } from "../contract/views.ts";
import type { Environment } from "./config-file.ts";
import { describeHere } from "./error-words.ts";
import type { OutputForm } from "./program.ts";
import { describeWarning } from "./words.ts";

/** Where a command's words go: the result to stdout, everything else to stderr. */
export type Output = {
  readonly form: OutputForm;
  /** For people, in text form only: what is being done. On stderr. */
  readonly say: (text: string) => void;
  /** For people, in every form: something to be put right. On stderr. */
  readonly warn: (text: string) => void;
  /** A question to the person at the terminal, in every form: on stderr, without a line end. */
  readonly prompt: (text: string) => void;
  /** A change on the way to the result; in ndjson one line, elsewhere nothing. */
  readonly event: (line: object) => void;
  /**
   * What somebody has to do before it goes on: words on stderr, in ndjson a line on stdout like every change, in json a
   * line on stderr, because stdout belongs to the one result.
   */
  readonly ask: (object: object, text: string) => void;
  /** Whether a picture made of characters can be seen by a person. */
  readonly picture: boolean;
  /** The result, once, at the end: the object, or in text form the words. */
  readonly result: (object: object, text: string) => void;
  /** The result of a failure: the object on stdout, or in text form the words on stderr. */
  readonly failure: (object: object, text: string) => void;
  readonly style: Style;
};

/** Where people find help in their organisation, by its policy. At least one of them. */
export type OrganisationHelp = { readonly text: string | null; readonly url: string | null };

export type Style = {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly done: string;
  readonly failed: string;
  readonly attention: string;
};

type Stream = Writable & { readonly isTTY?: boolean };

export function createOutput(
  form: OutputForm,
  streams: { readonly stdout: Stream; readonly stderr: Stream },
  environment: Environment,
  color: boolean,
  help: OrganisationHelp | null = null,
): Output {
  const { stdout, stderr } = streams;
  // `result` and `say` share one style, so colour needs both to be terminals: half of it piped means a script reads.
  const isColored = color && !environment["NO_COLOR"] && stdout.isTTY === true && stderr.isTTY === true;
  const line = (stream: Stream, text: string): void => void stream.write(text.endsWith("\n") ? text : `${text}\n`);
  return {
    form,
    say: (text) => form === "text" && line(stderr, text),
    warn: (text) => line(stderr, text),
    prompt: (text) => void stderr.write(text),
    ask: (object, text) => {
      if (form === "text") line(stderr, text);
      else line(form === "ndjson" ? stdout : stderr, JSON.stringify(object));
    },
    picture: form === "text" && stderr.isTTY === true && isUnicode(environment),
    event: (object) => form === "ndjson" && line(stdout, JSON.stringify(object)),
    result: (object, text) => line(stdout, form === "text" ? text : JSON.stringify(object)),
    failure: (object, text) =>
      form === "text"
        ? line(stderr, withHelp(text, help))
        : line(stdout, JSON.stringify(help === null ? object : { ...object, help })),
    style: createStyle(isColored, isUnicode(environment)),
  };
}

const withHelp = (text: string, help: OrganisationHelp | null): string =>
  [text, ...[help?.text, help?.url].flatMap((words) => (words == null ? [] : [`  ${printable(words)}`]))].join("\n");

function createStyle(colored: boolean, unicode: boolean): Style {
  const paint = (code: number, text: string): string => (colored ? `\u001b[${code}m${text}\u001b[0m` : text);
  return {
    bold: (text) => paint(1, text),
    dim: (text) => paint(2, text),
    done: paint(32, unicode ? "✓" : "ok"),
    failed: paint(31, unicode ? "✗" : "failed"),
    attention: paint(33, "!"),
  };
}

/** Whether the terminal shows more than ASCII, as far as it says. */
function isUnicode(environment: Environment, platform: NodeJS.Platform = process.platform): boolean {
  // Windows Terminal and the terminal of VS Code do; the old console depends on its font.
  if (platform === "win32") return Boolean(environment["WT_SESSION"]) || environment["TERM_PROGRAM"] === "vscode";
  const locale = environment["LC_ALL"] || environment["LC_CTYPE"] || environment["LANG"] || "";
  return /utf-?8/i.test(locale);
}

/** The parts of the JSON results. Keys are a promise to scripts: always there, `null` where nothing is known. */
export const json = {
  error: (error: AppError) => ({
    code: error.code,
    ...describeHere(error),
    correlationId: ("correlationId" in error ? error.correlationId : null) ?? null,
    serverErrorId: ("serverErrorId" in error ? error.serverErrorId : null) ?? null,
  }),
  user: ({ id, username }: User) => ({ id, username }),
  device: ({ id, type, status, nickname, relyingPartyId, createdAt }: Device) => ({
    id,
    type,
    status,
    nickname,
    rpId: relyingPartyId,
    createdAt,
  }),
  listedDevice: (device: Device) => ({
    ...json.device(device),
    system: device.system,
    locked: device.locked,
    blocked: device.blocked,
  }),
  step: ({ name, outcome, ms, correlationId }: Step) => ({ name, outcome, ms, correlationId }),
  warning: (warning: Warning) => ({ code: warning.code, message: describeWarning(warning) }),
};

/** A failure that happened before or outside a pairing. */
export function failureObject(error: AppError, left: Left = "nothing"): object {
  return { ok: false, error: json.error(error), left, steps: [], warnings: [] };
}

/** A failure in words: what happened, what to do, and what support needs to find it again. */
export function failureText(error: AppError, style: Style): string {
  const { message, nextStep } = describeHere(error);
  const { correlationId, serverErrorId } = json.error(error);
  const serverMessage = "serverMessage" in error ? error.serverMessage : undefined;
  return [
    // Our own words may have lines of their own; what others have named may not.
    `${style.failed} ${style.bold(error.code === "usage-invalid" ? message : printable(message))}`,
    `  ${nextStep}`,
    ...(serverMessage === undefined ? [] : [`  PingOne: ${printable(serverMessage)}`]),
    ...(correlationId === null ? [] : [style.dim(`  Correlation id: ${printable(correlationId)}`)]),
    ...(serverErrorId === null ? [] : [style.dim(`  PingOne's error id: ${printable(serverErrorId)}`)]),
  ].join("\n");
}

/** Name and value, one pair per line, aligned. */
export function pairs(rows: readonly (readonly [string, string | null])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${printable(value ?? "—")}`).join("\n");
}

/** Columns under their headings, aligned. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows.map((row) => row.map(printable))];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/**
 * SECURITY: names come from a server and from users. A control character in one could move the cursor, colour the
 * terminal or fake a line, so none is printed.
 */
export const printable = (text: string): string => text.replaceAll(/\p{Cc}|\p{Cf}/gu, "?");
