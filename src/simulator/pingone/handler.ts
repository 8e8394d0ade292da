import type { Keys } from "../keys.ts";
import type { HttpReply, HttpRequest } from "../message.ts";
import type { Device, User, World } from "../world.ts";
import { notFound } from "./refusals.ts";

/** What every route is given besides its request. */
export type Context = {
  readonly world: World;
  readonly keys: Keys;
  readonly addresses: Addresses;
  /** Milliseconds since 1970, by the pretend server's clock. */
  readonly now: () => number;
  readonly signIn: SignInSettings;
  /** Whether the request came in by the custom domain, whose addresses have no environment id. */
  readonly onCustomDomain: boolean;
};

export type SignInSettings = {
  /** Besides the registered one. `any`: every port of 127.0.0.1. */
  readonly redirectPorts: readonly number[] | "any";
  /** `deviceTimeout` and `devicePollingInterval` of the Management OpenAPI. */
  readonly deviceCodeSeconds: number;
  readonly pollingSeconds: number;
};

export type Addresses = {
  /** `http://127.0.0.1:PORT/v1` */
  readonly apiUrl: string;
  /** `http://127.0.0.1:PORT` */
  readonly authUrl: string;
};

export type Call = {
  readonly request: HttpRequest;
  /** By the names in the route's path, e.g. `user`. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly correlationId: string;
};

export type Handler = (context: Context, call: Call) => HttpReply | Promise<HttpReply>;

/** For routes below one user: 404 when there is no such user. */
export const onUser =
  (handle: (context: Context, call: Call, user: User) => HttpReply | Promise<HttpReply>): Handler =>
  (context, call) => {
    const user = context.world.users.get(call.parameters["user"] ?? "");
    return user === undefined ? notFound() : handle(context, call, user);
  };

/** For routes below one device: 404 when this user has no such device. */
export const onDevice = (
  handle: (context: Context, call: Call, device: Device) => HttpReply | Promise<HttpReply>,
): Handler =>
  onUser((context, call, user) => {
    const device = context.world.devices.get(call.parameters["device"] ?? "");
    return device === undefined || device.userId !== user.id ? notFound() : handle(context, call, device);
  });

/** What every address of the authentication host begins with, see "endpoint construction" of the Go client. */
export const authBaseOf = ({ addresses, world, onCustomDomain }: Context): string =>
  onCustomDomain ? addresses.authUrl : `${addresses.authUrl}/${world.environmentId}`;

/** The issuer of tokens and options. */
export const issuerOf = (context: Context): string => `${authBaseOf(context)}/as`;

/** A token of one domain is good at the other: both are the same environment. */
export const issuersOf = (context: Context): readonly string[] =>
  [true, false].map((onCustomDomain) => issuerOf({ ...context, onCustomDomain }));

/** The audience of access tokens: the API's host without `/v1`, see "Authorization flow by grant type". */
export const apiAudienceOf = (context: Context): string => new URL(context.addresses.apiUrl).origin;

export const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString();

export type Link = { readonly href: string };

export const environmentLink = (context: Context, below = ""): Link => ({
  href: `${context.addresses.apiUrl}/environments/${context.world.environmentId}${below}`,
});

export const userLink = (context: Context, userId: string, below = ""): Link =>
  environmentLink(context, `/users/${userId}${below}`);
