import { describe, expect, test } from "vitest";
import type { Device } from "../../../src/contract/views.ts";
import { checkPageUrl, watchForKey, watchMs } from "../../../src/core/fido2/browser.ts";
import { fakeClock } from "../../fakes/clock.ts";

const device = (id: string, changes: Partial<Device> = {}): Device => ({
  id,
  type: "FIDO2",
  status: "ACTIVE",
  nickname: null,
  relyingPartyId: null,
  system: null,
  application: null,
  createdAt: null,
  locked: false,
  blocked: false,
  ...changes,
});

describe("the page that is opened", () => {
  test.each([null, "", "  "])("%j: not configured", (url) => {
    expect(checkPageUrl(url)).toMatchObject({ ok: false, error: { code: "configuration-missing" } });
  });
  test.each([
    "http://example.com",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "https://u:p@example.com",
    "example.com",
  ])("%s is refused", (url) => {
    expect(checkPageUrl(url)).toMatchObject({ ok: false, error: { code: "configuration-invalid" } });
  });
  test("an https address is taken as a browser would write it", () => {
    expect(checkPageUrl(" https://Login.Example.com/keys ")).toEqual({
      ok: true,
      value: "https://login.example.com/keys",
    });
  });
});

describe("watching for the key", () => {
  const never = new AbortController().signal;

  test("the first active key that was not there before is the one", async () => {
    const clock = fakeClock();
    const lists = [[device("old")], [device("old"), device("new", { status: "ACTIVATION_REQUIRED" })], [device("new")]];
    const found = await watchForKey(clock, async () => ({ ok: true, value: lists.shift() ?? [] }), ["old"], never);
    expect(found).toMatchObject({ ok: true, value: { id: "new" } });
    expect(clock.waits).toEqual([5_000, 5_000, 5_000]);
  });

  test("a new phone is not a key", async () => {
    const list = async () => ({ ok: true, value: [device("phone", { type: "MOBILE" })] }) as const;
    expect(await watchForKey(fakeClock(), list, [], never)).toEqual({
      ok: false,
      error: { code: "key-timed-out", seconds: watchMs / 1000 },
    });
  });

  test("a list that cannot be read ends it", async () => {
    const refused = { ok: false, error: { code: "not-allowed", action: "list" } } as const;
    expect(await watchForKey(fakeClock(), async () => refused, [], never)).toEqual(refused);
  });

  test("a cancel ends it, also while the list is on its way", async () => {
    const abort = new AbortController();
    const list = async () => {
      abort.abort();
      return { ok: true, value: [device("new")] } as const;
    };
    expect(await watchForKey(fakeClock(), list, [], abort.signal)).toEqual({ ok: false, error: { code: "cancelled" } });
  });
});
