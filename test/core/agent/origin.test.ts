import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isRelyingPartyId, liesInside, originFor } from "../../../src/core/agent/origin.ts";

describe("derivation", () => {
  test.each([
    ["pingone.com", "https://app.pingone.com"],
    ["pingone.ca", "https://app.pingone.ca"],
    ["pingone.eu", "https://app.pingone.eu"],
    ["pingone.com.au", "https://app.pingone.com.au"],
    ["pingone.sg", "https://app.pingone.sg"],
    ["pingone.asia", "https://app.pingone.asia"],
    ["example.com", "https://example.com"],
    ["login.example.co.uk", "https://login.example.co.uk"],
    ["notpingone.eu", "https://notpingone.eu"],
    ["pingone.eu.example.com", "https://pingone.eu.example.com"],
    ["app.pingone.eu", "https://app.pingone.eu"],
    ["xn--bcher-kva.example", "https://xn--bcher-kva.example"],
  ])("%s", (relyingPartyId, origin) => {
    expect(originFor(relyingPartyId, null)).toEqual({ ok: true, value: origin });
  });

  test("the relying party that was asked for must be the one that answers", () => {
    expect(originFor("example.com", "example.com")).toEqual({ ok: true, value: "https://example.com" });
    expect(originFor("pingone.eu", "example.com")).toEqual({
      ok: false,
      error: { code: "relying-party-mismatch", expected: "example.com", received: "pingone.eu" },
    });
    // Not even a part of it: the proof is good for what the server named.
    expect(originFor("login.example.com", "example.com").ok).toBe(false);
  });
});

const unusable = [
  null,
  "",
  "localhost",
  "pingone",
  "PingOne.eu",
  "https://pingone.eu",
  "pingone.eu/",
  "pingone.eu:443",
  "pingone.eu.",
  ".pingone.eu",
  "a..b",
  "-a.example.com",
  "a-.example.com",
  "a b.example.com",
  "*.example.com",
  "user@example.com",
  "bücher.example",
  "example.com\n",
  "example.com\r\nx-evil: 1",
  "127.0.0.1",
  "10.0.0.1",
  "[::1]",
  `${"a".repeat(64)}.com`,
  `${"a.".repeat(130)}com`,
];
test.each(unusable)("%j is no relying party", (relyingPartyId) => {
  expect(originFor(relyingPartyId, null)).toMatchObject({ ok: false, error: { code: "reply-invalid" } });
  if (relyingPartyId !== null) expect(isRelyingPartyId(relyingPartyId)).toBe(false);
});

test("whatever the server names, an origin is https and inside it", () => {
  fc.assert(
    fc.property(fc.oneof(fc.domain(), fc.string(), fc.constantFrom("pingone.eu", "com")), (relyingPartyId) => {
      const origin = originFor(relyingPartyId, null);
      if (!origin.ok) return;
      const url = new URL(origin.value);
      expect(url.origin).toBe(origin.value);
      expect(url.protocol).toBe("https:");
      expect(liesInside(url.hostname, relyingPartyId)).toBe(true);
    }),
  );
});

test.each([
  ["example.com", "example.com", true],
  ["app.example.com", "example.com", true],
  ["a.b.example.com", "example.com", true],
  ["notexample.com", "example.com", false],
  ["example.com.evil.test", "example.com", false],
  ["com", "example.com", false],
  ["", "example.com", false],
])("%s lies inside %s: %s", (host, relyingPartyId, expected) => {
  expect(liesInside(host, relyingPartyId)).toBe(expected);
});
