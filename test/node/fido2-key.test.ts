import { expect, test } from "vitest";
import { type KeyFacts, readKeyFacts, readKeyList } from "../../src/node/fido2-key.ts";
import { planCredential } from "../../src/node/fido2-plan.ts";
import { creationOptions, touchOnly } from "./fido2-enrolment.ts";

test("the list of keys on Linux, macOS and a card reader", () => {
  const list = [
    "/dev/hidraw5: vendor=0x1050, product=0x0407 (Yubico YubiKey OTP+FIDO+CCID)",
    "ioreg://4294982390: vendor=0x096e, product=0x0858 (FT FIDO)",
    "pcsc://slot0: vendor=0x0000, product=0x0000 (PC/SC reader: with a colon)",
    "",
  ].join("\n");
  expect(readKeyList(list)).toEqual([
    { path: "/dev/hidraw5", transport: "usb" },
    { path: "ioreg://4294982390", transport: "usb" },
    { path: "pcsc://slot0", transport: "nfc" },
  ]);
  expect(readKeyList("")).toEqual([]);
});

test.for([
  "not a list\n",
  "-o/etc/passwd: vendor=0x1050, product=0x0407 (An option, not a device)\n",
  "/dev/\u0000: vendor=0x1050, product=0x0407 (x)\n",
])("%j is no list of keys", (output) => {
  expect(readKeyList(output)).toBeNull();
});

const attributes = "proto: 0x02\nmajor: 0x05\nminor: 0x04\nbuild: 0x03\ncaps: 0x05 (wink, cbor, msg)\n";

test("the facts of a key, and what its words do not mean", () => {
  const output = `${attributes}version strings: U2F_V2, FIDO_2_0, FIDO_2_1
algorithms: es256 (public-key), unknown (public-key), eddsa (public-key)
options: rk, up, noplat, noclientPin, noMcGaPermissionsWithClientPin, pinUvAuthToken
pin retries: 7
pin change required: true
something new: rk, uv, clientPin
`;
  expect(readKeyFacts(output)).toEqual({
    on: new Set(["rk", "pinUvAuthToken"]),
    off: new Set(["clientPin"]),
    algorithms: ["es256", "unknown", "eddsa"],
    pinTries: 7,
    mustChangePin: true,
  });
  expect(readKeyFacts(`${attributes}pin retries: undefined\n`)).toMatchObject({ pinTries: null, on: new Set() });
  expect(readKeyFacts(attributes)).toMatchObject({ algorithms: [], mustChangePin: false });
  expect(readKeyFacts("proto: four\n")).toBeNull();
  expect(readKeyFacts("")).toBeNull();
});

const silent: KeyFacts = { on: new Set(), off: new Set(), algorithms: [], pinTries: null, mustChangePin: false };
const offered = (...algs: number[]) =>
  creationOptions(touchOnly, { pubKeyCredParams: algs.map((alg) => ({ type: "public-key", alg })) });

test.for<[readonly number[], readonly string[], string]>([
  [[-257, -7], ["es256", "rs256"], "rs256"],
  [[-37, -8, -7], ["es256", "eddsa"], "eddsa"],
  [[-257, -7], [], "es256"],
  [[-37, -257], [], "rs256"],
  [[-35], ["es256", "es384"], "es384"],
])("of %j and a key that knows %j, it becomes %s", ([algs, algorithms, type]) => {
  expect(planCredential(offered(...algs), { ...silent, algorithms })).toMatchObject({ value: { type } });
});

test("nothing that both know", () => {
  for (const key of [silent, { ...silent, algorithms: ["unknown"] }]) {
    expect(planCredential(offered(-37), key)).toMatchObject({ error: { code: "ceremony-unavailable" } });
  }
});

test.for<[string, readonly string[], readonly [boolean, boolean, boolean]]>([
  ["preferred", ["rk", "clientPin", "pinUvAuthToken", "makeCredUvNotRqd"], [true, true, true]],
  ["preferred", ["rk", "clientPin"], [true, false, true]],
  ["preferred", ["rk", "uv", "clientPin"], [true, true, false]],
  ["preferred", [], [false, false, false]],
  ["discouraged", ["rk", "uv", "clientPin", "makeCredUvNotRqd"], [false, false, false]],
  ["discouraged", ["rk", "clientPin"], [false, false, true]],
])(
  "%s by the options, %j by the key: resident, -v, PIN first are %j",
  ([wish, on, [isResident, verifies, pinFirst]]) => {
    const preference = wish === "preferred" ? "preferred" : "discouraged";
    const options = creationOptions({ ...touchOnly, residentKey: preference, userVerification: preference });
    expect(planCredential(options, { ...silent, on: new Set(on) })).toMatchObject({
      value: { isResident, verifies, pinFirst },
    });
  },
);
