import { type HttpReply, isJsonObject, type Json, type JsonObject, parseObject } from "../message.ts";

/**
 * A PingOne of the future: "unknown fields, new enum values and new links may appear at any time", see "Before You
 * Begin", forward compatibility.
 */

/** Values that a client shows or ignores, but never depends on. The status of a device is not among them. */
const newValues: Readonly<Record<string, Json>> = {
  deviceSelection: "CHOSEN_BY_WEATHER",
  newDeviceNotification: "PIGEON",
  pairingKeyFormat: "EMOJI",
  lifecycle: { status: "ACCOUNT_FLOATING" },
  account: { canAuthenticate: true, status: "FLOATING" },
};

const unknownObject: JsonObject = { since: "2031-01-01T00:00:00.000Z", values: ["one", { two: 2 }], nothing: null };

const grown = (value: Json): Json => {
  if (Array.isArray(value)) return value.map((item: Json) => grown(item));
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).map(([name, member]) => [
    name,
    Object.hasOwn(newValues, name) ? (newValues[name] ?? null) : grown(member),
  ]);
  return { ...Object.fromEntries(members), addedLater: unknownObject };
};

/** A device of a type and a status that nobody has heard of, beside those that a list holds. */
const withUnknownDevice = (body: JsonObject): JsonObject => {
  const embedded = body["_embedded"];
  if (!isJsonObject(embedded) || !Array.isArray(embedded["devices"])) return body;
  const unknown = {
    id: "f0000000-0000-4000-8000-00000000f00d",
    type: "HOLOGRAM",
    status: "SUSPENDED",
    nickname: "Hologram",
  };
  return { ...body, _embedded: { ...embedded, devices: [...embedded["devices"], unknown] } };
};

/** WebAuthn options of the future: kinds of key, hints, transports and extensions that no browser knows yet. */
const futureOptions = (options: JsonObject): JsonObject => {
  const offered: readonly Json[] = Array.isArray(options["pubKeyCredParams"]) ? options["pubKeyCredParams"] : [];
  const excluded: readonly Json[] = Array.isArray(options["excludeCredentials"]) ? options["excludeCredentials"] : [];
  return {
    ...options,
    pubKeyCredParams: [...offered, { type: "public-key", alg: "-70000" }, { type: "quantum-key", alg: "-7" }],
    excludeCredentials: excluded.map((key) => (isJsonObject(key) ? { ...key, transports: ["usb", "implant"] } : key)),
    hints: ["implant"],
    extensions: { credProps: true, thoughtProtection: { level: 3 } },
  };
};

const optionsName = "publicKeyCredentialCreationOptions";

const withFutureOptions = (body: JsonObject): JsonObject => {
  const text = body[optionsName];
  const options = typeof text === "string" ? parseObject(text) : null;
  return options === null ? body : { ...body, [optionsName]: JSON.stringify(grown(futureOptions(options))) };
};

/** The same reply with unknown fields in every object and unknown values where there is a choice of values. */
export const addUnknowns = (reply: HttpReply): HttpReply => {
  const body = parseObject(reply.body);
  if (body === null) return reply;
  return { ...reply, body: JSON.stringify(grown(withFutureOptions(withUnknownDevice(body)))) };
};
