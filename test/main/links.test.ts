import { expect, test } from "vitest";
import { linkNames, requests } from "../../src/contract/ipc.ts";
import { createLinks } from "../../src/main/links.ts";

const record = () => {
  const opened: string[] = [];
  return {
    opened,
    openLink: createLinks({
      openExternal: async (address) => {
        opened.push(address);
      },
    }),
  };
};

test.each(linkNames)("17: %s opens one fixed address over https, on a host of the vendor's", async (name) => {
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
  const openLink = createLinks({ openExternal: () => Promise.reject(new Error("no browser")) });
  await expect(openLink({ name: "help.roles" })).rejects.toThrow("no browser");
});
