import { describe, expect, test } from "vitest";
import { answer, failure, refusal } from "../../fakes/http.ts";
import { endpoints, secrets } from "../pretend-pingone.ts";
import { failed, ran, scene, steps } from "./scene.ts";

const pending = { type: "PINGID_DESKTOP_GEN2", status: "ACTIVATION_REQUIRED" } as const;

describe("the creation", () => {
  test("refused: nothing was made, nothing is looked for", async () => {
    const at = scene();
    at.server.bend("create", () => answer(403, refusal("ACCESS_FAILED")));
    expect(failed(await ran(at))).toEqual({ code: "not-allowed", left: "nothing", deviceId: null });
    expect(at.server.journal).toEqual(["before creating", "token", "create", "after failed"]);
  });

  test("made, and the answer lost: found and removed", async () => {
    const at = scene();
    at.server.devices.set("someone-elses", { id: "someone-elses", ...pending });
    at.server.devices.set("their-phone", { id: "their-phone", type: "MOBILE", status: "ACTIVATION_REQUIRED" });
    at.server.bend("create", (healthy) => {
      healthy();
      return failure("reset", true);
    });
    const result = await at.run({ knownDeviceIds: ["someone-elses", "their-phone"] });
    expect(failed(result)).toEqual({ code: "network-failed", left: "nothing", deviceId: null });
    expect(steps(result)).toEqual([
      ["create-device", "failed"],
      ["find-created-device", "done"],
      ["remove-device", "done"],
    ]);
    expect([...at.server.devices.keys()]).toEqual(["someone-elses", "their-phone"]);
  });

  test.each([
    ["an answer that is cut", () => answer(201, '{"id":"made-1","type"')],
    ["an answer that is no device", () => answer(201, "Created")],
    ["a gateway's page", () => answer(502, "<html>")],
    ["silence", () => failure("timed-out", true)],
  ])("made, and then %s: found and removed", async (_case, lost) => {
    const at = scene();
    at.server.bend("create", (healthy) => {
      healthy();
      return lost();
    });
    expect(failed(await ran(at)).left).toBe("nothing");
    expect(at.server.count("remove")).toBe(1);
  });

  test("not made, and the answer lost: nothing is found, nothing is left", async () => {
    const at = scene();
    at.server.bend("create", () => failure("reset", true));
    expect(failed(await ran(at))).toEqual({ code: "network-failed", left: "nothing", deviceId: null });
    expect(at.server.count("remove")).toBe(0);
  });

  test("made, the answer lost, and not visible at once: looked for again, found and removed", async () => {
    const at = scene();
    at.server.bend("create", (healthy) => {
      healthy();
      return failure("reset", true);
    });
    at.server.bend("list", (healthy, nth) => (nth < 3 ? answer(200, { _embedded: { devices: [] } }) : healthy()));
    expect(failed(await ran(at))).toEqual({ code: "network-failed", left: "nothing", deviceId: null });
    expect(at.server.devices.size).toBe(0);
  });

  test("answer lost, and two devices could be ours: neither is touched, and it says that it does not know", async () => {
    const at = scene();
    at.server.bend("create", (healthy) => {
      healthy();
      at.server.devices.set("of-somebody", { id: "of-somebody", ...pending });
      return failure("reset", true);
    });
    expect(failed(await ran(at))).toEqual({ code: "network-failed", left: "unknown", deviceId: null });
    expect([...at.server.devices.keys()]).toEqual(["made-1", "of-somebody"]);
    expect(at.server.count("remove")).toBe(0);
  });

  test("answer lost, and the list cannot be read: it does not know", async () => {
    const at = scene();
    at.server.bend("create", (healthy) => {
      healthy();
      return failure("reset", true);
    });
    at.server.bend("list", () => answer(403));
    expect(failed(await ran(at))).toEqual({ code: "network-failed", left: "unknown", deviceId: null });
  });

  test("answer lost, and a list without end: it does not know", async () => {
    const at = scene();
    at.server.bend("create", () => failure("reset", true));
    at.server.bend("list", (_healthy, nth) =>
      answer(200, { _links: { next: { href: `${endpoints.apiBase}/users/${nth}/devices` } } }),
    );
    expect(failed(await ran(at))).toMatchObject({ left: "unknown" });
  });

  test("an answer without options: removed", async () => {
    const at = scene();
    at.server.bend("create", (healthy) => {
      const made = healthy();
      return made.ok
        ? answer(201, { ...JSON.parse(made.response.body), pingIdDesktopCredentialCreationOptions: 7 })
        : made;
    });
    expect(failed(await ran(at))).toEqual({ code: "reply-invalid", left: "nothing", deviceId: null });
    expect(at.server.count("register")).toBe(0);
  });

  test("another relying party than the one asked for: removed, and the agent gets nothing", async () => {
    const at = scene();
    const result = await at.run({ relyingPartyId: "example.com" });
    expect(failed(result)).toEqual({ code: "relying-party-mismatch", left: "nothing", deviceId: null });
    expect(at.agent.requests).toEqual([]);
    expect(at.server.devices.size).toBe(0);
  });
});

describe("the agent", () => {
  test.each([
    ["not there any more", failure("refused", false), "agent-missing"],
    ["refuses", answer(403, { error: "user_cancelled" }), "agent-refused"],
    ["is something else", answer(200, "<html>", { "content-type": "text/html" }), "agent-not-recognized"],
    ["is silent", failure("timed-out", true), "agent-timed-out"],
    ["breaks off", failure("reset", true), "agent-connection-lost"],
  ] as const)("%s: the device is removed", async (_case, result, code) => {
    const at = scene();
    at.server.bend("register", () => result);
    const ended = await ran(at);
    expect(failed(ended)).toEqual({ code, left: "nothing", deviceId: null });
    expect(steps(ended)).toEqual([
      ["create-device", "done"],
      ["register-with-agent", "failed"],
      ["remove-device", "done"],
    ]);
    expect(at.server.count("activate")).toBe(0);
  });

  test("gets the signed options and no token", async () => {
    const at = scene();
    await ran(at);
    expect(at.agent.requests).toHaveLength(1);
    expect(at.agent.requests[0]?.body).toBe(secrets.options);
    expect(JSON.stringify(at.agent.requests[0]?.headers)).not.toContain(secrets.token);
  });
});

describe("the activation", () => {
  test("refused: removed", async () => {
    const at = scene();
    at.server.bend("activate", () =>
      answer(400, refusal("INVALID_DATA", [{ code: "INVALID_VALUE", target: "attestation" }])),
    );
    expect(failed(await ran(at))).toEqual({ code: "activation-refused", left: "nothing", deviceId: null });
  });

  test.each([
    ["the connection broke", () => failure("reset", true)],
    ["silence", () => failure("timed-out", true)],
    ["a page", () => answer(504, "<html>")],
    ["half an answer", () => answer(200, '{"id":"made-1"')],
  ])("done, but %s: read again, and it is paired", async (_case, lost) => {
    const at = scene();
    at.server.bend("activate", (healthy) => {
      healthy();
      return lost();
    });
    const result = await ran(at);
    expect(result).toMatchObject({ ok: true, device: { status: "ACTIVE", nickname: "DESK-7" } });
    expect(steps(result).slice(2)).toEqual([
      ["activate-device", "failed"],
      ["confirm-activation", "done"],
      ["name-device", "done"],
    ]);
    expect(at.server.count("activate")).toBe(1);
  });

  test("not done, and the answer lost: still pending, so it is removed", async () => {
    const at = scene();
    at.server.bend("activate", () => failure("reset", true));
    expect(failed(await ran(at))).toEqual({ code: "network-failed", left: "nothing", deviceId: null });
    expect(at.server.count("remove")).toBe(1);
  });

  test("the answer lost and the device gone", async () => {
    const at = scene();
    at.server.bend("activate", () => {
      at.server.devices.clear();
      return failure("reset", true);
    });
    expect(failed(await ran(at))).toEqual({ code: "device-gone", left: "nothing", deviceId: null });
    // Three times before it is believed, and once more after the removal has found nothing either.
    expect(at.server.count("read")).toBe(4);
  });

  test("done, the answer lost, and the device not shown: it is removed, because it may be there", async () => {
    const at = scene();
    at.server.bend("activate", (healthy) => {
      healthy();
      return failure("reset", true);
    });
    at.server.bend("read", () => answer(404));
    expect(failed(await ran(at))).toEqual({ code: "device-gone", left: "nothing", deviceId: null });
  });

  test("the answer lost and the device unreadable: it says that it does not know, and which one", async () => {
    const at = scene();
    at.server.bend("activate", () => failure("reset", true));
    at.server.bend("read", () => answer(403));
    const result = await ran(at);
    expect(failed(result)).toEqual({ code: "network-failed", left: "unknown", deviceId: "made-1" });
    expect(steps(result).at(-1)).toEqual(["confirm-activation", "failed"]);
  });

  test("“not found” may mean “not yet”: read up to three times, with pauses", async () => {
    const at = scene();
    at.server.bend("activate", () => answer(404, refusal("NOT_FOUND")));
    at.server.bend("read", (healthy, nth) => (nth < 3 ? answer(404) : healthy()));
    expect(failed(await ran(at))).toMatchObject({ left: "nothing" });
    expect(at.server.count("read")).toBe(3);
    expect(at.clock.waits).toEqual([1_500, 1_500]);
    expect(at.server.count("remove")).toBe(1);
  });

  test("“not found” three times more: it is gone", async () => {
    const at = scene();
    at.server.bend("activate", (_healthy, _nth) => {
      at.server.devices.clear();
      return answer(404, refusal("NOT_FOUND"), { "correlation-id": "cor-404" });
    });
    const result = await ran(at);
    expect(failed(result)).toEqual({ code: "device-gone", left: "nothing", deviceId: null });
    expect(result).toMatchObject({ error: { deviceId: "made-1", correlationId: "cor-404" } });
    // Three times before it is believed, and once more after the removal has found nothing either.
    expect(at.server.count("read")).toBe(4);
  });

  test("a success that leaves the device pending is none", async () => {
    const at = scene();
    at.server.bend("activate", () => answer(200, { id: "made-1", ...pending }));
    expect(failed(await ran(at))).toEqual({ code: "reply-invalid", left: "nothing", deviceId: null });
  });

  test("a success about another device touches only ours", async () => {
    const at = scene();
    at.server.devices.set("another", { id: "another", type: pending.type, status: "ACTIVE" });
    at.server.bend("activate", () => answer(200, { id: "another", type: pending.type, status: "ACTIVE" }));
    expect(failed(await ran(at))).toEqual({ code: "reply-invalid", left: "nothing", deviceId: null });
    expect([...at.server.devices.keys()]).toEqual(["another"]);
  });
});
