import type { SignInMode } from "../../../src/contract/settings.ts";
import { type Call, createPingOne } from "../../../src/core/pingone/client.ts";
import type { Tokens } from "../../../src/core/pingone/tokens.ts";
import type { HttpRequest } from "../../../src/core/ports.ts";
import { answer, type Script } from "../../fakes/http.ts";
import { type FakePorts, fakePorts } from "../../fakes/ports.ts";

export const endpoints = {
  apiBase: "https://api.pingone.eu/v1",
  authBase: "https://auth.pingone.eu",
  environmentId: "abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6",
  issuer: "https://auth.pingone.eu/abfba8f6-49eb-49f5-a5d9-80ad5c98f9f6/as",
};
export const environmentUrl = `${endpoints.apiBase}/environments/${endpoints.environmentId}`;
export const token = "token-of-the-day";

/** Tokens that need no request. A refused one is followed by another, and counted. */
export function steadyTokens(): Pick<Tokens, "current" | "refused"> & { refusals: number } {
  const tokens = {
    refusals: 0,
    current: async () => ({ ok: true, value: tokens.refusals === 0 ? token : `${token}-${tokens.refusals}` }) as const,
    refused: () => {
      tokens.refusals += 1;
    },
  };
  return tokens;
}

/** A client of the platform API that needs no sign-in. */
export function clientOn(
  script: Script,
  tokens: Pick<Tokens, "current" | "refused"> = steadyTokens(),
  transactionId?: string,
  mode: SignInMode = "worker",
): FakePorts & { readonly client: ReturnType<typeof createPingOne> } {
  const world = fakePorts({ pingOne: script });
  return { ...world, client: createPingOne(world.ports, { endpoints, tokens, mode }, transactionId) };
}

export type Method = HttpRequest["method"];
export const methods: readonly Method[] = ["GET", "PUT", "DELETE", "POST"];

/** A call that wants a `name` in the reply, and the reply that has one. */
export const call = (method: Method, more: Partial<Call<string>> = {}): Call<string> => ({
  method,
  path: "/things",
  action: "read the things",
  read: (json) =>
    typeof json === "object" && json !== null && "name" in json && typeof json.name === "string"
      ? { value: json.name }
      : { problem: "it has no name" },
  ...more,
});
export const good = answer(200, { name: "ok" });
