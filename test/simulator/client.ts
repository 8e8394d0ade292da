import { expect, onTestFinished } from "vitest";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/simulator/index.ts";

/** A client written by hand against the vendor's pages, sharing nothing with the product or the simulator. */

export type Reply = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** `null` when the body is no JSON object. */
  readonly body: Readonly<Record<string, unknown>> | null;
};

type Extras = {
  readonly json?: unknown;
  readonly text?: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

const parse = (text: string): Readonly<Record<string, unknown>> | null => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** One request. `json` is sent as JSON, under `type` where given; `text` as it stands. */
export const send = async (method: string, url: string, extras: Extras = {}): Promise<Reply> => {
  const hasJson = extras.json !== undefined;
  const type = extras.type ?? (hasJson ? "application/json" : undefined);
  const body = hasJson ? JSON.stringify(extras.json) : extras.text;
  const response = await fetch(url, {
    method,
    redirect: "manual",
    headers: { ...(type === undefined ? {} : { "content-type": type }), ...extras.headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parse(text) };
};

/** The member at a path such as `_links.next.href`; `undefined` when any part of it is absent. */
export const at = (value: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((inner, name) => {
    if (typeof inner !== "object" || inner === null) return undefined;
    return new Map(Object.entries(inner)).get(name);
  }, value);

/** The same for a member that must be a text. */
export const textAt = (value: unknown, path: string): string => {
  const found = at(value, path);
  if (typeof found !== "string") throw new Error(`There is no text at ${path}.`);
  return found;
};

export const formType = "application/x-www-form-urlencoded";
export const activateType = "application/vnd.pingidentity.device.activate+json";

export const basic = (id: string, secret: string): string =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;

/** A simulator that ends with the test that has started it. */
export const open = async (options: Partial<SimulatorOptions> = {}): Promise<Simulator> => {
  const simulator = await startSimulator({ port: 0, agentPort: 0, ...options });
  onTestFinished(() => simulator.close());
  return simulator;
};

export const fetchToken = async (simulator: Simulator): Promise<string> => {
  const reply = await send("POST", `${simulator.authUrl}/${simulator.environmentId}/as/token`, {
    text: "grant_type=client_credentials",
    type: formType,
    headers: { authorization: basic(simulator.clientId, simulator.clientSecret) },
  });
  return textAt(reply.body, "access_token");
};

/** Calls with a token, by the path below the environment. */
export const callerOf = (simulator: Simulator, token: string) => {
  const environment = `${simulator.apiUrl}/environments/${simulator.environmentId}`;
  const authorization = `Bearer ${token}`;
  const call = (method: string, path: string, extras: Extras = {}): Promise<Reply> =>
    send(method, path.startsWith("http") ? path : `${environment}${path}`, {
      ...extras,
      headers: { authorization, ...extras.headers },
    });
  return call;
};

export const userNamed = (simulator: Simulator, username: string): string => {
  const user = simulator.users.find((known) => known.username === username);
  if (user === undefined) throw new Error(`There is no user ${username}.`);
  return user.id;
};

export const desktopRequest = { type: "PINGID_DESKTOP_GEN2", status: "ACTIVATION_REQUIRED" };

export const origin = "https://app.pingone.eu";

export const askAgent = (simulator: Simulator, jwt: string, extras: Extras = {}, path = "/register"): Promise<Reply> =>
  send("POST", `${simulator.agentUrl}${path}`, {
    text: jwt,
    type: "application/jwt",
    ...extras,
    headers: { origin, ...extras.headers },
  });

/** A signed-in client and the devices of one user. */
export const signedIn = async (options: Partial<SimulatorOptions> = {}, username = "ada@example.com") => {
  const simulator = await open(options);
  const call = callerOf(simulator, await fetchToken(simulator));
  const userId = userNamed(simulator, username);
  const devices = `/users/${userId}/devices`;

  const create = (changes: object = {}): Promise<Reply> =>
    call("POST", devices, { json: { ...desktopRequest, ...changes } });
  const activate = (deviceId: string, attestation: unknown): Promise<Reply> =>
    call("POST", `${devices}/${deviceId}`, { json: { attestation }, type: activateType });

  /** Creates a device and has the agent answer its options. */
  const begin = async (changes: object = {}, headers: Readonly<Record<string, string>> = {}) => {
    const created = await create(changes);
    expect(created.status).toBe(201);
    const options = textAt(created.body, "pingIdDesktopCredentialCreationOptions");
    const answered = await askAgent(simulator, options, { headers });
    return { id: textAt(created.body, "id"), options, answered };
  };

  /** The whole pairing; gives the id of the active device. */
  const pair = async (): Promise<string> => {
    const { id, answered } = await begin();
    const activated = await activate(id, answered.text);
    expect(activated.status).toBe(200);
    return id;
  };

  return { simulator, call, userId, devices, create, activate, begin, pair };
};

/** Asserts PingOne's form of an error: an id, a code, the first detail's code and target. */
export const expectRefusal = (
  reply: Reply,
  status: number,
  code: string,
  detail?: { readonly code: string; readonly target?: string; readonly message?: unknown },
): void => {
  expect(reply.status).toBe(status);
  expect(reply.headers.get("correlation-id")).toMatch(/^[0-9a-f-]{36}$/);
  expect(reply.headers.get("content-type")).toContain("application/json");
  expect(reply.body).toMatchObject({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    code,
    message: expect.stringContaining("The request could not be completed."),
    ...(detail === undefined ? {} : { details: [detail] }),
  });
};
