import type { PolicySource } from "../core/policy/ports.ts";
import { systemPlatform } from "./host.ts";
import { createLinuxPolicy } from "./policy-linux.ts";
import { createMacPolicy } from "./policy-macos.ts";
import { createWindowsPolicy } from "./policy-windows.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The policy of this computer, from the place where its management system puts it. No variable and no option leads
 * elsewhere: whoever starts DeskPair must not choose what binds them.
 */
export function createPolicySource(
  environment: Environment,
  platform: NodeJS.Platform = process.platform,
): PolicySource {
  switch (systemPlatform(platform)) {
    case "win32":
      return createWindowsPolicy({ environment });
    case "darwin":
      return createMacPolicy();
    default:
      return createLinuxPolicy();
  }
}
