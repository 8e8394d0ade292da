import { expect, test } from "vitest";
import { configurationFile } from "../../src/core/profiles/file.ts";
import { done, enter, openWindow, profileName } from "./window.ts";

test("two settings that are changed at the same time both stay", async () => {
  const { app } = openWindow();
  await enter({ app });
  const change = app.commands["settings.change"];
  const changes = [change({ agentPort: 9_500 }), change({ relyingPartyId: "example.com" }), change({ theme: "dark" })];
  expect(await Promise.all(changes)).toEqual([done, done, done]);
  expect(app.snapshot().settings).toMatchObject({ agentPort: 9_500, relyingPartyId: "example.com", theme: "dark" });
});

test("a setting that is changed in the window takes nothing back that the command line has changed meanwhile", async () => {
  const { app, configuration } = openWindow();
  await enter({ app });
  const file = JSON.parse(configuration.contents.get(configurationFile) ?? "");
  file.profiles[profileName] = { ...file.profiles[profileName], production: true, agentTrust: "warn" };
  configuration.contents.set(configurationFile, JSON.stringify(file));
  expect(await app.commands["settings.change"]({ agentPort: 9_500 })).toEqual(done);
  expect(JSON.parse(configuration.contents.get(configurationFile) ?? "").profiles[profileName]).toMatchObject({
    production: true,
    agentTrust: "warn",
    agentPort: 9_500,
  });
});
