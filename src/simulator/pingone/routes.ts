import { activateDevice } from "../devices/activation.ts";
import {
  blockDevice,
  deleteDevice,
  listDevices,
  nameDevice,
  readDevice,
  requestLogs,
  sendActivationCode,
  unblockDevice,
  unlockDevice,
} from "../devices/changes.ts";
import { createDevice } from "../devices/creation.ts";
import { removeOrder, setOrder } from "../devices/order.ts";
import { answerAuthorization, authorize } from "../sign-in/authorize.ts";
import { answerDevicePage, authorizeDevice, showDevicePage } from "../sign-in/device-authorization.ts";
import { discovery, keySet } from "../sign-in/discovery.ts";
import { revokeToken } from "../sign-in/revocation.ts";
import { issueToken } from "../sign-in/tokens.ts";
import { readUserinfo } from "../sign-in/userinfo.ts";
import { listPopulations, readCapabilities, readEnvironment, readPopulation } from "./environment.ts";
import type { Handler } from "./handler.ts";
import { listFido2Policies, listPolicies, readFido2Policy, readMfaSettings, readPolicy } from "./policies.ts";
import { listUsers, readMfaEnabled, readUser, updateMfaEnabled } from "./users.ts";

/**
 * Everything that the pretend PingOne serves, one line each. The vendor's page is named where the handler is.
 *
 * The authentication host has no `/v1` in its paths, the API exactly one ("API requests"); here both share a port, so
 * the path alone tells them apart.
 *
 * With a custom domain the environment id drops out of the paths of the authentication host; `serve.ts` puts it back.
 */

type Route = {
  readonly operation: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** `:name` stands for one segment. */
  readonly path: string;
  /** What the body must be sent as; `null`: no body, or the handler has its own rule. */
  readonly mediaType: string | null;
  readonly handle: Handler;
};

const json = "application/json";
const vendor = "application/vnd.pingidentity";

const as = "/:environment/as";
/** Not below `/as`, see "Authorize (device)". */
const devicePage = "/:environment/device/:path";
const environment = "/v1/environments/:environment";
const user = `${environment}/users/:user`;
const devices = `${user}/devices`;
const device = `${devices}/:device`;

const route = <const Operation extends string>(
  operation: Operation,
  method: Route["method"],
  path: string,
  mediaType: string | null,
  handle: Handler,
): Route & { readonly operation: Operation } => ({ operation, method, path, mediaType, handle });

export const authRoutes = [
  route("discovery", "GET", `${as}/.well-known/openid-configuration`, null, discovery),
  route("key-set", "GET", `${as}/jwks`, null, keySet),
  route("authorize", "GET", `${as}/authorize`, null, authorize),
  route("answer-authorization", "POST", `${as}/authorize`, null, answerAuthorization),
  route("authorize-device", "POST", `${as}/device_authorization`, null, authorizeDevice),
  route("show-device-page", "GET", devicePage, null, showDevicePage),
  route("answer-device-page", "POST", devicePage, null, answerDevicePage),
  route("issue-token", "POST", `${as}/token`, null, issueToken),
  route("revoke-token", "POST", `${as}/revoke`, null, revokeToken),
  route("read-userinfo", "GET", `${as}/userinfo`, null, readUserinfo),
  route("read-userinfo", "POST", `${as}/userinfo`, null, readUserinfo),
] as const;

/** All of these need an access token. */
export const apiRoutes = [
  route("read-environment", "GET", environment, null, readEnvironment),
  route("read-capabilities", "GET", `${environment}/capabilities`, null, readCapabilities),
  route("list-populations", "GET", `${environment}/populations`, null, listPopulations),
  route("read-population", "GET", `${environment}/populations/:population`, null, readPopulation),
  route("list-policies", "GET", `${environment}/deviceAuthenticationPolicies`, null, listPolicies),
  route("read-policy", "GET", `${environment}/deviceAuthenticationPolicies/:policy`, null, readPolicy),
  route("list-fido2-policies", "GET", `${environment}/fido2Policies`, null, listFido2Policies),
  route("read-fido2-policy", "GET", `${environment}/fido2Policies/:policy`, null, readFido2Policy),
  route("read-mfa-settings", "GET", `${environment}/mfaSettings`, null, readMfaSettings),

  route("list-users", "GET", `${environment}/users`, null, listUsers),
  route("read-user", "GET", user, null, readUser),
  route("read-mfa-enabled", "GET", `${user}/mfaEnabled`, null, readMfaEnabled),
  route("update-mfa-enabled", "PUT", `${user}/mfaEnabled`, json, updateMfaEnabled),

  route("list-devices", "GET", devices, null, listDevices),
  route("create-device", "POST", devices, json, createDevice),
  route("set-order", "POST", devices, `${vendor}.devices.reorder+json`, setOrder),
  route("remove-order", "POST", devices, `${vendor}.devices.order.remove+json`, removeOrder),
  route("remove-order", "DELETE", devices, `${vendor}.devices.order.remove+json`, removeOrder),

  route("read-device", "GET", device, null, readDevice),
  route("delete-device", "DELETE", device, null, deleteDevice),
  route("activate-device", "POST", device, `${vendor}.device.activate+json`, activateDevice),
  route("block-device", "POST", device, `${vendor}.device.block+json`, blockDevice),
  route("unblock-device", "POST", device, `${vendor}.device.unblock+json`, unblockDevice),
  route("unlock-device", "POST", device, `${vendor}.device.unlock+json`, unlockDevice),
  route("send-activation-code", "POST", device, `${vendor}.device.sendActivationCode+json`, sendActivationCode),
  route("name-device", "PUT", `${device}/nickname`, json, nameDevice),
  route("request-logs", "PUT", `${device}/logs`, json, requestLogs),
] as const;

type AuthOperation = (typeof authRoutes)[number]["operation"];
export type ApiOperation = (typeof apiRoutes)[number]["operation"];
export type Operation = AuthOperation | ApiOperation;

/** The values of the `:name` segments, or `null` when the path is another one. */
export const matchPath = (template: string, path: string): Readonly<Record<string, string>> | null => {
  const wanted = template.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return null;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? "";
    if (segment.startsWith(":") && value !== "") parameters[segment.slice(1)] = value;
    else if (segment !== value) return null;
  }
  return parameters;
};
