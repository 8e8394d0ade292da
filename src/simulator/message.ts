/**
 * What travels between the sockets and the pretend services, as plain records: a handler takes an `HttpRequest`, gives
 * an `HttpReply`, and can be called without a socket.
 */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [name: string]: Json };

export type HttpRequest = {
  readonly method: string;
  /** As sent, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
};

export type HttpReply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether the request changed the pretend world. Only for the log; it is not sent. */
  readonly wrote: boolean;
};

/** What the socket does. Everything but `reply` exists for faults. */
export type Answer =
  /** `afterMs`: how long the other side is left waiting first. */
  | { readonly kind: "reply"; readonly reply: HttpReply; readonly afterMs: number }
  /** The head, half of the body, then the connection ends. */
  | { readonly kind: "cut"; readonly reply: HttpReply }
  /** The connection is reset; nothing is sent. */
  | { readonly kind: "reset"; readonly wrote: boolean }
  /** The connection stays open; nothing is ever sent. */
  | { readonly kind: "silence" };

export const answerWith = (reply: HttpReply, afterMs = 0): Answer => ({ kind: "reply", reply, afterMs });

/** Marks a reply as that of a request that changed something. */
export const written = (reply: HttpReply): HttpReply => ({ ...reply, wrote: true });

const jsonType = "application/json;charset=utf-8";
/** [Assumed: the vendor's pages do not name the media type of replies; both this one and plain JSON are plausible.] */
const halType = "application/hal+json;charset=utf-8";

const withBody = (
  status: number,
  type: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): HttpReply => ({
  status,
  headers: { "content-type": type, ...headers },
  body,
  wrote: false,
});

export const jsonReply = (
  status: number,
  body: JsonObject,
  headers: Readonly<Record<string, string>> = {},
): HttpReply => withBody(status, jsonType, JSON.stringify(body), headers);

/** A resource with `_links`, see "API responses". */
export const resourceReply = (
  status: number,
  body: JsonObject,
  headers: Readonly<Record<string, string>> = {},
): HttpReply => withBody(status, halType, JSON.stringify(body), headers);

export const textReply = (
  status: number,
  type: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): HttpReply => withBody(status, type, body, headers);

export const emptyReply = (status: number): HttpReply => ({ status, headers: {}, body: "", wrote: false });

/** The media type of a request in lower case and without parameters; empty when there is none. */
export const mediaType = (request: HttpRequest): string =>
  (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Parses text that should hold one JSON object; `null` when it holds anything else. */
export const parseObject = (text: string): JsonObject | null => {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
};
