import { describe, expect, test } from "vitest";
import { readEnvironmentName, readPolicies } from "../../../src/core/pingone/policies.ts";
import { answer, failure, inTurn, refusal } from "../../fakes/http.ts";
import { clientOn, environmentUrl } from "./calls.ts";

const page = (policies: unknown) => answer(200, { _embedded: { deviceAuthenticationPolicies: policies } });

describe("MFA policies", () => {
  test("are listed with what decides about a pairing", async () => {
    const { client, pingOne } = clientOn(
      inTurn(
        page([
          { id: "p1", name: "Everyone", default: true, desktop: { enabled: false } },
          { id: "p2", name: "None", pingIdDesktopGen2: { enabled: true, pairingDisabled: true }, newThing: [1] },
        ]),
      ),
    );
    expect(await readPolicies(client)).toMatchObject({
      ok: true,
      value: {
        state: "readable",
        policies: [
          { id: "p1", name: "Everyone", isDefault: true, desktopPairing: "unknown" },
          { id: "p2", name: "None", isDefault: false, desktopPairing: "disabled" },
        ],
      },
    });
    expect(pingOne.requests[0]).toMatchObject({
      method: "GET",
      url: `${environmentUrl}/deviceAuthenticationPolicies`,
    });
  });

  test("none at all is a list, too", async () => {
    expect(await readPolicies(clientOn(inTurn(page([]))).client)).toMatchObject({
      ok: true,
      value: { state: "readable", policies: [] },
    });
  });

  test.each([
    ["a role that may not", answer(403, refusal("ACCESS_FAILED", [{ code: "INSUFFICIENT_PERMISSIONS" }]))],
    ["a role that may not, told as 401", answer(401, refusal("ACCESS_FAILED", [{ code: "INSUFFICIENT_PERMISSIONS" }]))],
    ["a role that may not see that it may not", answer(404, refusal("NOT_FOUND"))],
  ])("%s: not readable, which is an answer", async (_case, result) => {
    expect(await readPolicies(clientOn(inTurn(result)).client)).toMatchObject({
      ok: true,
      value: { state: "not-readable" },
    });
  });

  test.each([
    ["the server is down", answer(503), "server-unavailable"],
    ["the network is down", failure("refused", false), "network-failed"],
    ["the token is refused", answer(401, refusal("ACCESS_FAILED", [{ code: "INVALID_TOKEN" }])), "sign-in-refused"],
    ["HTML", answer(200, "<html>"), "reply-invalid"],
    ["a policy without an id", page([{ name: "x" }]), "reply-invalid"],
  ])("%s: an error", async (_case, result, code) => {
    expect(await readPolicies(clientOn(inTurn(result)).client)).toMatchObject({ ok: false, error: { code } });
  });
});

describe("the name of the environment", () => {
  test.each([
    [answer(200, { id: "e", name: "Test" }), "Test"],
    [answer(200, { id: "e" }), null],
    [answer(200, { name: 7 }), null],
    [answer(200, { name: "" }), null],
    [answer(200, "<html>"), null],
    [answer(403), null],
    [failure("refused", false), null],
  ])("%#", async (result, expected) => {
    expect(await readEnvironmentName(clientOn(inTurn(result)).client)).toBe(expected);
  });

  test("is cut to what a screen holds", async () => {
    const name = await readEnvironmentName(clientOn(inTurn(answer(200, { name: "x".repeat(5_000) }))).client);
    expect(name?.length).toBeLessThanOrEqual(200);
  });
});
