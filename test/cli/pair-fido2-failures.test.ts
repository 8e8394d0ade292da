import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { FaultName } from "../../src/simulator/index.ts";
import { plainKey, withPin } from "../fakes/fido2-tools/installed.ts";
import type { PretendKey } from "../fakes/fido2-tools/pretend-key.ts";
import { createDesk, pair, pin, policies } from "./security-key.ts";

/** What every failure has, whatever went wrong. */
const failure = (code: string) => ({
  ok: false,
  error: {
    code,
    message: expect.stringMatching(/\.$/),
    nextStep: expect.stringMatching(/\.$/),
  },
  left: "nothing",
});

const keyWithPin = withPin(plainKey, pin);

describe("refused before anything is created", () => {
  type Case = {
    readonly what: string;
    readonly code: string;
    readonly exit: number;
    readonly args?: readonly string[];
    readonly tools?: string;
    readonly fault?: FaultName;
    readonly words?: RegExp;
  };
  const missing = { code: "configuration-missing", exit: 10, fault: "policies-forbidden" } as const;
  const unavailable = { code: "ceremony-unavailable", exit: 33 };
  const cases: readonly Case[] = [
    { ...unavailable, what: "nobody has allowed the tools", tools: "", words: /fido2Tools \(DESKPAIR_FIDO2_TOOLS\)/ },
    { ...unavailable, what: "the tools are switched off", tools: "off", words: /fido2Tools \(DESKPAIR_FIDO2_TOOLS\)/ },
    { ...unavailable, what: "a dry run where the tools are off", args: ["--dry-run"], tools: "off" },
    { ...unavailable, what: "the folder holds no tools", tools: "/", words: /are not installed/ },
    { what: "the folder is not absolute", tools: "tools", code: "configuration-invalid", exit: 10 },
    {
      ...unavailable,
      what: "this computer's own authenticator",
      args: ["--authenticator", "platform"],
      words: /security keys only/,
    },
    {
      what: "another relying party than a policy's",
      args: ["--rp-id", "example.org"],
      code: "relying-party-not-allowed",
      exit: 11,
      words: /^example\.org is not/,
    },
    {
      what: "a relying party that is no domain",
      args: ["--rp-id", "https://x"],
      code: "configuration-invalid",
      exit: 10,
    },
    {
      ...missing,
      what: "policies cannot be read, nothing is named",
      words: /^Not set: DESKPAIR_RP_ID, DESKPAIR_POLICY_ID\.$/,
    },
    {
      ...missing,
      what: "policies cannot be read, only the relying party is named",
      args: ["--rp-id", "pingone.eu"],
      words: /^Not set: DESKPAIR_POLICY_ID\.$/,
    },
    {
      ...missing,
      what: "policies cannot be read, only the policy is named",
      args: ["--policy", policies.touchOnly],
      words: /^Not set: DESKPAIR_RP_ID\.$/,
    },
  ];
  test.each(cases)("$what: $code, exit $exit", async ({ args = [], code, exit, fault, tools, words }) => {
    const desk = await createDesk();
    const { place } = desk;
    if (fault !== undefined) place.simulator.setFault(fault);
    const environment = { ...desk.environment, ...(tools === undefined ? {} : { DESKPAIR_FIDO2_TOOLS: tools }) };
    const run = await place.run(pair(...args, "-O", "json"), { environment });
    expect(run.json).toMatchObject(failure(code));
    expect(run.json).toHaveProperty("error.message", expect.stringMatching(words ?? /./));
    expect(run.code).toBe(exit);
    expect(place.writes()).toEqual([]);
    expect(desk.key.runs()).toEqual([]);
  });

  test("an authenticator that does not exist", async () => {
    const { environment, place } = await createDesk();
    const run = await place.run(pair("--authenticator", "phone", "-O", "json"), { environment });
    expect(run.json).toMatchObject(failure("usage-invalid"));
    expect(run.code).toBe(2);
    expect(place.simulator.world.log).toEqual([]);
  });

  test.each([
    ["no key", "key-missing", []],
    ["several keys", "ceremony-unavailable", [plainKey, { ...plainKey, path: "/dev/hidraw4" }]],
  ])("%s where nobody may be asked: %s", async (_what, code, keys) => {
    const { environment, key, place } = await createDesk();
    key.plug({ keys });
    const run = await place.run(pair("--non-interactive", "-O", "json"), { environment });
    expect(run.json).toMatchObject(failure(code));
    expect(run.code).toBe(33);
    // Not even a token was asked for.
    expect(place.simulator.world.log).toEqual([]);
  });

  test("one of the tools alone", async () => {
    const { environment, key, place } = await createDesk();
    const folder = join(place.folder, "half");
    await mkdir(folder);
    await symlink(key.tools.token, join(folder, "fido2-token"));
    const run = await place.run(pair("-O", "json"), { environment: { ...environment, DESKPAIR_FIDO2_TOOLS: folder } });
    expect(run.json).toMatchObject(failure("ceremony-unavailable"));
    expect(place.writes()).toEqual([]);
    expect(key.runs()).toEqual([]);
  });

  test("in words, with the way to do it", async () => {
    const { place } = await createDesk();
    const run = await place.run(pair());
    expect(run.stderr).toBe(
      "✗ A security key cannot be enrolled here: the command line may use libfido2's tools only where fido2Tools (DESKPAIR_FIDO2_TOOLS) is set.\n" +
        "  Use the DeskPair window, or the organisation's own PingOne page in the browser.\n",
    );
    expect(run.stdout).toBe("");
  });
});

describe("a pairing that fails leaves nothing", () => {
  type Case = {
    readonly what: string;
    readonly code: string;
    readonly exit?: number;
    readonly policy?: string;
    readonly args?: readonly string[];
    readonly keys?: readonly PretendKey[];
    readonly stdin?: string;
    readonly fault?: FaultName;
    readonly environment?: Readonly<Record<string, string>>;
    readonly words?: RegExp;
    readonly activates?: number;
  };
  const passkeys = { policy: policies.passkeys, keys: [keyWithPin] };
  const otherModel = { ...plainKey, aaguid: "0bb43545-fd2c-4185-87dd-feb0b2916ace" };
  const cases: readonly Case[] = [
    { ...passkeys, what: "a wrong PIN", stdin: "planted-PIN-0000\n", code: "pin-refused", words: /7 tries are left/ },
    { ...passkeys, what: "no PIN", code: "ceremony-unavailable", words: /none came on standard input/ },
    {
      ...passkeys,
      what: "a locked PIN",
      keys: [{ ...keyWithPin, pinTries: 0 }],
      stdin: pin,
      code: "pin-refused",
      words: /locked itself/,
    },
    {
      ...passkeys,
      what: "what is too long for a PIN costs no try",
      stdin: `${"planted".repeat(10)}\n`,
      code: "pin-refused",
      words: /8 tries are left/,
    },
    {
      ...passkeys,
      what: "standard input was used for the secret",
      stdin: "pretend-secret-for-the-simulator-only",
      environment: { DESKPAIR_CLIENT_SECRET_FILE: "-" },
      code: "ceremony-unavailable",
      words: /used for the client secret/,
    },
    { ...passkeys, what: "a key without a PIN", keys: [plainKey], code: "ceremony-unavailable", words: /no PIN/ },
    { what: "the key is pulled out", keys: [{ ...plainKey, touch: "pulled" }], code: "key-missing" },
    { what: "nobody touches the key", keys: [{ ...plainKey, touch: "never" }], code: "key-refused" },
    {
      what: "a model that the FIDO policy does not list",
      policy: policies.companyKeys,
      keys: [otherModel],
      code: "authenticator-not-allowed",
    },
    {
      what: "a policy for built-in authenticators",
      policy: policies.builtInOnly,
      keys: [keyWithPin],
      code: "ceremony-unavailable",
      words: /wants a built-in authenticator/,
    },
    { what: "a policy that takes no new keys", policy: policies.noNewKeys, code: "pairing-not-allowed", exit: 40 },
    {
      what: "an unknown policy",
      policy: "11111111-1111-4111-8111-111111111111",
      code: "policy-unknown",
      exit: 40,
    },
    {
      what: "options for another relying party",
      fault: "fido2-other-rp",
      code: "relying-party-mismatch",
      exit: 40,
      words: /another-company\.example/,
    },
    { what: "a reply without options", fault: "fido2-without-options", code: "reply-invalid", exit: 50 },
    {
      what: "PingOne refuses the activation",
      fault: "activate-refused",
      code: "activation-refused",
      exit: 40,
      activates: 1,
    },
  ];
  test.each(cases)("$what: $code", async (given) => {
    const { environment, expectNothingLeft, key, place } = await createDesk();
    if (given.keys !== undefined) key.plug({ keys: given.keys });
    if (given.fault !== undefined) place.simulator.setFault(given.fault);
    const args = pair("--policy", given.policy ?? policies.touchOnly, ...(given.args ?? []), "-O", "json");
    const run = await place.run(args, {
      environment: { ...environment, ...given.environment },
      ...(given.stdin === undefined ? {} : { stdin: given.stdin }),
    });
    expect(run.json).toMatchObject(failure(given.code));
    expect(run.json).toHaveProperty("error.message", expect.stringMatching(given.words ?? /./));
    expect(run.code).toBe(given.exit ?? 33);
    expect(place.writes().filter((write) => write.endsWith("activate-device"))).toHaveLength(given.activates ?? 0);
    await expectNothingLeft();
  });
});
