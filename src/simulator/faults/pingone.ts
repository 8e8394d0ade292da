import { answerWith, type HttpReply, parseObject, textReply } from "../message.ts";
import {
  invalidData,
  invalidValue,
  limitReached,
  notFound,
  pairingDisabled,
  refuse,
  rolesMissing,
  tokenRefused,
} from "../pingone/refusals.ts";
import { apiRoutes, type Operation } from "../pingone/routes.ts";
import { invalidClient } from "../sign-in/errors.ts";
import { afterwards, html, instead, type PingOneFault, withoutMember } from "./effects.ts";
import { addUnknowns } from "./extra-fields.ts";
import { fido2Faults } from "./fido2.ts";
import { signInFaults } from "./sign-in.ts";

/**
 * What PingOne, or the network before it, can do wrong. A fault is met by requests whose path, method, token,
 * media type and environment are right: what is wrong with those is told first.
 */

const on =
  (...names: readonly Operation[]) =>
  (operation: Operation): boolean =>
    names.includes(operation);

const apiOperations: readonly Operation[] = apiRoutes.map(({ operation }) => operation);
const everyApiCall = on(...apiOperations);

const unexpected = (): HttpReply => refuse(500, "UNEXPECTED_ERROR");

export const pingOneFaults = {
  "token-refused": {
    description: "PingOne refuses the application: its client id, secret or key.",
    on: on("issue-token"),
    act: instead(({ call }) => invalidClient(call)),
  },
  "token-expires-at-once": {
    description: "The access token expires before its time, once; a new one must be fetched.",
    on: everyApiCall,
    times: 1,
    act: ({ context, tokenId }) => {
      if (tokenId !== null) context.world.revokedTokens.add(tokenId);
      return answerWith(tokenRefused("The access token has expired."));
    },
  },
  "roles-missing": {
    description: "The account or application has neither role nor scope, so every call of the API is forbidden.",
    on: everyApiCall,
    act: instead(rolesMissing),
  },
  "policies-forbidden": {
    description: "The role may not read policies, settings or capabilities, as with Identity Data Admin alone.",
    on: on(
      "list-policies",
      "read-policy",
      "list-fido2-policies",
      "read-fido2-policy",
      "read-mfa-settings",
      "read-capabilities",
    ),
    act: instead(rolesMissing),
  },
  "extra-fields": {
    description: "Every answer holds fields, links, types and values that did not exist when this product was made.",
    on: () => true,
    act: async ({ proceed }) => answerWith(addUnknowns(await proceed())),
  },
  "user-500": {
    description: "Reading users fails with an error inside PingOne.",
    on: on("list-users", "read-user"),
    act: instead(unexpected),
  },
  "user-500-once": {
    description: "Reading users fails once with an error inside PingOne, then works.",
    on: on("list-users", "read-user"),
    times: 1,
    act: instead(unexpected),
  },
  "pairing-disabled": {
    description: "The MFA policy does not allow new devices of this type.",
    on: on("create-device"),
    act: instead(({ call }) => {
      const type = parseObject(call.request.body)?.["type"];
      return pairingDisabled(typeof type === "string" ? type : "unknown");
    }),
  },
  "device-limit": {
    description: "The user has as many devices as the environment allows.",
    on: on("create-device"),
    act: instead(({ context }) =>
      limitReached("The user has reached the maximum number of devices.", context.world.maxAllowedDevices),
    ),
  },
  "licence-exceeded": {
    description: "The licence of the environment does not cover this.",
    on: on("create-device"),
    act: instead(() =>
      refuse(403, "ACCESS_FAILED", [
        { code: "LICENSE_EXCEEDED", message: "The license does not allow this.", innerError: { quotaLimit: 0 } },
      ]),
    ),
  },
  "create-429-retry": {
    description: "Creating the device is throttled, with the advice to wait one second.",
    on: on("create-device"),
    act: instead(() => refuse(429, "REQUEST_LIMITED", [], { "retry-after": "1" })),
  },
  "create-429-no-header": {
    description: "Creating the device is throttled, without a word on how long.",
    on: on("create-device"),
    act: instead(() => refuse(429, "REQUEST_LIMITED")),
  },
  "create-500-html": {
    description: "Creating the device fails with an HTML page instead of an error that can be read.",
    on: on("create-device"),
    act: instead(() => html(500, "Internal Server Error")),
  },
  "create-502": {
    description: "A gateway before PingOne answers that it cannot reach it.",
    on: on("create-device"),
    act: instead(() => html(502, "Bad Gateway")),
  },
  "create-503-retry": {
    description: "PingOne is being maintained and names a time, one second ahead, to try again.",
    on: on("create-device"),
    act: instead(({ context }) =>
      textReply(503, "text/plain;charset=utf-8", "Service Unavailable", {
        // The header knows only whole seconds: rounded up, or it might name a time that is over.
        "retry-after": new Date(Math.ceil(context.now() / 1000 + 1) * 1000).toUTCString(),
      }),
    ),
  },
  "create-lost-before": {
    description: "The connection breaks before PingOne has created the device.",
    on: on("create-device"),
    act: () => ({ kind: "reset", wrote: false }),
  },
  "create-lost": {
    description: "PingOne creates the device, then the connection breaks before the answer.",
    on: on("create-device"),
    act: afterwards((reply) => ({ kind: "reset", wrote: reply.wrote })),
  },
  "create-cut": {
    description: "PingOne creates the device, then the connection breaks in the middle of the answer.",
    on: on("create-device"),
    act: afterwards((reply) => ({ kind: "cut", reply })),
  },
  "create-truncated": {
    description: "PingOne creates the device; the answer arrives, but its JSON ends in the middle.",
    on: on("create-device"),
    act: afterwards((reply) => answerWith({ ...reply, body: reply.body.slice(0, reply.body.length / 2) })),
  },
  "create-without-jwt": {
    description: "PingOne creates the device, but the answer lacks the options for the agent.",
    pairing: "desktop",
    on: on("create-device"),
    act: afterwards((reply) => answerWith(withoutMember(reply, "pingIdDesktopCredentialCreationOptions"))),
  },
  "create-not-json": {
    description: "PingOne creates the device, but the answer is not JSON.",
    on: on("create-device"),
    act: afterwards((reply) =>
      answerWith({ ...textReply(201, "text/plain;charset=utf-8", "Created"), wrote: reply.wrote }),
    ),
  },
  "create-slow": {
    description: "PingOne takes a few seconds to create the device.",
    on: on("create-device"),
    act: async ({ proceed, slowMs }) => answerWith(await proceed(), slowMs),
  },
  "device-404": {
    description: "The new device cannot be read yet, although it exists.",
    on: on("read-device"),
    act: instead(notFound),
  },
  "activate-refused": {
    description: "PingOne refuses the attestation of the agent or of the security key.",
    on: on("activate-device"),
    act: instead(() => invalidData(invalidValue("attestation", "The attestation was refused."))),
  },
  "activate-404": {
    description: "PingOne does not find the device that is to be activated.",
    on: on("activate-device"),
    act: instead(notFound),
  },
  "activate-500": {
    description: "The activation fails with an error inside PingOne.",
    on: on("activate-device"),
    act: instead(unexpected),
  },
  "activate-lost": {
    description: "PingOne activates the device, then the connection breaks before the answer.",
    on: on("activate-device"),
    act: afterwards((reply) => ({ kind: "reset", wrote: reply.wrote })),
  },
  "activate-lost-before": {
    description: "The connection breaks before PingOne has activated the device.",
    on: on("activate-device"),
    act: () => ({ kind: "reset", wrote: false }),
  },
  "delete-500": {
    description: "Removing a device fails with an error inside PingOne.",
    on: on("delete-device"),
    act: instead(unexpected),
  },
  "delete-lost": {
    description: "PingOne removes the device, then the connection breaks before the answer.",
    on: on("delete-device"),
    act: afterwards((reply) => ({ kind: "reset", wrote: reply.wrote })),
  },
  "nickname-500": {
    description: "Naming the device fails with an error inside PingOne.",
    on: on("name-device"),
    act: instead(unexpected),
  },
  ...signInFaults,
  ...fido2Faults,
} as const satisfies Readonly<Record<string, PingOneFault>>;
