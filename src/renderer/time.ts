import { useEffect, useState } from "react";

/** Durations and dates in words, and the only timer of the page. */

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const twoDigits = (value: number) => String(value).padStart(2, "0");

/** A duration that is over: `0.4 s`, `12 s`, `2:05 min`. */
export function durationOf(ms: number): string {
  if (ms < 10 * second) return `${(Math.max(0, ms) / second).toFixed(1)} s`;
  if (ms < minute) return `${Math.round(ms / second)} s`;
  return `${Math.floor(ms / minute)}:${twoDigits(Math.floor((ms % minute) / second))} min`;
}

/** A duration that still grows, in whole seconds, so that it does not flicker: `3 s`, `1:05 min`. */
export function elapsedOf(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / second));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)}:${twoDigits(whole % 60)} min`;
}

/** Whole seconds until a deadline, never below 0. The second that has begun counts: 60 s left is 1:00, not 0:59. */
export const secondsUntil = (deadlineAt: number, now: number): number =>
  Math.max(0, Math.ceil((deadlineAt - now) / second));

/** `1:42` */
export const clockOf = (seconds: number): string => `${Math.floor(seconds / 60)}:${twoDigits(seconds % 60)}`;

const relativeFormat = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const dateFormat = new Intl.DateTimeFormat("en", { dateStyle: "medium" });

const spans: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, ms: number])[] = [
  ["year", 365 * day],
  ["month", 30 * day],
  ["week", 7 * day],
  ["day", day],
  ["hour", hour],
  ["minute", minute],
];

/** A moment as `3 months ago` and `Mar 14, 2026`; `null` for text that is no date. */
export function momentOf(iso: string, now: number): { readonly relative: string; readonly absolute: string } | null {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return null;
  // A server clock that runs ahead must not produce "in 3 minutes" for something that exists.
  const past = Math.min(0, at - now);
  const span = spans.find(([, ms]) => -past >= ms);
  const relative = span === undefined ? "just now" : relativeFormat.format(Math.trunc(past / span[1]), span[0]);
  return { relative, absolute: dateFormat.format(at) };
}

/**
 * The present moment, anew every second while `running` and while the window can be seen. Idle otherwise: a screen that
 * counts nothing has no timer.
 */
export function useNow(running: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return;
    let timer: ReturnType<typeof setInterval> | undefined;
    const follow = () => {
      clearInterval(timer);
      if (document.hidden) return;
      setNow(Date.now());
      timer = setInterval(() => setNow(Date.now()), second);
    };
    follow();
    document.addEventListener("visibilitychange", follow);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", follow);
    };
  }, [running]);
  return now;
}
