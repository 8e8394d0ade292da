import type { Import, ImportKind } from "./source.ts";

/**
 * Who may import whom. A target is a folder or file of `src`, a package, or `node:*`. What is not allowed here is
 * forbidden, in values and in types, and each rule has a sentence for whoever breaks it.
 */
type Rule = {
  readonly may: readonly string[];
  /** In types only: they are gone before anything runs. */
  readonly mayAsType?: readonly string[];
  readonly mayDynamically?: readonly string[];
  readonly because: string;
};

/** The longest prefix wins, so a file can be stricter, or freer, than its folder. */
export const rules: Readonly<Record<string, Rule>> = {
  contract: {
    may: ["contract", "zod/mini"],
    because: "The contract is what page and main share: schemas and words, nothing that runs on one side only.",
  },
  "contract/channels.ts": {
    may: [],
    because: "The preload is built from the names alone; an import here would travel with it into every page.",
  },
  "contract/enrolment-channels.ts": { may: [], because: "As `channels.ts`, for the preload of the enrolment window." },
  "contract/enrolment-words.ts": {
    may: [],
    mayAsType: ["contract"],
    because: "The enrolment page carries these words, and must not carry the validator with them.",
  },
  "contract/content-security-policy.ts": { may: [], because: "Anything may read it, so it reads nothing." },
  "contract/error-words.ts": {
    may: [],
    mayAsType: ["contract"],
    because: "The page carries these words, and must not carry the validator with them.",
  },
  "contract/pairing-words.ts": {
    may: [],
    mayAsType: ["contract"],
    because: "The page carries these words, and must not carry the validator with them.",
  },
  core: {
    may: ["core", "contract", "zod/mini", "jose", "@levischuck/tiny-cbor"],
    // What only some sign-ins need, so that the command line's start pays for none of it.
    mayDynamically: ["core", "jose"],
    because:
      "The core is the product: what it needs of the world is a port, so that window, command line and tests share it.",
  },
  "core/sign-in": {
    may: ["core", "contract", "zod/mini", "jose", "openid-client", "qr"],
    mayDynamically: ["core/sign-in"],
    because: "Signing in as a person is a certified library's work; only who does so loads it.",
  },
  node: {
    may: [
      "node",
      "core/ports.ts",
      "core/redact.ts",
      "contract",
      "node:*",
      "undici",
      "@levischuck/tiny-cbor",
      "zod/mini",
      "quickjs-wasi",
    ],
    mayAsType: [
      "core/fido2",
      "@napi-rs/keyring",
      "core/doctor/ports.ts",
      "core/policy/ports.ts",
      "core/policy/proxy-rule.ts",
    ],
    mayDynamically: ["node", "@napi-rs/keyring"],
    because:
      "An adapter knows the ports that it fills and the system that it fills them from, and calls nothing of the core.",
  },
  simulator: {
    may: ["simulator", "zod/mini", "jose", "node:crypto", "@levischuck/tiny-cbor"],
    // Larger than all the rest, and needed by a FIDO2 activation alone.
    mayDynamically: ["@simplewebauthn/server", "reflect-metadata"],
    because:
      "The other end shares nothing with the client, or one mistake would be on both sides and no test would see it.",
  },
  "simulator/listen.ts": {
    may: ["simulator", "node:http", "node:net"],
    because: "The only file of the simulator with sockets.",
  },
  main: {
    may: ["main", "core", "node", "contract", "node:*", "zod/mini"],
    mayAsType: ["electron", "simulator"],
    because: "Main's files take Electron's objects as arguments, so that they run under test without Electron.",
  },
  "main/index.ts": {
    may: ["main", "node", "electron"],
    because: "The one file that takes Electron's objects, and does nothing with them but hand them over.",
  },
  "main/compose.ts": {
    may: ["main", "core", "node", "contract", "node:*"],
    mayAsType: ["simulator"],
    mayDynamically: ["simulator"],
    because: "The simulator is loaded when somebody asks for it, never with the app.",
  },
  preload: {
    may: ["contract/channels.ts", "contract/enrolment-channels.ts", "electron"],
    because: "The preload forwards names. Everything else in it would run with its rights.",
  },
  renderer: {
    may: [
      "renderer",
      "react",
      "react-dom",
      "react-aria-components",
      "contract/channels.ts",
      "contract/content-security-policy.ts",
      "contract/enrolment-words.ts",
      "contract/error-words.ts",
      "contract/pairing-words.ts",
    ],
    mayAsType: ["contract"],
    because: "The page has no Node, no Electron and no validator; of the contract it sees types, names and words.",
  },
  enrolment: {
    may: ["enrolment", "renderer/theme.css", "contract/enrolment-channels.ts", "contract/enrolment-words.ts"],
    mayAsType: ["contract"],
    because:
      "The enrolment page runs under the customer's own address: one script, without library and without validator.",
  },
  cli: {
    may: ["cli", "core", "node", "contract", "node:*", "commander", "zod/mini"],
    mayAsType: ["simulator"],
    mayDynamically: ["cli", "core", "node", "contract", "node:*", "commander", "simulator"],
    because: "The command line is another face of the same core; the simulator is loaded when somebody asks for it.",
  },
  "cli/executable": {
    may: ["cli", "node:*"],
    mayAsType: ["cli", "@napi-rs/keyring"],
    because: "What starts the command line from one file loads the rest by name, and nothing of it before.",
  },
  "cli/executable/loader.ts": {
    may: ["cli/executable", "node:vm", "(computed)"],
    mayAsType: ["cli"],
    because: "It gives to the parts what they require, under the names that the other rules have allowed them.",
  },
  "cli/commands/simulation.ts": {
    may: ["cli", "contract", "simulator/index.ts"],
    because: "Part of two commands that are loaded when somebody gives them, and the simulator with them.",
  },
};

/** The rule for a file; `null` when nobody has decided what its folder may. */
function ruleFor(path: string): Rule | null {
  const name = Object.keys(rules)
    .filter((prefix) => covers(prefix, path))
    .toSorted((one, other) => other.length - one.length)[0];
  return name === undefined ? null : (rules[name] ?? null);
}

/** A sentence for whoever wrote the import, or `null`. */
export function objection({ from, to, kind }: Import): string | null {
  const rule = ruleFor(from);
  if (rule === null) return `${from} is in a folder that has no rule yet: add one to test/arch/boundaries.ts.`;
  return allowedFor(rule, kind).some((pattern) => covers(pattern, to))
    ? null
    : `${from} may not import ${to} (${kind}). ${rule.because}`;
}

function allowedFor(rule: Rule, kind: ImportKind): readonly string[] {
  if (kind === "type") return [...rule.may, ...(rule.mayAsType ?? [])];
  return kind === "dynamic" ? (rule.mayDynamically ?? []) : rule.may;
}

/** `core` covers `core/ports.ts`, `react-dom` covers `react-dom/client`, `node:*` covers `node:fs/promises`. */
function covers(pattern: string, path: string): boolean {
  if (pattern === "node:*") return path.startsWith("node:");
  return path === pattern || path.startsWith(`${pattern}/`);
}
