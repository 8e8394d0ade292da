import type { CustomFetch } from "openid-client";
import type { AppError } from "../../contract/errors.ts";
import { withoutEcho } from "../pingone/echo.ts";
import { isLoopbackHost } from "../pingone/endpoints.ts";
import { toNetworkError } from "../pingone/errors.ts";
import type { Http, HttpFailure, HttpResponse } from "../ports.ts";

/**
 * openid-client's `fetch` on our `Http`, for one operation of the library.
 *
 * The library wraps what its `fetch` throws, each kind in another way. So what happened is written down here, and
 * whoever began the operation reads it from here and not from the exception.
 */
export type Transport = {
  readonly send: CustomFetch;
  /** The last exchange; `null`: nothing was asked. */
  readonly last: () => Exchange | null;
};

export type Exchange = { readonly url: string } & (
  | { readonly kind: "answered"; readonly response: HttpResponse }
  | { readonly kind: "lost"; readonly failure: HttpFailure; readonly error: AppError }
  /** The server's own description names an address without https. Nothing was sent. */
  | { readonly kind: "insecure" }
);

const limits = { timeoutMs: 30_000, maxBytes: 262_144 };
/** The members of a form that let somebody in. A server may repeat them in its refusal. */
const secretMembers = new Set(["code", "code_verifier", "refresh_token", "device_code", "token"]);
/** What the library looks at. The rest could hold what `Headers` does not take. */
const passedOn = ["content-type", "retry-after"];

/** Whether tokens may travel there: https, or this computer. */
export function isSecure(address: string): boolean {
  const url = URL.parse(address);
  return url?.protocol === "https:" || (url?.protocol === "http:" && isLoopbackHost(url.hostname));
}

/** @param signal ends the exchange under way, which then is lost as `cancelled`. */
export function createTransport(http: Http, signal?: AbortSignal): Transport {
  let last: Exchange | null = null;
  // The library's own `signal` is a time limit by the computer's clock; the port has its own.
  const send: CustomFetch = async (url, { method, headers, body }) => {
    if (!isSecure(url)) {
      last = { kind: "insecure", url };
      throw new Error("The address has no https.");
    }
    const form = body instanceof URLSearchParams ? body : null;
    const secrets = [...(form ?? [])].filter(([name]) => secretMembers.has(name)).map(([, value]) => value);
    const { authorization } = headers;
    if (authorization !== undefined) secrets.push(authorization.replace(/^Bearer /, ""));
    const result = await http({
      method: method === "POST" ? "POST" : "GET",
      url,
      headers,
      ...(form === null ? {} : { body: form.toString() }),
      ...limits,
      ...(signal === undefined ? {} : { signal }),
    });
    if (!result.ok) {
      last = { kind: "lost", url, failure: result.failure, error: toNetworkError(result.failure, url) };
      throw new Error("There was no answer.");
    }
    const refused = result.response.status !== 200;
    const response = refused ? withoutEcho(result.response, secrets) : result.response;
    last = { kind: "answered", url, response };
    return toFetchResponse(response);
  };
  return { send, last: () => last };
}

function toFetchResponse({ status, headers, body }: HttpResponse): Response {
  const known = passedOn.flatMap((name) => {
    const value = headers[name];
    return value !== undefined && /^[\t\x20-\x7e]*$/.test(value) ? [[name, value] as const] : [];
  });
  // `Response` takes no status below 200 and no body with these; both are answers that nothing can be done with.
  const representable = status >= 200 && status <= 599 ? status : 502;
  const empty = [204, 205, 304].includes(representable);
  return new Response(empty ? null : body, { status: representable, headers: Object.fromEntries(known) });
}
