import { describe, expect, test } from "vitest";
import { open, type Reply, send } from "./client.ts";
import {
  destinationOf,
  formWith,
  issuerOf,
  makeVerifier,
  openPage,
  post,
  redirectUri,
  requestOf,
  selfServiceScope,
  submitPage,
} from "./sign-in-client.ts";

const isPage = (reply: Reply, status: number): void => {
  expect(reply.status).toBe(status);
  expect(reply.headers.get("content-type")).toBe("text/html;charset=utf-8");
  expect(reply.headers.get("location")).toBeNull();
  const policy = reply.headers.get("content-security-policy");
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain("script-src");
  expect(policy).not.toContain("unsafe");
  expect(reply.text).not.toContain("<script");
  expect(reply.text).not.toContain('type="password"');
};

describe("the sign-in page", () => {
  test("names the application, what it asks for, and the administrators", async () => {
    const simulator = await open();
    const reply = await openPage(simulator);
    isPage(reply, 200);
    expect(reply.text).toContain('<html lang="en">');
    expect(reply.text).toContain("Workstation pairing for technicians");
    expect(reply.text).toContain("openid profile email");
    expect(reply.text).toContain("This is a simulator.");
    for (const { username, note } of simulator.administrators) {
      expect(reply.text).toContain(`<dt>${username}</dt><dd>${note}</dd>`);
    }
    expect(reply.text).not.toContain("ada@example.com");
    // A browser that obeys `form-action` could not come back without the second address.
    expect(reply.headers.get("content-security-policy")).toContain("form-action 'self' http://127.0.0.1:7464;");
  });

  test("of the self-service application offers the users", async () => {
    const simulator = await open();
    const reply = await openPage(simulator, { client_id: simulator.selfServiceClientId, scope: selfServiceScope });
    isPage(reply, 200);
    expect(reply.text).toContain("ada@example.com");
    expect(reply.text).not.toContain("identity.admin");
  });

  test("is filled in with the login hint, and runs nothing that a request holds", async () => {
    const hint = '"><script>alert(1)</script>';
    const reply = await openPage(await open(), { login_hint: hint, state: hint });
    isPage(reply, 200);
    expect(reply.text).toContain('name="username" list="accounts" value="&quot;&gt;&lt;script&gt;');
    expect(reply.text).toContain('name="state" value="&quot;&gt;&lt;script&gt;');
  });

  test("can be asked for by a form as well", async () => {
    const simulator = await open();
    isPage(await submitPage(simulator, requestOf(simulator, makeVerifier())), 200);
  });
});

describe("whoever asks wrongly", () => {
  const elsewhere = "https://collector.example/callback";

  test.each([
    ["an unknown application", { client_id: "00000000-0000-4000-8000-000000000000" }],
    ["no application", { client_id: null }],
    ["another address", { redirect_uri: elsewhere }],
    ["no address", { redirect_uri: null }],
    ["another port", { redirect_uri: "http://127.0.0.1:7465/callback" }],
    ["another path", { redirect_uri: "http://127.0.0.1:7464/callback/" }],
    ["localhost for 127.0.0.1", { redirect_uri: "http://localhost:7464/callback" }],
    ["an address that only begins well", { redirect_uri: "http://127.0.0.1:7464@collector.example/callback" }],
  ])("with %s sees a page and is sent nowhere", async (_name, changes) => {
    const simulator = await open();
    isPage(await openPage(simulator, changes), 400);
    const request = { ...requestOf(simulator, makeVerifier()), ...changes, username: "admin" };
    for (const decision of ["allow", "deny"]) isPage(await submitPage(simulator, { ...request, decision }), 400);
    expect(simulator.world.signIn.codes.size).toBe(0);
  });

  test("cannot name a worker application", async () => {
    const simulator = await open();
    for (const client_id of [simulator.clientId, simulator.workerKeyClientId]) {
      isPage(await openPage(simulator, { client_id }), 400);
    }
  });

  test.each([
    ["another response type", { response_type: "token" }, "unsupported_response_type"],
    ["no response type", { response_type: null }, "unsupported_response_type"],
    ["no scope", { scope: null }, "invalid_scope"],
    ["a scope without openid", { scope: "profile" }, "invalid_scope"],
    ["a self-service scope for administrators", { scope: "openid p1:read:user" }, "invalid_scope"],
    ["no challenge", { code_challenge: null }, "invalid_request"],
    ["a plain challenge", { code_challenge_method: "plain" }, "invalid_request"],
    ["no method, which means plain", { code_challenge_method: null }, "invalid_request"],
    ["a challenge of another length", { code_challenge: "short" }, "invalid_request"],
    ["no interaction", { prompt: "none" }, "login_required"],
  ])("with %s is told so, with the state", async (_name, changes, error) => {
    const simulator = await open();
    const reply = await openPage(simulator, changes);
    expect(reply.status).toBe(302);
    const to = destinationOf(reply);
    expect(to.origin + to.pathname).toBe(redirectUri);
    expect(Object.fromEntries(to.searchParams)).toEqual({
      error,
      error_description: expect.stringMatching(/\(Correlation ID: [0-9a-f-]{36}\)$/),
      state: "state of the test",
    });
  });

  test("with a parameter twice is told so", async () => {
    const simulator = await open();
    const url = `${issuerOf(simulator)}/authorize?${formWith(requestOf(simulator, makeVerifier()))}&nonce=another`;
    expect(destinationOf(await send("GET", url)).searchParams.get("error")).toBe("invalid_request");
  });
});

describe("the decision", () => {
  test("sends the browser back with a code and the state", async () => {
    const simulator = await open();
    const request = { ...requestOf(simulator, makeVerifier()), username: "Admin", decision: "allow" };
    const reply = await submitPage(simulator, request);
    expect([reply.status, reply.headers.get("cache-control")]).toEqual([302, "no-store"]);
    expect(Object.fromEntries(destinationOf(reply).searchParams)).toEqual({
      code: expect.stringMatching(/^[\w-]{43}$/),
      state: request.state,
    });
  });

  test("leaves out a state that was not given", async () => {
    const simulator = await open();
    const request = { ...requestOf(simulator, makeVerifier()), state: null, username: "admin", decision: "allow" };
    expect([...destinationOf(await submitPage(simulator, request)).searchParams.keys()]).toEqual(["code"]);
  });

  test("to deny needs no name, and gives no code", async () => {
    const simulator = await open();
    const request = { ...requestOf(simulator, makeVerifier()), username: "", decision: "deny" };
    expect(Object.fromEntries(destinationOf(await submitPage(simulator, request)).searchParams)).toEqual({
      error: "access_denied",
      error_description: expect.stringContaining("denied"),
      state: request.state,
    });
    expect(simulator.world.signIn.codes.size).toBe(0);
  });

  test.each([
    ["technicianClientId", "ada@example.com", "Only administrators may sign in"],
    ["technicianClientId", "somebody", "There is no account of this name."],
    ["technicianClientId", " ", "Enter a user name."],
    ["selfServiceClientId", "alan@example.com", "This account is disabled."],
    ["selfServiceClientId", "admin", "There is no account of this name."],
  ] as const)("at %s of %s is asked for again", async (application, username, problem) => {
    const simulator = await open();
    const request = { ...requestOf(simulator, makeVerifier()), client_id: simulator[application] };
    const reply = await submitPage(simulator, { ...request, username, decision: "allow" });
    isPage(reply, 400);
    expect(reply.text).toContain('role="alert"');
    expect(reply.text).toContain(problem);
    // The form still carries the request, so that the next try succeeds.
    expect(reply.text).toContain(`name="state" value="${request.state}"`);
    expect(simulator.world.signIn.codes.size).toBe(0);
  });
});

describe("the licence of the simulator", () => {
  test.each([
    ["any port", "any" as const, 200],
    ["a listed port", [50_123], 200],
    ["no port", [], 400],
  ])("allows %s of the registered address", async (_name, redirectPorts, status) => {
    const simulator = await open({ redirectPorts });
    isPage(await openPage(simulator, { redirect_uri: "http://127.0.0.1:50123/callback" }), status);
    isPage(await openPage(simulator), 200);
    isPage(await openPage(simulator, { redirect_uri: "http://127.0.0.1:50123/elsewhere" }), 400);
    isPage(await openPage(simulator, { redirect_uri: "http://collector.example:50123/callback" }), 400);
  });
});

test("a form of another media type holds nothing", async () => {
  const simulator = await open();
  isPage(await send("POST", `${issuerOf(simulator)}/authorize`, { json: { decision: "allow" } }), 400);
  isPage(await post(`${issuerOf(simulator)}/authorize`, {}), 400);
});
