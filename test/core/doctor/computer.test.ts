import { describe } from "vitest";
import { fail, ok } from "../../../src/contract/errors.ts";
import { judgeClock } from "../../../src/core/doctor/clock.ts";
import { judgeDataFolder, judgeJournal, judgeKeyStore, judgeLog } from "../../../src/core/doctor/computer.ts";
import { judgeNetwork, judgeProxy, judgeTls, serversOf, type Trip } from "../../../src/core/doctor/network.ts";
import type { FolderFacts, TlsFacts } from "../../../src/core/doctor/ports.ts";
import { endpoints } from "../pretend-pingone.ts";
import { judged } from "./verdicts.ts";

const [api, auth] = serversOf(endpoints);
if (api === undefined || auth === undefined) throw new Error("Two servers were expected.");
const direct = { via: "direct", unused: null } as const;
const reached = { ok: true, address: "192.0.2.7" } as const;
const proxy = { via: "proxy", proxy: { host: "proxy.example.com", port: 3128 } } as const;
const trip = (more: Partial<Trip> = {}): Trip => ({ server: api, route: direct, reached, ...more });

describe("network", () =>
  judged([
    ["both servers", judgeNetwork([trip(), trip({ server: auth })]), "pass", /^api\.pingone\.eu is reached.*; auth/],
    ["through a proxy", judgeNetwork([trip({ route: proxy })]), "pass", /proxy\.example\.com:3128 for api/],
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
      judgeNetwork([trip({ route: proxy, reached: { ok: false, reason: "refused" } })]),
      "fail",
      /proxy\.example\.com refused.*on the way to api/,
      "network-failed",
    ],
  ]));

const unused = { via: "direct", unused: "proxy.example.com:3128" } as const;
describe("proxy", () =>
  judged([
    ["none", judgeProxy([trip()]), "pass", /no proxy/],
    [
      "one is used",
      judgeProxy([trip({ route: proxy }), trip({ server: auth, route: proxy })]),
      "pass",
      /through proxy\.example\.com:3128\./,
    ],
    ["one is set, not used, not needed", judgeProxy([trip({ route: unused })]), "pass", /not used/],
    [
      "one is set, not used, and nothing gets out",
      judgeProxy([trip({ route: unused, reached: { ok: false, reason: "timed-out" } })]),
      "warn",
      /3128, which is not used/,
    ],
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
      judgeTls(shaken({ ok: false, failure: { kind: "tls", problem: "it has expired", issuer: "Nosy Ltd" } })),
      "fail",
      /expired.*signed by Nosy Ltd/,
      "tls-failed",
    ],
    [
      "not trusted, not seen",
      judgeTls(shaken({ ok: false, failure: { kind: "tls", problem: "it has expired", issuer: null } })),
      "fail",
      /it has expired/,
      "tls-failed",
    ],
    ["broke off", judgeTls(shaken({ ok: false, failure: { kind: "reset" } })), "fail", /broke off/, "network-failed"],
    ["none is spoken", judgeTls([]), "not-tested", /this very computer/],
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
