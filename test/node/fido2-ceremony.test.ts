import { expect, test } from "vitest";
import { plainKey, withPin } from "../fakes/fido2-tools/installed.ts";
import type { PretendKey } from "../fakes/fido2-tools/pretend-key.ts";
import { bench, creationOptions, origin, touchOnly, types, verify } from "./fido2-enrolment.ts";

const required = { residentKey: "required", requireResidentKey: true, userVerification: "required" } as const;
const es256 = { type: "public-key", alg: -7 } as const;

test("a key without a PIN makes a credential that an independent verifier accepts", async () => {
  const { enrol, heard, installed, log } = bench();
  const options = creationOptions(touchOnly);
  const outcome = await enrol({ options });
  const { ours, theirs } = await verify(outcome, options);
  expect(ours).toEqual({
    aaguid: plainKey.aaguid,
    attachment: "cross-platform",
    transports: ["usb"],
    userVerified: false,
    backupEligible: false,
    backedUp: false,
    attestationFormat: "packed",
  });
  expect(theirs).toMatchObject({ fmt: "packed", aaguid: plainKey.aaguid, userVerified: false, origin });
  expect(heard).toEqual(["touch"]);
  expect(installed.runs().map(({ tool, arguments: given }) => [tool, ...given])).toEqual([
    ["fido2-token", "-L"],
    ["fido2-token", "-I", "/dev/hidraw3"],
    ["fido2-cred", "-M", "-i", expect.any(String), "/dev/hidraw3", "es256"],
  ]);
  expect(log.lines.map(({ event, fields }) => [event, fields["tool"], fields["code"]])).toEqual([
    ["fido2.tool", "fido2-token", 0],
    ["fido2.tool", "fido2-token", 0],
    ["fido2.tool", "fido2-cred", 0],
  ]);
});

test("the vendor's example: discoverable, verified by PIN, attested by certificate", async () => {
  const { enrol, heard, installed } = bench(types("correct horse"));
  installed.plug({ keys: [withPin(plainKey, "correct horse")] });
  const options = creationOptions();
  expect(options.authenticatorSelection).toMatchObject(required);
  const { ours, theirs } = await verify(await enrol({ options }), options);
  expect(ours).toMatchObject({ userVerified: true, attestationFormat: "packed" });
  expect(theirs).toMatchObject({ fmt: "packed", userVerified: true });
  expect(heard).toEqual(["pin 8", "touch"]);
  expect(installed.runs().at(-1)?.arguments.slice(3)).toEqual(["-r", "-v", "/dev/hidraw3", "es256"]);
});

test("a key of CTAP 2.0 with a PIN verifies without -v, which it would refuse", async () => {
  const { enrol, heard, installed } = bench(types("123456"));
  const key = { ...plainKey, versions: ["U2F_V2", "FIDO_2_0"], algorithms: [] };
  installed.plug({ keys: [{ ...key, options: { rk: true, up: true, plat: false, clientPin: true }, pin: "123456" }] });
  const options = creationOptions(required);
  const { ours } = await verify(await enrol({ options }), options);
  expect(ours.userVerified).toBe(true);
  expect(heard).toEqual(["pin 8", "touch"]);
  expect(installed.runs().at(-1)?.arguments.slice(3)).toEqual(["-r", "/dev/hidraw3", "es256"]);
});

test("a key with a sensor of its own is touched and not asked for its PIN", async () => {
  const { enrol, heard, installed } = bench();
  const key = withPin(plainKey, "123456");
  installed.plug({ keys: [{ ...key, options: { ...key.options, uv: true } }] });
  const options = creationOptions(required);
  expect((await verify(await enrol({ options }), options)).ours.userVerified).toBe(true);
  expect(heard).toEqual(["touch"]);
});

test("the PIN is asked for when the tool wants it, also when nothing foretold it", async () => {
  const { enrol, heard, installed } = bench(types("123456"));
  const key = withPin(plainKey, "123456");
  installed.plug({ keys: [{ ...key, options: { ...key.options, alwaysUv: true } }] });
  const options = creationOptions(touchOnly);
  expect((await verify(await enrol({ options }), options)).ours.userVerified).toBe(true);
  expect(heard).toEqual(["touch", "pin 8", "touch"]);
});

test.for<[string, Partial<PretendKey>]>([
  ["packed", { attestation: "self" }],
  ["fido-u2f", { versions: [], algorithms: [] }],
])("%s attestation without anything special is rebuilt as the key gave it", async ([format, change]) => {
  const { enrol, installed } = bench();
  installed.plug({ keys: [{ ...plainKey, ...change }] });
  const options = creationOptions(touchOnly);
  const { ours, theirs } = await verify(await enrol({ options }), options);
  expect([ours.attestationFormat, theirs.fmt]).toEqual([format, format]);
});

test.for<[string, number]>([
  ["es256", -7],
  ["es384", -35],
  ["rs256", -257],
  ["eddsa", -8],
])("%s signs its own attestation", async ([name, alg]) => {
  const { enrol, installed } = bench();
  installed.plug({ keys: [{ ...plainKey, algorithms: [name], attestation: "self" }] });
  const options = creationOptions(touchOnly, { pubKeyCredParams: [{ type: "public-key", alg }] });
  expect((await verify(await enrol({ options }), options)).theirs.fmt).toBe("packed");
  expect(installed.runs().at(-1)?.arguments.at(-1)).toBe(name);
});

test("no attestation was asked for, so none goes out, and the model is still known", async () => {
  const { enrol } = bench();
  const options = creationOptions(touchOnly, { attestation: "none" });
  const { ours, theirs } = await verify(await enrol({ options }), options);
  expect(ours).toMatchObject({ attestationFormat: "none", aaguid: plainKey.aaguid });
  expect(theirs.fmt).toBe("none");
});

test("what the tool reads are the four lines of its manual", async () => {
  const { enrol, installed } = bench();
  const user = { id: "AQID_-8", name: "Ada\nLove\u0000lace", displayName: "Ada" };
  const options = creationOptions(touchOnly, { user });
  const outcome = await enrol({ options });
  const clientData = outcome.ok ? Buffer.from(outcome.value.response.clientDataJSON, "base64url") : Buffer.alloc(0);
  const hash = Buffer.from(await crypto.subtle.digest("SHA-256", clientData)).toString("base64");
  expect(clientData.toString()).toBe(
    `{"type":"webauthn.create","challenge":"${options.challenge}","origin":"${origin}","crossOrigin":false}`,
  );
  expect(installed.runs().at(-1)?.parameters).toBe(`${hash}\npingone.com\nAda Love lace\nAQID/+8=\n`);
});

test("credProps is answered when it is asked for", async () => {
  const { enrol, installed } = bench();
  installed.plug({ keys: [{ ...plainKey, options: { ...plainKey.options, clientPin: false } }] });
  const extensions = { credProps: true };
  const kept = await enrol({ options: creationOptions({ ...touchOnly, residentKey: "preferred" }, { extensions }) });
  expect(kept).toMatchObject({ ok: true, value: { clientExtensionResults: { credProps: { rk: true } } } });
  const plain = await enrol({ options: creationOptions(touchOnly, { extensions }) });
  expect(plain).toMatchObject({ ok: true, value: { clientExtensionResults: { credProps: { rk: false } } } });
});

test("a key on a reader says so", async () => {
  const { enrol, installed } = bench();
  installed.plug({ keys: [{ ...plainKey, path: "pcsc://slot0" }] });
  expect(await enrol()).toMatchObject({ ok: true, value: { response: { transports: ["nfc"] } } });
});

test("a person gets time to plug the key in, and to leave only one", async () => {
  const steps: (() => void)[] = [];
  const person = { tell: () => steps.shift()?.() };
  const { enrol, heard, installed } = bench(person, 60_000);
  const other = { ...plainKey, path: "/dev/hidraw4" };
  installed.plug({ keys: [] });
  steps.push(
    () => installed.plug({ keys: [plainKey, other] }),
    () => installed.plug({ keys: [other] }),
  );
  expect(await enrol({ options: creationOptions(touchOnly, { pubKeyCredParams: [es256] }) })).toMatchObject({
    ok: true,
  });
  expect(heard).toEqual(["insert", "choose-one", "touch"]);
});
