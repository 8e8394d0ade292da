import { describe, expect, test } from "vitest";
import { linkNames, requests } from "../../src/contract/ipc.ts";
import { createLinks } from "../../src/main/links.ts";

const record = (helpAddress: string | null = null) => {
  const opened: string[] = [];
  const browser = {
    openExternal: async (address: string) => {
      opened.push(address);
    },
  };
  return { opened, openLink: createLinks(browser, () => helpAddress) };
};
const vendorLinks = linkNames.filter((name) => name !== "help.organisation");

test.each(vendorLinks)("17: %s opens one fixed address over https, on a host of the vendor's", async (name) => {
  const { opened, openLink } = record();
  expect(await openLink({ name })).toEqual({ ok: true, value: null });
  expect(await openLink({ name })).toEqual({ ok: true, value: null });
  expect(opened).toHaveLength(2);
  expect(opened[0]).toBe(opened[1]);
  const url = new URL(opened[0] ?? "");
  expect([url.protocol, url.username, url.password, url.port]).toEqual(["https:", "", "", ""]);
  expect(["developer.pingidentity.com", "docs.pingidentity.com"]).toContain(url.hostname);
  // Windows takes no longer one.
  expect(url.href.length).toBeLessThan(2_081);
});

test("17: the page can name a link and cannot give an address", () => {
  for (const name of ["https://example.com", "help.pairing ", "toString", "", null]) {
    expect(requests["link.open"].input.safeParse({ name }).success).toBe(false);
  }
  expect(requests["link.open"].input.safeParse({ name: "help.roles", url: "https://example.com" }).success).toBe(false);
});

test("a system without a browser is a failure, not silence", async () => {
  const openLink = createLinks({ openExternal: () => Promise.reject(new Error("no browser")) }, () => null);
  await expect(openLink({ name: "help.roles" })).rejects.toThrow("no browser");
});

describe("the help of the organisation", () => {
  test.each(["https://help.example.com/deskpair?from=app", "mailto:service@example.com"])(
    "opens the address of the policy: %s",
    async (address) => {
      const { opened, openLink } = record(address);
      expect(await openLink({ name: "help.organisation" })).toEqual({ ok: true, value: null });
      expect(opened).toEqual([address]);
    },
  );

  test.each([null, "http://help.example.com", "file:///etc/passwd", "javascript:alert(1)", "ms-settings:", "help"])(
    "17: opens nothing for %s",
    async (address) => {
      const { opened, openLink } = record(address);
      expect(await openLink({ name: "help.organisation" })).toMatchObject({ ok: false, error: { code: "not-now" } });
      expect(opened).toEqual([]);
    },
  );
});
