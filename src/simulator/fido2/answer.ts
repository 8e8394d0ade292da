import * as z from "zod/mini";
import { type JsonObject, parseObject } from "../message.ts";
import { type Attachment, modelOf } from "./models.ts";

/**
 * What an authenticator has answered, as "Activate MFA User Device (FIDO2)" carries it: JSON inside a string, `id` in
 * base64url and the binary members in padded base64. Both alphabets are accepted everywhere, padded or not.
 *
 * `clientExtensionResults` is in the vendor's example. Assumed: that it may be absent, and that `transports` and
 * `authenticatorAttachment`, which browsers know and the page does not mention, may be there.
 */

const base64 = /^(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2}(?:==)?|[A-Za-z0-9+/_-]{3}=?)?$/;

const bytes = z.pipe(
  z.string().check(z.regex(base64)),
  z.transform((text) => Buffer.from(text, "base64")),
);

const answerSchema = z.object({
  id: bytes,
  rawId: bytes,
  type: z.string(),
  authenticatorAttachment: z.optional(z.nullable(z.string())),
  clientExtensionResults: z.optional(z.object({ credProps: z.optional(z.object({ rk: z.optional(z.boolean()) })) })),
  response: z.object({
    clientDataJSON: bytes,
    attestationObject: bytes,
    transports: z.optional(z.array(z.string())),
  }),
});
export type Answer = z.infer<typeof answerSchema>;

/** `null`: a member is missing or has the wrong type. */
export const readAnswer = (json: JsonObject): Answer | null => answerSchema.safeParse(json).data ?? null;

const clientDataSchema = z.object({
  type: z.string(),
  challenge: z.string(),
  origin: z.string(),
  crossOrigin: z.optional(z.boolean()),
});

/** What the browser says about the ceremony, see "Client Data" of WebAuthn. `null`: it cannot be read. */
export const readClientData = ({ response }: Answer): z.infer<typeof clientDataSchema> | null =>
  clientDataSchema.safeParse(parseObject(response.clientDataJSON.toString("utf8"))).data ?? null;

type Seen = {
  /** `null`: nothing tells. */
  readonly attachment: Attachment | null;
  readonly transports: readonly string[];
};

/** What can be seen of how the authenticator is attached: what the browser said, else what is known of the model. */
export const seenOf = (answer: Answer, aaguid: string): Seen => {
  const model = modelOf(aaguid);
  const transports = answer.response.transports ?? model?.transports ?? [];
  return { transports, attachment: statedAttachment(answer) ?? model?.attachment ?? null };
};

const statedAttachment = ({ authenticatorAttachment, response }: Answer): Attachment | null => {
  if (authenticatorAttachment === "platform") return "PLATFORM";
  if (authenticatorAttachment === "cross-platform") return "CROSS_PLATFORM";
  const transports = response.transports ?? [];
  if (transports.length === 0) return null;
  // A phone that answers across devices names `hybrid` beside `internal`.
  return transports.every((transport) => transport === "internal") ? "PLATFORM" : "CROSS_PLATFORM";
};
