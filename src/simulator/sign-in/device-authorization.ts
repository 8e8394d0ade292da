import { randomInt, randomUUID } from "node:crypto";
import { jsonReply, written } from "../message.ts";
import { authBaseOf, type Handler } from "../pingone/handler.ts";
import type { World } from "../world.ts";
import { accountNamed, accountsFor } from "./accounts.ts";
import { type Application, deviceGrant } from "./applications.ts";
import { authenticateClient } from "./clients.ts";
import { oauthError } from "./errors.ts";
import { formOf, readForm, scopesOf } from "./forms.ts";
import { decidedPage, devicePage, errorPage } from "./pages.ts";
import { isChallenge } from "./pkce.ts";
import type { DeviceCode } from "./state.ts";

/** Signing in where no browser can be used, first half: the codes, and the page on another device. */

/** Letters that make no words and are not taken for digits. */
const letters = "BCDFGHJKLMNPQRSTVWXZ";

const makeUserCode = (): string => {
  const text = Array.from({ length: 8 }, () => letters[randomInt(letters.length)]).join("");
  return `${text.slice(0, 4)}-${text.slice(4)}`;
};

/** "Authorize (device)". */
export const authorizeDevice: Handler = async (context, call) => {
  const form = readForm(call);
  if (!form.ok) return form.reply;
  const client = await authenticateClient(context, call, form.value);
  if (!client.ok) return client.reply;
  const { id: clientId, grantTypes, scopes, devicePathId } = client.value;
  if (!grantTypes.includes(deviceGrant)) {
    return oauthError(call, "unauthorized_client", "The application may not use the device grant");
  }
  const scope = scopesOf(form.value.get("scope"));
  const foreign = scope.find((name) => !scopes.includes(name));
  if (foreign !== undefined) {
    return oauthError(call, "invalid_scope", `The application may not ask for ${foreign.slice(0, 100)}`);
  }
  // Ping's own client adds PKCE here. Assumed: it may be left out, since the page does not name it.
  const challenge = form.value.get("code_challenge");
  if (challenge !== null && !(form.value.get("code_challenge_method") === "S256" && isChallenge(challenge))) {
    return oauthError(call, "invalid_request", "A code_challenge must be of the method S256");
  }
  const { deviceCodeSeconds, pollingSeconds } = context.signIn;
  const device: DeviceCode = {
    id: randomUUID(),
    userCode: makeUserCode(),
    clientId,
    scope,
    challenge,
    expiresAt: context.now() + deviceCodeSeconds * 1000,
    intervalSeconds: pollingSeconds,
    polledAt: null,
    decision: "none",
  };
  context.world.signIn.deviceCodes.set(device.id, device);
  const page = `${authBaseOf(context)}/device/${devicePathId}`;
  return written(
    jsonReply(200, {
      device_code: device.id,
      user_code: device.userCode,
      verification_uri: page,
      verification_uri_complete: `${page}?user_code=${device.userCode}`,
      expires_in: deviceCodeSeconds,
      interval: pollingSeconds,
    }),
  );
};

const applicationOn = (world: World, pathId: string | undefined): Application | undefined =>
  [...world.applications.values()].find(({ devicePathId }) => devicePathId !== null && devicePathId === pathId);

/** The code as a person types it: with or without the hyphen, in any case. */
const isSameCode = (left: string, right: string): boolean => {
  const plain = (text: string): string => text.toUpperCase().replaceAll(/[^A-Z]/g, "");
  return plain(left) === plain(right);
};

/** A code of the application that still waits for somebody. */
const waitingCode = (world: World, application: Application, userCode: string, now: number): DeviceCode | undefined =>
  [...world.signIn.deviceCodes.values()].find(
    (code) =>
      code.clientId === application.id &&
      code.decision === "none" &&
      code.expiresAt > now &&
      isSameCode(code.userCode, userCode),
  );

const noSuchPage = () => errorPage(404, "There is no such page. Check the address.");

/** The page to which `verification_uri` leads. */
export const showDevicePage: Handler = (context, { parameters, request }) => {
  const application = applicationOn(context.world, parameters["path"]);
  if (application === undefined) return noSuchPage();
  const userCode = request.query.get("user_code") ?? "";
  const code = waitingCode(context.world, application, userCode, context.now());
  return devicePage({
    applicationName: application.name,
    scope: code?.scope ?? [],
    accounts: accountsFor(context.world, application),
    userCode,
    username: "",
    problem: null,
  });
};

/** The form of that page. Assumed: all of it; the vendor describes only the address. */
export const answerDevicePage: Handler = (context, { parameters, request }) => {
  const { world } = context;
  const application = applicationOn(world, parameters["path"]);
  if (application === undefined) return noSuchPage();
  const form = formOf(request);
  const userCode = form.get("user_code") ?? "";
  const username = form.get("username") ?? "";
  const code = waitingCode(world, application, userCode, context.now());
  const again = (problem: string) =>
    devicePage({
      applicationName: application.name,
      scope: code?.scope ?? [],
      accounts: accountsFor(world, application),
      userCode,
      username,
      problem,
    });
  if (code === undefined) return again("There is no such code, or it has expired.");
  if (form.get("decision") !== "allow") {
    world.signIn.deviceCodes.set(code.id, { ...code, decision: "denied" });
    return written(decidedPage(false));
  }
  const chosen = accountNamed(world, application, username);
  if (!chosen.ok) return again(chosen.problem);
  const approval = {
    clientId: application.id,
    subject: chosen.account.id,
    scope: code.scope,
    authTime: context.now(),
  };
  world.signIn.deviceCodes.set(code.id, { ...code, decision: approval });
  return written(decidedPage(true));
};
