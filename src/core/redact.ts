import type { LogFields } from "./ports.ts";

/**
 * What must never reach a log, a screen or a script's output, taken out of text that came from somewhere else (a
 * server's message, an exception). The first line of defence is not to put secrets in; this is the second.
 */

/** JWTs and anything that a header calls a bearer or basic credential. */
const patterns: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, "$1 [redacted]"],
  [/\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?/g, "[redacted token]"],
  // In a form, in JSON, and in JSON that stands in a JSON string.
  [
    /\b((?:client_secret|client_assertion|access_token|refresh_token|id_token|code_verifier|password|pin)["'\\]*\s*[=:]\s*["'\\]*)[^&\s"'\\,}]+/gi,
    "$1[redacted]",
  ],
];

const secretField = /secret|token|password|authorization|attestation|assertion|credential|options|cookie|^pin$/i;

export function redactText(text: string): string {
  return patterns.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text);
}

export function redact(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === "string" || typeof value === "number" ? redactValue(name, value) : value,
    ]),
  );
}

/** Numbers too: a PIN may be one. */
function redactValue(name: string, value: string | number): string | number {
  if (secretField.test(name)) return "[redacted]";
  return typeof value === "string" ? redactText(value) : value;
}
