import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/cli/config-file.ts";
import { exitCodeOf } from "../../src/cli/exit-codes.ts";
import { createOutput, failureText, json } from "../../src/cli/output.ts";
import type { AppError } from "../../src/contract/errors.ts";

function terminal(isTTY: boolean) {
  const stream = Object.assign(new PassThrough().setEncoding("utf8"), { isTTY });
  return { stream, text: (): string => String(stream.read() ?? "") };
}

const styleFor = (environment: Environment, color = true, tty = { stdout: true, stderr: true }) =>
  createOutput("text", { stdout: terminal(tty.stdout).stream, stderr: terminal(tty.stderr).stream }, environment, color)
    .style;

describe("style", () => {
  test("colours on a terminal, unless somebody or something says otherwise", () => {
    expect(styleFor({ LANG: "en_US.UTF-8" }).done).toBe("\u001b[32m✓\u001b[0m");
    expect(styleFor({ LANG: "en_US.UTF-8", NO_COLOR: "1" }).done).toBe("✓");
    expect(styleFor({ LANG: "en_US.UTF-8", NO_COLOR: "" }).done).toBe("\u001b[32m✓\u001b[0m");
    expect(styleFor({ LANG: "en_US.UTF-8" }, false).done).toBe("✓");
    expect(styleFor({ LANG: "en_US.UTF-8" }, true, { stdout: false, stderr: true }).done).toBe("✓");
    expect(styleFor({ LANG: "en_US.UTF-8" }, true, { stdout: true, stderr: false }).done).toBe("✓");
  });

  test("ticks only where the locale says UTF-8", () => {
    expect(styleFor({ LANG: "C" }, false).failed).toBe("failed");
    expect(styleFor({}, false).done).toBe("ok");
    expect(styleFor({ LANG: "C", LC_CTYPE: "de_DE.utf8" }, false).done).toBe("✓");
    expect(styleFor({ LC_ALL: "C", LANG: "C.UTF-8" }, false).done).toBe("ok");
  });
});

test.each([
  ["text", "", "result\n", "said\nwarned\nasked\nfailed\n"],
  ["json", "", '{"r":1}\n{"f":1}\n', 'warned\n{"a":1}\n'],
  ["ndjson", '{"e":1}\n{"a":1}\n', '{"r":1}\n{"f":1}\n', "warned\n"],
] as const)("in %s, result and chatter go where they belong", (form, events, results, chatter) => {
  const stdout = terminal(false);
  const stderr = terminal(false);
  const output = createOutput(form, { stdout: stdout.stream, stderr: stderr.stream }, {}, true);
  output.say("said");
  output.warn("warned");
  output.event({ e: 1 });
  output.ask({ a: 1 }, "asked");
  output.result({ r: 1 }, "result");
  output.failure({ f: 1 }, "failed");
  expect(stdout.text()).toBe(events + results);
  expect(stderr.text()).toBe(chatter);
});

test("the keys of an error are always there", () => {
  const error: AppError = { code: "rate-limited", retryAfterSeconds: 7, correlationId: "c", serverErrorId: "s" };
  expect(json.error(error)).toEqual({
    code: "rate-limited",
    message: "PingOne is receiving too many requests from this environment.",
    nextStep: "Wait 7 seconds and try again.",
    correlationId: "c",
    serverErrorId: "s",
  });
  expect(json.error({ code: "cancelled" })).toMatchObject({ correlationId: null, serverErrorId: null });
});

test("what a server says cannot fake a line of ours", () => {
  const text = failureText(
    { code: "user-disabled", username: "ada\n✓ Paired\u001b[2J" },
    { bold: (words) => words, dim: (words) => words, done: "ok", failed: "failed", attention: "!" },
  );
  expect(text.split("\n")[0]).toBe("failed The account of ada?✓ Paired?[2J is disabled.");
});

describe("exit numbers", () => {
  const table: readonly (readonly [AppError, number])[] = [
    [{ code: "usage-invalid", problem: "p" }, 2],
    [{ code: "configuration-missing", settings: [] }, 10],
    [{ code: "configuration-invalid", setting: "s", problem: "p" }, 10],
    [{ code: "storage-failed", operation: "write", problem: "p" }, 10],
    [{ code: "blocked-by-policy", setting: "s" }, 11],
    [{ code: "sign-in-required" }, 20],
    [{ code: "sign-in-refused" }, 20],
    [{ code: "sign-in-denied" }, 20],
    [{ code: "sign-in-timed-out", seconds: 300 }, 20],
    [{ code: "sign-in-invalid", problem: "p" }, 20],
    [{ code: "sign-in-port-taken", port: 7464, program: null }, 10],
    [{ code: "secret-store-failed", problem: "p" }, 10],
    [{ code: "profile-unknown", profile: "p" }, 10],
    [{ code: "confirmation-required", action: "a", profile: "p" }, 2],
    [{ code: "clock-wrong", offsetSeconds: 600 }, 43],
    [{ code: "not-allowed", action: "a" }, 21],
    [{ code: "agent-missing", port: 1 }, 30],
    [{ code: "agent-not-recognized", port: 1 }, 31],
    [{ code: "agent-refused", status: 403 }, 32],
    [{ code: "agent-timed-out", seconds: 120 }, 32],
    [{ code: "agent-connection-lost", port: 1 }, 32],
    [{ code: "user-not-found", query: "q" }, 40],
    [{ code: "user-ambiguous", query: "q", count: 2 }, 40],
    [{ code: "user-disabled", username: "u" }, 40],
    [{ code: "device-not-found", deviceId: "d" }, 40],
    [{ code: "device-limit-reached" }, 40],
    [{ code: "device-gone", deviceId: "d" }, 40],
    [{ code: "pairing-not-allowed" }, 40],
    [{ code: "policy-unknown" }, 40],
    [{ code: "licence-exceeded" }, 40],
    [{ code: "activation-refused" }, 40],
    [{ code: "relying-party-mismatch", expected: "e", received: "r" }, 40],
    [{ code: "request-refused", action: "a", status: 409 }, 40],
    [{ code: "existing-devices", count: 1 }, 40],
    [{ code: "rate-limited" }, 41],
    [{ code: "network-failed", host: "h", reason: "reset" }, 42],
    [{ code: "tls-failed", host: "h", problem: "p" }, 42],
    [{ code: "proxy-failed", host: "h", proxy: "p:1", reason: "refused" }, 42],
    [{ code: "proxy-credentials-required", host: "h", proxy: "p:1", given: false, offered: ["basic"] }, 42],
    [{ code: "reply-invalid", action: "a", problem: "p" }, 50],
    [{ code: "message-refused", reason: "malformed" }, 70],
    [{ code: "internal", incidentId: "i" }, 70],
    [{ code: "server-unavailable", status: 503 }, 75],
    [{ code: "not-now", doing: "d" }, 75],
    [{ code: "cancelled" }, 130],
    [{ code: "interrupted" }, 50],
  ];

  test.each(table)("%j is %i", (error, code) => {
    expect(exitCodeOf(error)).toBe(code);
    expect(exitCodeOf(error, "nothing")).toBe(code);
    expect(exitCodeOf(error, "unknown")).toBe(code);
    expect(exitCodeOf(error, "device")).toBe(51);
  });
});
