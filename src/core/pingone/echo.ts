import type { HttpResponse } from "../ports.ts";

/**
 * A server may quote what it was sent. `redactText` knows how secrets look when they are labelled; an opaque token in
 * the middle of a sentence looks like nothing, so what we have just sent is taken out of the answer by its value, before
 * anything is cut out of it.
 *
 * @param secrets those of the request; very short ones are left, because they could be any word.
 */
export function withoutEcho(response: HttpResponse, secrets: readonly string[]): HttpResponse {
  const spellings = secrets.flatMap((secret) =>
    secret.length < 6 ? [] : [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)],
  );
  const clean = (text: string): string =>
    spellings.reduce((rest, secret) => rest.replaceAll(secret, "[redacted]"), text);
  return {
    ...response,
    headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, clean(value)])),
    body: clean(response.body),
  };
}
