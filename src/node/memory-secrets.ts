import { ok } from "../contract/errors.ts";
import type { SecretStore } from "../core/ports.ts";

/** `SecretStore` for a machine without a key store: what is written is gone when the process ends. */
export function memorySecrets(): SecretStore {
  const held = new Map<string, string>();
  return {
    kind: async () => "memory",
    read: async (name) => ok(held.get(name) ?? null),
    write: async (name, secret) => {
      held.set(name, secret);
      return ok(null);
    },
    remove: async (name) => {
      held.delete(name);
      return ok(null);
    },
  };
}
