import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  activateDevice,
  createDevice,
  desktopDeviceType,
  listDevices,
  nameDevice,
  readDevice,
  removeDevice,
} from "../../../src/core/pingone/devices.ts";
import { answer, failure, inTurn, type Script } from "../../fakes/http.ts";
import { clientOn, environmentUrl } from "./calls.ts";

const sample = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../samples/${name}`, import.meta.url), "utf8"));
const devicesUrl = `${environmentUrl}/users/u1/devices`;
const device = (id: string) => ({ id, type: desktopDeviceType, status: "ACTIVE" });
const page = (devices: unknown, next?: string) =>
  answer(200, { _embedded: { devices }, ...(next === undefined ? {} : { _links: { next: { href: next } } }) });
const desktop = { type: desktopDeviceType, policyId: null, relyingParty: null } as const;

describe("listing", () => {
  test("follows the links to the end and keeps the order", async () => {
    const { client, pingOne } = clientOn(
      inTurn(
        page([device("d1"), device("d2")], `${devicesUrl}?cursor=2`),
        page([device("d3")], `${devicesUrl}?cursor=3`),
        page([]),
      ),
    );
    const listed = await listDevices(client, "u1");
    expect(listed).toMatchObject({ ok: true, value: [{ id: "d1" }, { id: "d2" }, { id: "d3" }] });
    expect(pingOne.requests.map((request) => request.url)).toEqual([
      devicesUrl,
      `${devicesUrl}?cursor=2`,
      `${devicesUrl}?cursor=3`,
    ]);
  });

  test.each(["https://evil.example/v1/devices", "http://api.pingone.eu/v1/x", "http://", "https://[::1", "httpx"])(
    "a next link to %s ends it as an error, without a request there",
    async (next) => {
      const { client, pingOne } = clientOn(inTurn(page([device("d1")], next)));
      expect(await listDevices(client, "u1")).toMatchObject({ ok: false, error: { code: "reply-invalid" } });
      expect(pingOne.requests).toHaveLength(1);
    },
  );

  test("a server that pages without end is not followed for ever, and half a list is not taken for the whole", async () => {
    const endless: Script = (_request, index) => page([device(`d${index}`)], `${devicesUrl}?cursor=${index}`);
    const { client, pingOne } = clientOn(endless);
    expect(await listDevices(client, "u1")).toMatchObject({ ok: false, error: { code: "reply-invalid" } });
    expect(pingOne.requests.length).toBeLessThanOrEqual(20);
  });

  test("an error on a later page is the answer", async () => {
    const { client } = clientOn(inTurn(page([device("d1")], `${devicesUrl}?cursor=2`), answer(403)));
    expect(await listDevices(client, "u1")).toMatchObject({ ok: false, error: { code: "not-allowed" } });
  });

  test.each([
    ["HTML", "<html>"],
    ["half", '{"_embedded":{"devices":['],
    ["nothing", ""],
    ["no list", { _embedded: { devices: "x" } }],
    ["a device without an id", { _embedded: { devices: [{ type: "SMS", status: "ACTIVE" }] } }],
  ])("%s is no list of devices", async (_case, body) => {
    expect(await listDevices(clientOn(inTurn(answer(200, body))).client, "u1")).toMatchObject({
      ok: false,
      error: { code: "reply-invalid" },
    });
  });
});

describe("creating", () => {
  test("sends the vendor's own example", async () => {
    const { client, pingOne } = clientOn(inTurn(answer(201, sample("create-pingid-desktop.response.json"))));
    const policyId = "6f1d0c52-0e5b-4a7e-9a53-2f8f0a5b7c11";
    expect(await createDevice(client, "u1", { ...desktop, policyId })).toMatchObject({
      ok: true,
      value: {
        device: { id: "0ac16146-5e05-d328-0ac1-61465e05d328", status: "ACTIVATION_REQUIRED" },
        relyingPartyId: "pingone.eu",
        options: "{{desktopCredentialCreationOptionsValue}}",
      },
    });
    const [request] = pingOne.requests;
    expect(request).toMatchObject({ method: "POST", url: devicesUrl });
    expect(request?.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(request?.body ?? "")).toEqual(sample("create-pingid-desktop.request.json"));
  });

  test("without a policy none is sent; a relying party has id and name", async () => {
    const { client, pingOne } = clientOn(inTurn(answer(201, { ...device("d1") })));
    await createDevice(client, "u1", desktop);
    await createDevice(client, "u1", { ...desktop, relyingParty: { id: "example.com", name: "example.com" } });
    expect(pingOne.requests.map((request) => JSON.parse(request.body ?? ""))).toEqual([
      { type: desktopDeviceType, status: "ACTIVATION_REQUIRED" },
      {
        type: desktopDeviceType,
        status: "ACTIVATION_REQUIRED",
        rp: { id: "example.com", name: "example.com" },
      },
    ]);
  });

  test.each([
    {},
    { rp: {}, pingIdDesktopCredentialCreationOptions: null },
    { rp: 7, pingIdDesktopCredentialCreationOptions: 7 },
  ])("a device without options can be removed all the same: %j", async (more) => {
    const { client } = clientOn(inTurn(answer(201, { ...device("d1"), ...more })));
    expect(await createDevice(client, "u1", desktop)).toMatchObject({
      ok: true,
      value: { device: { id: "d1" }, relyingPartyId: null, options: null },
    });
  });

  test.each([
    ["no id", { type: "x", status: "y" }],
    ["an id that would change an address", { ...device("../../users") }],
    ["half a reply", '{"id":"d1","type"'],
  ])("%s: something may have been made", async (_case, body) => {
    const { client } = clientOn(inTurn(answer(201, body)));
    expect(await createDevice(client, "u1", desktop)).toMatchObject({ ok: false, certainty: "unknown" });
  });

  test("is sent once, whatever happens", async () => {
    for (const result of [answer(503), failure("timed-out", true), failure("reset", false)]) {
      const { client, pingOne } = clientOn(inTurn(result));
      await createDevice(client, "u1", desktop);
      expect(pingOne.requests).toHaveLength(1);
    }
  });
});

describe("the other calls", () => {
  test("activating uses the vendor's media type and a single member", async () => {
    const { client, pingOne } = clientOn(inTurn(answer(200, device("d1"))));
    expect(await activateDevice(client, "u1", "d1", { attestation: "a.b.c" })).toMatchObject({
      ok: true,
      value: { status: "ACTIVE" },
    });
    const [request] = pingOne.requests;
    expect(request).toMatchObject({ method: "POST", url: `${devicesUrl}/d1`, body: '{"attestation":"a.b.c"}' });
    expect(request?.headers["content-type"]).toBe("application/vnd.pingidentity.device.activate+json");
  });

  test("naming", async () => {
    const { client, pingOne } = clientOn(inTurn(answer(200, "")));
    expect((await nameDevice(client, "u1", "d1", 'Büro "1"')).ok).toBe(true);
    expect(pingOne.requests[0]).toMatchObject({
      method: "PUT",
      url: `${devicesUrl}/d1/nickname`,
      body: JSON.stringify({ nickname: 'Büro "1"' }),
    });
  });

  test("removing, and finding it gone", async () => {
    const { client, pingOne } = clientOn(inTurn(answer(204)));
    expect(await removeDevice(client, "u1", "d1")).toMatchObject({ ok: true, value: true });
    expect(pingOne.requests[0]).toMatchObject({ method: "DELETE", url: `${devicesUrl}/d1` });
    expect(await removeDevice(clientOn(inTurn(answer(404))).client, "u1", "d1")).toMatchObject({
      ok: true,
      value: false,
    });
    // The first try did it and its answer was lost.
    const lost = clientOn(inTurn(failure("reset", true), answer(404)));
    expect(await removeDevice(lost.client, "u1", "d1")).toMatchObject({ ok: true, value: false });
  });

  test("reading", async () => {
    const { client, pingOne } = clientOn(inTurn(answer(200, device("d1"))));
    expect(await readDevice(client, "u1", "d1")).toMatchObject({ ok: true, value: { id: "d1" } });
    expect(pingOne.requests[0]).toMatchObject({ method: "GET", url: `${devicesUrl}/d1` });
  });
});
