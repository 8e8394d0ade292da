import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { createAuthority } from "../node/authority.ts";
import { type ProxyServer, startProxy } from "../node/proxy-server.ts";
import { answer, closedPort, listen } from "../node/wire-server.ts";
import { createPlace, type Place } from "./command-line.ts";
import { policyFolder, whyNoPolicy } from "./machine-policy.ts";

/** Behind a corporate network: PingOne by a name that only the proxy can find, under a certificate of the proxy's own. */
async function behindProxy(options: { readonly credentials?: string } = {}): Promise<{
  readonly place: Place;
  readonly proxy: ProxyServer;
  readonly caFile: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}> {
  const place = await createPlace();
  const authority = await createAuthority("Corporate Inspection", "Example Corp");
  const secure = createTlsServer(await authority.sign("pingone.test"));
  const inspecting = await listen(
    ({ socket }) => {
      socket.removeAllListeners("data");
      const onward = connect(place.gateway.port, "127.0.0.1");
      onward.on("error", () => socket.destroy());
      socket.once("close", () => onward.destroy());
      socket.pipe(onward).pipe(socket);
    },
    { secure },
  );
  const proxy = await startProxy({ places: { "pingone.test:443": inspecting.port }, ...options });
  return {
    place,
    proxy,
    caFile: authority.caFile,
    environment: {
      DESKPAIR_API_URL: "https://pingone.test",
      DESKPAIR_AUTH_URL: "https://pingone.test",
      HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
      SSL_CERT_FILE: authority.caFile,
    },
  };
}

const pairing = ["pair", "desktop", "--user", "ada@example.com", "-O", "json"] as const;

test("a pairing through a proxy that asks for credentials and inspects TLS; the agent is reached straight", async () => {
  const { place, proxy, environment } = await behindProxy({ credentials: "ada:planted-password" });
  const without = await place.run(pairing, { environment });
  expect(without.code).toBe(42);
  expect(without.json).toMatchObject({
    error: {
      code: "proxy-credentials-required",
      message: `The proxy 127.0.0.1:${proxy.port} on the way to pingone.test asks for a user name and a password.`,
    },
  });
  expect(place.writes()).toEqual([]);

  const file = join(place.folder, "proxy-credentials");
  await writeFile(file, `127.0.0.1:${proxy.port} ada:planted-password\n`, { mode: 0o600 });
  const known = { ...environment, DESKPAIR_PROXY_CREDENTIALS_FILE: file };
  const run = await place.run(pairing, { environment: known });
  expect(run.json).toMatchObject({ ok: true, changed: true });
  expect(run.code).toBe(0);
  expect(`${run.stdout}${run.stderr}${run.log}`).not.toContain("planted-password");
  expect(proxy.asked.every((head) => head.startsWith("CONNECT pingone.test:443 "))).toBe(true);

  const table = (await place.run(["doctor"], { environment: known })).stdout;
  expect(table).toMatch(
    new RegExp(
      `^✓ proxy +Requests to PingOne go through the proxy 127\\.0\\.0\\.1:${proxy.port} \\(HTTPS_PROXY\\)\\.`,
      "m",
    ),
  );
  expect(table).toMatch(/tls .*pingone\.test: TLSv1\.3, signed by Corporate Inspection \(Example Corp\) \(private\)/);
  expect(table).toMatch(/^✓ agent-healthy/m);
});

test("an authority that nobody knows is named, by the command and by the doctor", async () => {
  const { place, proxy, environment } = await behindProxy();
  const strange = { ...environment, SSL_CERT_FILE: undefined };
  const run = await place.run(pairing, { environment: strange });
  expect(run.code).toBe(42);
  expect(run.json).toMatchObject({
    error: {
      code: "tls-failed",
      message: expect.stringMatching(
        `pingone.test \\(through the proxy 127.0.0.1:${proxy.port}\\).*signed by Corporate Inspection \\(Example Corp\\)`,
      ),
    },
  });
  const doctor = await place.run(["doctor"], { environment: strange });
  expect(doctor.code).toBe(42);
  expect(doctor.stdout).toMatch(/tls .*not trusted.*signed by Corporate Inspection \(Example Corp\)/);
});

test("a proxy that is away, one that is no proxy, and a variable that is no address: each by its name", async () => {
  const { place, environment } = await behindProxy();
  const at = (proxy: string) => place.run(pairing, { environment: { ...environment, HTTPS_PROXY: proxy } });
  const port = await closedPort();
  const [gone, page, garbage] = await Promise.all([
    at(`http://ada:planted-password@127.0.0.1:${port}`),
    webServer().then((own) => at(`http://127.0.0.1:${own}`)),
    at("http://ada:planted-password@"),
  ]);
  expect(gone.json).toMatchObject({
    error: {
      code: "proxy-failed",
      message: `The proxy 127.0.0.1:${port} on the way to pingone.test refused the connection.`,
    },
  });
  expect([gone.code, page.code, garbage.code]).toEqual([42, 42, 10]);
  expect(page.json).toMatchObject({
    error: { code: "proxy-failed", message: expect.stringMatching(/a page of its own.*HTTP 405/) },
  });
  expect(garbage.json).toMatchObject({
    error: { code: "configuration-invalid", message: expect.stringMatching(/^HTTPS_PROXY/) },
  });
  for (const run of [gone, page, garbage]) {
    expect(`${run.stdout}${run.stderr}${run.log}`).not.toContain("planted-password");
  }
});

test("a file of authorities that is none: the doctor names it, and what worked still does", async () => {
  const place = await createPlace();
  const file = join(place.folder, "authorities.pem");
  await writeFile(file, "this is not a certificate\n");
  const run = await place.run(["doctor"], {
    environment: { NODE_EXTRA_CA_CERTS: file, HTTPS_PROXY: "http://127.0.0.1:1" },
  });
  expect(run.stdout).toMatch(/tls .*NODE_EXTRA_CA_CERTS names .*authorities\.pem: there is no certificate in it/);
  // Everything here is on loopback, and so no proxy is on the way.
  expect(run.stdout).toMatch(/^✓ proxy +Requests to PingOne go straight there \(this computer\)\./m);
  expect(run.code).toBe(0);
});

const missing = whyNoPolicy();
if (missing !== null) console.warn(`Not run: proxies by machine policy. ${missing}`);

test.skipIf(missing !== null)(
  "a policy names the way: before the environment, and never straight instead",
  async () => {
    const { place, proxy, environment } = await behindProxy();
    const under = (policy: object, more: object = {}) =>
      place.run(pairing, {
        policy: policyFolder(policy),
        // Inside a namespace nobody sees whose process the agent outside is.
        environment: { ...environment, DESKPAIR_AGENT_TRUST: "off", ...more },
      });
    const script = await scriptServer();
    const gone = { HTTPS_PROXY: `http://127.0.0.1:${await closedPort()}` };
    const proxyPac = `${script.url}/good.pac?${proxy.port}`;
    const [pac, throwing, looping, straight] = await Promise.all([
      under({ ProxyMode: "pac", ProxyPacUrl: proxyPac }, gone),
      under({ ProxyMode: "pac", ProxyPacUrl: `${script.url}/throwing.pac` }),
      under({ ProxyMode: "pac", ProxyPacUrl: `${script.url}/looping.pac` }),
      under({ ProxyMode: "direct" }),
    ]);
    expect(pac.json).toMatchObject({ ok: true, changed: true });
    expect(throwing.json).toMatchObject({
      error: {
        code: "configuration-invalid",
        message: expect.stringMatching(/^ProxyPacUrl: the script failed.*no idea/),
      },
    });
    expect(looping.json).toMatchObject({
      error: { code: "configuration-invalid", message: expect.stringMatching(/^ProxyPacUrl: .*did not end within/) },
    });
    // Nothing but the proxy knows this name.
    expect(straight.json).toMatchObject({ error: { code: "network-failed" } });
    expect([throwing.code, looping.code, straight.code]).toEqual([10, 10, 42]);
  },
);

/** PAC scripts: one that names the proxy at the port of the query, one that throws, one that never ends. */
async function scriptServer(): Promise<{ readonly url: string }> {
  return listen(async ({ socket, request }) => {
    const [, name, port] = /^GET \/(\w+)\.pac\??(\d*)/.exec(await request()) ?? [];
    const body =
      name === "good"
        ? `return "PROXY 127.0.0.1:${port}";`
        : name === "throwing"
          ? 'throw new Error("no idea");'
          : "for (;;) {}";
    socket.end(answer("200 OK", ["connection: close"], `function FindProxyForURL(url, host) { ${body} }`));
  });
}

/** Answers everything, CONNECT too, as a web server does. */
async function webServer(): Promise<number> {
  const server = createServer((_request, response) => response.end("<h1>hello</h1>"));
  server.on("connect", (_request, socket) => {
    socket.end("HTTP/1.1 405 Method Not Allowed\r\ncontent-type: text/html\r\n\r\n<h1>no</h1>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return address === null || typeof address === "string" ? 0 : address.port;
}
