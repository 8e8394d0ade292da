import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { executableFile } from "../../scripts/executable.ts";
import { formatOf, withoutCertificates } from "../../scripts/executable-format.ts";
import { host, isTarget, nodeIn, runtimeFolder, targets } from "../../scripts/executable-targets.ts";

describe("the executable of each system that was built here", () => {
  const all = Object.keys(targets).filter(isTarget);
  for (const target of all.filter((name) => !existsSync(executableFile(name)))) {
    test(`${target} was not built on this machine ("npm run executable -- --all" builds and checks it)`, () => {
      expect(target).not.toBe(host);
    });
  }

  test.each(all.filter((name) => existsSync(executableFile(name))))(
    "%s is what Node and the system look for",
    (target) => {
      const [system = "", arch] = target.split("-");
      expect(formatOf(readFileSync(executableFile(target)))).toEqual({
        kind: { linux: "elf", darwin: "mach-o", win: "pe" }[system],
        arch,
        console: system === "win" ? true : null,
        filled: true,
        told: true,
        signed: false,
      });
    },
  );
});

test.runIf(host !== null)("Node itself has nothing in it and looks for nothing", () => {
  if (host === null) return;
  const node = readFileSync(nodeIn(runtimeFolder(host), host));
  expect(formatOf(node)).toMatchObject({ filled: false, told: false });
});

test("a file of another kind is none", () => {
  expect(formatOf(Buffer.from("#!/bin/sh\nexit 0\n"))).toBeNull();
});

test("a signature of Windows goes, with the place that points to it", () => {
  const signed = Buffer.alloc(600);
  signed.write("MZ");
  signed.writeUInt32LE(128, 60);
  signed.write("PE", 128);
  signed.writeUInt16LE(0x8664, 132);
  signed.writeUInt16LE(3, 128 + 24 + 68);
  const entry = 128 + 24 + 112 + 4 * 8;
  signed.writeUInt32LE(512, entry);
  signed.writeUInt32LE(88, entry + 4);
  expect(formatOf(signed)).toMatchObject({ kind: "pe", arch: "x64", console: true, signed: true });
  const bare = withoutCertificates(signed);
  expect(bare).toHaveLength(512);
  expect(formatOf(bare)).toMatchObject({ console: true, signed: false });
  expect(withoutCertificates(bare)).toBe(bare);
});
