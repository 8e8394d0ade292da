import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { adml, admx } from "./policy/admx.ts";
import { linuxSample, withTables } from "./policy/guide.ts";
import { jamfSchema, mobileconfig, profileManifest } from "./policy/macos.ts";
import { root } from "./processes.ts";

const guide = "docs/admin-guide.md";

/** Everything that is generated from the list of policies, by its path in the repository. */
export const policyFiles = (): ReadonlyMap<string, string> =>
  new Map([
    ["policy/windows/DeskPair.admx", admx()],
    ["policy/windows/en-US/DeskPair.adml", adml()],
    ["policy/macos/DeskPair.mobileconfig", mobileconfig()],
    ["policy/macos/com.deskpair.DeskPair.plist", profileManifest()],
    ["policy/macos/DeskPair.jamf.json", jamfSchema()],
    ["policy/linux/policies.json", linuxSample()],
    [guide, withTables(readFileSync(join(root, guide), "utf8"))],
  ]);

/** Writes them all. A test compares, so that none is forgotten. */
if (import.meta.main) {
  for (const [path, text] of policyFiles()) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}
