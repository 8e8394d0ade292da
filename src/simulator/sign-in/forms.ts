import { type HttpRequest, mediaType } from "../message.ts";
import type { Call } from "../pingone/handler.ts";
import { type Granted, granted, oauthError, refused } from "./errors.ts";

/** What arrives as `application/x-www-form-urlencoded`, see "Authorization code grant type". */

const formType = "application/x-www-form-urlencoded";

/** The first parameter that stands there twice, which RFC 6749 forbids; `null` when none does. */
export const repeated = (parameters: URLSearchParams): string | null => {
  const names = [...parameters.keys()];
  return names.find((name, index) => names.indexOf(name) !== index) ?? null;
};

/** The form of a request of the browser; empty when it is none. */
export const formOf = (request: HttpRequest): URLSearchParams =>
  new URLSearchParams(mediaType(request) === formType ? request.body : "");

/** The form of a request of the client, or the refusal. */
export const readForm = (call: Call): Granted<URLSearchParams> => {
  // Assumed: the status for a wrong media type; that errors here have the OAuth form is documented.
  if (mediaType(call.request) !== formType) {
    return refused(oauthError(call, "invalid_request", `Content-Type must be ${formType}`, 415));
  }
  const form = new URLSearchParams(call.request.body);
  const twice = repeated(form);
  if (twice === null) return granted(form);
  return refused(oauthError(call, "invalid_request", `The parameter ${twice.slice(0, 50)} is there more than once`));
};

/** The scopes that a text names, each once. */
export const scopesOf = (text: string | null): readonly string[] => [
  ...new Set((text ?? "").split(" ").filter((scope) => scope !== "")),
];
