/**
 * What fido2-token(1) prints about keys. The formats are not in its manual; they are those of the tool's source
 * (github.com/Yubico/libfido2, tools/token.c) from 1.8 to 1.17, and unknown lines are passed over.
 */

export type KeyPlace = {
  /** As the tools want it, e.g. `/dev/hidraw3` or `ioreg://4294982390`. */
  readonly path: string;
  readonly transport: "usb" | "nfc";
};

const listLine = /^([\x21-\x2c\x2e-\x7e][\x20-\x7e]*): vendor=0x[0-9a-f]{4}, product=0x[0-9a-f]{4} \(/;

/** @param output of `fido2-token -L`. `null`: not a list. */
export function readKeyList(output: string): readonly KeyPlace[] | null {
  const lines = output.split("\n").filter((line) => line !== "");
  const keys = lines.flatMap((line): KeyPlace[] => {
    const path = listLine.exec(line)?.[1];
    return path === undefined ? [] : [{ path, transport: /^(pcsc|nfc):/.test(path) ? "nfc" : "usb" }];
  });
  return lines.length > 0 && keys.length === 0 ? null : keys;
}

export type KeyFacts = {
  /** Options of the key (CTAP 2.1, authenticatorGetInfo) that are on, e.g. `clientPin` when a PIN is set. */
  readonly on: ReadonlySet<string>;
  /** Options that the key knows and has switched off, e.g. `clientPin` when no PIN is set. */
  readonly off: ReadonlySet<string>;
  /** The tool's names. Empty: the key does not say. */
  readonly algorithms: readonly string[];
  /** `null`: the key has no PIN, or does not say. */
  readonly pinTries: number | null;
  readonly mustChangePin: boolean;
};

/** The options that decide something here. Not read by stripping a “no”: there is one that is called `noMcGa…`. */
const knownOptions = ["rk", "uv", "clientPin", "pinUvAuthToken", "makeCredUvNotRqd"];

/** @param output of `fido2-token -I`; of a key that only speaks U2F it is five lines. `null`: not about a key. */
export function readKeyFacts(output: string): KeyFacts | null {
  const values = new Map<string, string>();
  for (const line of output.split("\n")) {
    const [, label, value] = /^([a-z ]+): (.*)$/.exec(line) ?? [];
    if (label !== undefined && value !== undefined) values.set(label, value);
  }
  if (!/^0x[0-9a-f]{2}$/.test(values.get("proto") ?? "")) return null;
  const options = words(values.get("options"));
  const tries = values.get("pin retries") ?? "";
  return {
    on: new Set(knownOptions.filter((name) => options.includes(name))),
    off: new Set(knownOptions.filter((name) => options.includes(`no${name}`))),
    algorithms: words(values.get("algorithms")).map((word) => word.replace(/ \(.*\)$/, "")),
    pinTries: /^\d{1,3}$/.test(tries) ? Number(tries) : null,
    mustChangePin: values.get("pin change required") === "true",
  };
}

const words = (list: string | undefined): string[] => (list === undefined ? [] : list.split(", "));
