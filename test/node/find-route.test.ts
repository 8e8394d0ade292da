import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ProxyRule } from "../../src/core/policy/proxy-rule.ts";
import { type AskPac, createFindRoute, routeBySettings } from "../../src/node/find-route.ts";
import { createHttp } from "../../src/node/http-node.ts";
import { createCommandLineRoute, createWindowRoute } from "../../src/node/network.ts";
import type { RunCommand } from "../../src/node/port-owner-command.ts";
import { type Found, parsePacAnswer, parseProxy } from "../../src/node/route.ts";
import { readMacProxy, readProxies } from "../../src/node/system-proxy-macos.ts";
import { readValues, readWindowsProxy, settingsOf } from "../../src/node/system-proxy-windows.ts";
import { answer, listen } from "./wire-server.ts";

const api = new URL("https://api.pingone.eu/v1");
const proxy = (host: string, port: number, more: object = {}) => ({
  secure: false,
  host,
  port,
  credentials: null,
  ...more,
});
const straight = (from: string): Found => ({ ok: true, hops: ["direct"], from });
const nobody: AskPac = async () => ({ ok: false, problem: "nobody was to be asked" });

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "deskpair-network-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe("what people write as a proxy", () =>
  test.each([
    ["proxy.example.com:3128", proxy("proxy.example.com", 3128)],
    ["http://proxy.example.com", proxy("proxy.example.com", 80)],
    ["https://proxy.example.com", proxy("proxy.example.com", 443, { secure: true })],
    ["http://[2001:db8::1]:3128/", proxy("2001:db8::1", 3128)],
    ["http://ada:p%40ss%3A@p:1", proxy("p", 1, { credentials: { user: "ada", password: "p@ss:" } })],
    ["socks5h://user:secret@s:1080", { unspoken: "socks5h://s:1080" }],
    ["http://ada:%zz@p:1", null],
    ["ftp://p:1", null],
    [":// no address", null],
    ["", null],
  ])("%s", (text, hop) => expect(parseProxy(text)).toEqual(hop)));

describe("what a script answers", () =>
  test.each([
    ["DIRECT", ["direct"]],
    [
      "PROXY a:8080; HTTPS b:443 ;HTTP c:80;direct",
      [proxy("a", 8080), proxy("b", 443, { secure: true }), proxy("c", 80), "direct"],
    ],
    ["SOCKS5 s:1080; SOCKS t:1080", [{ unspoken: "socks5://s:1080" }, { unspoken: "socks://t:1080" }]],
    ["SOCKS5 ada:secret@10.0.0.1:1080; SOCKS s:1080", [{ unspoken: "socks://s:1080" }]],
    ["SOCKS ada:secret@10.0.0.1:1080", []],
    ["PROXY user:secret@a:80; QUIC q:1; PROXY; ; PROXY a b c; DIRECT", ["direct"]],
    ["undefined", []],
    ["", []],
  ])("%s", (text, hops) => expect(parsePacAnswer(text)).toEqual(hops)));

describe("by the environment", () => {
  const route = (environment: Readonly<Record<string, string>>, url = api): Promise<Found> =>
    createCommandLineRoute(
      { rule: () => ({ mode: "system" }), environment, configurationFolder: "/nowhere", createHttp },
      "linux",
    )(url);
  const via = (from: string): Found => ({ ok: true, hops: [proxy("p", 3128)], from });

  test.each([
    [{}, straight("no proxy is set")],
    [{ HTTPS_PROXY: "http://p:3128" }, via("HTTPS_PROXY")],
    [{ https_proxy: "p:3128", HTTPS_PROXY: "http://other:1" }, via("https_proxy")],
    [{ ALL_PROXY: "http://p:3128" }, via("ALL_PROXY")],
    [{ HTTPS_PROXY: " ", all_proxy: "p:3128" }, via("all_proxy")],
    [{ http_proxy: "http://p:3128", HTTP_PROXY: "http://p:3128" }, straight("no proxy is set")],
    [{ HTTPS_PROXY: "http://ada:planted %zz@p:3128" }, "invalid"],
    [{ HTTPS_PROXY: "socks5://s:1080" }, { ok: true, hops: [{ unspoken: "socks5://s:1080" }], from: "HTTPS_PROXY" }],
  ])("%o", async (environment, expected) => {
    const found = await route(environment);
    if (expected === "invalid") {
      expect(found).toEqual({ ok: false, setting: "HTTPS_PROXY", problem: "it is not the address of a proxy" });
    } else expect(found).toEqual(expected);
  });

  test.each([
    ["*", true],
    ["api.pingone.eu", true],
    ["API.PingOne.EU", true],
    ["pingone.eu", true],
    [".pingone.eu", true],
    ["*.pingone.eu", true],
    ["one.eu", false],
    ["pingone.eu.example.com", false],
    ["auth.pingone.eu, api.pingone.eu", true],
    ["localhost 10.0.0.0/8", false],
    ["api.pingone.eu:443", true],
    ["api.pingone.eu:8443", false],
    ["", false],
    [",", false],
  ])("NO_PROXY=%s: direct is %s", async (list, is) => {
    expect(await route({ HTTPS_PROXY: "p:3128", NO_PROXY: list })).toEqual(
      is ? straight("NO_PROXY") : via("HTTPS_PROXY"),
    );
    expect(await route({ HTTPS_PROXY: "p:3128", no_proxy: list })).toEqual(
      is ? straight("no_proxy") : via("HTTPS_PROXY"),
    );
  });

  test.each([
    ["10.0.0.0/8", "https://10.9.8.7/", true],
    ["10.0.0.0/8", "https://11.9.8.7/", false],
    ["10.9.8.7", "https://10.9.8.7/", true],
    ["10.0.0.0/33", "https://10.9.8.7/", false],
    ["2001:db8::/32", "https://[2001:db8::5]/", true],
    ["[2001:db8::5]", "https://[2001:db8::5]/", true],
    ["[2001:db8::5]:443", "https://[2001:db8::5]/", true],
  ])("NO_PROXY=%s for %s: direct is %s", async (list, url, is) => {
    const found = await route({ HTTPS_PROXY: "p:3128", NO_PROXY: list }, new URL(url));
    expect(found).toEqual(is ? straight("NO_PROXY") : via("HTTPS_PROXY"));
  });

  test.each([
    "http://localhost:9410/",
    "http://127.0.0.1:1/",
    "http://[::1]:1/",
    "https://127.8.9.1/",
    "https://a.localhost/",
  ])("%s is direct whatever is set", async (url) => {
    const all = { HTTPS_PROXY: "p:3128", https_proxy: "p:3128", http_proxy: "p:3128", ALL_PROXY: "p:3128" };
    expect(await route(all, new URL(url))).toEqual(straight("this computer"));
  });
});

describe("by policy", () => {
  const route = (rule: ProxyRule, url = api, askPac: AskPac = nobody): Promise<Found> =>
    createFindRoute({
      rule: () => rule,
      system: async () => straight("the system"),
      askPac,
      credentials: async () => ({ ok: true, credentials: null }),
    })(url);
  const fixed = (...bypass: readonly string[]): ProxyRule => ({ mode: "fixed", server: "https://p:8443", bypass });
  const fixedProxy: Found = { ok: true, hops: [proxy("p", 8443, { secure: true })], from: "policy ProxyServer" };

  test("system, direct, and a policy that is half there", async () => {
    expect(await route({ mode: "system" })).toEqual(straight("the system"));
    expect(await route({ mode: "direct" })).toEqual(straight("policy ProxyMode"));
    const half = { setting: "ProxyServer", problem: "the policy names no server" };
    expect(await route({ mode: "unusable", ...half })).toEqual({ ok: false, ...half });
  });

  test.each([
    ["api.pingone.eu", true],
    ["pingone.eu", false],
    [".pingone.eu", true],
    ["*.pingone.eu", true],
    [".api.pingone.eu", false],
    ["10.0.0.0/8", false],
  ])("fixed, but for %s: direct is %s", async (entry, is) => {
    expect(await route(fixed(entry))).toEqual(is ? straight("policy ProxyBypass") : fixedProxy);
  });

  test.each<ProxyRule>([
    fixed(),
    { mode: "pac", url: "http://127.0.0.1/proxy.pac" },
    { mode: "unusable", setting: "ProxyMode", problem: "x" },
  ])("loopback is direct: %o", async (rule) => {
    for (const url of ["http://localhost:9410/", "http://127.0.0.1:1/", "https://[::1]/"]) {
      expect(await route(rule, new URL(url))).toEqual(straight("this computer"));
    }
  });

  test.each([
    ["PROXY a:80; DIRECT", { ok: true, hops: [proxy("a", 80), "direct"], from: "policy ProxyPacUrl" }],
    ["undefined", { ok: false, setting: "ProxyPacUrl", problem: "the script named no way that is understood" }],
  ])("a script that answers %s", async (text, expected) => {
    expect(await route({ mode: "pac", url: "http://w/p" }, api, async () => ({ ok: true, text }))).toEqual(expected);
  });

  test("a script that cannot be asked, because what runs it is not there", async () => {
    const broken: AskPac = () => Promise.reject(new Error("planted"));
    const problem = "the script could not be asked";
    expect(await route({ mode: "pac", url: "http://w/p" }, api, broken)).toEqual({
      ok: false,
      setting: "ProxyPacUrl",
      problem,
    });
    const settings = { pac: "http://w/p", proxy: null, bypasses: () => false, from: "the settings of Windows" };
    expect(await routeBySettings(settings, api, broken)).toMatchObject({ note: expect.stringContaining(problem) });
  });

  test("a script that fails: no way at all, and not straight instead", async () => {
    const server = await listen(async ({ socket, request }) => {
      await request();
      socket.end(answer("200 OK", [], "function FindProxyForURL(url, host) { throw new Error('no idea'); }"));
    });
    const found = await createCommandLineRoute({
      rule: () => ({ mode: "pac", url: server.url }),
      environment: { HTTPS_PROXY: "http://p:3128" },
      configurationFolder: "/nowhere",
      createHttp,
    })(api);
    expect(found).toEqual({
      ok: false,
      setting: "ProxyPacUrl",
      problem: expect.stringMatching(/^the script failed \(Error: no idea\)/),
    });
  });
});

describe("the window", () => {
  const route = (
    resolved: string,
    rule: ProxyRule = { mode: "system" },
  ): { asked: string[]; found: Promise<Found> } => {
    const asked: string[] = [];
    const found = createWindowRoute({
      rule: () => rule,
      environment: { HTTPS_PROXY: "http://ignored:1" },
      configurationFolder: "/nowhere",
      createHttp,
      resolveProxy: async (url) => {
        asked.push(url);
        return resolved;
      },
    })(api);
    return { asked, found };
  };

  test("as Chromium says, which is told the server only", async () => {
    const { asked, found } = route("PROXY a:8080; DIRECT");
    expect(await found).toEqual({ ok: true, hops: [proxy("a", 8080), "direct"], from: "the system's settings" });
    expect(asked).toEqual(["https://api.pingone.eu/"]);
    expect(await route("DIRECT").found).toEqual(straight("the system's settings"));
  });

  test.each(["", "QUIC q:1", "PROXY ada:secret@p:1"])(
    "an answer of Chromium that names no way: %o",
    async (answered) => {
      expect(await route(answered).found).toEqual({
        ok: false,
        setting: "the system's settings",
        problem: "they named no way that is understood",
      });
    },
  );

  test("Chromium that cannot be asked: no way, and not straight instead", async () => {
    const found = createWindowRoute({
      rule: () => ({ mode: "system" }),
      environment: {},
      configurationFolder: "/nowhere",
      createHttp,
      resolveProxy: () => Promise.reject(new Error("planted")),
    })(api);
    expect(await found).toEqual({ ok: false, setting: "system proxy", problem: "it could not be asked" });
  });

  test("a policy goes before it", async () => {
    const { asked, found } = route("PROXY a:8080", { mode: "direct" });
    expect(await found).toEqual(straight("policy ProxyMode"));
    expect(asked).toEqual([]);
  });
});

describe("credentials", () => {
  const withFile = async (text: string, mode = 0o600): Promise<Found> => {
    const folder = await temporary();
    await writeFile(join(folder, "proxy-credentials"), text);
    await chmod(join(folder, "proxy-credentials"), mode);
    const environment = { HTTPS_PROXY: "http://proxy.example.com:3128" };
    return createCommandLineRoute({
      rule: () => ({ mode: "system" }),
      environment,
      configurationFolder: folder,
      createHttp,
    })(api);
  };
  const known = (user: string | null, password = ""): object => ({
    ok: true,
    hops: [{ credentials: user === null ? null : { user, password } }],
  });

  test("of this proxy, and of no other", async () => {
    const text = "# ours\nother.example.com:3128 eve:x\r\nProxy.Example.com:3128   CORP\\ada:pass:wörd \n\n";
    expect(await withFile(text)).toMatchObject(known("CORP\\ada", "pass:wörd "));
    expect(await withFile("other.example.com:3128 eve:x\n")).toMatchObject(known(null));
    expect(await withFile("proxy.example.com:8080 eve:x\n")).toMatchObject(known(null));
    expect(await withFile("")).toMatchObject(known(null));
  });

  test("a file that others can read, and one that is not understood: named, and never quoted", async () => {
    const setting = "proxy credentials file";
    expect(await withFile("proxy.example.com:3128 ada:x", 0o644)).toEqual({
      ok: false,
      setting,
      problem: expect.stringMatching(/other users can read it/),
    });
    const garbage = await withFile("ada:planted-password\n");
    expect(garbage).toEqual({ ok: false, setting, problem: "line 1 is not “proxy:port user:password”" });
  });

  test("one that is named and not there", async () => {
    const environment = { HTTPS_PROXY: "p:3128", DESKPAIR_PROXY_CREDENTIALS_FILE: "/nowhere/at/all" };
    const given = { rule: () => ({ mode: "system" }) as const, environment, configurationFolder: "/", createHttp };
    expect(await createCommandLineRoute(given)(api)).toMatchObject({ ok: false, setting: "proxy credentials file" });
  });

  test("those of the variable go before the file, and a way without a proxy asks for none", async () => {
    const environment = { HTTPS_PROXY: "http://ada:x@p:1", DESKPAIR_PROXY_CREDENTIALS_FILE: "/nowhere/at/all" };
    const given = { rule: () => ({ mode: "system" }) as const, environment, configurationFolder: "/", createHttp };
    expect(await createCommandLineRoute(given)(api)).toMatchObject(known("ada", "x"));
    const none = { ...given, environment: { DESKPAIR_PROXY_CREDENTIALS_FILE: "/nowhere/at/all" } };
    expect(await createCommandLineRoute(none)(api)).toMatchObject({ hops: ["direct"] });
  });
});

/** As reg.exe and scutil write them. */
const internetSettings = (key: string, ...values: readonly string[]): string =>
  `\r\n${key}\r\n${values.map((value) => `    ${value}\r\n`).join("")}\r\n${key}\\Zones\r\n`;
const userKey = "HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings";
const manual = internetSettings(
  userKey,
  "CertificateRevocation    REG_DWORD    0x1",
  "ProxyEnable    REG_DWORD    0x1",
  "ProxyServer    REG_SZ    proxy.example.com:8080",
  "ProxyOverride    REG_SZ    *.corp.example.com;10.*;auth.pingone.eu:8443;<local>",
);

describe("Windows' settings", () => {
  const target = (host: string, port = 443) => ({ host, port });
  const settings = (output: string) => settingsOf(readValues(output));
  const withServer = (server: string, except = ""): string =>
    internetSettings(
      userKey,
      "ProxyEnable    REG_DWORD    0x1",
      `ProxyServer    REG_SZ    ${server}`,
      `ProxyOverride    REG_SZ    ${except}`,
    );

  test("a proxy for everything, with exceptions", () => {
    const found = settings(manual);
    expect(found).toMatchObject({ pac: null, proxy: proxy("proxy.example.com", 8080) });
    const passes = (host: string, port?: number) => found?.bypasses(target(host, port));
    expect([passes("api.corp.example.com"), passes("10.1.2.3"), passes("intranet")]).toEqual([true, true, true]);
    expect([passes("api.pingone.eu"), passes("corp.example.com"), passes("auth.pingone.eu")]).toEqual([
      false,
      false,
      false,
    ]);
    expect(passes("auth.pingone.eu", 8443)).toBe(true);
  });

  test.each([
    ["http=a:80;https=b:8443;socks=c:1080", proxy("b", 8443)],
    ["http=a:80;d:3128", proxy("d", 3128)],
    ["http=a:80;https=", null],
    ["socks=p:1080", { unspoken: "socks://p:1080" }],
    ["http=a:80;SOCKS=p:1080", { unspoken: "socks://p:1080" }],
    ["socks=socks5://p:1080", { unspoken: "socks5://p:1080" }],
    ["socks=c:1080;d:3128", proxy("d", 3128)],
  ])("ProxyServer %s", (server, expected) => {
    expect(settings(withServer(server))?.proxy ?? null).toEqual(expected);
  });

  test.each(["p.example:99999", "https=p.example:99999", "socks=p.example:99999", "ftp://p:21"])(
    "ProxyServer %s: no proxy, and never straight instead",
    async (server) => {
      const found = settings(withServer(server, "10.*"));
      const refusal = {
        ok: false,
        setting: "the settings of Windows",
        problem: "ProxyServer is not the address of a proxy",
      };
      expect(await routeBySettings(found, api, nobody)).toEqual(refusal);
      expect(await routeBySettings(found, new URL("https://10.1.2.3/"), nobody)).toEqual(
        straight("the settings of Windows"),
      );
    },
  );

  test("switched off, not there, and a script", () => {
    expect(settings(manual.replace("0x1\r\n    ProxyServer", "0x0\r\n    ProxyServer"))).toBe(null);
    expect(settings("")).toBe(null);
    const pac = internetSettings(userKey, "AutoConfigURL    REG_SZ    http://wpad.example.com/proxy.pac");
    expect(settings(pac)).toMatchObject({ pac: "http://wpad.example.com/proxy.pac", proxy: null });
  });

  test("those of the computer, where Group Policy says so; and reg.exe that cannot be run", async () => {
    const machineKey = userKey.replace("HKEY_CURRENT_USER", "HKEY_LOCAL_MACHINE");
    const run: RunCommand = async (file, args) => {
      expect(file).toBe("D:\\Windows\\System32\\reg.exe");
      const key = args[1] ?? "";
      if (key.includes("Policies")) {
        return { code: 0, output: internetSettings(key, "ProxySettingsPerUser    REG_DWORD    0x0"), complaint: "" };
      }
      if (key.startsWith("HKCU")) return { code: 0, output: manual, complaint: "" };
      const values = ["ProxyEnable    REG_DWORD    0x1", "ProxyServer    REG_SZ    machine:1"];
      return { code: 0, output: internetSettings(machineKey, ...values), complaint: "" };
    };
    expect(await readWindowsProxy({ SystemRoot: "D:\\Windows" }, run)).toMatchObject({ proxy: proxy("machine", 1) });
    expect(await readWindowsProxy({}, async () => null)).toBe(null);
  });
});

describe("macOS' settings", () => {
  const output = `<dictionary> {
  ExceptionsList : <array> {
    0 : *.local
    1 : 169.254/16
    2 : auth.pingone.eu
  }
  ExcludeSimpleHostnames : 1
  FTPPassive : 1
  HTTPEnable : 1
  HTTPPort : 3128
  HTTPProxy : plain.example.com
  HTTPSEnable : 1
  HTTPSPort : 8443
  HTTPSProxy : proxy.example.com
  ProxyAutoConfigEnable : 0
  ProxyAutoConfigURLString : http://wpad.example.com/proxy.pac
  SOCKSEnable : 0
}
`;
  test("a proxy, with exceptions", () => {
    const found = readProxies(output);
    expect(found).toMatchObject({ pac: null, proxy: proxy("proxy.example.com", 8443) });
    const passes = (host: string) => found?.bypasses({ host, port: 443 });
    expect(["printer.local", "169.254.7.8", "auth.pingone.eu", "intranet"].map(passes)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(["api.pingone.eu", "10.0.0.1", "local"].map(passes)).toEqual([false, false, true]);
  });

  test("a script, SOCKS, nothing, and scutil that cannot be run", async () => {
    const pac = readProxies(output.replace("ProxyAutoConfigEnable : 0", "ProxyAutoConfigEnable : 1"));
    expect(pac).toMatchObject({ pac: "http://wpad.example.com/proxy.pac" });
    const socks = "<dictionary> {\n  SOCKSEnable : 1\n  SOCKSPort : 1080\n  SOCKSProxy : s\n}\n";
    expect(readProxies(socks)).toMatchObject({ proxy: { unspoken: "socks://s:1080" } });
    expect(readProxies(output.replace("HTTPSPort : 8443", "HTTPSPort : 99999"))).toMatchObject({
      proxy: { problem: "HTTPSProxy is not the address of a proxy" },
    });
    expect(readProxies("<dictionary> {\n  FTPPassive : 1\n}\n")).toBe(null);
    expect(await readMacProxy(async () => ({ code: 0, output, complaint: "" }))).not.toBe(null);
    expect(await readMacProxy(async () => null)).toBe(null);
  });
});

test("a script in the system's settings that cannot be used is passed over, as browsers do, and noted", async () => {
  const settings = { pac: "http://w/p", proxy: null, bypasses: () => false, from: "the settings of Windows" };
  const failing: AskPac = async () => ({ ok: false, problem: "the script could not be fetched (unresolved)" });
  const note = "The PAC script in the settings of Windows is not used: the script could not be fetched (unresolved).";
  expect(await routeBySettings(settings, api, failing)).toEqual({ ...straight("the settings of Windows"), note });
  const hop = proxy("p", 3128);
  expect(await routeBySettings({ ...settings, proxy: hop }, api, failing)).toEqual({
    ok: true,
    hops: [hop],
    from: "the settings of Windows",
    note,
  });
  expect(await routeBySettings(settings, api, async () => ({ ok: true, text: "PROXY p:3128" }))).toEqual({
    ok: true,
    hops: [hop],
    from: "the script in the settings of Windows",
  });
  expect(await routeBySettings(null, api, nobody)).toEqual(straight("no proxy is set"));
});
