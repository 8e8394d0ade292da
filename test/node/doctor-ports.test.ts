import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  createAgentInstallation,
  readPorts,
  readProcesses,
  readWindowsPrograms,
} from "../../src/node/agent-installation.ts";
import { findBrokenAuthorityFiles } from "../../src/node/authority-files.ts";
import { readFolderFacts } from "../../src/node/folder-facts.ts";
import type { RunCommand } from "../../src/node/port-owner-command.ts";
import { createRoute, reach } from "../../src/node/reach.ts";
import { alwaysDirect } from "../../src/node/route.ts";
import { createConnectTls } from "../../src/node/tls-facts.ts";
import { createAuthority } from "./authority.ts";
import { listen } from "./wire-server.ts";

const nobody = new AbortController().signal;

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "deskpair-doctor-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe("reach", () => {
  test("a server, without a byte sent", async () => {
    const server = await listen(() => undefined);
    expect(await reach({ host: "localhost", port: server.port }, nobody)).toEqual({ ok: true, address: "127.0.0.1" });
    expect(server.received.join("")).toBe("");
  });

  test("nobody on the port", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    expect(await reach({ host: "127.0.0.1", port }, nobody)).toEqual({ ok: false, reason: "refused" });
  });

  test("a name that leads nowhere", async () => {
    expect(await reach({ host: "deskpair.invalid", port: 443 }, nobody)).toMatchObject({ ok: false });
  });

  test("given up", async () => {
    const given = reach({ host: "192.0.2.1", port: 443 }, AbortSignal.abort());
    expect(await given).toEqual({ ok: false, reason: "timed-out" });
  });
});

describe("route", () => {
  test("every way, in order, and never a password", async () => {
    const credentials = { user: "ada", password: "planted-password" };
    const route = await createRoute(async () => ({
      ok: true,
      hops: [
        { secure: false, host: "proxy.example.com", port: 3128, credentials },
        { unspoken: "socks://s:1080" },
        "direct",
      ],
      from: "HTTPS_PROXY",
    }))("https://api.pingone.eu");
    expect(route).toEqual({
      ok: true,
      ways: [
        { via: "proxy", proxy: { host: "proxy.example.com", port: 3128 } },
        { via: "unspoken", name: "socks://s:1080" },
        { via: "direct" },
      ],
      from: "HTTPS_PROXY",
      note: null,
    });
  });

  test("none", async () => {
    const none = { ok: false, setting: "ProxyPacUrl", problem: "it loops" } as const;
    expect(await createRoute(async () => none)("https://api.pingone.eu")).toEqual(none);
  });
});

describe("authority files", () => {
  test("those that hold certificates, and those that do not", async () => {
    const folder = await temporary();
    const garbage = join(folder, "garbage.pem");
    const torn = join(folder, "torn.pem");
    await writeFile(garbage, "not a certificate\n");
    await writeFile(torn, "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
    const look = (path: string) => findBrokenAuthorityFiles({ NODE_EXTRA_CA_CERTS: path });
    const broken = (path: string, problem: RegExp) => [
      { setting: "NODE_EXTRA_CA_CERTS", path, problem: expect.stringMatching(problem) },
    ];
    expect(await look(garbage)).toEqual(broken(garbage, /no certificate/));
    expect(await look(torn)).toEqual(broken(torn, /certificate 1 .*cannot be read/));
    expect(await look(folder)).toEqual(broken(folder, /not a file/));
    expect(await look(join(folder, "none"))).toEqual(
      broken(join(folder, "none"), /is missing|not exist|ENOENT|no such/),
    );
    const { caFile } = await createAuthority("Nosy Root");
    expect(await findBrokenAuthorityFiles({ NODE_EXTRA_CA_CERTS: caFile, SSL_CERT_FILE: caFile })).toEqual([]);
    expect(await findBrokenAuthorityFiles({})).toEqual([]);
  });
});

describe("TLS", () => {
  /** An authority, a server certificate that it has signed, and a server with it. */
  async function signedServer(): Promise<{ readonly port: number; readonly authority: string }> {
    const authority = await createAuthority("Nosy Root", "Nosy Ltd");
    const secure = createTlsServer(await authority.sign("localhost"));
    const server = await listen(() => undefined, { secure, host: "localhost" });
    return { port: server.port, authority: authority.ca };
  }

  test("an authority that every browser knows", async () => {
    const { port, authority } = await signedServer();
    const connect = createConnectTls(alwaysDirect, { bundled: () => [authority], all: () => [] });
    expect(await connect({ host: "localhost", port }, nobody)).toEqual({
      ok: true,
      protocol: "TLSv1.3",
      subject: "localhost",
      issuer: "Nosy Root (Nosy Ltd)",
      validUntil: expect.any(Number),
      authority: "public",
    });
  });

  test("an authority that only this computer knows", async () => {
    const { port, authority } = await signedServer();
    const connect = createConnectTls(alwaysDirect, { bundled: () => [], all: () => [authority] });
    expect(await connect({ host: "localhost", port }, nobody)).toMatchObject({ ok: true, authority: "private" });
  });

  test("an authority that nobody knows: not trusted, and named", async () => {
    const { port } = await signedServer();
    const facts = await createConnectTls()({ host: "localhost", port }, nobody);
    expect(facts).toMatchObject({
      ok: false,
      failure: { kind: "tls", problem: expect.stringMatching(/authority/), issuer: "Nosy Root (Nosy Ltd)" },
    });
  });

  test("another name", async () => {
    const { port, authority } = await signedServer();
    const connect = createConnectTls(alwaysDirect, { bundled: () => [authority], all: () => [authority] });
    const facts = await connect({ host: "127.0.0.1", port }, nobody);
    expect(facts).toMatchObject({ ok: false, failure: { kind: "tls", problem: "it was issued for another name" } });
  });

  test("no TLS at all", async () => {
    const server = await listen(({ socket }) => void socket.end("SSH-2.0-OpenSSH_9.9\r\n"));
    const facts = await createConnectTls()({ host: "127.0.0.1", port: server.port }, nobody);
    expect(facts).toMatchObject({ ok: false, failure: { kind: "tls" } });
  });

  test("given up", async () => {
    const server = await listen(() => undefined);
    const abort = new AbortController();
    const facts = createConnectTls()({ host: "127.0.0.1", port: server.port }, abort.signal);
    abort.abort();
    expect(await facts).toEqual({ ok: false, failure: { kind: "timed-out", sent: false } });
  });
});

describe("data folder", () => {
  test("one that is there", async () => {
    const folder = await temporary();
    expect(await readFolderFacts(folder)).toEqual({
      path: folder,
      exists: true,
      writable: true,
      openToOthers: false,
      freeBytes: expect.any(Number),
    });
    await chmod(folder, 0o755);
    expect(await readFolderFacts(folder)).toMatchObject({ openToOthers: true });
    expect(await readdir(folder)).toEqual([]);
  });

  test("one that is not there yet is not made", async () => {
    const folder = await temporary();
    const facts = await readFolderFacts(join(folder, "a", "b"));
    expect(facts).toMatchObject({ exists: false, writable: true, openToOthers: null });
    expect(await readdir(folder)).toEqual([]);
  });

  test("one where nothing can be made", async () => {
    expect(await readFolderFacts("/proc/deskpair/data", "linux")).toMatchObject({ exists: false });
  });
});

describe("installed programs", () => {
  const answering =
    (answers: Readonly<Record<string, string>>): RunCommand =>
    async (file) => {
      const output = Object.entries(answers).find(([name]) => file.endsWith(name))?.[1];
      return output === undefined ? null : { code: 0, output, complaint: "" };
    };

  test("Linux: the app is not made for it", async () => {
    const told = await createAgentInstallation({}, "linux")(nobody);
    expect(told).toEqual({ told: false, problem: "the PingID Desktop app is made for Windows and macOS" });
  });

  test("Windows: one program, as PowerShell writes it", async () => {
    const output =
      '\uFEFF{"installed":{"name":"PingID Desktop","version":"1.0.0","path":""},"running":{"value":[{"path":"C:\\\\P\\\\agent.exe","ports":{"value":[9410],"Count":1}}],"Count":1}}';
    const told = await createAgentInstallation({}, "win32", answering({ "powershell.exe": output }))(nobody);
    expect(told).toEqual({
      told: true,
      installed: [{ name: "PingID Desktop", version: "1.0.0", path: null }],
      running: [{ path: "C:\\P\\agent.exe", ports: [9410] }],
    });
  });

  test.each([
    ['{"installed":[],"running":[]}', { told: true, installed: [], running: [] }],
    ['{"installed":null,"running":null}', { told: true, installed: [], running: [] }],
    ["Access denied", null],
  ])("Windows: %s", (output, told) => expect(readWindowsPrograms(output)).toEqual(told));

  test("Windows: no answer", async () => {
    const told = await createAgentInstallation({}, "win32", answering({}))(nobody);
    expect(told).toEqual({ told: false, problem: "PowerShell did not answer" });
  });

  test("macOS: processes and ports", () => {
    expect(readProcesses("  41 /Applications/PingID Desktop.app/Contents/MacOS/PingID\n  1 /sbin/launchd\n")).toEqual([
      { id: 41, path: "/Applications/PingID Desktop.app/Contents/MacOS/PingID" },
      { id: 1, path: "/sbin/launchd" },
    ]);
    expect(readPorts("p41\nf7\nn127.0.0.1:9410\nf8\nn[::1]:9410\np42\nf3\nn*:80\n")).toEqual(
      new Map([
        [41, [9410, 9410]],
        [42, [80]],
      ]),
    );
  });
});
