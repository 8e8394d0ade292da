import { describe, expect, test } from "vitest";
import { type Invocation, parseArguments } from "../../src/cli/program.ts";

const parse = (args: readonly string[]): Invocation => parseArguments(args, "1.2.3");

const defaults = {
  output: "text",
  profile: null,
  config: null,
  logFile: null,
  logLevel: "info",
  color: true,
  interactive: true,
};

test.each([
  [
    ["pair", "desktop", "--user", "ada"],
    { name: "pair-desktop", user: "ada", policyId: null, relyingPartyId: null, nickname: null, dryRun: false },
  ],
  [
    ["pair", "desktop", "--user=ada", "--policy", "p", "--rp-id", "x.eu", "--nickname", "", "--dry-run"],
    { name: "pair-desktop", user: "ada", policyId: "p", relyingPartyId: "x.eu", nickname: "", dryRun: true },
  ],
  [["devices", "list", "--user", "ada"], { name: "devices-list", user: "ada" }],
  [["devices", "show", "--user", "ada", "--device", "d"], { name: "devices-show", user: "ada", device: "d" }],
  [
    ["devices", "remove", "--user", "ada", "--device", "d"],
    { name: "devices-remove", user: "ada", device: "d", dryRun: false },
  ],
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
  const given = "-O ndjson -P staging -C c.json --log-file l --log-level debug --no-color --non-interactive".split(" ");
  const options = {
    output: "ndjson",
    profile: "staging",
    config: "c.json",
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
