import { type HttpReply, type JsonObject, resourceReply } from "../message.ts";
import type { Link } from "./handler.ts";
import { type Checked, invalidValue } from "./refusals.ts";

/** HAL collections and their paging, see "API responses". */

/**
 * A whole collection or one page of it. Whether `count` or `size` is the total differs between PingOne's services, so a
 * client must page by `next` alone; here `count` is the total.
 */
export const collectionReply = (
  name: string,
  items: readonly JsonObject[],
  self: Link,
  more: { readonly next?: Link | undefined; readonly total?: number; readonly extra?: JsonObject } = {},
): HttpReply =>
  resourceReply(200, {
    _links: { self, ...(more.next === undefined ? {} : { next: more.next }) },
    _embedded: { [name]: items },
    ...more.extra,
    count: more.total ?? items.length,
    size: items.length,
  });

/** Assumed: the default; 1 to 1000 is documented in the Management OpenAPI. */
const defaultLimit = 100;
const largestLimit = 1000;

export type Page<T> = {
  readonly items: readonly T[];
  /** `null` on the last page. */
  readonly nextCursor: string | null;
};

const encodeCursor = (id: string): string => Buffer.from(`after:${id}`).toString("base64url");

const decodeCursor = (cursor: string): string | null => {
  const text = Buffer.from(cursor, "base64url").toString("utf8");
  return text.startsWith("after:") ? text.slice("after:".length) : null;
};

/** The page of `items` that `limit` and `cursor` of a query ask for. */
export const pageOf = <T extends { readonly id: string }>(
  items: readonly T[],
  query: URLSearchParams,
): Checked<Page<T>> => {
  const asked = query.get("limit") ?? String(defaultLimit);
  const limit = /^\d{1,6}$/.test(asked) ? Number(asked) : 0;
  if (limit < 1 || limit > largestLimit) {
    return {
      ok: false,
      detail: {
        code: "OUT_OF_RANGE",
        target: "limit",
        message: `The limit must be between 1 and ${largestLimit}.`,
        innerError: { rangeMinimumValue: 1, rangeMaximumValue: largestLimit },
      },
    };
  }
  const cursor = query.get("cursor");
  const last = cursor === null ? -1 : items.findIndex((item) => item.id === decodeCursor(cursor));
  if (cursor !== null && last < 0) {
    return { ok: false, detail: invalidValue("cursor", "The cursor does not belong to this collection.") };
  }
  const page = items.slice(last + 1, last + 1 + limit);
  const end = page.at(-1);
  const isLast = end === undefined || last + 1 + limit >= items.length;
  return { ok: true, value: { items: page, nextCursor: isLast ? null : encodeCursor(end.id) } };
};
