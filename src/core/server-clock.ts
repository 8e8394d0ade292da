import type { Clock, Http, HttpResponse } from "./ports.ts";

/**
 * What time it is for the server. Tokens are valid by the server's clock, and a workstation whose clock is ten minutes
 * off must still be able to sign in.
 */
export type Offset = {
  /** Positive: this computer's clock is ahead of the server's. */
  readonly ms: number;
  /** The true offset lies within this much of `ms`, in both directions. */
  readonly uncertaintyMs: number;
};

export type ServerClock = {
  /** Milliseconds since 1970 by the server's clock; by this computer's own as long as no server has told. */
  readonly now: () => number;
  /** `null`: no answer has told yet. */
  readonly offset: () => Offset | null;
  /** The same `http`, of whose every answer the time is learned. */
  readonly watch: (http: Http) => Http;
};

/** `Date` has whole seconds, cut off and not rounded. */
const resolutionMs = 1_000;
/** RFC 9110, 5.6.7: the one form that a server may send. */
const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

export function createServerClock(clock: Clock): ServerClock {
  let known: Offset | null = null;

  return {
    now: () => clock.now() - (known?.ms ?? 0),
    offset: () => known,
    watch: (http) => async (request) => {
      const wall = clock.now();
      const started = clock.monotonic();
      const result = await http(request);
      if (result.ok) known = better(known, measured(result.response, wall, clock.monotonic() - started)) ?? known;
      return result;
    },
  };
}

/**
 * The server stamped its answer at some moment between our question and the last byte, so the offset lies between the
 * two differences. `tookMs` is not taken from the time of day: somebody may have set the clock in between.
 */
function measured(response: HttpResponse, askedAt: number, tookMs: number): Offset | null {
  const date = response.headers["date"]?.trim() ?? "";
  // An answer out of a cache carries the time of its first use.
  if (!httpDate.test(date) || /[1-9]/.test(response.headers["age"] ?? "")) return null;
  const stamped = Date.parse(date);
  if (Number.isNaN(stamped)) return null;
  return {
    ms: askedAt + tookMs / 2 - (stamped + resolutionMs / 2),
    uncertaintyMs: (tookMs + resolutionMs) / 2,
  };
}

/** The sharper of the two; the newer one when they exclude each other, because then a clock has been set. */
function better(known: Offset | null, seen: Offset | null): Offset | null {
  if (known === null || seen === null) return seen;
  const excluded = Math.abs(known.ms - seen.ms) > known.uncertaintyMs + seen.uncertaintyMs;
  return excluded || seen.uncertaintyMs <= known.uncertaintyMs ? seen : known;
}
