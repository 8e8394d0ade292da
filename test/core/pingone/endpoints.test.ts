import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { regions } from "../../../src/contract/settings.ts";
import { type Endpoints, isIdentifier, isLoopbackHost, resolveEndpoints } from "../../../src/core/pingone/endpoints.ts";

const environmentId = "abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6";
const ofApi = (apiUrl: string) => resolveEndpoints({ region: "EU", apiUrl, authUrl: null, environmentId });
const ofAuth = (authUrl: string) => resolveEndpoints({ region: "EU", apiUrl: null, authUrl, environmentId });
const resolved = (outcome: ReturnType<typeof resolveEndpoints>): Endpoints => {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.error));
  return outcome.value;
};

describe("regions", () => {
  test.each([
    ["NA", "com"],
    ["CA", "ca"],
    ["EU", "eu"],
    ["AU", "com.au"],
    ["SG", "sg"],
    ["AP", "asia"],
  ] as const)("%s is pingone.%s", (region, domain) => {
    expect(resolveEndpoints({ region, apiUrl: null, authUrl: null, environmentId })).toEqual({
      ok: true,
      value: {
        apiBase: `https://api.pingone.${domain}/v1`,
        authBase: `https://auth.pingone.${domain}`,
        issuer: `https://auth.pingone.${domain}/${environmentId}/as`,
        environmentId,
      },
    });
  });

  test("an address overrides its half of the region", () => {
    expect(resolved(ofApi("https://api.pingone.ca/v1"))).toMatchObject({
      apiBase: "https://api.pingone.ca/v1",
      authBase: "https://auth.pingone.eu",
    });
    expect(resolved(ofAuth("https://login.example.com"))).toMatchObject({
      apiBase: "https://api.pingone.eu/v1",
      authBase: "https://login.example.com",
    });
  });
});

describe("addresses as people paste them", () => {
  test.each([
    ["api.pingone.eu", "https://api.pingone.eu/v1"],
    ["api.pingone.eu/", "https://api.pingone.eu/v1"],
    ["api.pingone.eu//", "https://api.pingone.eu/v1"],
    ["api.pingone.eu/v1", "https://api.pingone.eu/v1"],
    ["api.pingone.eu/v1/", "https://api.pingone.eu/v1"],
    ["api.pingone.eu/v1//", "https://api.pingone.eu/v1"],
    ["  https://api.pingone.eu/v1 ", "https://api.pingone.eu/v1"],
    ["HTTPS://API.PingOne.EU", "https://api.pingone.eu/v1"],
    ["https://api.pingone.eu:443/v1", "https://api.pingone.eu/v1"],
    ["https://gateway.example.com:8443", "https://gateway.example.com:8443/v1"],
    ["localhost:8443", "https://localhost:8443/v1"],
    ["http://localhost:9000", "http://localhost:9000/v1"],
    ["http://localhost:9000/v1", "http://localhost:9000/v1"],
    ["http://127.0.0.1:9000/v1/", "http://127.0.0.1:9000/v1"],
    ["http://127.8.9.10:9000", "http://127.8.9.10:9000/v1"],
    ["http://[::1]:9000/v1", "http://[::1]:9000/v1"],
    ["https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443/v1"],
  ])("%s", (given, expected) => {
    expect(resolved(ofApi(given)).apiBase).toBe(expected);
  });

  test.each([
    ["auth.pingone.eu", "https://auth.pingone.eu"],
    ["https://auth.pingone.eu/", "https://auth.pingone.eu"],
    // The sign-in host has no /v1, but it is easily pasted along.
    ["https://auth.pingone.eu/v1", "https://auth.pingone.eu"],
    ["http://127.0.0.1:9000", "http://127.0.0.1:9000"],
  ])("sign-in host %s", (given, expected) => {
    expect(resolved(ofAuth(given)).authBase).toBe(expected);
  });

  test.each([
    ["http://api.pingone.eu", /https/],
    ["http://localhost.example.com", /https/],
    ["http://127.0.0.1.example.com", /https/],
    ["http://[::ffff:127.0.0.1]:80", /https/],
    ["http://10.0.0.1", /https/],
    ["ftp://api.pingone.eu", /https/],
    ["file:///v1", /https|address/],
    ["https://user@api.pingone.eu", /user name/],
    ["https://user:password@api.pingone.eu", /user name/],
    ["user:password@api.pingone.eu", /user name/],
    ["https://api.pingone.eu/v1?x=1", /\?/],
    ["https://api.pingone.eu/v1#top", /#/],
    ["https://api.pingone.eu/v1/v1", /without a path/],
    ["https://api.pingone.eu/v2", /without a path/],
    ["https://api.pingone.eu/v1/environments", /without a path/],
    ["https://api.pingone.eu/v1/../admin", /without a path/],
    ["http:/127.0.0.1:9000", /address|path/],
    ["https://", /address/],
    ["https://exa mple.com", /address/],
    ["https://[::1", /address/],
    ["https://api.pingone.eu:99999", /address/],
    ["javascript:alert(1)", /address|https/],
    ["", /address/],
    ["   ", /address/],
  ])("%s is refused", (given, problem) => {
    for (const outcome of [ofApi(given), ofAuth(given)]) {
      expect(outcome).toMatchObject({ ok: false, error: { code: "configuration-invalid" } });
      if (!outcome.ok && outcome.error.code === "configuration-invalid") expect(outcome.error.problem).toMatch(problem);
    }
  });

  test("names the address that is wrong", () => {
    expect(ofApi("x y")).toMatchObject({ error: { setting: "API address" } });
    expect(ofAuth("x y")).toMatchObject({ error: { setting: "sign-in address" } });
  });

  test("a password that was pasted along is not repeated", () => {
    expect(JSON.stringify(ofApi("https://admin:hunter22@api.pingone.eu"))).not.toContain("hunter22");
  });
});

describe("what is missing", () => {
  test("all of it at once", () => {
    expect(resolveEndpoints({ region: null, apiUrl: null, authUrl: null, environmentId: "  " })).toEqual({
      ok: false,
      error: {
        code: "configuration-missing",
        settings: ["environment id", "region or API address", "region or sign-in address"],
      },
    });
  });

  test("no region is needed when both addresses are given", () => {
    const both = { apiUrl: "https://a.example.com", authUrl: "https://b.example.com" };
    expect(resolveEndpoints({ region: null, ...both, environmentId }).ok).toBe(true);
    expect(resolveEndpoints({ region: null, ...both, authUrl: null, environmentId })).toMatchObject({
      error: { settings: ["region or sign-in address"] },
    });
  });

  test.each(["abc", `${environmentId}/..`, "{envID}", environmentId.slice(1), `${environmentId}0`])(
    "the environment id %s is refused",
    (id) => {
      expect(resolveEndpoints({ region: "EU", apiUrl: null, authUrl: null, environmentId: id })).toMatchObject({
        ok: false,
        error: { code: "configuration-invalid", setting: "environment id" },
      });
    },
  );

  test("an environment id is taken in any case and with spaces around it", () => {
    const given = ` ${environmentId.toUpperCase()} `;
    expect(
      resolved(resolveEndpoints({ region: "NA", apiUrl: null, authUrl: null, environmentId: given })).environmentId,
    ).toBe(environmentId);
  });
});

describe("a custom domain", () => {
  const withDomain = (authDomain: string | null) =>
    resolveEndpoints({ region: "EU", apiUrl: null, authUrl: null, authDomain, environmentId });

  test.each([
    ["auth.example.com", "https://auth.example.com/as"],
    [" https://auth.example.com/ ", "https://auth.example.com/as"],
    ["https://auth.example.com/as", "https://auth.example.com/as"],
    ["https://auth.example.com/as/", "https://auth.example.com/as"],
    ["AUTH.Example.com:8443", "https://auth.example.com:8443/as"],
    ["http://127.0.0.1:9000", "http://127.0.0.1:9000/as"],
  ])("%s is the issuer %s, and the API stays where it is", (given, issuer) => {
    expect(resolved(withDomain(given))).toEqual({
      apiBase: "https://api.pingone.eu/v1",
      authBase: "https://auth.pingone.eu",
      issuer,
      environmentId,
    });
  });

  test.each([null, "", "  "])("%j is none", (given) => {
    expect(resolved(withDomain(given)).issuer).toBe(`https://auth.pingone.eu/${environmentId}/as`);
  });

  test.each([
    "http://auth.example.com",
    "auth.example.com/v1",
    "auth.example.com/other/as",
    "a@b.com",
    "x?y",
    "ftp://a.b",
  ])("%s is refused", (given) => {
    expect(withDomain(given)).toMatchObject({
      ok: false,
      error: { code: "configuration-invalid", setting: "custom domain" },
    });
  });
});

describe("properties", () => {
  const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/);
  const host = fc.tuple(label, label, fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: null })).map(
    // Neither a port that the scheme drops, nor a label that looks like a number.
    ([a, b, port]) => `${a}.${b}${port === null || port === 443 ? "" : `:${port}`}`,
  );

  test("however a host is pasted, the API base is that host with exactly one /v1", () => {
    fc.assert(
      fc.property(
        host,
        fc.constantFrom("", "https://", "HTTPS://"),
        fc.constantFrom("", "/", "//", "/v1", "/v1/", "/v1//"),
        fc.stringMatching(/^[ \t]{0,3}$/),
        fc.constantFrom(...regions, null),
        (name, scheme, tail, space, region) => {
          const pasted = `${space}${scheme}${name}${tail}${space}`;
          const { apiBase, authBase } = resolved(
            resolveEndpoints({ region, apiUrl: pasted, authUrl: pasted, environmentId }),
          );
          expect(apiBase).toBe(`https://${name}/v1`);
          expect(authBase).toBe(`https://${name}`);
        },
      ),
    );
  });

  test("whatever is typed: refused, or one /v1 at the end, https or loopback, no user info", () => {
    const pieces = fc.constantFrom("http://", "https://", "//", "/", "/v1", "@", ":", "?", "#", "::1", "[", "]", "..");
    const typed = fc.array(fc.oneof(pieces, host, fc.string({ maxLength: 6 })), { maxLength: 6 });
    fc.assert(
      fc.property(typed, (parts) => {
        const outcome = ofApi(parts.join(""));
        if (!outcome.ok) return;
        const url = new URL(outcome.value.apiBase);
        expect(outcome.value.apiBase).toMatch(/^https?:\/\/[^/]+\/v1$/);
        expect(url.pathname).toBe("/v1");
        expect(url.username + url.password + url.search + url.hash).toBe("");
        expect(url.protocol === "https:" || isLoopbackHost(url.hostname)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

test("identifiers are UUIDs and nothing around them", () => {
  expect(isIdentifier(environmentId)).toBe(true);
  // From the vendor's example: not of any UUID version, and still an id.
  expect(isIdentifier("0ac16146-5e05-d328-0ac1-61465e05d328")).toBe(true);
  expect(isIdentifier(`${environmentId}\n`)).toBe(false);
  expect(isIdentifier(`../${environmentId}`)).toBe(false);
  expect(isIdentifier("")).toBe(false);
});

test.each([
  ["localhost", true],
  ["[::1]", true],
  ["127.0.0.1", true],
  ["127.255.255.254", true],
  ["128.0.0.1", false],
  ["localhost.", false],
  ["mylocalhost", false],
  ["0.0.0.0", false],
  ["127.0.0.1.example.com", false],
])("is %s a loopback host: %s", (hostname, expected) => {
  expect(isLoopbackHost(hostname)).toBe(expected);
});
