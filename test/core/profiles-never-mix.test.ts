import * as fc from "fast-check";
import { expect, test } from "vitest";
import { defaultProfileSettings, type ProfileSettings, regions } from "../../src/contract/settings.ts";
import { createApp } from "../../src/core/app.ts";
import type { HttpRequest } from "../../src/core/ports.ts";
import { memorySecrets } from "../../src/node/memory-secrets.ts";
import { soundComputer } from "../fakes/doctor-ports.ts";
import { answer } from "../fakes/http.ts";
import { fakePorts } from "../fakes/ports.ts";
import { done } from "./window.ts";

/** Twenty tenants, each with its own region, environment, application and secret. */
const tenants = Array.from({ length: 20 }, (_, index) => {
  const number = String(index).padStart(12, "0");
  const settings: ProfileSettings = {
    ...defaultProfileSettings,
    mode: "worker",
    region: regions[index % regions.length] ?? "NA",
    environmentId: `aaaaaaaa-0000-4000-8000-${number}`,
    clientId: `cccccccc-0000-4000-8000-${number}`,
    agentPort: 9_000 + index,
    relyingPartyId: `tenant-${index}.example.com`,
  };
  return { name: `Tenant ${index}`, settings, clientSecret: `planted-secret-of-${number}` };
});
type Tenant = (typeof tenants)[number];

const hosts: Readonly<Record<string, string>> = {
  NA: "com",
  CA: "ca",
  EU: "eu",
  AU: "com.au",
  SG: "sg",
  AP: "asia",
};
const tokenOf = ({ settings }: Tenant): string => `token-of-${settings.environmentId}`;
const basic = ({ settings, clientSecret }: Tenant): string =>
  `Basic ${Buffer.from(`${settings.clientId}:${clientSecret}`).toString("base64")}`;

/** What is wrong with a request, whoever sent it: it must be about one tenant, all of it. */
function mixed(request: HttpRequest): string | null {
  const of = tenants.find(({ settings }) => request.url.includes(settings.environmentId));
  if (of === undefined) return `${request.url} is about nobody`;
  const domain = hosts[of.settings.region] ?? "";
  const api = request.url.startsWith(`https://api.pingone.${domain}/v1/environments/${of.settings.environmentId}`);
  const token = request.url === `https://auth.pingone.${domain}/${of.settings.environmentId}/as/token`;
  if (!api && !token) return `${request.url} is on another host`;
  const wanted = token ? basic(of) : `Bearer ${tokenOf(of)}`;
  return request.headers["authorization"] === wanted ? null : `${of.name} got ${request.headers["authorization"]}`;
}

function reply(request: HttpRequest) {
  const of = tenants.find(({ settings }) => request.url.includes(settings.environmentId));
  if (of === undefined) return answer(404);
  if (request.url.endsWith("/as/token")) {
    return answer(200, { access_token: tokenOf(of), token_type: "Bearer", expires_in: 3_600 });
  }
  if (request.url.includes("/users?")) return answer(200, { _embedded: { users: [] } });
  return answer(200, { id: of.settings.environmentId, name: of.name });
}

const step = fc.record({
  to: fc.integer({ min: 0, max: tenants.length - 1 }),
  how: fc.constantFrom("secret", "keep", "kept", "sign-out"),
});

test("twenty profiles, switched a hundred times: no token, secret, host or setting of one is ever used for another", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 100, maxLength: 100 }), async (steps) => {
      const world = fakePorts({
        pingOne: (request) => reply(request),
        secrets: { ...memorySecrets(), kind: async () => "system" },
      });
      const { commands, snapshot } = createApp(world.ports, { doctor: soundComputer, version: "1", rehearsal: null });
      for (const { name, settings } of tenants) {
        expect(await commands["profile.save"]({ name, formerName: null, settings })).toEqual(done);
      }
      const kept = new Set<string>();
      for (const { to, how } of steps) {
        const tenant = tenants[to];
        if (tenant === undefined) throw new Error("There is no such tenant.");
        const { name, clientSecret } = tenant;
        expect(await commands["profile.choose"]({ name })).toEqual(done);
        expect(snapshot()).toMatchObject({ operator: null, settings: tenant.settings, profiles: { current: name } });
        const outcome = await commands["session.signIn"](
          how === "kept" ? { way: "kept" } : { way: "secret", clientSecret, keep: how === "keep" },
        );
        if (how === "keep") kept.add(name);
        expect(outcome.ok).toBe(how !== "kept" || kept.has(name));
        if (!outcome.ok) continue;
        expect(snapshot().operator).toMatchObject({
          profile: name,
          environmentId: tenant.settings.environmentId,
          environmentName: name,
          clientId: tenant.settings.clientId,
        });
        await commands["session.begin"](null);
        await commands["user.find"]({ query: "ada" });
        if (how === "sign-out") {
          await commands["session.signOut"](null);
          kept.delete(name);
        }
      }
      expect(world.pingOne.requests.map(mixed).filter((problem) => problem !== null)).toEqual([]);
      expect(world.pingOne.requests.length).toBeGreaterThan(100);
    }),
    { numRuns: 20 },
  );
}, 60_000);
