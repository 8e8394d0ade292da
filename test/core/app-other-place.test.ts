import { expect, test } from "vitest";
import { createApp } from "../../src/core/app.ts";
import { configurationFile } from "../../src/core/profiles/file.ts";
import { clock } from "../../src/node/host.ts";
import { soundComputer } from "../fakes/doctor-ports.ts";
import { answer } from "../fakes/http.ts";
import { fakePorts } from "../fakes/ports.ts";
import { pretendPingOne } from "./pretend-pingone.ts";
import { done, enter, profileName, tenant } from "./window.ts";

test("a profile that another program points elsewhere while somebody is signed in gets nothing of their session", async () => {
  const server = pretendPingOne();
  const isKnown = (url: string) =>
    !url.includes("elsewhere") && !/well-known|capabilities|mfaSettings|fidoPolicies/.test(url);
  const world = fakePorts({
    pingOne: (request, ...rest) => (isKnown(request.url) ? server.pingOne(request, ...rest) : answer(404)),
  });
  const app = createApp({ ...world.ports, clock }, { doctor: soundComputer, version: "1", rehearsal: null });
  await enter({ app });
  const { environmentId, clientId } = tenant.settings;
  const elsewhere = { mode: "worker", apiUrl: "https://elsewhere.example/v1", authUrl: "https://elsewhere.example" };
  world.configuration.contents.set(
    configurationFile,
    JSON.stringify({ version: 1, profiles: { [profileName]: { ...elsewhere, environmentId, clientId } } }),
  );
  expect(await app.commands["settings.change"]({ agentPort: 9_411 })).toEqual(done);
  expect(await app.commands["doctor.run"](null)).toEqual(done);
  const bearers = world.pingOne.requests.filter(({ headers }) => headers["authorization"]?.startsWith("Bearer "));
  expect(bearers.length).toBeGreaterThan(0);
  expect(new Set(bearers.map(({ url }) => new URL(url).host))).toEqual(new Set(["api.pingone.eu"]));
  const report = app.snapshot().doctor;
  expect(report?.checks.find(({ name }) => name === "sign-in")?.state).toBe("pass");
});
