import type { JsonObject } from "../message.ts";
import { isJsonObject } from "../message.ts";
import type { Context } from "../pingone/handler.ts";
import type { Checked } from "../pingone/refusals.ts";
import { invalidValue, requiredValue } from "../pingone/refusals.ts";
import { isDomain } from "../relying-party.ts";
import type { Device, MethodPolicy, Policy, RelyingParty, User, World } from "../world.ts";

/** What differs from one type of device to the next; everything else is the same for all. */
export type DeviceKind = {
  readonly type: string;
  /** The part of an MFA policy that is about this type. */
  readonly methodOf: (policy: Policy) => MethodPolicy;
  /** Checks the type's own part of a create request, before anything is made. */
  readonly checkCreate: (body: JsonObject, policy: Policy, world: World) => Checked<CreateFields>;
  /** What the new device waits for, and the options, which only the reply to the creation shows. */
  readonly prepare: (context: Context, device: PreparedDevice, user: User) => Promise<Prepared>;
  /** Reads an activation, and gives the check of what it carries. What cannot be read does not count towards the lock. */
  readonly readActivation: (body: JsonObject) => Checked<CheckAttestation>;
};

/** Checks an attestation. Every refusal counts towards the lock. */
export type CheckAttestation = (context: Context, device: Device) => Promise<Checked<Activated>>;

type CreateFields = {
  readonly relyingParty: RelyingParty;
  readonly nickname: string | null;
  readonly typeFields: JsonObject;
};

type PreparedDevice = { readonly id: string; readonly relyingParty: RelyingParty; readonly policy: Policy };

type Prepared = { readonly pending: Device["pending"]; readonly options: JsonObject };

/** `nickname`: the one that the device gets unless it has one; `null`: none. */
type Activated = Pick<Device, "nickname" | "typeFields" | "credential">;

/** A member of an activation that must be there and must be a text. */
export const requiredText = (body: JsonObject, name: string): Checked<string> => {
  const value = body[name];
  if (value === undefined) return { ok: false, detail: requiredValue(name) };
  if (typeof value === "string") return { ok: true, value };
  return { ok: false, detail: invalidValue(name, `The ${name} must be a string.`) };
};

/** Reads `rp` of a create request; `fallback` is taken where the type allows it to be absent. */
export const relyingPartyOf = (body: JsonObject, fallback: RelyingParty | null): Checked<RelyingParty> => {
  const given = body["rp"];
  if (given === undefined) {
    return fallback === null ? { ok: false, detail: requiredValue("rp") } : { ok: true, value: fallback };
  }
  if (!isJsonObject(given)) return { ok: false, detail: invalidValue("rp", "The value must be an object.") };
  for (const name of ["id", "name"] as const) {
    if (given[name] === undefined) return { ok: false, detail: requiredValue(`rp.${name}`) };
  }
  const { id, name } = given;
  if (typeof id !== "string" || !isDomain(id)) {
    return { ok: false, detail: invalidValue("rp.id", "The relying party must be a domain in lower case.") };
  }
  if (typeof name !== "string" || name === "") {
    return { ok: false, detail: invalidValue("rp.name", "The name must be a text that is not empty.") };
  }
  return { ok: true, value: { id, name } };
};
