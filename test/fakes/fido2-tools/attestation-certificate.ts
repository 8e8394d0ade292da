import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/**
 * A certificate as a maker of keys puts it into them (WebAuthn, “Certificate Requirements for Packed Attestation
 * Statements”): version 3, the four names, no authority, the AAGUID as an extension.
 */
export function attestationCertificate(aaguid: Buffer): {
  readonly certificate: Buffer;
  readonly privateKey: KeyObject;
} {
  const maker = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const batch = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = sequence(objectId("1.2.840.10045.4.3.2"));
  const contents = sequence(
    tag(0xa0, integer(2)),
    integer(0x1701),
    algorithm,
    name({ "2.5.4.3": "DeskPair pretend root" }),
    sequence(tag(0x17, Buffer.from("250101000000Z")), tag(0x17, Buffer.from("450101000000Z"))),
    name({
      "2.5.4.6": "CH",
      "2.5.4.10": "DeskPair tests",
      "2.5.4.11": "Authenticator Attestation",
      "2.5.4.3": "DeskPair pretend key 1",
    }),
    batch.publicKey.export({ format: "der", type: "spki" }),
    tag(
      0xa3,
      sequence(
        sequence(objectId("2.5.29.19"), tag(0x01, Buffer.from([0xff])), octets(sequence())),
        sequence(objectId("1.3.6.1.4.1.45724.1.1.4"), octets(octets(aaguid))),
      ),
    ),
  );
  const signature = tag(0x03, Buffer.concat([Buffer.from([0]), sign("sha256", contents, maker.privateKey)]));
  return { certificate: sequence(contents, algorithm, signature), privateKey: batch.privateKey };
}

/** Distinguished Encoding Rules, as far as a certificate needs them. */
function tag(kind: number, ...contents: Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length];
  return Buffer.concat([Buffer.from([kind, ...length]), body]);
}

const sequence = (...contents: Buffer[]): Buffer => tag(0x30, ...contents);
const octets = (contents: Buffer): Buffer => tag(0x04, contents);
const integer = (value: number): Buffer =>
  tag(0x02, Buffer.from(value < 0x80 ? [value] : [value >> 8, value].filter((byte, index) => index > 0 || byte > 0)));

function name(parts: Readonly<Record<string, string>>): Buffer {
  const sets = Object.entries(parts).map(([id, text]) =>
    tag(0x31, sequence(objectId(id), tag(id === "2.5.4.6" ? 0x13 : 0x0c, Buffer.from(text)))),
  );
  return sequence(...sets);
}

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((part) => {
    const groups = [part & 0x7f];
    for (let left = part >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return tag(0x06, Buffer.from(bytes));
}
