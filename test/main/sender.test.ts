import { expect, test } from "vitest";
import { isSamePlace } from "../../src/main/sender.ts";

// Who is refused on every channel is in contract/channels.test.ts; this is about addresses alone.
const home = "app://deskpair/index.html";

test.each(["app://deskpair/", "app://deskpair/other.html?x#y", "app://deskpair/index.html"])(
  "23: %s is our place",
  (url) => {
    expect(isSamePlace(url, home)).toBe(true);
  },
);

test.each([
  "app://deskpair.example.com/",
  "app://example.com/deskpair/",
  "app://deskpair@example.com/",
  "app://xdeskpair/",
  "app://deskpair:1/",
  "apps://deskpair/",
  "http://deskpair/",
  "app:deskpair",
  "about:blank",
  "null",
  "",
])("23: %s is not", (url) => {
  expect(isSamePlace(url, home)).toBe(false);
});

test("23: two places without a host are not the same, although Node calls both origins null", () => {
  expect(new URL("about:blank").origin).toBe(new URL("about:srcdoc").origin);
  expect(isSamePlace("about:srcdoc", "about:blank")).toBe(false);
  expect(isSamePlace("data:,a", "data:,a")).toBe(false);
});
