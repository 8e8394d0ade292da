import { expect, test } from "vitest";
import { unmanaged } from "../../../src/core/policy/applied.ts";
import { decide } from "../../../src/core/policy/precedence.ts";
import { type ProxyRule, proxyRuleOf } from "../../../src/core/policy/proxy-rule.ts";
import { layersOf, written } from "./layers.ts";

const ruleFor = (values: Readonly<Record<string, unknown>>): ProxyRule =>
  proxyRuleOf(decide(layersOf({ machine: written("machine", values) })));

test("without a policy the system decides", () => {
  expect(proxyRuleOf(unmanaged)).toEqual({ mode: "system" });
  expect(ruleFor({})).toEqual({ mode: "system" });
});

test.each<readonly [Readonly<Record<string, unknown>>, ProxyRule]>([
  [{ ProxyMode: "direct", ProxyServer: "p:1" }, { mode: "direct" }],
  [
    { ProxyMode: "fixed", ProxyServer: "p:1" },
    { mode: "fixed", server: "p:1", bypass: [] },
  ],
  [
    { ProxyMode: "fixed", ProxyServer: "p:1", ProxyBypass: [".example.com"] },
    { mode: "fixed", server: "p:1", bypass: [".example.com"] },
  ],
  // Fewer is stricter.
  [
    { ProxyMode: "fixed", ProxyServer: "p:1", ProxyBypass: 7 },
    { mode: "fixed", server: "p:1", bypass: [] },
  ],
  [
    { ProxyMode: "pac", ProxyPacUrl: "http://w/p" },
    { mode: "pac", url: "http://w/p" },
  ],
])("%o", (values, rule) => expect(ruleFor(values)).toEqual(rule));

test.each([
  [{ ProxyMode: "fixed" }, "ProxyServer"],
  [{ ProxyMode: "pac", ProxyServer: "p:1" }, "ProxyPacUrl"],
  [{ ProxyMode: "sometimes" }, "ProxyMode"],
  [{ ProxyMode: "fixed", ProxyServer: "http://ada:secret@p:1" }, "ProxyServer"],
])("no way where the policy is half there or not understood: %o", (values, setting) => {
  expect(ruleFor(values)).toMatchObject({ mode: "unusable", setting });
});
