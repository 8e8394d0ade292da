import { createHash, randomBytes } from "node:crypto";
import type { Simulator } from "../../src/simulator/index.ts";
import { formType, type Reply, send, textAt } from "./client.ts";

/** Signs in by hand, as a browser and a client would between them. */

export const redirectUri = "http://127.0.0.1:7464/callback";
export const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

export const identityScope = "openid profile email";

export const issuerOf = ({ authUrl, environmentId }: Simulator): string => `${authUrl}/${environmentId}/as`;

type Values = Readonly<Record<string, string>>;

/** A form; a value of `null` leaves the parameter out. */
export const formWith = (values: Readonly<Record<string, string | null>>): string =>
  new URLSearchParams(
    Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  ).toString();

export const post = (
  url: string,
  values: Readonly<Record<string, string | null>>,
  headers: Values = {},
): Promise<Reply> => send("POST", url, { text: formWith(values), type: formType, headers });

export const challengeOf = (verifier: string): string => createHash("sha256").update(verifier).digest("base64url");

export const makeVerifier = (): string => randomBytes(32).toString("base64url");

/** A correct authorization request of the technicians' application. */
export const requestOf = (simulator: Simulator, verifier: string) => ({
  response_type: "code",
  client_id: simulator.technicianClientId,
  redirect_uri: redirectUri,
  scope: identityScope,
  state: "state of the test",
  nonce: "nonce of the test",
  code_challenge: challengeOf(verifier),
  code_challenge_method: "S256",
});

type Changes = Readonly<Record<string, string | null>>;

/** The page that the browser opens. */
export const openPage = (simulator: Simulator, changes: Changes = {}): Promise<Reply> => {
  const request = { ...requestOf(simulator, makeVerifier()), ...changes };
  return send("GET", `${issuerOf(simulator)}/authorize?${formWith(request)}`);
};

/** The page's form, filled in. */
export const submitPage = (simulator: Simulator, values: Changes): Promise<Reply> =>
  post(`${issuerOf(simulator)}/authorize`, values);

/** Where a reply sends the browser. */
export const destinationOf = (reply: Reply): URL => new URL(reply.headers.get("location") ?? "none:");

/** A person signs in; gives the code and what belongs to it. */
export const obtainCode = async (simulator: Simulator, username: string, changes: Changes = {}) => {
  const verifier = makeVerifier();
  const request = { ...requestOf(simulator, verifier), ...changes };
  const reply = await submitPage(simulator, { ...request, username, decision: "allow" });
  const code = destinationOf(reply).searchParams.get("code");
  if (code === null) throw new Error(`No code came back: ${reply.status} ${reply.text}`);
  return { code, verifier, clientId: request.client_id ?? "" };
};

export const askToken = (simulator: Simulator, values: Changes, headers: Values = {}): Promise<Reply> =>
  post(`${issuerOf(simulator)}/token`, values, headers);

export const redeem = (
  simulator: Simulator,
  { code, verifier, clientId }: Awaited<ReturnType<typeof obtainCode>>,
  changes: Changes = {},
): Promise<Reply> =>
  askToken(simulator, {
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    client_id: clientId,
    code_verifier: verifier,
    ...changes,
  });

export type Tokens = {
  readonly clientId: string;
  readonly access: string;
  readonly refresh: string;
  readonly id: string;
};

export const tokensIn = (reply: Reply, clientId: string): Tokens => ({
  clientId,
  access: textAt(reply.body, "access_token"),
  refresh: textAt(reply.body, "refresh_token"),
  id: textAt(reply.body, "id_token"),
});

/** The whole way of a technician. */
export const signInAs = async (simulator: Simulator, username = "admin"): Promise<Tokens> => {
  const obtained = await obtainCode(simulator, username);
  return tokensIn(await redeem(simulator, obtained), obtained.clientId);
};

export const selfServiceScope =
  "openid profile email p1:read:user p1:update:userMfaEnabled p1:create:device p1:read:device p1:update:device p1:delete:device";

/** The whole way of a user. */
export const signInAsUser = async (
  simulator: Simulator,
  username = "ada@example.com",
  scope = selfServiceScope,
): Promise<Tokens> => {
  const obtained = await obtainCode(simulator, username, { client_id: simulator.selfServiceClientId, scope });
  return tokensIn(await redeem(simulator, obtained), obtained.clientId);
};

export const refresh = (simulator: Simulator, { clientId, refresh }: Tokens, changes: Changes = {}): Promise<Reply> =>
  askToken(simulator, { grant_type: "refresh_token", refresh_token: refresh, client_id: clientId, ...changes });
