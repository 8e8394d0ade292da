import { expect, test } from "vitest";
import type { SignIn } from "../../src/contract/ipc.ts";
import { memorySecrets } from "../../src/node/memory-secrets.ts";
import { gate } from "../fakes/http.ts";
import { secrets } from "./pretend-pingone.ts";
import { done, openWindow, tenant, type Window } from "./window.ts";

const keep: SignIn = { way: "secret", clientSecret: secrets.clientSecret, keep: true };
const isKept = ({ app }: Window) => app.snapshot().profiles.list[0]?.kept;

/** Signs in and cancels when it is too late to stop it. */
async function cancelled({ app, server }: Window, way: SignIn): Promise<void> {
  const asked = gate<null>();
  const held = gate<null>();
  server.bend("token", async (healthy) => {
    asked.open(null);
    await held.passed;
    return healthy();
  });
  const entering = app.commands["session.signIn"](way);
  await asked.passed;
  expect(await app.commands["session.cancelSignIn"](null)).toEqual(done);
  held.open(null);
  expect(await entering).toMatchObject({ ok: false, error: { code: "cancelled" } });
  expect(app.snapshot()).toMatchObject({ operator: null, phase: { name: "signed-out" } });
  server.bend("token", (healthy) => healthy());
}

test("cancelling a new sign-in leaves nothing, cancelling a kept one leaves it kept", async () => {
  const first = openWindow({ secrets: { ...memorySecrets(), kind: async () => "system" } });
  await first.app.commands["profile.save"](tenant);
  await cancelled(first, keep);
  expect(isKept(first)).toBe(false);
  expect(await first.app.commands["session.signIn"](keep)).toEqual(done);
  await first.app.stop();

  const { files, configuration, ports } = first;
  const next = openWindow({ files, configuration, secrets: ports.secrets });
  await next.app.start();
  await cancelled(next, { way: "kept" });
  expect(isKept(next)).toBe(true);
  expect(await next.app.commands["session.signIn"]({ way: "kept" })).toEqual(done);
});
