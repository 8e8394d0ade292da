import { execFile } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  createAgentInstallation,
  readPorts,
  readProcesses,
  readWindowsPrograms,
} from "../../src/node/agent-installation.ts";
import { readFolderFacts } from "../../src/node/folder-facts.ts";
import type { RunCommand } from "../../src/node/port-owner-command.ts";
import { createRoute, reach } from "../../src/node/reach.ts";
import { createConnectTls } from "../../src/node/tls-facts.ts";
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
  const api = "https://api.pingone.eu";
  test.each([
    [{}, null],
    [{ HTTPS_PROXY: "http://proxy.example.com:3128" }, "proxy.example.com:3128"],
    [{ https_proxy: "proxy.example.com:3128" }, "proxy.example.com:3128"],
    [{ ALL_PROXY: "http://proxy.example.com:3128" }, "proxy.example.com:3128"],
    [{ HTTPS_PROXY: "http://ada:planted-password@proxy.example.com:3128" }, "proxy.example.com:3128"],
    [{ HTTPS_PROXY: "http://proxy.example.com:3128", NO_PROXY: "localhost,.pingone.eu" }, null],
    [{ HTTPS_PROXY: "http://proxy.example.com:3128", NO_PROXY: "*" }, null],
    [{ HTTPS_PROXY: "http://proxy.example.com:3128", no_proxy: "one.eu" }, "proxy.example.com:3128"],
    [{ HTTPS_PROXY: ":// no address" }, null],
  ])("%o", async (environment, unused) => {
    expect(await createRoute(environment)(api)).toEqual({ via: "direct", unused });
  });
});

describe("TLS", () => {
  /** An authority, a server certificate that it has signed, and a server with it. */
  async function signedServer(): Promise<{ readonly port: number; readonly authority: string }> {
    const folder = await temporary();
    const at = (name: string): string => join(folder, name);
    const run = (...args: readonly string[]) => promisify(execFile)("openssl", [...args]);
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
    await run(
      "req",
      "-x509",
      ...key,
      "-keyout",
      at("ca.key"),
      "-out",
      at("ca.pem"),
      "-subj",
      "/O=Nosy Ltd/CN=Nosy Root",
    );
    const name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const signing = ["-CA", at("ca.pem"), "-CAkey", at("ca.key")];
    await run("req", "-x509", ...key, ...signing, "-keyout", at("key"), "-out", at("cert"), ...name);
    const [cert, privateKey, authority] = await Promise.all(
      ["cert", "key", "ca.pem"].map((file) => readFile(at(file), "utf8")),
    );
    const secure = createTlsServer({ cert: cert ?? "", key: privateKey ?? "" });
    const server = await listen(() => undefined, { secure, host: "localhost" });
    return { port: server.port, authority: authority ?? "" };
  }

  test("an authority that every browser knows", async () => {
    const { port, authority } = await signedServer();
    const connect = createConnectTls({ bundled: () => [authority], all: () => [] });
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
    const connect = createConnectTls({ bundled: () => [], all: () => [authority] });
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
    const connect = createConnectTls({ bundled: () => [authority], all: () => [authority] });
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
    expect(await facts).toEqual({ ok: false, failure: { kind: "timed-out" } });
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
