import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { absent, covered, createEvent, emitterWith, limitEvents } from "./coverage.ts";
import { createWebRequests, type RequestDetails } from "./web-request.ts";

describe("what is not covered", () => {
  test("an object has its members, takes new ones, and refuses the rest by name", () => {
    const object = covered<Record<string, unknown>>("thing", { known: 1 });
    object["added"] = 2;
    expect([object["known"], object["added"]]).toEqual([1, 2]);
    expect(() => object["missing"]).toThrow("electron stand-in: thing.missing is not covered");
  });

  test("an object can pass through promises and JSON without being taken for more than it is", async () => {
    const object = covered("thing", { known: 1 });
    await expect(Promise.resolve(object)).resolves.toBe(object);
    expect(JSON.stringify(object)).toBe('{"known":1}');
  });

  test("an absent class refuses to be made, read and extended", () => {
    const Tray = absent("Tray") as unknown as { new (): object; isSupported(): boolean };
    expect(() => new Tray()).toThrow("electron stand-in: Tray is not covered");
    expect(() => Tray.isSupported()).toThrow("electron stand-in: Tray is not covered");
  });

  test("an emitter refuses listeners that would wait in vain", () => {
    const emitter = new EventEmitter();
    limitEvents("thing", emitter, ["known"]);
    expect(emitter.on("known", () => undefined).listenerCount("known")).toBe(1);
    expect(() => emitter.once("unknown", () => undefined)).toThrow("the thing event 'unknown' is not covered");
    expect(emitter.listenerCount("unknown")).toBe(0);
  });

  test("getters of an emitter's members stay getters", () => {
    let value = 1;
    const emitter = emitterWith(
      "thing",
      {
        get current() {
          return value;
        },
      },
      [],
    );
    value = 2;
    expect(emitter.current).toBe(2);
  });

  test("an event knows whether it was prevented, and reads its fields when asked", () => {
    let frame: string | null = "there";
    const event = createEvent({
      get frame() {
        return frame;
      },
    });
    frame = null;
    event.preventDefault();
    expect([event.frame, event.defaultPrevented]).toEqual([null, true]);
  });
});

describe("the filter of webRequest", () => {
  const details = (url: string, resourceType: RequestDetails["resourceType"] = "xhr"): RequestDetails =>
    ({ url, resourceType }) as RequestDetails;

  test.each([
    ["<all_urls>", "app://host/path", true],
    ["*://*/*", "https://host/path", true],
    ["*://*/*", "app://host/path", false],
    ["https://*.example.com/*", "https://api.example.com:8443/v1", true],
    ["https://*.example.com/*", "https://example.com/", true],
    ["https://*.example.com/*", "https://example.com.evil.net/", false],
    ["https://host/a*", "https://host/b", false],
  ])("%s and %s: %s", async (pattern, url, matches) => {
    const { webRequest, ask } = createWebRequests();
    webRequest.onBeforeRequest({ urls: [pattern] }, (_details, answer) => answer({ cancel: true }));
    expect(await ask(details(url))).toEqual(matches ? { cancel: true } : {});
  });

  test("types and excluded addresses narrow it, and null takes the listener away", async () => {
    const { webRequest, ask, watching } = createWebRequests();
    const filter = { urls: ["<all_urls>"], excludeUrls: ["https://allowed/*"], types: ["script" as const] };
    webRequest.onBeforeRequest(filter, (_details, answer) => answer({ cancel: true }));
    expect(await ask(details("https://host/", "image"))).toEqual({});
    expect(await ask(details("https://allowed/", "script"))).toEqual({});
    expect(await ask(details("https://host/", "script"))).toEqual({ cancel: true });
    webRequest.onBeforeRequest(null);
    expect(watching()).toBe(false);
  });
});
