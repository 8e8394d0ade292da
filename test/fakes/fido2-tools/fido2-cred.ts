// The pretend fido2-cred(1): -M only. Input, output and order of events are those of tools/cred_make.c of libfido2.
import { readFileSync } from "node:fs";
import { encodeCBOR } from "@levischuck/tiny-cbor";
import { askKey, type Consent, type CredentialWish, makeCredential } from "./pretend-key.ts";
import {
  begin,
  readOptions,
  readPin,
  readPlugged,
  stopWith,
  toolArguments,
  waitForTouch,
  writePlugged,
} from "./tool.ts";

const types = ["es256", "es384", "rs256", "eddsa"];

await begin("fido2-cred");
const [mode, ...rest] = toolArguments;
const given = readOptions(rest, "bdhqruvwt:a:c:i:o:");
const [device, type = "es256"] = given?.operands ?? [];
if (mode !== "-M" || given === null || device === undefined || given.operands.length > 2) {
  process.stderr.write("usage: fido2-cred -M [-bdhqruvw] [-i input_file] [-o output_file] device [type]\n");
  process.exit(1);
}
const { options } = given;
if (!types.includes(type)) stopWith("fido2-cred", `unknown type ${type}`);

const lines = readFileSync(options.get("i") ?? 0, "utf8").split("\n");
const [hash = "", relyingPartyId = "", , userId = ""] = lines;
const isBase64 = (text: string): boolean => /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0;
// Every line ends with a newline, so a file of four lines splits into five.
if (lines.length < 5 || !isBase64(hash) || !isBase64(userId)) stopWith("fido2-cred", "input error");
const wish: CredentialWish = {
  clientDataHash: Buffer.from(hash, "base64"),
  relyingPartyId,
  type,
  isResident: options.has("r"),
  asksForVerification: options.has("v"),
};

const findKey = () => readPlugged().keys.find(({ path }) => path === device);
const key = findKey();
if (key === undefined) stopWith("fido2-cred", `fido_dev_open ${device}: FIDO_ERR_INTERNAL`);

let consent: Consent = askKey(key, wish, null);
if ("refused" in consent && consent.refused === "FIDO_ERR_PIN_REQUIRED" && !options.has("q")) {
  const pin = readPin(`Enter PIN for ${device}: `);
  if (Buffer.byteLength(pin) < 4 || Buffer.byteLength(pin) > 63) stopWith("fido2-cred", "invalid PIN length");
  consent = askKey(key, wish, pin);
  remember(consent);
}
if ("refused" in consent) stopWith("fido2-cred", `fido_dev_make_cred: ${consent.refused}`);
if (key.touch === "when-told") await waitForTouch();
if (key.touch === "never") stopWith("fido2-cred", "fido_dev_make_cred: FIDO_ERR_ACTION_TIMEOUT");
if (key.touch === "pulled") {
  writePlugged({ ...readPlugged(), keys: readPlugged().keys.filter(({ path }) => path !== device) });
  stopWith("fido2-cred", "fido_dev_make_cred: FIDO_ERR_RX");
}

const made = makeCredential(key, wish, consent.verified);
// The tool cannot encode what is not there, and gives up after the key has done its work.
if (made.signature === null) stopWith("fido2-cred", "output error");
const base64 = (value: Uint8Array): string => Buffer.from(value).toString("base64");
const answer = [
  hash,
  relyingPartyId,
  made.format,
  base64(encodeCBOR(new Uint8Array(made.authenticatorData))),
  base64(made.id),
  base64(made.signature),
  ...(made.certificate === null ? [] : [base64(made.certificate)]),
];
process.stdout.write(`${answer.join("\n")}\n`);

/** A key counts wrong PINs, and forgets them when one is right. */
function remember(outcome: Consent): void {
  const plugged = readPlugged();
  const keys = plugged.keys.map((one) => {
    if (one.path !== device) return one;
    if ("verified" in outcome) return { ...one, pinTries: 8, wrongInARow: 0 };
    if (outcome.tried === undefined) return one;
    return { ...one, pinTries: one.pinTries - 1, wrongInARow: one.wrongInARow + 1 };
  });
  writePlugged({ ...plugged, keys });
}
