// The pretend fido2-token(1): -V, -L and -I. What it prints has the form of tools/token.c of libfido2 1.17.
import type { PretendKey } from "./pretend-key.ts";
import { begin, readPlugged, stopWith, toolArguments } from "./tool.ts";

await begin("fido2-token");
const [mode, device] = toolArguments;
const { keys } = readPlugged();
switch (mode) {
  case "-V":
    // As the real one: to stderr.
    process.stderr.write("1.17.0\n");
    break;
  case "-L":
    for (const key of keys) process.stdout.write(`${key.path}: vendor=0x1050, product=0x0407 (DeskPair Pretend key)\n`);
    break;
  case "-I": {
    const key = keys.find(({ path }) => path === device);
    if (key === undefined) stopWith("fido2-token", `fido_dev_open ${device}: FIDO_ERR_INTERNAL`);
    process.stdout.write(describe(key));
    break;
  }
  default:
    process.stderr.write("usage: fido2-token [-CIRS] device\n       fido2-token -L\n       fido2-token -V\n");
    process.exitCode = 1;
}

function describe(key: PretendKey): string {
  const attributes = "proto: 0x02\nmajor: 0x05\nminor: 0x04\nbuild: 0x03\ncaps: 0x05 (wink, cbor, msg)\n";
  if (key.versions.length === 0) return attributes;
  const list = (label: string, values: readonly string[]) =>
    values.length === 0 ? "" : `${label}: ${values.join(", ")}\n`;
  const hasPin = "clientPin" in key.options;
  return [
    attributes,
    list("version strings", key.versions),
    list("extension strings", ["credProtect", "hmac-secret"]),
    list(
      "algorithms",
      key.algorithms.map((name) => `${name} (public-key)`),
    ),
    `aaguid: ${key.aaguid.replaceAll("-", "")}\n`,
    list(
      "options",
      Object.entries(key.options).map(([name, isOn]) => `${isOn ? "" : "no"}${name}`),
    ),
    "fwversion: 0x50403\nmaxmsgsiz: 1200\nmaxcredcntlst: 8\nmaxcredlen: 128\nmaxcredblob: 0\nmaxlargeblob: 0\n",
    "minpinlen: 4\npin protocols: 2, 1\n",
    `pin retries: ${hasPin ? key.pinTries : "undefined"}\n`,
    `pin change required: ${key.mustChangePin}\n`,
    `uv retries: ${key.options["uv"] === true ? "5" : "undefined"}\n`,
    "long touch for reset: false\n",
  ].join("");
}
