import { expect, test } from "vitest";
import { createPolicySource } from "../../src/node/policy-source.ts";

// Each reader for real, on whatever system this runs. A system that is not there has no policy that could be read.
test.each([
  ["linux", "/etc/deskpair"],
  ["freebsd", "/etc/deskpair"],
  ["darwin", "/Library/Managed Preferences/com.deskpair.DeskPair.plist"],
  ["win32", "HKLM\\Software\\Policies\\DeskPair"],
] as const)("%s looks at %s, whatever the environment says", async (platform, place) => {
  const elsewhere = {
    DESKPAIR_CONFIG: "/tmp/x",
    DESKPAIR_DATA_DIR: "/tmp/x",
    HOME: "/tmp/x",
    XDG_CONFIG_HOME: "/tmp/x",
  };
  const { machine } = await createPolicySource(elsewhere, platform).read();
  expect(machine.place.startsWith(place)).toBe(true);
});

test("without the program that reads it, the registry is unreadable, not empty", async () => {
  expect((await createPolicySource({ SystemRoot: "C:\\Nowhere" }, "win32").read()).machine).toMatchObject({
    state: "unreadable",
  });
});
