import { AsyncLocalStorage } from "node:async_hooks";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { type Adapter, type AdapterPayload, type Configuration, Provider } from "oidc-provider";
import { selfServiceScopes } from "../../src/core/sign-in/scopes.ts";

/**
 * An authorization server that we did not write (oidc-provider), under PingOne's paths and on real sockets:
 * `/{environment}/as/authorize`, `/as/token`, `/as/device_authorization` and so on ("Go client, endpoint constants").
 *
 * Its page asks one question, whether to sign in or to decline, and knows one account.
 */
export type AuthorizationServer = {
  readonly issuer: string;
  readonly environmentId: string;
  /** A public application: browser, device code, refresh tokens. Redirect address: `http://127.0.0.1:{any}/callback`. */
  readonly clientId: string;
  readonly account: { readonly subject: string; readonly username: string; readonly name: string };
  /** Worker applications, one for each way of proving who they are. */
  readonly workers: Readonly<
    Record<"basic" | "post" | "jwt", { readonly clientId: string; readonly clientSecret: string }>
  >;
  readonly keyWorker: { readonly clientId: string };
  /** `POST /as/token`, in the order in which the requests arrived. */
  readonly requests: readonly string[];
  /** Stands between the sockets and the server, for answers that no good server gives. `null`: out of the way. */
  readonly interfere: (by: Interference | null) => void;
  /** New keys, as after a rotation: the old ones are gone. What was issued stays. */
  readonly rotateKeys: () => Promise<void>;
  /** Signs claims with the key of now, as only the server can. */
  readonly sign: (claims: Readonly<Record<string, unknown>>) => Promise<string>;
  readonly close: () => Promise<void>;
};

/** @param serve lets the server answer. */
export type Interference = (request: IncomingMessage, response: ServerResponse, serve: () => void) => void;

type Options = {
  /** The public half of the key with which `keyWorker` signs. */
  readonly workerKey?: JWK;
  /** The server's clock is this much ahead of the computer's: its `Date`, and all that it issues. */
  readonly clockOffsetMs?: number;
  /** Without it the names are told by the userinfo endpoint alone, as the standard has it for the code flow. */
  readonly namesInIdToken?: boolean;
};

const environmentId = "abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6";
const mount = `/${environmentId}/as`;
const account = { subject: "11111111-2222-4333-8444-555555555555", username: "tina", name: "Tina Technician" };
const worker = (kind: string) => ({
  clientId: `worker-${kind}`,
  clientSecret: `planted-${kind}-secret-0123456789abcdef`,
});
const workers = { basic: worker("basic"), post: worker("post"), jwt: worker("jwt") };

export async function startAuthorizationServer(options: Options = {}): Promise<AuthorizationServer> {
  const shift = options.clockOffsetMs ?? 0;
  const requests: string[] = [];
  const adapter = memoryAdapter();
  let interference: Interference | null = null;
  let keys = await createKeys();
  let provider: Provider | null = null;

  const server = createServer((request, response) => {
    const path = (request.url ?? "").replace(mount, "");
    requests.push(
      `${request.method ?? ""} /as${path.replace(/[?].*/, "").replace(/^(\/[a-z.-]+\/)[\w-]{20,}$/i, "$1…")}`,
    );
    const serve = (): void => {
      if (shift !== 0) response.setHeader("date", new Date(Date.now() + shift).toUTCString());
      shifted.run(shift, () => void answer(provider, path, request, response));
    };
    if (interference === null) serve();
    else interference(request, response, serve);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}${mount}`;
  const create = () => createProvider(issuer, configurationOf(options, keys.jwk, adapter));
  provider = create();

  return {
    issuer,
    environmentId,
    clientId: "desktop",
    account,
    workers,
    keyWorker: { clientId: "worker-key" },
    requests,
    interfere: (by) => {
      interference = by;
    },
    rotateKeys: async () => {
      keys = await createKeys();
      provider = create();
    },
    sign: (claims) =>
      new SignJWT({ ...claims }).setProtectedHeader({ alg: "RS256", kid: String(keys.jwk.kid) }).sign(keys.key),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

/** The clock of whoever runs inside: the server's requests see the server's time, the test its own. */
const shifted = new AsyncLocalStorage<number>();
const realNow = Date.now;
Date.now = () => realNow() + (shifted.getStore() ?? 0);

async function createKeys(): Promise<{ readonly jwk: JWK; readonly key: CryptoKey }> {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), alg: "RS256", use: "sig" };
  return { jwk: { ...jwk, kid: String(jwk.n).slice(0, 16) }, key: privateKey };
}

function createProvider(issuer: string, configuration: Configuration): Provider {
  const provider = new Provider(issuer, configuration);
  provider.on("server_error", (_context, error) => console.error(error));
  return provider;
}

async function answer(provider: Provider | null, path: string, request: IncomingMessage, response: ServerResponse) {
  if (provider === null) return response.writeHead(503).end();
  if (path.startsWith("/interaction/")) return decide(provider, request, response);
  // The server finds out from the difference of the two that it lives below a path.
  Object.assign(request, { originalUrl: request.url, url: path });
  await provider.callback()(request, response);
}

/** The page with the one question. */
async function decide(provider: Provider, request: IncomingMessage, response: ServerResponse) {
  if (request.method === "GET") {
    response.setHeader("content-type", "text/html; charset=utf-8");
    return response.end(`<!doctype html><html lang="en"><title>Sign in</title><h1>Sign in as ${account.name}?</h1>
<form method="post"><button name="decision" value="yes">Sign in</button>
<button name="decision" value="no">Decline</button></form></html>`);
  }
  let body = "";
  for await (const chunk of request) body += String(chunk);
  if (new URLSearchParams(body).get("decision") !== "yes") {
    const denied = { error: "access_denied", error_description: "The user declined (Correlation ID: c-denied)" };
    return provider.interactionFinished(request, response, denied, { mergeWithLastSubmission: false });
  }
  const { params } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId: account.subject, clientId: String(params["client_id"]) });
  grant.addOIDCScope(String(params["scope"]));
  const result = { login: { accountId: account.subject }, consent: { grantId: await grant.save() } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

function configurationOf(options: Options, jwk: JWK, adapter: Configuration["adapter"]): Configuration {
  const page = (title: string) => (context: { body: unknown; type: string }, form?: string) => {
    context.type = "html";
    context.body = `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>${(form ?? "").replace(
      "</form>",
      '<button type="submit">Continue</button></form>',
    )}</html>`;
  };
  const secretClient = (
    kind: keyof typeof workers,
    method: "client_secret_basic" | "client_secret_post" | "client_secret_jwt",
  ) => ({
    client_id: workers[kind].clientId,
    client_secret: workers[kind].clientSecret,
    grant_types: ["client_credentials"],
    redirect_uris: [],
    response_types: [],
    token_endpoint_auth_method: method,
  });
  return {
    adapter,
    jwks: { keys: [jwk] },
    cookies: { keys: ["a key of a test"] },
    scopes: ["openid", ...selfServiceScopes],
    claims: { openid: ["sub"], profile: ["name", "preferred_username"] },
    conformIdTokenClaims: options.namesInIdToken === false,
    clientBasedCORS: () => false,
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: account.name, preferred_username: account.username }),
    }),
    issueRefreshToken: (_context, client) => client.grantTypeAllowed("refresh_token"),
    interactions: { url: (_context, interaction) => `${mount}/interaction/${interaction.uid}` },
    renderError: (context, out) => {
      context.body = out;
    },
    enabledJWA: { clientAuthSigningAlgValues: ["HS256", "RS256", "ES256", "ES384"] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_context, client, token) => token.clientId === client.clientId },
      introspection: { enabled: true },
      deviceFlow: {
        enabled: true,
        userCodeInputSource: (context, form) => page("Enter the code")(context, form),
        userCodeConfirmSource: (context, form) => page("Is this the code?")(context, form),
        successSource: (context) => page("Signed in")(context),
      },
      rpInitiatedLogout: { enabled: false },
    },
    routes: {
      authorization: "/authorize",
      code_verification: "/device",
      device_authorization: "/device_authorization",
      introspection: "/introspect",
      jwks: "/jwks",
      revocation: "/revoke",
      token: "/token",
      userinfo: "/userinfo",
    },
    ttl: {
      AccessToken: 3_600,
      AuthorizationCode: 60,
      ClientCredentials: 3_600,
      DeviceCode: 600,
      Grant: 86_400,
      IdToken: 3_600,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
    clients: [
      {
        client_id: "desktop",
        application_type: "native",
        grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        redirect_uris: ["http://127.0.0.1/callback"],
        response_types: ["code"],
        token_endpoint_auth_method: "none",
      },
      secretClient("basic", "client_secret_basic"),
      secretClient("post", "client_secret_post"),
      secretClient("jwt", "client_secret_jwt"),
      ...(options.workerKey === undefined
        ? []
        : [
            {
              client_id: "worker-key",
              grant_types: ["client_credentials"],
              redirect_uris: [],
              response_types: [],
              token_endpoint_auth_method: "private_key_jwt" as const,
              jwks: { keys: [options.workerKey as never] },
            },
          ]),
    ],
  };
}

/** Keeps everything of one server, over a change of its keys. */
function memoryAdapter(): (name: string) => Adapter {
  const stored = new Map<string, AdapterPayload>();
  return (name) => {
    const find = async (matches: (payload: AdapterPayload) => boolean) =>
      [...stored].find(([key, payload]) => key.startsWith(`${name}:`) && matches(payload))?.[1];
    return {
      upsert: async (id, payload) => void stored.set(`${name}:${id}`, payload),
      find: async (id) => stored.get(`${name}:${id}`),
      findByUserCode: (userCode) => find((payload) => payload.userCode === userCode),
      findByUid: (uid) => find((payload) => payload.uid === uid),
      consume: async (id) => {
        const payload = stored.get(`${name}:${id}`);
        if (payload !== undefined) stored.set(`${name}:${id}`, { ...payload, consumed: Math.floor(Date.now() / 1000) });
      },
      destroy: async (id) => void stored.delete(`${name}:${id}`),
      revokeByGrantId: async (grantId) => {
        for (const [key, payload] of stored) if (payload.grantId === grantId) stored.delete(key);
      },
    };
  };
}
