import { expect } from "vitest";
import { type AppError, fail, type Outcome, ok } from "../../../src/contract/errors.ts";
import type { Clock, Http, HttpRequest, HttpResponse, ListenForCallback } from "../../../src/core/ports.ts";

/** The computer's clock, and waits that are over at once: the time that they take has then passed. */
export function quickClock(): Clock & { readonly waits: readonly number[] } {
  let passed = 0;
  const waits: number[] = [];
  return {
    // openid-client reads the computer's clock by itself, so a test cannot have another one.
    now: () => Date.now(),
    monotonic: () => performance.now() + passed,
    wait: async (ms, signal) => {
      waits.push(ms);
      if (signal?.aborted !== true) passed += ms;
    },
    waits,
  };
}

export type Watched = {
  readonly http: Http;
  readonly requests: readonly HttpRequest[];
  /** Everything that went over the wire and lets somebody in. */
  readonly secrets: ReadonlySet<string>;
};

const secretMembers = new Set(
  "code code_verifier refresh_token access_token id_token device_code token client_secret client_assertion".split(" "),
);

/** Notes what is sent, and every secret in it and in the answers. */
export function watched(http: Http): Watched {
  const requests: HttpRequest[] = [];
  const secrets = new Set<string>();
  const note = (pairs: Iterable<readonly [string, unknown]>): void => {
    for (const [name, value] of pairs) if (secretMembers.has(name) && typeof value === "string") secrets.add(value);
  };
  return {
    requests,
    secrets,
    http: async (request) => {
      requests.push(request);
      note(new URLSearchParams(request.body));
      const { authorization } = request.headers;
      if (authorization !== undefined) secrets.add(authorization.replace(/^\w+ /, ""));
      const result = await http(request);
      if (result.ok) note(Object.entries(jsonOf(result.response)));
      return result;
    },
  };
}

export const jsonOf = (response: HttpResponse): Record<string, unknown> => {
  try {
    const json: unknown = JSON.parse(response.body);
    return typeof json === "object" && json !== null ? (json as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};

/** A failure of this kind, in which nothing stands that lets somebody in. */
export function expectFailure(
  outcome: Outcome<unknown>,
  error: Partial<AppError> & Pick<AppError, "code">,
  { secrets }: Pick<Watched, "secrets">,
): void {
  expect(outcome).toMatchObject({ ok: false, error });
  const text = JSON.stringify(outcome);
  for (const secret of secrets) expect(text).not.toContain(secret);
}

/** Another answer instead of the one that came, for requests whose address ends like this. */
export const altering =
  (http: Http, ending: string, change: (response: HttpResponse) => HttpResponse | Promise<HttpResponse>): Http =>
  async (request) => {
    const result = await http(request);
    const meant = new URL(request.url).pathname.endsWith(ending);
    return result.ok && meant ? { ok: true, response: await change(result.response) } : result;
  };

export const redirectUri = "http://127.0.0.1:7464/callback";

/** The listener's part played by a promise. `returned` is where the browser ended up. */
export function pretendListener(clock: Clock): {
  readonly listen: ListenForCallback;
  readonly returned: (address: string) => void;
  readonly states: readonly string[];
  readonly limits: readonly number[];
} {
  const { promise, resolve } = Promise.withResolvers<string>();
  const states: string[] = [];
  const limits: number[] = [];
  return {
    states,
    limits,
    returned: resolve,
    listen: async ({ state, limitMs, signal }) => {
      states.push(state);
      limits.push(limitMs);
      const limit = async (): Promise<Outcome<string>> => {
        await clock.wait(limitMs, signal);
        return fail(
          signal.aborted ? { code: "cancelled" } : { code: "sign-in-timed-out", seconds: Math.round(limitMs / 1000) },
        );
      };
      return ok({ redirectUri, address: Promise.race([promise.then(ok), limit()]) });
    },
  };
}
