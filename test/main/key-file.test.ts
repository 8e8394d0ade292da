import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Snapshot } from "../../src/contract/views.ts";
import { compose } from "../../src/main/compose.ts";
import { startSimulator } from "../../src/simulator/index.ts";
import { runApp } from "./running-app.ts";

test("a worker signs in with the key that lies beside config.json, and nothing of it is told", async () => {
  const simulator = await startSimulator({ port: 0, agentPort: 0 });
  onTestFinished(simulator.close);
  const { apiUrl, authUrl, environmentId, workerKeyClientId, workerKeyPem } = simulator;
  const app = await runApp({
    compose: async (options) => {
      await mkdir(options.configurationFolder, { recursive: true });
      await writeFile(join(options.configurationFolder, "worker.pem"), workerKeyPem);
      await chmod(join(options.configurationFolder, "worker.pem"), 0o600);
      const profile = {
        apiUrl,
        authUrl,
        environmentId,
        clientId: workerKeyClientId,
        clientAuthentication: "private-key-jwt",
        clientKeyFile: "worker.pem",
        clientKeyId: simulator.workerKeys[0]?.keyId,
      };
      const configuration = { version: 1, profiles: { Service: profile } };
      await writeFile(join(options.configurationFolder, "config.json"), JSON.stringify(configuration));
      return compose(options);
    },
  });
  onTestFinished(async () => {
    app.electron.app.quit();
    await app.electron.whenEnded();
    await app.remove();
  });
  expect(await app.send("session.signIn", { way: "secret", clientSecret: null, keep: true })).toEqual({
    ok: true,
    value: null,
  });
  const { value } = (await app.send("app.snapshot", null)) as { readonly value: Snapshot };
  expect(value.operator).toMatchObject({ profile: "Service", mode: "worker", kept: false });
  const [, line = ""] = workerKeyPem.split("\n");
  expect(JSON.stringify([value, app.lines, app.electron.windows[0]?.webContents.received])).not.toContain(line);
});
