import * as z from "zod/mini";
import { type Outcome, ok } from "../../contract/errors.ts";
import { type SignInMode, signInModes } from "../../contract/settings.ts";
import type { SecretStore } from "../ports.ts";

/**
 * What a profile keeps in the key store to sign in again without asking: a refresh token, or the secret of a worker.
 *
 * SECURITY: it carries the issuer, the API, the application and the mode that it was given for. A profile that was
 * changed since, by whomever, or another one that took its name, never gets to use it: a token would go to its hosts.
 */
const keptSchema = z.strictObject({
  version: z.literal(1),
  issuer: z.string(),
  apiBase: z.string(),
  clientId: z.string(),
  mode: z.enum(signInModes),
  secret: z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("refresh-token"),
      refreshToken: z.string(),
      subject: z.string(),
      name: z.nullable(z.string()),
      scopes: z.array(z.string()),
    }),
    z.strictObject({ kind: z.literal("client-secret"), clientSecret: z.string() }),
  ]),
});
export type Kept = Omit<z.infer<typeof keptSchema>, "version">;

/** For whom something is kept. */
export type KeptFor = {
  readonly issuer: string;
  readonly apiBase: string;
  readonly clientId: string;
  readonly mode: SignInMode;
};

const nameOf = (profile: string): string => `sign-in ${profile}`;

/** `null`: there is nothing for this profile as it is now. What belongs to another connection is left where it is. */
export async function readKept(store: SecretStore, profile: string, wanted: KeptFor): Promise<Outcome<Kept | null>> {
  const read = await readAnyKept(store, profile);
  if (!read.ok) return read;
  const kept = read.value;
  const fits =
    kept !== null &&
    kept.issuer === wanted.issuer &&
    kept.apiBase === wanted.apiBase &&
    kept.clientId === wanted.clientId &&
    kept.mode === wanted.mode &&
    (kept.mode === "worker") === (kept.secret.kind === "client-secret");
  return ok(fits ? kept : null);
}

/** Whatever it was given for: to be revoked there, never to be used. `null`: nothing, or nothing that we understand. */
export async function readAnyKept(store: SecretStore, profile: string): Promise<Outcome<Kept | null>> {
  const read = await store.read(nameOf(profile));
  if (!read.ok) return read;
  return ok(read.value === null ? null : parse(read.value));
}

export const writeKept = (store: SecretStore, profile: string, kept: Kept): Promise<Outcome<null>> =>
  store.write(nameOf(profile), JSON.stringify({ version: 1, ...kept }));

export const forgetKept = (store: SecretStore, profile: string): Promise<Outcome<null>> =>
  store.remove(nameOf(profile));

function parse(text: string): Kept | null {
  try {
    const { data } = keptSchema.safeParse(JSON.parse(text));
    if (data === undefined) return null;
    const { version: _version, ...kept } = data;
    return kept;
  } catch {
    return null;
  }
}
