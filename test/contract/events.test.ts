import { describe, expect, test } from "vitest";
import { eventNames } from "../../src/contract/channels.ts";
import { type RecordIncident } from "../../src/main/incident.ts";
import { publish } from "../../src/main/ipc.ts";
import { FakeContents } from "../fakes/electron-window.ts";
import { eventSamples } from "./samples.ts";

function recorder() {
  const incidents: string[] = [];
  const recordIncident: RecordIncident = (event) => {
    incidents.push(event);
    return "incident-1";
  };
  return { incidents, recordIncident };
}

describe.each(eventNames)("%s", (name) => {
  const payload = eventSamples[name];

  test("reaches every page that is still there, as the name and the payload alone", () => {
    const pages = [new FakeContents(), new FakeContents(), new FakeContents()] as const;
    pages[1].destroyed = true;
    const { incidents, recordIncident } = recorder();
    publish(name, payload, pages, recordIncident);
    expect(pages.map(({ received }) => received)).toEqual([[[name, payload]], [], [[name, payload]]]);
    expect(incidents).toEqual([]);
  });

  test("24: a payload with an unknown key is an incident and reaches nobody", () => {
    const page = new FakeContents();
    const { incidents, recordIncident } = recorder();
    const leaking: object = { ...payload, accessToken: "planted-token" };
    publish(name, leaking as typeof payload, [page], recordIncident);
    expect(page.received).toEqual([]);
    expect(incidents).toEqual(["ipc.not-published"]);
  });
});

test("24: an unknown key deep inside is an incident and reaches nobody", () => {
  const page = new FakeContents();
  const { incidents, recordIncident } = recorder();
  const snapshot = eventSamples["app.changed"];
  const leaking = { ...snapshot, operator: { ...snapshot.operator, clientSecret: "planted-secret" } };
  publish("app.changed", leaking as typeof snapshot, [page], recordIncident);
  expect([page.received, incidents]).toEqual([[], ["ipc.not-published"]]);
});
