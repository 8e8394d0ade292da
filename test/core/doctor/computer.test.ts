import { describe, expect, test } from "vitest";
import { fail, ok } from "../../../src/contract/errors.ts";
import { judgeClock } from "../../../src/core/doctor/clock.ts";
import { judgeDataFolder, judgeJournal, judgeKeyStore, judgeLog } from "../../../src/core/doctor/computer.ts";
import { judgeNetwork, judgeProxy, judgeTls, serversOf, type Trip, travel } from "../../../src/core/doctor/network.ts";
import type { FolderFacts, Place, Reached, Route, TlsFacts, Way } from "../../../src/core/doctor/ports.ts";
import { endpoints } from "../pretend-pingone.ts";
import { judged } from "./verdicts.ts";

const [api, auth] = serversOf(endpoints);
if (api === undefined || auth === undefined) throw new Error("Two servers were expected.");
const from = "HTTPS_PROXY";
const viaProxy = { via: "proxy", proxy: { host: "proxy.example.com", port: 3128 } } as const;
const straight = { via: "direct" } as const;
const reached = { ok: true, address: "192.0.2.7" } as const;
const route = (ways: readonly Way[], more: Partial<Extract<Route, { ok: true }>> = {}): Route => ({
  ok: true,
  ways,
  from: "no proxy is set",
  note: null,
  ...more,
});
const trip = (more: Partial<Trip> = {}): Trip => ({
  server: api,
  route: route([straight]),
  way: straight,
  reached,
  ...more,
});
const proxied: Partial<Trip> = { route: route([viaProxy], { from }), way: viaProxy };
const noRoute: Partial<Trip> = {
  route: { ok: false, setting: "ProxyPacUrl", problem: "the script failed" },
  way: null,
  reached: null,
};
const spoken = { via: "unspoken", name: "socks://s:1080" } as const;

describe("network", () =>
  judged([
    ["both servers", judgeNetwork([trip(), trip({ server: auth })]), "pass", /^api\.pingone\.eu is reached.*; auth/],
    ["through a proxy", judgeNetwork([trip(proxied)]), "pass", /proxy\.example\.com:3128 for api/],
    [
      "no name",
      judgeNetwork([trip(), trip({ server: auth, reached: { ok: false, reason: "unresolved" } })]),
      "fail",
      /auth\.pingone\.eu could not be found/,
      "network-failed",
    ],
    [
      "nobody answers",
      judgeNetwork([trip({ reached: { ok: false, reason: "timed-out" } })]),
      "fail",
      /api\.pingone\.eu did not answer/,
      "network-failed",
    ],
    [
      "refused",
      judgeNetwork([trip({ reached: { ok: false, reason: "refused" } })]),
      "fail",
      /refused/,
      "network-failed",
    ],
    [
      "the proxy is away",
      judgeNetwork([trip({ ...proxied, reached: { ok: false, reason: "refused" } })]),
      "fail",
      /proxy\.example\.com:3128 on the way to api.* refused/,
      "proxy-failed",
    ],
    [
      "a proxy of another kind",
      judgeNetwork([trip({ way: spoken, reached: null })]),
      "fail",
      /socks:\/\/s:1080, a kind of proxy/,
      "proxy-failed",
    ],
    [
      "no way is known",
      judgeNetwork([trip(noRoute)]),
      "fail",
      /ProxyPacUrl: the script failed/,
      "configuration-invalid",
    ],
  ]));

describe("the way that is taken", () => {
  const reach =
    (refusing: string): ((place: Place) => Promise<Reached>) =>
    async ({ host }) =>
      host === refusing ? { ok: false, reason: "refused" } : reached;

  test("the next one when the first is not reached, and the last when none is", async () => {
    const ways = route([viaProxy, straight]);
    expect(await travel(api, ways, reach("nobody"))).toMatchObject({ way: viaProxy, reached });
    expect(await travel(api, ways, reach("proxy.example.com"))).toMatchObject({ way: straight, reached });
    expect(await travel(api, route([spoken]), reach("nobody"))).toMatchObject({ way: spoken, reached: null });
  });
});

describe("proxy", () =>
  judged([
    ["none", judgeProxy([trip()]), "pass", /go straight there \(no proxy is set\)\./],
    [
      "one is used",
      judgeProxy([trip(proxied), trip({ ...proxied, server: auth })]),
      "pass",
      /^Requests to PingOne go through the proxy proxy\.example\.com:3128 \(HTTPS_PROXY\)\.$/,
    ],
    [
      "another way for each server",
      judgeProxy([trip(proxied), trip({ server: auth })]),
      "pass",
      /api\.pingone\.eu go through.*; Requests to auth\.pingone\.eu go straight/,
    ],
    [
      "one after the other",
      judgeProxy([trip({ route: route([viaProxy, straight], { from }) })]),
      "pass",
      /3128, else straight there \(HTTPS_PROXY\)/,
    ],
    [
      "a script that was passed over",
      judgeProxy([trip({ route: route([straight], { note: "The PAC script is not used: it is away." }) })]),
      "warn",
      /straight there.*not used: it is away/,
    ],
    ["no way is known", judgeProxy([trip(noRoute)]), "fail", /ProxyPacUrl/, "configuration-invalid"],
  ]));

const vouched: TlsFacts = {
  ok: true,
  protocol: "TLSv1.3",
  subject: "*.pingone.eu",
  issuer: "Amazon RSA 2048 M02 (Amazon)",
  validUntil: Date.parse("2027-03-01T00:00:00Z"),
  authority: "public",
};
const shaken = (facts: TlsFacts) => [
  { server: api, facts: vouched },
  { server: auth, facts },
];
const brokenFile = { setting: "NODE_EXTRA_CA_CERTS", path: "/ca", problem: "there is no certificate in it (PEM)" };
describe("tls", () =>
  judged([
    [
      "a public authority",
      judgeTls(shaken(vouched)),
      "pass",
      /auth\.pingone\.eu: TLSv1\.3, signed by Amazon.*public.*2027-03-01/,
    ],
    [
      "one that only this computer knows",
      judgeTls(shaken({ ...vouched, authority: "private", issuer: "Corp CA" })),
      "warn",
      /Corp CA.*reads along/,
    ],
    [
      "not trusted",
      judgeTls(
        shaken({ ok: false, failure: { kind: "tls", sent: false, problem: "it has expired", issuer: "Nosy Ltd" } }),
      ),
      "fail",
      /expired.*signed by Nosy Ltd/,
      "tls-failed",
    ],
    [
      "not trusted, not seen",
      judgeTls(shaken({ ok: false, failure: { kind: "tls", sent: false, problem: "it has expired" } })),
      "fail",
      /it has expired/,
      "tls-failed",
    ],
    [
      "broke off",
      judgeTls(shaken({ ok: false, failure: { kind: "reset", sent: false } })),
      "fail",
      /broke off/,
      "network-failed",
    ],
    [
      "the proxy asks who is there",
      judgeTls(
        shaken({
          ok: false,
          failure: { kind: "proxy-credentials", proxy: "p:3128", given: false, offered: ["basic"], sent: false },
        }),
      ),
      "fail",
      /proxy p:3128 on the way to auth\.pingone\.eu asks for a user name/,
      "proxy-credentials-required",
    ],
    ["none is spoken", judgeTls([]), "not-tested", /this very computer/],
    [
      "a file with nothing in it",
      judgeTls(shaken(vouched), [brokenFile]),
      "warn",
      /Amazon.*NODE_EXTRA_CA_CERTS names \/ca/,
    ],
    ["the same without TLS", judgeTls([], [brokenFile]), "warn", /this very computer.*NODE_EXTRA_CA_CERTS/],
  ]));

const off = (seconds: number, uncertaintyMs = 600) => judgeClock({ ms: seconds * 1000, uncertaintyMs });
describe("clock", () =>
  judged([
    ["agrees", off(0.2), "pass", /agrees.*within 0\.6 s/],
    ["30 s are not certainly more than 30 s", off(30.5), "pass", /31 s ahead/],
    ["more than 30 s", off(31), "warn", /31 s ahead of/],
    ["behind", off(-45), "warn", /45 s behind/],
    ["120 s are not certainly more than 120 s", off(120.5), "warn", /121 s ahead/],
    ["more than 120 s", off(121), "fail", /121 seconds ahead.*within 0\.6 s/, "clock-wrong"],
    ["ten minutes behind", off(-600), "fail", /600 seconds behind/, "clock-wrong"],
    ["a slow answer proves nothing", off(140, 25_000), "warn", /140 s ahead/],
    ["nobody told", judgeClock(null), "not-tested", /No answer/],
  ]));

describe("key store", () =>
  judged([
    ["of the system", judgeKeyStore("system"), "pass", /key store/],
    ["none", judgeKeyStore("memory"), "warn", /nothing is kept/],
    ["a file", judgeKeyStore("file"), "warn", /file/],
  ]));

const record = (pairingId: string, name: "creating" | "failed", more: object = {}): string =>
  JSON.stringify({
    version: 1,
    pairingId,
    kind: "desktop",
    userId: "5eed0000-0000-4000-8000-000000000001",
    username: "ada",
    environmentId: "e",
    apiBase: "https://api.pingone.eu/v1",
    hostName: "DESK-7",
    nickname: "DESK-7",
    relyingPartyId: null,
    beganAt: "2026-11-20T10:00:00.000Z",
    at: "2026-11-20T10:00:00.000Z",
    sequence: 1,
    knownDeviceIds: [],
    state:
      name === "creating"
        ? { name, cancelled: false }
        : { name, error: { code: "cancelled" }, left: "nothing", deviceId: null },
    ...more,
  });
const lines = (...records: readonly string[]) => ok(`${records.join("\n")}\n`);
describe("journal", () =>
  judged([
    ["none yet", judgeJournal(ok(null)), "pass", /no record/],
    [
      "all done",
      judgeJournal(lines(record("a", "failed"), record("b", "failed"))),
      "pass",
      /2 pairings.*0 of them open/,
    ],
    ["one is open", judgeJournal(lines(record("a", "failed"), record("b", "creating"))), "warn", /1 of them open/],
    ["torn", judgeJournal(lines(record("a", "failed"), '{"version":1,"pair')), "warn", /1 line cannot be read/],
    ["of a later version", judgeJournal(lines(record("a", "failed", { version: 9 }))), "warn", /later version/],
    [
      "cannot be read",
      judgeJournal(fail({ code: "storage-failed", operation: "read", problem: "access was denied" })),
      "fail",
      /access was denied/,
      "storage-failed",
    ],
  ]));

const folder: FolderFacts = {
  path: "/home/ada/deskpair",
  exists: true,
  writable: true,
  openToOthers: false,
  freeBytes: 9e9,
};
describe("data folder", () =>
  judged([
    ["good", judgeDataFolder(folder), "pass", /can be written to/],
    ["not there yet", judgeDataFolder({ ...folder, exists: false, openToOthers: null }), "pass", /will be made/],
    ["read only", judgeDataFolder({ ...folder, writable: false }), "fail", /\/home\/ada\/deskpair/, "storage-failed"],
    ["full", judgeDataFolder({ ...folder, freeBytes: 1_500_000 }), "warn", /1 MB left/],
    ["open to others", judgeDataFolder({ ...folder, openToOthers: true }), "warn", /others/],
    [
      "nothing known of room and rights",
      judgeDataFolder({ ...folder, freeBytes: null, openToOthers: null }),
      "pass",
      /written/,
    ],
  ]));

describe("log", () => {
  const own = { folder: "/home/ada/logs", managed: false, problem: null };
  const shared = { folder: "/var/log/deskpair", managed: true, problem: null };
  judged([
    ["where the system expects it", judgeLog(own), "pass", /window's log is in \/home\/ada\/logs\./],
    ["where the policy says", judgeLog(shared), "pass", /your organisation asks for is in \/var\/log\/deskpair\./],
    ["a full disk", judgeLog({ ...own, problem: "the disk is full" }), "warn", /cannot be written: the disk is full/],
    [
      "a folder that nobody has made",
      judgeLog({ ...shared, problem: "it does not exist" }),
      "warn",
      /\/var\/log\/deskpair and cannot be written: it does not exist/,
    ],
  ]);
});
