import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bareEnvironment, type Run, startProgram } from "./command-line.ts";

const nowhere = "/nonexistent";
const finish = (...args: readonly string[]): Promise<Run> =>
  startProgram(args, { ...bareEnvironment(nowhere) }, import.meta.dirname).ended;

test.each(["--version", "-V"])("%s", async (option) => {
  const { version } = JSON.parse(await readFile(join(import.meta.dirname, "../../package.json"), "utf8"));
  expect(await finish(option)).toMatchObject({ stdout: `${version}\n`, stderr: "", code: 0 });
  expect(await finish("--no-color", option)).toMatchObject({ stdout: `${version}\n`, code: 0 });
});

test.each([["--help"], ["help"], ["pair", "--help"], ["help", "pair"], ["pair", "desktop", "-h"]])(
  "%s %s %s prints help and is no failure",
  async (...args) => {
    const { stdout, stderr, code } = await finish(...args);
    expect(stdout).toMatch(/^Usage: deskpair /);
    expect(stdout).toContain("--output <form>");
    expect(stderr).toBe("");
    expect(code).toBe(0);
  },
);

const wrong: readonly (readonly [args: readonly string[], problem: RegExp])[] = [
  [[], /^The command is not complete\.$/],
  [["pair"], /^The command is not complete\.$/],
  [["pair", "toaster"], /^Unknown command 'toaster'\.$/],
  [["pair", "desktop"], /^Say for whom: --user with a username, an email or an id\./],
  [["pair", "desktop", "--user"], /^Option '--user <user>' argument missing\.$/],
  [["pair", "desktop", "--user", "a", "--usr", "b"], /^Unknown option '--usr' \(Did you mean --user\?\)$/],
  [["pair", "desktop", "--user", "a", "b"], /^Too many arguments for 'desktop'/],
  [["pair", "desktop", "--user", "a", "--client-secret", "x"], /^Unknown option '--client-secret'\.$/],
  [["devices", "show", "--user", "a"], /^Required option '--device <id>' not specified\.$/],
  [["devices", "list", "--user", "a", "--log-level", "all"], /Allowed choices are debug, info, warn, error\.$/],
  [["devices", "list"], /^Say for whom: --user/],
  [["pair", "fido2", "--dry-run"], /^Say for whom: --user/],
  [["auth"], /^The command is not complete\.$/],
  [["auth", "login", "--sign-in", "browser"], /^A login is kept, and --sign-in is for one command\./],
  [["auth", "status", "--sign-in", "phone"], /Allowed choices are browser, device-code\.$/],
  [["profiles"], /^The command is not complete\.$/],
  [["profiles", "set"], /^Missing required argument 'name'\.$/],
  [["profiles", "set", "a", "regoin=EU"], /^“regoin” is not a setting\. There are: mode, region, /],
  [["profiles", "set", "a", "region"], /^Each change is a key, an equals sign and a value\.$/],
  [["profiles", "set", "a", "region=MARS"], /^region: it must be one of NA, CA, EU, AU, SG, AP\.$/],
  [["simulator", "--port", "-1"], /It must be a number from 0 to 65535\.$/],
  [["simulator", "--port", "65536"], /It must be a number from 0 to 65535\.$/],
];

test.each(wrong)("%j is refused, in JSON too", async (args, problem) => {
  const plain = await finish(...args);
  expect(plain.stdout).toBe("");
  expect(plain.stderr).toContain("Run the command with --help to see what it takes.");
  expect(plain.code).toBe(2);
  for (const form of [["--output", "json"], ["--output=ndjson"], ["-O", "json"], ["-Ojson"]]) {
    const { json, lines, stderr, code } = await finish(...form, ...args);
    expect(lines).toHaveLength(1);
    expect(json).toEqual({
      ok: false,
      error: {
        code: "usage-invalid",
        message: expect.stringMatching(problem),
        nextStep: "Run the command with --help to see what it takes.",
        correlationId: null,
        serverErrorId: null,
      },
      left: "nothing",
      steps: [],
      warnings: [],
    });
    expect(stderr).toBe("");
    expect(code).toBe(2);
  }
});

test("a form that does not exist is refused in words", async () => {
  const { stdout, stderr, code } = await finish("demo", "--output", "xml");
  expect(stdout).toBe("");
  expect(stderr).toContain("Allowed choices are text, json, ndjson.");
  expect(code).toBe(2);
});
