import * as z from "zod/mini";
import { type Keys, sign, verify } from "./keys.ts";
import type { RelyingParty } from "./world.ts";

/**
 * The options for the desktop agent.
 *
 * Assumed: everything about them but that they are signed JWTs. The vendor documents neither claims nor key nor
 * lifetime, so a client must treat them as opaque.
 */

/** Assumed: five minutes, for creation and request options alike. */
export const optionsSeconds = 300;

const optionsAudience = "pingid-desktop";

export type OptionsSubject = {
  readonly issuer: string;
  readonly environmentId: string;
  readonly user: { readonly id: string; readonly username: string };
  readonly relyingParty: RelyingParty;
  readonly challenge: string;
  readonly id: string;
};

const optionsOf = (subject: OptionsSubject) => ({
  iss: subject.issuer,
  aud: optionsAudience,
  sub: subject.user.id,
  jti: subject.id,
  environment: { id: subject.environmentId },
  rp: subject.relyingParty,
  user: { id: subject.user.id, name: subject.user.username },
  challenge: subject.challenge,
  userVerification: "required",
  timeout: 120_000,
});

/** The value of `pingIdDesktopCredentialCreationOptions`, for the agent's `/register`. */
export const signCreationOptions = (
  keys: Keys,
  subject: OptionsSubject,
  deviceId: string,
  now: number,
): Promise<string> =>
  sign(keys, { ...optionsOf(subject), purpose: "register", device: { id: deviceId } }, now, optionsSeconds);

/** The value of `pingIdDesktopCredentialRequestOptions`, for the agent's `/authenticate`. */
export const signRequestOptions = (
  keys: Keys,
  subject: OptionsSubject,
  authentication: { readonly id: string; readonly allowCredentials: readonly string[] },
  now: number,
): Promise<string> =>
  sign(
    keys,
    {
      ...optionsOf(subject),
      purpose: "authenticate",
      deviceAuthentication: { id: authentication.id },
      allowCredentials: authentication.allowCredentials,
    },
    now,
    optionsSeconds,
  );

const optionsSchema = z.object({
  iss: z.string(),
  jti: z.string(),
  challenge: z.string(),
  rp: z.object({ id: z.string() }),
  purpose: z.enum(["register", "authenticate"]),
  allowCredentials: z.optional(z.array(z.string())),
});
export type Options = z.infer<typeof optionsSchema>;

/** What the agent reads from options that PingOne has signed; `null` when it did not, or when they have expired. */
export const verifyOptions = async (keys: Keys, jwt: string, now: number): Promise<Options | null> => {
  const claims = await verify(keys, jwt, { audience: optionsAudience, requiredClaims: ["exp"] }, now);
  const options = optionsSchema.safeParse(claims);
  return options.success ? options.data : null;
};
