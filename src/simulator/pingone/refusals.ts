import { randomUUID } from "node:crypto";
import { type HttpReply, type JsonObject, jsonReply } from "../message.ts";

/**
 * PingOne's error bodies, see "Error codes": `id`, `code` and `message` always, `details` where something can be said
 * about one attribute.
 */

export type Detail = {
  readonly code: string;
  readonly target?: string;
  readonly message: string;
  readonly innerError?: JsonObject;
};

/** A check that either passes with a value or says what is wrong; the caller turns the detail into a 400. */
export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly detail: Detail };

const begin = "The request could not be completed.";

const messages = {
  INVALID_DATA: `${begin} One or more validation errors were in the request.`,
  INVALID_REQUEST: `${begin} The request was malformed or invalid.`,
  ACCESS_FAILED: `${begin} You do not have access to this resource.`,
  NOT_FOUND: `${begin} The requested resource was not found.`,
  REQUEST_FAILED: `${begin} There was an issue processing the request.`,
  // Assumed: the wording of these two is not in any page that we have.
  REQUEST_LIMITED: `${begin} The request was limited.`,
  UNEXPECTED_ERROR: `${begin} An unexpected error occurred.`,
} as const;

export type ErrorCode = keyof typeof messages;

export const refuse = (
  status: number,
  code: ErrorCode,
  details: readonly Detail[] = [],
  headers: Readonly<Record<string, string>> = {},
): HttpReply =>
  jsonReply(
    status,
    { id: randomUUID(), code, message: messages[code], ...(details.length > 0 ? { details } : {}) },
    headers,
  );

export const invalidData = (detail: Detail): HttpReply => refuse(400, "INVALID_DATA", [detail]);

export const invalidValue = (target: string, message: string, innerError?: JsonObject): Detail => ({
  code: "INVALID_VALUE",
  target,
  message,
  ...(innerError === undefined ? {} : { innerError }),
});

export const requiredValue = (target: string): Detail => ({
  code: "REQUIRED_VALUE",
  target,
  message: `The attribute ${target} is required.`,
});

export const notFound = (): HttpReply => refuse(404, "NOT_FOUND");

/** "API requests" gives the status 405. Assumed: the code in the body. */
export const wrongMethod = (allowed: readonly string[]): HttpReply =>
  refuse(405, "INVALID_REQUEST", [], { allow: allowed.join(", ") });

export const wrongMediaType = (accepted: readonly string[]): HttpReply =>
  refuse(415, "INVALID_REQUEST", [
    {
      code: "INVALID_VALUE",
      target: "Content-Type",
      message: "This media type is not supported here.",
      innerError: { allowedValues: accepted },
    },
  ]);

export const notAnObject = (): HttpReply => refuse(400, "INVALID_REQUEST");

export const tokenRefused = (why: string): HttpReply =>
  refuse(401, "ACCESS_FAILED", [{ code: "INVALID_TOKEN", message: why }]);

export const rolesMissing = (): HttpReply =>
  refuse(403, "ACCESS_FAILED", [
    { code: "INSUFFICIENT_PERMISSIONS", message: "You do not have permissions to access this resource." },
  ]);

/**
 * A user has as many devices as allowed. Not throttling, so there is no `Retry-After`: sending it again cannot help.
 * Assumed: the status, reported by public integrations.
 */
export const limitReached = (message: string, maximum: number): HttpReply =>
  refuse(429, "REQUEST_LIMITED", [{ code: "LIMIT_EXCEEDED", message, innerError: { maximumValue: maximum } }]);

/** The pairing is switched off in the policy. Assumed: status and code are reported, the target is our choice. */
export const pairingDisabled = (type: string): HttpReply =>
  invalidData(invalidValue("type", `The MFA policy does not allow pairing devices of type ${type}.`));
