import { describeBrowserReason } from "../../contract/enrolment-words.ts";
import { fail } from "../../contract/errors.ts";
import type { AuthenticatorKind, Route } from "../../contract/views.ts";
import type { Authenticators, Ceremony } from "../ports.ts";
import type { FidoPolicy } from "./policy.ts";
import { routeFor } from "./route.ts";

/** The way that an enrolment will go on this computer, told before anything is created. */
export function expectedRoute(
  authenticators: Authenticators,
  wanted: AuthenticatorKind,
  policy: Pick<FidoPolicy, "userVerification" | "discoverableCredentials"> | null,
): Route {
  if (authenticators.simulated) return { route: "simulated" };
  const { platform, tools } = authenticators;
  // A policy that cannot be read is taken for the vendor's example, which requires both.
  const residentKey = policy?.discoverableCredentials ?? "required";
  const authenticatorSelection = {
    residentKey,
    requireResidentKey: residentKey === "required",
    userVerification: policy?.userVerification ?? "required",
  };
  const pubKeyCredParams = [{ type: "public-key" as const, alg: -7 }];
  return toView(routeFor({ platform, tools, wanted, options: { authenticatorSelection, pubKeyCredParams } }));
}

/** Runs each ceremony on the way that its own options call for, which are known only when it starts. */
export function ceremonyByRoute(
  authenticators: Authenticators,
  ways: { readonly window: Ceremony; readonly tools: Ceremony },
): Ceremony {
  return (request) => {
    const { options, wanted } = request;
    const { platform, tools } = authenticators;
    const way = routeFor({ platform, tools, wanted, options });
    if (way.route === "window") return ways.window(request);
    if (way.route === "tools") return ways.tools(request);
    return Promise.resolve(fail({ code: "ceremony-unavailable", reason: describeBrowserReason(way.reason) }));
  };
}

/** The view wants arrays of its own. */
const toView = (route: ReturnType<typeof routeFor>): Route =>
  route.route === "window" ? { route: "window", notes: [...route.notes] } : route;
