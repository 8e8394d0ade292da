import { describe, expect, test } from "vitest";
import { answer, failure } from "../../fakes/http.ts";
import { failed, ran, scene, steps } from "./scene.ts";

describe("the roll-back", () => {
  const agentGone = () => failure("refused", false);

  // Where the answer leaves it open, the device is read: it is still there in each of these.
  test.each([
    ["refused", answer(403), "device"],
    ["an error inside PingOne, again and again", answer(500), "device"],
    ["unreachable", failure("refused", false), "device"],
    ["the connection broke, twice", failure("reset", true), "device"],
    ["throttled for too long", answer(429, "", { "retry-after": "60" }), "device"],
  ] as const)("%s: it says what is left", async (_case, result, left) => {
    const at = scene();
    at.server.bend("register", agentGone);
    at.server.bend("remove", () => result);
    const ended = await ran(at);
    expect(failed(ended)).toEqual({ code: "agent-missing", left, deviceId: "made-1" });
    expect(steps(ended).at(-1)).toEqual(["remove-device", "failed"]);
  });

  test.each([
    ["the second try does it", (nth: number) => (nth === 1 ? answer(503) : null)],
    [
      "the first try did it, and its answer was lost",
      (nth: number) => (nth === 1 ? failure("reset", true) : answer(404)),
    ],
    ["it was gone already", () => answer(404)],
  ])("%s: nothing is left", async (_case, bent) => {
    const at = scene();
    at.server.bend("register", agentGone);
    at.server.bend("remove", (healthy, nth) => {
      const result = bent(nth);
      if (result === null || !result.ok || result.response.status === 404) healthy();
      return result ?? answer(204);
    });
    expect(failed(await ran(at))).toEqual({ code: "agent-missing", left: "nothing", deviceId: null });
  });

  test("not found, right after the creation: it is looked for, and removed when it shows", async () => {
    const at = scene();
    at.server.bend("register", agentGone);
    at.server.bend("remove", (healthy, nth) => (nth === 1 ? answer(404) : healthy()));
    expect(failed(await ran(at))).toEqual({ code: "agent-missing", left: "nothing", deviceId: null });
    expect(at.server.count("remove")).toBe(2);
  });

  test("not found again and again, although it can be read: it says that it is left", async () => {
    const at = scene();
    at.server.bend("register", agentGone);
    at.server.bend("remove", () => answer(404));
    expect(failed(await ran(at))).toEqual({ code: "agent-missing", left: "device", deviceId: "made-1" });
    expect(at.server.count("remove")).toBe(2);
  });

  test("a web page in place of the answer is no removal", async () => {
    const at = scene();
    at.server.bend("register", agentGone);
    at.server.bend("remove", () => answer(200, "<!doctype html>"));
    expect(failed(await ran(at))).toEqual({ code: "agent-missing", left: "device", deviceId: "made-1" });
  });

  test("the answers to the removal are lost, and the device is gone all the same: nothing is left", async () => {
    const at = scene();
    at.server.bend("register", agentGone);
    at.server.bend("remove", (healthy) => {
      healthy();
      return failure("reset", true);
    });
    expect(failed(await ran(at))).toMatchObject({ code: "agent-missing", left: "nothing" });
  });

  test("the answers to the removal are lost, and the device cannot be read either: unknown", async () => {
    const at = scene();
    at.server.bend("register", agentGone);
    at.server.bend("remove", () => failure("reset", true));
    at.server.bend("read", () => failure("reset", true));
    expect(failed(await ran(at))).toMatchObject({ code: "agent-missing", left: "unknown" });
  });

  test("the token expired meanwhile: a new one is fetched", async () => {
    const at = scene();
    at.server.bend("register", agentGone);
    at.server.bend("remove", (healthy, nth) => (nth === 1 ? answer(401) : healthy()));
    expect(failed(await ran(at)).left).toBe("nothing");
    expect(at.server.count("token")).toBe(2);
  });
});
