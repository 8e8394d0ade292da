import * as z from "zod/mini";
import { type AppError, fail, type Outcome, ok } from "../../contract/errors.ts";
import type { AuthenticatorKind } from "../../contract/views.ts";
import type { Answer, PingOne } from "../pingone/client.ts";
import { collectionReply } from "../pingone/wire.ts";
import type { CheckedAuthenticator } from "./credential.ts";

/** One FIDO policy of the environment ("Create FIDO Policy"), as far as it decides about an enrolment. */
export type FidoPolicy = {
  readonly id: string;
  readonly isDefault: boolean;
  readonly relyingPartyId: string;
  /** `null`: any. */
  readonly attachment: "platform" | "cross-platform" | null;
  /** AAGUIDs; `null`: any. */
  readonly allowedAuthenticators: readonly string[] | null;
  readonly userVerification: Preference;
  readonly discoverableCredentials: Preference;
};

type Preference = "discouraged" | "preferred" | "required";

const text = z.string();
const optional = <T extends z.ZodMiniType>(schema: T) => z.catch(z.optional(schema), undefined);

const fidoPolicyReply = z.object({
  id: text,
  default: optional(z.boolean()),
  relyingPartyId: text,
  authenticatorAttachment: optional(text),
  discoverableCredentials: optional(text),
  userVerification: optional(z.object({ option: optional(text) })),
  mdsAuthenticatorsRequirements: optional(
    z.object({ option: optional(text), allowedAuthenticators: optional(z.array(z.unknown())) }),
  ),
});

/**
 * `null` when the role may not read them: then PingOne alone decides, and the allow-list comes from the profile. Any
 * other failure is one: a server that stumbles must not switch the checks off.
 */
export async function readFidoPolicies(pingOne: PingOne): Promise<Outcome<readonly FidoPolicy[] | null>> {
  // For administrators only.
  if (pingOne.mode === "self-service") return ok(null);
  const answer: Answer<readonly FidoPolicy[]> = await pingOne.call({
    method: "GET",
    path: "/fido2Policies",
    action: "read the FIDO policies",
    read: (json) => {
      const page = collectionReply.safeParse(json);
      const list = page.data?._embedded?.["fido2Policies"];
      if (!Array.isArray(list)) return { problem: "it is not a list of FIDO policies" };
      return { value: list.flatMap(toFidoPolicy) };
    },
  });
  if (answer.ok) return ok(answer.value);
  return answer.error.code === "not-allowed" || answer.status === 404 ? ok(null) : fail(answer.error);
}

/**
 * The FIDO policy that counts: an MFA policy names one, and without a name the environment's default does ("Create FIDO
 * Policy"). `null`: not readable.
 */
export const policyFor = (policies: readonly FidoPolicy[] | null, named: string | null): FidoPolicy | null =>
  policies?.find((policy) => (named === null ? policy.isDefault : policy.id === named)) ?? null;

function toFidoPolicy(json: unknown): FidoPolicy[] {
  const parsed = fidoPolicyReply.safeParse(json);
  if (!parsed.success) return [];
  const reply = parsed.data;
  const specific = reply.mdsAuthenticatorsRequirements?.option === "SPECIFIC";
  const allowed = (reply.mdsAuthenticatorsRequirements?.allowedAuthenticators ?? []).flatMap(toAaguid);
  return [
    {
      id: reply.id,
      isDefault: reply.default ?? false,
      relyingPartyId: reply.relyingPartyId.toLowerCase(),
      attachment:
        reply.authenticatorAttachment === "PLATFORM"
          ? "platform"
          : reply.authenticatorAttachment === "CROSS_PLATFORM"
            ? "cross-platform"
            : null,
      allowedAuthenticators: specific ? allowed : null,
      userVerification: toPreference(reply.userVerification?.option),
      discoverableCredentials: toPreference(reply.discoverableCredentials),
    },
  ];
}

/** What a policy does not say is taken for the stricter: the person is then told of a limit that may not come. */
function toPreference(value: string | undefined): Preference {
  return value === "DISCOURAGED" ? "discouraged" : value === "PREFERRED" ? "preferred" : "required";
}

/** Assumed: a list entry is an AAGUID as text, or an object whose `id` or `mdsIdentifier` is one. */
function toAaguid(entry: unknown): string[] {
  const candidates = typeof entry === "object" && entry !== null ? Object.values(entry) : [entry];
  const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
  return candidates
    .filter((value): value is string => typeof value === "string" && uuid.test(value))
    .map((value) => value.toLowerCase());
}

/**
 * Whether the authenticator that answered is the one that was asked for and one that the policy allows; decided before
 * activation, because Windows may let Windows Hello answer where a key was meant.
 *
 * @param policy `null`: not readable, PingOne decides
 */
export function refuseAuthenticator(
  authenticator: Pick<CheckedAuthenticator, "aaguid" | "attachment" | "transports">,
  wanted: AuthenticatorKind,
  policy: FidoPolicy | null,
): AppError | null {
  const { aaguid } = authenticator;
  // A browser that does not say leaves its transports: `internal` is what is built in, anything else is not.
  const attachment = authenticator.attachment ?? attachmentOf(authenticator.transports);
  const asked = wanted === "key" ? "cross-platform" : "platform";
  if (attachment !== asked) return { code: "wrong-authenticator", wanted, aaguid };
  if (policy === null) return null;
  if (policy.attachment !== null && policy.attachment !== attachment) {
    return { code: "authenticator-not-allowed", aaguid };
  }
  if (policy.allowedAuthenticators !== null && !policy.allowedAuthenticators.includes(aaguid)) {
    return { code: "authenticator-not-allowed", aaguid };
  }
  return null;
}

/** `null`: it says nothing either, and what is not known is not what was asked for. */
function attachmentOf(transports: readonly string[]): "platform" | "cross-platform" | null {
  if (transports.length === 0) return null;
  return transports.every((transport) => transport === "internal") ? "platform" : "cross-platform";
}
