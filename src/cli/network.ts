import { proxyRuleOf } from "../core/policy/proxy-rule.ts";
import type { Ports } from "../core/ports.ts";
import { configurationFolder } from "../node/host.ts";
import { createHttp } from "../node/http-node.ts";
import { createCommandLineRoute } from "../node/network.ts";
import type { FindRoute } from "../node/route.ts";
import type { Environment } from "./config-file.ts";

/** Which way the requests of a command take. The policy is asked at each request, and not before. */
export const findRouteFor = (environment: Environment, policy: Ports["policy"]): FindRoute =>
  createCommandLineRoute({
    rule: () => proxyRuleOf(policy()),
    environment,
    configurationFolder: configurationFolder(environment),
    createHttp,
  });
