import { describe, expect, test } from "vitest";
import { type Invocation, parseArguments } from "../../src/cli/program.ts";

const parse = (args: readonly string[]): Invocation => parseArguments(args, "1.2.3");

const defaults = {
  output: "text",
  profile: null,
  config: null,
  signIn: null,
  logFile: null,
  logLevel: null,
  color: true,
  interactive: true,
};

test.each([
  [
    ["pair", "desktop", "--user", "ada"],
    {
      name: "pair-desktop",
      user: "ada",
      policyId: null,
      relyingPartyId: null,
      nickname: null,
      force: false,
      dryRun: false,
    },
  ],
  [
    ["pair", "desktop", "--user=ada", "--policy", "p", "--rp-id", "x.eu", "--nickname", "", "--force", "--dry-run"],
    {
      name: "pair-desktop",
      user: "ada",
      policyId: "p",
      relyingPartyId: "x.eu",
      nickname: "",
      force: true,
      dryRun: true,
    },
  ],
  [["devices", "list", "--user", "ada"], { name: "devices-list", user: "ada" }],
  [["devices", "show", "--user", "ada", "--device", "d"], { name: "devices-show", user: "ada", device: "d" }],
  [
    ["devices", "remove", "--user", "ada", "--device", "d"],
    { name: "devices-remove", user: "ada", device: "d", dryRun: false, yes: false },
  ],
  [
    ["devices", "remove", "--device", "d", "--yes"],
    { name: "devices-remove", user: null, device: "d", dryRun: false, yes: true },
  ],
  [["devices", "list"], { name: "devices-list", user: null }],
  [["auth", "login"], { name: "auth-login", way: "browser" }],
  [["auth", "login", "--device-code"], { name: "auth-login", way: "device-code" }],
  [["auth", "status"], { name: "auth-status", offline: false }],
  [["auth", "status", "--offline"], { name: "auth-status", offline: true }],
  [["auth", "logout"], { name: "auth-logout" }],
  [["profiles", "list"], { name: "profiles-list" }],
  [["profiles", "show"], { name: "profiles-show", profile: null }],
  [["profiles", "show", "a b"], { name: "profiles-show", profile: "a b" }],
  [["profiles", "set", "a"], { name: "profiles-set", profile: "a", changes: [] }],
  [
    ["profiles", "set", "a", "region=EU", "color="],
    { name: "profiles-set", profile: "a", changes: ["region=EU", "color="] },
  ],
  [["profiles", "remove", "a"], { name: "profiles-remove", profile: "a" }],
  [["profiles", "use", "a"], { name: "profiles-use", profile: "a" }],
  [["simulator"], { name: "simulator", port: 9480, agentPort: 9410, fault: null }],
  [
    ["simulator", "--port", "0", "--agent-port", "1", "--fault", "f"],
    { name: "simulator", port: 0, agentPort: 1, fault: "f" },
  ],
  [
    ["pair", "fido2", "--user", "ada"],
    {
      name: "pair-fido2",
      user: "ada",
      authenticator: "key",
      policyId: null,
      relyingPartyId: null,
      nickname: null,
      dryRun: false,
    },
  ],
  [
    "pair fido2 --user=ada --authenticator platform --policy p --rp-id x.eu --nickname Blue --dry-run".split(" "),
    {
      name: "pair-fido2",
      user: "ada",
      authenticator: "platform",
      policyId: "p",
      relyingPartyId: "x.eu",
      nickname: "Blue",
      dryRun: true,
    },
  ],
  [["demo"], { name: "demo", kind: "desktop", fault: null }],
  [["demo", "--fido2", "--fault", "f"], { name: "demo", kind: "fido2", fault: "f" }],
])("%j is an order", (args, order) => {
  expect(parse(args)).toEqual({ kind: "run", order, options: defaults });
});

describe("global options", () => {
  const given =
    "-O ndjson -P staging -C c.json --sign-in browser --log-file l --log-level debug --no-color --non-interactive".split(
      " ",
    );
  const options = {
    output: "ndjson",
    profile: "staging",
    config: "c.json",
    signIn: "browser",
    logFile: "l",
    logLevel: "debug",
    color: false,
    interactive: false,
  };

  test.each([
    ["before the command", [...given, "pair", "desktop", "--user", "ada"]],
    ["within it", ["pair", ...given, "desktop", "--user", "ada"]],
    ["after it", ["pair", "desktop", "--user", "ada", ...given]],
  ])("%s", (_where, args) => {
    expect(parse(args)).toMatchObject({ kind: "run", order: { name: "pair-desktop", user: "ada" }, options });
  });

  test("the last one counts", () => {
    expect(parse(["-O", "json", "demo", "-O", "text"])).toMatchObject({ options: { output: "text" } });
  });
});

test("nothing is printed and nobody exits", () => {
  expect(parse(["--help"])).toMatchObject({ kind: "print", text: expect.stringContaining("Usage: deskpair") });
  expect(parse(["demo", "--nonsense", "--output=json"])).toMatchObject({
    kind: "usage-error",
    error: { code: "usage-invalid", problem: "Unknown option '--nonsense'." },
    output: "json",
  });
});
