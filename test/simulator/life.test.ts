import { once } from "node:events";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, expect, onTestFinished, test } from "vitest";
import { startSimulator } from "../../src/simulator/index.ts";
import { open, send, signedIn } from "./client.ts";
import { runToItsEnd } from "./process.ts";

/** Takes a port of 127.0.0.1 for the length of the test. */
const takePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
};

const hasIpv6Loopback = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));

describe("addresses", () => {
  test("are told, with exactly one /v1 in the API's", async () => {
    const simulator = await open();
    expect(simulator.apiUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    expect(simulator.apiUrl).toBe(`${simulator.authUrl}/v1`);
    expect(simulator.agentUrl).toBe(`http://localhost:${simulator.agentPort}`);
  });

  test("of the agent are both loopback families where the machine has them", async () => {
    const simulator = await open();
    expect((await send("GET", `http://127.0.0.1:${simulator.agentPort}/`)).status).toBe(404);
    const overIpv6 = send("GET", `http://[::1]:${simulator.agentPort}/`).then(({ status }) => status);
    await (hasIpv6Loopback ? expect(overIpv6).resolves.toBe(404) : expect(overIpv6).rejects.toThrow());
  });

  test("name at least the users that a technician meets", async () => {
    const { users, world } = await open();
    expect(users.map(({ username }) => username)).toEqual([
      "ada@example.com",
      "grace@example.com",
      "alan@example.com",
      "katherine@example.com",
      "hedy@example.com",
      "margaret@example.com",
      "reception.morning",
      "reception.evening",
    ]);
    for (const { id, note } of users) {
      expect(world.users.has(id)).toBe(true);
      expect(note).toMatch(/\.$/);
    }
  });
});

describe("a port that is taken", () => {
  test.each(["port", "agentPort"] as const)("is named when it is the %s", async (which) => {
    const taken = await takePort();
    const started = startSimulator({ port: 0, agentPort: 0, [which]: taken });
    await expect(started).rejects.toMatchObject({
      message: `Port ${taken} on 127.0.0.1 is already taken.`,
      code: "EADDRINUSE",
      cause: { code: "EADDRINUSE" },
    });
  });
});

describe("the agent", () => {
  test("can be stopped and started on the same port, and remembers its installation", async () => {
    const { simulator, begin, create } = await signedIn();
    await simulator.stopAgent();
    await simulator.stopAgent();
    await expect(send("GET", simulator.agentUrl)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
    // PingOne does not care.
    expect((await create()).status).toBe(201);
    await simulator.startAgent();
    await simulator.startAgent();
    expect((await begin()).answered.status).toBe(200);
  });
});

describe("the end", () => {
  test("leaves nothing that keeps a process alive, whatever is still open", { timeout: 30_000 }, async () => {
    const program = `
      const { startSimulator } = await import(simulatorUrl);
      const simulator = await startSimulator({ port: 0, agentPort: 0, approvalMs: 3_600_000 });
      const environment = simulator.apiUrl + "/environments/" + simulator.environmentId;
      const token = await (await fetch(simulator.authUrl + "/" + simulator.environmentId + "/as/token", {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "client_credentials",
          client_id: simulator.clientId,
          client_secret: simulator.clientSecret,
        }),
      })).json();
      const created = await (await fetch(environment + "/users/" + simulator.users[0].id + "/devices", {
        method: "POST",
        headers: { authorization: "Bearer " + token.access_token, "content-type": "application/json" },
        body: JSON.stringify({ type: "PINGID_DESKTOP_GEN2", status: "ACTIVATION_REQUIRED" }),
      })).json();
      const ask = () => fetch(simulator.agentUrl + "/register", {
        method: "POST",
        headers: { origin: "https://app.pingone.eu", "content-type": "application/jwt" },
        body: created.pingIdDesktopCredentialCreationOptions,
      }).then(() => "answered", () => "ended");
      const waitingForApproval = ask();
      while (simulator.world.agent.usedOptions.size === 0) await new Promise(setImmediate);
      simulator.setFault("agent-silent");
      const waitingForNothing = ask();
      while (simulator.world.agent.registerCount < 2) await new Promise(setImmediate);
      await simulator.close();
      await simulator.close();
      console.log(await waitingForApproval, await waitingForNothing);
    `;
    expect(await runToItsEnd(program)).toEqual({ code: 0, output: "ended ended\n" });
  });

  test("comes at once when the agent's port is taken: PingOne's is closed again", { timeout: 30_000 }, async () => {
    const taken = await takePort();
    const program = `
      const { startSimulator } = await import(simulatorUrl);
      await startSimulator({ port: 0, agentPort: ${taken} }).catch(({ code }) => console.log(code));
    `;
    expect(await runToItsEnd(program)).toEqual({ code: 0, output: "EADDRINUSE\n" });
  });
});
