import {
  type Answer,
  answerWith,
  type HttpReply,
  isJsonObject,
  type Json,
  type JsonObject,
  parseObject,
} from "../message.ts";
import { pairingDisabled } from "../pingone/refusals.ts";
import type { Operation } from "../pingone/routes.ts";
import { afterwards, instead, type PingOneFault, withoutMember } from "./effects.ts";

/**
 * What PingOne can do otherwise when a FIDO2 device is created. The forms of the options are all reported by public
 * integrations; a client that reads only the form of the vendor's example fails at some of its customers.
 */

const optionsName = "publicKeyCredentialCreationOptions";

const onCreation = (operation: Operation): boolean => operation === "create-device";

/** The device is created; its reply has other options. */
const withOptions = (change: (options: JsonObject) => Json) =>
  afterwards((reply: HttpReply): Answer => {
    const body = parseObject(reply.body) ?? {};
    const text = body[optionsName];
    const options = typeof text === "string" ? parseObject(text) : null;
    if (options === null) return answerWith(reply);
    return answerWith({ ...reply, body: JSON.stringify({ ...body, [optionsName]: change(options) }) });
  });

/** Whole bytes, wherever the options have any, written in another way. */
const withBytes = (write: (bytes: Buffer) => Json, options: JsonObject): JsonObject => {
  const rewritten = (value: Json | undefined): Json =>
    Array.isArray(value) ? write(Buffer.from(value.map(Number))) : (value ?? null);
  const { user, excludeCredentials } = options;
  const keys: readonly Json[] = Array.isArray(excludeCredentials) ? excludeCredentials : [];
  return {
    ...options,
    user: isJsonObject(user) ? { ...user, id: rewritten(user["id"]) } : (user ?? null),
    challenge: rewritten(options["challenge"]),
    excludeCredentials: keys.map((key) => (isJsonObject(key) ? { ...key, id: rewritten(key["id"]) } : key)),
  };
};

/** The standard's own JSON, as `PublicKeyCredential.parseCreationOptionsFromJSON` reads it. */
const standardJson = (options: JsonObject): JsonObject => {
  const offered: readonly Json[] = Array.isArray(options["pubKeyCredParams"]) ? options["pubKeyCredParams"] : [];
  return {
    ...withBytes((bytes) => bytes.toString("base64url"), options),
    pubKeyCredParams: offered.map((kind) => (isJsonObject(kind) ? { ...kind, alg: Number(kind["alg"]) } : kind)),
  };
};

export const fido2Faults = {
  "fido2-options-unsigned": {
    description: "The options for the key hold bytes as numbers from 0 to 255, which is as good.",
    pairing: "fido2",
    on: onCreation,
    act: withOptions((options) => JSON.stringify(withBytes((bytes) => [...bytes], options))),
  },
  "fido2-options-base64url": {
    description: "The options for the key hold bytes as base64url and algorithms as numbers, which is as good.",
    pairing: "fido2",
    on: onCreation,
    act: withOptions((options) => JSON.stringify(standardJson(options))),
  },
  "fido2-options-object": {
    description: "The options for the key are an object instead of a text that holds one, which is as good.",
    pairing: "fido2",
    on: onCreation,
    act: withOptions((options) => options),
  },
  "fido2-without-options": {
    description: "PingOne creates the device, but the answer lacks the options for the key.",
    pairing: "fido2",
    on: onCreation,
    act: afterwards((reply) => answerWith(withoutMember(reply, optionsName))),
  },
  "fido2-other-rp": {
    description: "The options for the key are for another relying party than the one that was asked for.",
    pairing: "fido2",
    on: onCreation,
    act: withOptions((options) =>
      JSON.stringify({ ...options, rp: { id: "another-company.example", name: "Another company" } }),
    ),
  },
  "fido2-pairing-disabled": {
    description: "The MFA policy allows new workstations, but no new security keys.",
    pairing: "fido2",
    on: onCreation,
    act: instead(() => pairingDisabled("FIDO2")),
  },
} as const satisfies Readonly<Record<string, PingOneFault>>;
