import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { root } from "../../scripts/processes.ts";
import { explain } from "../../src/core/policy/explain.ts";
import { isPolicyName, policyNames, policyOf } from "../../src/core/policy/policies.ts";
import type { PolicyReadings } from "../../src/core/policy/ports.ts";
import { decide, nowKnown } from "../../src/core/policy/precedence.ts";
import { createLinuxPolicy } from "../../src/node/policy-linux.ts";
import { createMacPolicy } from "../../src/node/policy-macos.ts";
import { createWindowsPolicy } from "../../src/node/policy-windows.ts";
import { readPropertyList } from "../core/policy/xml.ts";

const ownerId = process.getuid?.() ?? 0;
const fromRoot = (path: string): string => readFileSync(join(root, path), "utf8");
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deskpair-sample-"));
  chmodSync(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function inForce({ machine, user }: PolicyReadings) {
  const policy = { machine: nowKnown(null, machine), user: nowKnown(null, user) };
  const explanation = explain({ policy }, decide({ policy, flags: {}, environment: {}, profile: null, window: {} }));
  const set = explanation.settings.filter(({ source }) => source === "machine-policy");
  return { sound: explanation.sound, values: Object.fromEntries(set.map(({ name, value }) => [name, value])) };
}

describe("every sample is understood by the reader of its system, every value of it", () => {
  test("Linux", async () => {
    const file = join(folder, "policies.json");
    copyFileSync(join(root, "policy/linux/policies.json"), file);
    chmodSync(file, 0o644);
    const { sound, values } = inForce(await createLinuxPolicy({ folder, ownerId }).read());
    expect(sound).toBe(true);
    expect(values).toEqual(JSON.parse(fromRoot("policy/linux/policies.json")));
    expect(Object.keys(values).length).toBeGreaterThan(20);
  });

  test("macOS: what the system forces of the configuration profile", async () => {
    const parsed = z
      .object({
        PayloadType: z.literal("Configuration"),
        PayloadUUID: z.string(),
        PayloadContent: z.tuple([z.looseObject({ PayloadType: z.string(), PayloadUUID: z.string() })]),
      })
      .parse(readPropertyList(fromRoot("policy/macos/DeskPair.mobileconfig")));
    const [payload] = parsed.PayloadContent;
    expect(payload.PayloadUUID).not.toBe(parsed.PayloadUUID);
    const place = join(folder, `${payload.PayloadType}.plist`);
    writeFileSync(place, "bplist00", { mode: 0o644 });
    const run = async () => ({ code: 0, output: JSON.stringify(payload), complaint: "" });
    const { sound, values } = inForce(await createMacPolicy({ folder, ownerId, user: "ada", run }).read());
    expect(sound).toBe(true);
    expect(values).toEqual(JSON.parse(fromRoot("policy/linux/policies.json")));
  });
});

test("Windows: what Group Policy writes for the example of every setting", async () => {
  const key = "HKEY_LOCAL_MACHINE\\Software\\Policies\\DeskPair";
  const registryLines = policyNames.map((name) => {
    const { example, kind } = policyOf(name);
    if (Array.isArray(example)) {
      return {
        below: [`${key}\\${name}`, ...example.map((one, at) => `    ${at + 1}    REG_SZ    ${String(one)}`), ""],
      };
    }
    if (kind.type === "switch") return { own: `    ${name}    REG_DWORD    ${example === true ? "0x1" : "0x0"}` };
    if (typeof example === "number") return { own: `    ${name}    REG_DWORD    0x${example.toString(16)}` };
    return { own: `    ${name}    REG_SZ    ${typeof example === "string" ? example : JSON.stringify(example)}` };
  });
  const output = [
    "",
    key,
    ...registryLines.flatMap(({ own }) => own ?? []),
    "",
    ...registryLines.flatMap(({ below }) => below ?? []),
  ].join("\r\n");
  const source = createWindowsPolicy({
    environment: {},
    run: async (_, args) =>
      args[1] === "HKLM\\Software\\Policies\\DeskPair"
        ? { code: 0, output, complaint: "" }
        : { code: args[1]?.endsWith("DeskPair") === true ? 1 : 0, output: "", complaint: "" },
  });
  const { sound, values } = inForce(await source.read());
  expect(sound).toBe(true);
  expect(values).toEqual(Object.fromEntries(policyNames.map((name) => [name, policyOf(name).example])));
});

describe("descriptions for consoles know every setting", () => {
  const manifestSchema = z.object({
    pfm_domain: z.literal("com.deskpair.DeskPair"),
    pfm_subkeys: z.array(z.looseObject({ pfm_name: z.string(), pfm_type: z.string(), pfm_title: z.string() })),
  });
  const types = {
    choice: "string",
    text: "string",
    profiles: "string",
    number: "integer",
    switch: "boolean",
    list: "array",
  };

  test("ProfileManifests", () => {
    const { pfm_subkeys } = manifestSchema.parse(
      readPropertyList(fromRoot("policy/macos/com.deskpair.DeskPair.plist")),
    );
    const ours = pfm_subkeys.filter(({ pfm_name }) => isPolicyName(pfm_name));
    expect(ours.map(({ pfm_name, pfm_type }) => [pfm_name, pfm_type])).toEqual(
      policyNames.map((name) => [name, types[policyOf(name).kind.type]]),
    );
    const others = pfm_subkeys.filter(({ pfm_name }) => !isPolicyName(pfm_name));
    expect(others.every(({ pfm_name }) => pfm_name.startsWith("Payload"))).toBe(true);
  });

  test("Jamf", () => {
    const branch = z.looseObject({ type: z.string(), title: z.string() });
    const schema = z.object({
      title: z.string(),
      properties: z.record(z.string(), z.object({ property_order: z.number(), anyOf: z.tuple([branch, branch]) })),
    });
    const { title, properties } = schema.parse(JSON.parse(fromRoot("policy/macos/DeskPair.jamf.json")));
    expect(title).toContain("com.deskpair.DeskPair");
    expect(Object.entries(properties).map(([name, { anyOf }]) => [name, anyOf[0].type, anyOf[1].type])).toEqual(
      policyNames.map((name) => [name, "null", types[policyOf(name).kind.type]]),
    );
    const orders = Object.values(properties).map(({ property_order }) => property_order);
    expect(orders).toEqual(orders.toSorted((one, two) => one - two));
  });
});
