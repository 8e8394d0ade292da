import { fail, type Outcome, ok } from "../contract/errors.ts";
import type { CreationOptions } from "../core/fido2/options.ts";
import type { KeyFacts } from "./fido2-key.ts";

/** What is asked of one key, in the words of fido2-cred(1). */
export type CredentialPlan = {
  readonly type: string;
  /** The same, as COSE numbers it. */
  readonly algorithm: number;
  /** `-r`: the key keeps the credential, so that it can be found without a user name. */
  readonly isResident: boolean;
  /** `-v`: the key verifies the person, or the tool asks for the PIN. */
  readonly verifies: boolean;
  /** Whether the PIN comes before the touch. Only for the words that a person sees: the tool itself asks when it must. */
  readonly pinFirst: boolean;
};

const typeOf: Readonly<Record<number, string>> = { [-7]: "es256", [-35]: "es384", [-257]: "rs256", [-8]: "eddsa" };

/** @returns `ceremony-unavailable` or `pin-refused` when the key certainly cannot do what the options ask */
export function planCredential(options: CreationOptions, key: KeyFacts): Outcome<CredentialPlan> {
  const { residentKey, userVerification } = options.authenticatorSelection;
  const unavailable = (reason: string) => fail({ code: "ceremony-unavailable", reason });

  if (residentKey === "required" && !key.on.has("rk")) {
    return unavailable("this key cannot keep a discoverable credential, which the policy asks for");
  }
  const isResident = residentKey !== "discouraged" && key.on.has("rk");

  const hasPin = key.on.has("clientPin");
  if (userVerification === "required" && !hasPin && !key.on.has("uv")) {
    return unavailable(
      key.off.has("clientPin") || key.off.has("uv")
        ? "this key has no PIN or fingerprint set up yet, which the policy asks for"
        : "this key cannot verify a person, which the policy asks for",
    );
  }
  // Not simply whenever the options ask for it: a key without a sensor of its own that predates CTAP 2.1 refuses the
  // whole request over `-v` (FIDO_ERR_UNSUPPORTED_OPTION, github.com/Yubico/libfido2/issues/192). Such a key with a PIN
  // asks for it in any case, and that sets the same flag.
  const verifies = userVerification !== "discouraged" && (key.on.has("uv") || (hasPin && key.on.has("pinUvAuthToken")));

  const pinFirst =
    hasPin && !(verifies && key.on.has("uv")) && (verifies || isResident || !key.on.has("makeCredUvNotRqd"));
  if (pinFirst && key.pinTries === 0) return fail({ code: "pin-refused", remaining: 0 });
  if (pinFirst && key.mustChangePin) return unavailable("the PIN of this key has to be changed before it can be used");

  const algorithm = chooseAlgorithm(options, key);
  const type = algorithm === undefined ? undefined : typeOf[algorithm];
  if (algorithm === undefined || type === undefined) {
    return unavailable("this key and PingOne have no signature algorithm in common");
  }
  return ok({ type, algorithm, isResident, verifies, pinFirst });
}

/** The relying party's order counts. A key that does not list what it can do knows ES256 (CTAP 2.0, and all of U2F). */
function chooseAlgorithm(options: CreationOptions, key: KeyFacts): number | undefined {
  const offered = options.pubKeyCredParams.map(({ alg }) => alg).filter((alg) => typeOf[alg] !== undefined);
  if (key.algorithms.length > 0) return offered.find((alg) => key.algorithms.includes(typeOf[alg] ?? ""));
  return offered.find((alg) => alg === -7) ?? offered[0];
}
