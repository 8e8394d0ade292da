import { createPingOne } from "../../../src/core/pingone/client.ts";
import type { Tokens } from "../../../src/core/pingone/tokens.ts";
import { type Script } from "../../fakes/http.ts";
import { type FakePorts, fakePorts } from "../../fakes/ports.ts";

export const endpoints = {
  apiBase: "https://api.pingone.eu/v1",
  authBase: "https://auth.pingone.eu",
  environmentId: "abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6",
};
export const environmentUrl = `${endpoints.apiBase}/environments/${endpoints.environmentId}`;

/** A client of the platform API that needs no sign-in, for the tests of what is built on it. */
export function clientOn(script: Script): FakePorts & { readonly client: ReturnType<typeof createPingOne> } {
  const world = fakePorts({ pingOne: script });
  const tokens: Tokens = { current: async () => ({ ok: true, value: "token" }), refused: () => undefined };
  return { ...world, client: createPingOne(world.ports, endpoints, tokens) };
}
