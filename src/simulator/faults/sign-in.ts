import { decodeJwt, type JWTPayload } from "jose";
import { createKeys, rotateKeys, signClaims } from "../keys.ts";
import { answerWith, type HttpReply, jsonReply, parseObject } from "../message.ts";
import { refuse } from "../pingone/refusals.ts";
import type { Operation } from "../pingone/routes.ts";
import { deviceGrant } from "../sign-in/applications.ts";
import { slowedDown } from "../sign-in/device-polling.ts";
import { invalidGrant, type OAuthErrorCode, oauthError } from "../sign-in/errors.ts";
import { redirectPath } from "./agent.ts";
import { afterwards, html, instead, type PingOneFault, type Scene } from "./effects.ts";

/** What can go wrong while somebody signs in, or while a client renews what it has. */

const onToken = (operation: Operation): boolean => operation === "issue-token";
const onDiscovery = (operation: Operation): boolean => operation === "discovery";

/** The tokens are issued; the ID token among them is another one. */
const withIdToken = (make: (scene: Scene, claims: JWTPayload) => Promise<string>) => async (scene: Scene) => {
  const reply = await scene.proceed();
  const body = parseObject(reply.body);
  const idToken = body?.["id_token"];
  if (body === null || typeof idToken !== "string") return answerWith(reply);
  return answerWith({ ...reply, body: JSON.stringify({ ...body, id_token: await make(scene, decodeJwt(idToken)) }) });
};

const tenMinutes = 10 * 60 * 1000;

/** The whole server lives in another time: what it issues, what it accepts, and the `Date` of its answers. */
const shifted = (milliseconds: number) => async (scene: Scene) => {
  const now = (): number => scene.context.now() + milliseconds;
  const reply = await scene.proceed({ ...scene.context, now });
  return answerWith({ ...reply, headers: { ...reply.headers, date: new Date(now()).toUTCString() } });
};

const refusing = (error: OAuthErrorCode, why: string) => instead(({ call }) => oauthError(call, error, why));

const withOtherState = (reply: HttpReply): HttpReply => {
  const { location } = reply.headers;
  if (location === undefined) return reply;
  const url = new URL(location);
  url.searchParams.set("state", "of-another-sign-in");
  return { ...reply, headers: { ...reply.headers, location: url.href } };
};

export const signInFaults = {
  "sign-in-wrong-state": {
    description: "The browser comes back from a sign-in that was not begun here.",
    on: (operation) => operation === "answer-authorization",
    act: async ({ proceed }) => answerWith(withOtherState(await proceed())),
  },
  "id-token-wrong-nonce": {
    description: "The ID token belongs to another sign-in: it repeats another nonce.",
    on: onToken,
    act: withIdToken(({ context }, claims) => signClaims(context.keys, { ...claims, nonce: "of-another-sign-in" })),
  },
  "id-token-forged": {
    description: "The ID token says that PingOne's key has signed it, and it has not.",
    on: onToken,
    act: withIdToken(async ({ context }, claims) => {
      const { current } = await createKeys();
      const forger = { ...current, kid: context.keys.current.kid };
      return signClaims({ current: forger, retired: [] }, claims);
    }),
  },
  "discovery-wrong-issuer": {
    description: "The sign-in addresses that PingOne names are those of another environment.",
    on: onDiscovery,
    act: afterwards((reply) => {
      const other = "https://auth.pingone.example/00000000-0000-4000-8000-000000000000/as";
      return answerWith(jsonReply(200, { ...parseObject(reply.body), issuer: other }));
    }),
  },
  "discovery-html": {
    description: "A page of the network stands where PingOne names its sign-in addresses.",
    on: onDiscovery,
    act: instead(() => html(200, "Welcome to the guest network")),
  },
  "signing-key-rotated": {
    description: "PingOne signs with a new key from now on, which a client learns only when it asks again.",
    on: onToken,
    times: 1,
    act: async ({ context, proceed }) => {
      await rotateKeys(context.keys);
      return answerWith(await proceed());
    },
  },
  "token-redirects": {
    description: "Whoever asks for a token is sent to another address, and must not carry the secret there.",
    on: onToken,
    act: ({ context }) =>
      answerWith({
        status: 307,
        headers: { location: `${context.addresses.authUrl}${redirectPath}` },
        body: "",
        wrote: false,
      }),
  },
  "token-500-once": {
    description: "Issuing a token fails once with an error inside PingOne, then works.",
    on: onToken,
    times: 1,
    act: instead(() => refuse(500, "UNEXPECTED_ERROR")),
  },
  "clock-ahead": {
    description: "PingOne's clock is ten minutes ahead of the one here.",
    on: () => true,
    act: shifted(tenMinutes),
  },
  "clock-behind": {
    description: "PingOne's clock is ten minutes behind the one here.",
    on: () => true,
    act: shifted(-tenMinutes),
  },
  "refresh-refused": {
    description: "The session cannot be renewed any more; somebody has to sign in again.",
    on: onToken,
    grant: "refresh_token",
    act: instead(({ call }) => invalidGrant(call, "The refresh token is invalid, expired or revoked")),
  },
  "device-code-slow-down": {
    description: "PingOne asks once to be asked less often whether somebody has entered the code.",
    on: onToken,
    grant: deviceGrant,
    times: 1,
    act: (scene) => {
      const { signIn } = scene.context.world;
      const id = new URLSearchParams(scene.call.request.body).get("device_code") ?? "";
      const code = signIn.deviceCodes.get(id);
      if (code !== undefined) slowedDown(signIn, code, scene.context.now());
      return refusing("slow_down", "The client asks more often than it may")(scene);
    },
  },
  "device-code-denied": {
    description: "Somebody denies the sign-in on the other device.",
    on: onToken,
    grant: deviceGrant,
    act: refusing("access_denied", "The user denied the request"),
  },
  "device-code-expired": {
    description: "Nobody enters the code on the other device in time.",
    on: onToken,
    grant: deviceGrant,
    act: refusing("expired_token", "The device code has expired"),
  },
} as const satisfies Readonly<Record<string, PingOneFault>>;
