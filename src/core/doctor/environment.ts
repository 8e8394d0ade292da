import type { AppError, Needs, Outcome } from "../../contract/errors.ts";
import type { Policies, Policy, Right } from "../../contract/views.ts";
import { isRelyingPartyId } from "../agent/origin.ts";
import { type FidoPolicy, policyFor } from "../fido2/policy.ts";
import { actions } from "../rights.ts";
import type { Reading } from "./readings.ts";
import {
  chosenPolicy,
  type DeviceKind,
  features,
  isUncovered,
  pairingUnder,
  refusedByPolicy,
  unknownPolicy,
} from "./requirements.ts";
import { failed, notLearned, notTested, pass, type Verdict, warn } from "./verdict.ts";

/** What the environment in PingOne allows: by its licence, by our rights and by its policies. */

/** @param as who signed in, in words; `null`: nobody is signed in, and nobody has to be */
export function judgeSignIn(token: Outcome<unknown>, as: string): Verdict {
  if (token.ok) return pass(`PingOne gave a token to ${as}.`);
  // Nobody has signed in yet, which is no failure. What is not configured is one: a pairing would end there, too.
  return token.error.code === "sign-in-required" ? notLearned(token.error) : failed(token.error);
}

/** Why nobody is signed in, where nobody has tried. */
export const isNotSignedIn = ({ code }: AppError): boolean =>
  code === "sign-in-required" || code === "configuration-missing";

/** Without these a pairing goes on, with less to show and to choose. */
const dispensable: ReadonlySet<Right["right"]> = new Set(["read-environment", "read-policies"]);

export function judgePermissions(rights: readonly Right[]): Verdict {
  const missing = rights.filter(({ state }) => state === "missing");
  const granted = rights.filter(({ state }) => state === "granted");
  const worst = missing.find(({ right }) => !dispensable.has(right)) ?? missing[0];
  if (worst !== undefined) {
    const names = missing.map(({ right }) => right).join(", ");
    const { needs } = worst;
    const evidence = `Missing: ${names}.`;
    if (dispensable.has(worst.right)) {
      return warn(`${evidence} A pairing works without.`, `Give ${lacking(needs)}, if you want them.`);
    }
    const error: AppError = {
      code: "not-allowed",
      action: actions[worst.right],
      ...(needs === null ? {} : { needs }),
    };
    return failed(error, { evidence });
  }
  if (granted.length === 0) return notTested("PingOne did not answer the question.");
  const untried = rights.length - granted.length;
  const rest = untried === 0 ? "" : ` ${untried} more show only by writing, which is not done here.`;
  return pass(`Granted: ${granted.map(({ right }) => right).join(", ")}.${rest}`);
}

const lacking = (needs: Needs | null): string =>
  needs === null ? "the rights to read them" : `the ${needs.kind} ${needs.name}`;

const kinds: readonly DeviceKind[] = ["desktop", "fido2"];
const kindWords: Readonly<Record<DeviceKind, string>> = { desktop: "workstations", fido2: "security keys" };

export function judgeCapabilities(
  capabilities: Reading<ReadonlyMap<string, boolean>>,
  deviceLimit: Reading<number>,
): Verdict {
  switch (capabilities.state) {
    case "failed":
      return notLearned(capabilities.error);
    case "not-readable":
      return notTested("The signed-in account or application may not read what the environment is licensed for.");
    case "read": {
      const flags = capabilities.value;
      const all = Object.values(features);
      const off = all.filter((feature) => isUncovered(flags, feature));
      const on = all.filter(({ flag }) => flags.get(flag) === true);
      const limit = deviceLimit.state === "read" ? ` A user may have ${deviceLimit.value} devices.` : "";
      const names = off.map(({ name, flag }) => `${name} (${flag} is false)`).join(", ");
      if (off.length > 0) {
        return warn(
          `The environment says that it may not use ${names}.${limit}`,
          "Ask the PingOne administrator whether the licence of this environment covers it.",
        );
      }
      if (on.length === 0) return notTested(`The environment names no flag that is known here.${limit}`);
      return pass(`The environment may use ${on.map(({ name }) => name).join(", ")}.${limit}`);
    }
    default:
      return capabilities satisfies never;
  }
}

export function judgeMfaPolicy(read: Outcome<Policies>, policyId: string | null): Verdict {
  if (!read.ok) return notLearned(read.error);
  const policies = read.value;
  if (policies.state === "not-readable") {
    return policyId === null
      ? notTested(
          "The MFA policies may not be read, and the profile names none: PingOne takes its default.",
          "To choose one, write its id into the profile.",
        )
      : notTested(`The MFA policies may not be read; the policy ${policyId} of the profile is sent as it is.`);
  }
  const policy = chosenPolicy(policies, policyId);
  if (policy !== null) {
    return pass(`Pairings use the MFA policy “${policy.name}”${policyId === null ? ", which is the default" : ""}.`);
  }
  const unknown = unknownPolicy(policies, policyId);
  if (unknown !== null) {
    const count = policies.policies.length;
    return failed(unknown, { evidence: `The profile names ${policyId}; the environment has ${count} others.` });
  }
  return warn(
    "No MFA policy of the environment is the default.",
    "Choose a policy, and write its id into the profile.",
  );
}

export function judgePairingAllowed(read: Outcome<Policies>, policyId: string | null): Verdict {
  if (!read.ok) return notLearned(read.error);
  const policy = chosenPolicy(read.value, policyId);
  if (policy === null) return notTested("The MFA policy could not be read, so PingOne decides.");
  const told = (state: Policy["desktopPairing"]) =>
    kinds.filter((kind) => pairingUnder(policy, kind) === state).map((kind) => kindWords[kind]);
  const [allowed, disabled, unknown] = [told("allowed"), told("disabled"), told("unknown")];
  const seen = [
    ...(allowed.length === 0 ? [] : [`allows ${allowed.join(" and ")}`]),
    ...(disabled.length === 0 ? [] : [`does not allow ${disabled.join(" and ")}`]),
    ...(unknown.length === 0 ? [] : [`does not speak of ${unknown.join(" and ")}`]),
  ].join(", ");
  const evidence = `The MFA policy “${policy.name}” ${seen}.`;
  const [refused] = kinds.flatMap((kind) => refusedByPolicy(policy, kind) ?? []);
  if (refused !== undefined) {
    if (allowed.length === 0) return failed(refused, { evidence });
    return warn(evidence, "If they are to be paired, allow it in this policy or choose another one.");
  }
  return allowed.length === 0 ? notTested(`${evidence} PingOne decides.`) : pass(evidence);
}

const vendorDomain = /(?:^|\.)pingone\.(com\.au|com|ca|eu|sg|asia)$/;

/**
 * @param configured of the profile
 * @param fido the environment's FIDO policies; `null`: not readable
 */
export function judgeRelyingParty(
  configured: string | null,
  fido: Outcome<readonly FidoPolicy[] | null>,
  policy: Policy | null,
  apiHost: string,
): Verdict {
  if (configured !== null && !isRelyingPartyId(configured)) {
    const problem = "it must be a lower-case domain such as example.com";
    return failed({ code: "configuration-invalid", setting: "relying party", problem });
  }
  const fidoPolicies = fido.ok ? fido.value : null;
  const ofPolicy = policyFor(fidoPolicies, policy?.fidoPolicyId ?? null)?.relyingPartyId ?? null;
  const id = configured ?? ofPolicy;
  if (id === null) {
    return fido.ok
      ? notTested("The profile names no relying party and the FIDO policies may not be read: the MFA policy decides.")
      : notLearned(fido.error);
  }
  const from = configured === null ? "the FIDO policy" : "the profile";
  // The console proposes pingone.com in every region ("Enable and configure PingID desktop app").
  const [of, region] = [vendorDomain.exec(id)?.[1], vendorDomain.exec(apiHost)?.[1]];
  if (of !== undefined && region !== undefined && of !== region) {
    return warn(
      `The relying party of ${from} is ${id}, but the environment is in the region of pingone.${region}.`,
      `Set the relying party to pingone.${region}, or to a domain of your own, in the policy.`,
    );
  }
  if (configured !== null && fidoPolicies !== null && !fidoPolicies.some((each) => each.relyingPartyId === id)) {
    return warn(
      `The profile's relying party ${id} is in no FIDO policy: security keys are refused, workstations are not.`,
      "Take the relying party of a FIDO policy, or leave the setting empty.",
    );
  }
  return pass(`The relying party is ${id}, from ${from}.`);
}
